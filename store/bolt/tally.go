package bolt

import (
	"errors"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/store/rows"
)

// tallies returns what the entry adds to what this till counts, whoever it was for,
// by the fact that asks for it: how many of a reward it handed out, and how often it
// took a coupon. A void takes back what its original added.
func tallies(tx rows.Tx, e pos.Entry) (map[string]int64, error) {
	adds := map[string]int64{}
	switch {
	case e.Kind == pos.Redeemed && e.Reward != "":
		adds[rules.FactStock+e.Reward] = pieces(e)
	case e.Kind == pos.Voided && len(e.Postings) > 0 && e.Postings[0].Of != nil:
		original, err := recordOf(tx, *e.Postings[0].Of)
		if err != nil && !errors.Is(err, station.ErrNotFound) {
			return nil, err
		}
		if original.Entry.Kind == pos.Redeemed {
			adds[rules.FactStock+original.Entry.Reward] = -pieces(original.Entry)
		}
	}
	for _, p := range e.Postings {
		if code, ok := strings.CutPrefix(string(p.Account), rules.CouponUse); ok {
			adds[rules.FactUsed+code] += p.Amount
		}
	}
	return adds, nil
}

// pieces returns how many of the reward the entry hands out.
func pieces(e pos.Entry) int64 { return max(e.Count, 1) }

// tally adds what the entry counts for.
func tally(tx rows.Tx, e pos.Entry) error {
	adds, err := tallies(tx, e)
	for name, add := range adds {
		if err == nil && add != 0 {
			err = rows.Put(tx.Table(tallyBucket), []byte(name), tallyOf(tx, name)+add)
		}
	}
	return err
}

// tallyOf returns how far the till has counted; 0 for what it never did.
func tallyOf(tx rows.Tx, name string) (n int64) {
	if _, err := rows.Get(tx.Table(tallyBucket), []byte(name), &n); err != nil {
		return 0 // Check reports it
	}
	return n
}

// tallies checks that the till has counted what its journal says.
func (c *tillCheck) tallies(tx rows.Tx) error {
	err := rows.Each(tx.Table(tallyBucket), func(key, row []byte) error {
		var n int64
		if err := rows.Decode(row, &n); err != nil {
			return err
		}
		want, there := c.tally[string(key)]
		delete(c.tally, string(key))
		if n != want || !there {
			return c.Add("is not what the journal counts", "tally %q", key)
		}
		return nil
	})
	for name := range c.tally {
		if err == nil {
			err = c.Add("was counted and is not there", "tally %q", name)
		}
	}
	return err
}
