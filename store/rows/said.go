package rows

import (
	"slices"
	"strings"

	"tenthcup/pos"
)

// LeaseBytes is the length of the id of a lease.
const LeaseBytes = len(pos.LeaseID{})

// LeasesOf returns the leases that the entry uses up or gives back.
func LeasesOf(e pos.Entry) (leases []pos.LeaseID) {
	if e.By == nil || e.By.Kind != pos.ByLease {
		return nil
	}
	for ids := e.By.ID; len(ids) >= LeaseBytes; ids = ids[LeaseBytes:] {
		leases = append(leases, pos.LeaseID(ids[:LeaseBytes]))
	}
	return leases
}

// NamesLeases reports whether an entry that leases allow names whole ones, of a
// holder. All others are fine.
func NamesLeases(e pos.Entry) bool {
	if e.By == nil || e.By.Kind != pos.ByLease {
		return true
	}
	return len(e.By.ID) > 0 && len(e.By.ID)%LeaseBytes == 0 && e.Holder != pos.HolderID{}
}

// Phrases returns the folded name from each of its words on: "ann lee" and "lee".
func Phrases(name string) []string {
	folded := strings.Join(strings.Fields(pos.Fold(name)), " ")
	var from []string
	for folded != "" {
		from = append(from, folded)
		_, folded, _ = strings.Cut(folded, " ")
	}
	return from
}

// Limits on what is indexed of a profile, which may come from the line. Clean
// profiles are far below them; what is beyond is kept but not found.
const (
	maxIndexed = 64  // codes of one profile
	maxCodeKey = 256 // bytes of a code
)

// CodesOf returns the words by which a profile is found in the index of codes: its
// codes, its phone number and its household.
func CodesOf(p pos.Profile) (codes []string) {
	words := append(slices.Clone(p.Codes), p.Phone)
	if household := p.Household(); household != "" {
		words = append(words, pos.HouseholdCode+household)
	}
	for _, code := range words {
		if code != "" && len(code) <= maxCodeKey && len(codes) < maxIndexed && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// Newest keeps the newest state of a switch, by its name.
func Newest(by map[string]pos.Switch, s pos.Switch) {
	if last, found := by[s.Name]; s.Name != "" && (!found || s.Newer(last)) {
		by[s.Name] = s
	}
}
