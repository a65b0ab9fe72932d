package bolt

import (
	"tenthcup/pos"
	"tenthcup/store/seal"
)

// Rows of a central server's file that tests plant.
type (
	Exception  = exception
	Settlement = settlement
	Lent       = lent
	Ticket     = ticket
	Turned     = turned
)

// SealProfile returns the profile's bytes as they stand in the file of the tests,
// whose secret begins with 1.
func SealProfile(id pos.AreaID, p pos.Profile) []byte {
	a := area{id: id, seal: seal.New(seal.Secret{1})}
	return a.seal.Seal(a.place(profileBucket), p.Holder[:], EncodeRow(p))
}
