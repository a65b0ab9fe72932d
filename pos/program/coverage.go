package program

import (
	"slices"
	"strings"

	"tenthcup/pos"
)

// Covered is one kind of rule, and an example of it.
type Covered struct {
	ID      string       `json:"kind"`
	Says    pos.Sentence `json:"says"`
	Example string       `json:"example"` // the title of its program and its name; "" where there is none
}

// Coverage returns every kind of rule that there is, with the first example of the
// programs that passes and in which such a rule has a part. What is about members
// and not about rules (merging two, replacing a lost card) has no kind.
func Coverage(programs []*pos.Program) []Covered {
	covered := make([]Covered, len(kinds))
	for i, kind := range kinds {
		covered[i] = Covered{ID: strings.TrimPrefix(kind.key, "kind."), Says: pos.Say(kind.key)}
	}
	for _, p := range programs {
		for _, result := range Examples(p) {
			if !result.Passed() {
				continue
			}
			for i, kind := range kinds {
				if covered[i].Example == "" && kind.shown(result) {
					covered[i].Example = p.Title + ": " + result.Example.Name
				}
			}
		}
	}
	return covered
}

// kind is a kind of rule. It is shown by an example in which a rule of the kind
// gives something, or gives nothing for the very reason that makes it that kind.
type kind struct {
	key   string // of its name in the catalogs
	shown func(Result) bool
}

// gave reports whether the rule gave something in the example.
func (r Result) gave(id string) bool { return r.given(id) > 0 }

// given returns the most that the rule gave in one step.
func (r Result) given(id string) (most int64) {
	for _, e := range r.events {
		for _, because := range e.done.because {
			if because.Rule == id && because.Key != "" {
				most = max(most, because.Amount)
			}
		}
	}
	return most
}

// had reports whether the rule had a part in the example.
func (r Result) had(id string) bool { return slices.Contains(r.rules(), id) }

// any reports whether one of the steps is so.
func (r Result) any(is func(event) bool) bool { return slices.ContainsFunc(r.events, is) }

// refused reports whether a step was refused with one of the keys.
func (r Result) refused(keys ...string) bool {
	return r.any(func(e event) bool { return slices.Contains(keys, e.refused) })
}

// handed returns the rewards that were handed out.
func (r Result) handed(is func(pos.RewardRule) bool) bool {
	return r.any(func(e event) bool {
		reward, ok := r.p.Reward(e.step.Redeem)
		return ok && e.refused == "" && is(reward)
	})
}

// reward is shown by a reward that is handed out.
func reward(is func(pos.RewardRule) bool) func(Result) bool {
	return func(r Result) bool { return r.handed(is) }
}

// gate is shown by a reward that is handed out or refused for the reason.
func gate(is func(pos.RewardRule) bool, keys ...string) func(Result) bool {
	return func(r Result) bool {
		return r.any(func(e event) bool {
			reward, ok := r.p.Reward(e.step.Redeem)
			return ok && is(reward) && slices.Contains(keys, e.refused)
		})
	}
}

// earn is shown by a rule that gave something for a sale.
func earn(is func(pos.EarnRule) bool) func(Result) bool {
	return func(r Result) bool {
		return slices.ContainsFunc(r.p.Earn, func(rule pos.EarnRule) bool { return is(rule) && r.gave(rule.ID) })
	}
}

func campaign(is func(pos.Campaign) bool) func(Result) bool {
	return func(r Result) bool {
		return slices.ContainsFunc(r.p.Campaigns, func(c pos.Campaign) bool { return is(c) && r.gave(c.ID) })
	}
}

// stacked is shown where two campaigns of one kind of group have a part.
func stacked(stack string) func(Result) bool {
	return func(r Result) bool {
		had := map[string]int{}
		for _, c := range r.p.Campaigns {
			if c.Group != "" && c.Stack == stack && r.had(c.ID) {
				had[c.Group]++
			}
		}
		for _, n := range had {
			if n > 1 {
				return true
			}
		}
		return false
	}
}

func happening(is func(pos.EventRule) bool) func(Result) bool {
	return func(r Result) bool {
		return slices.ContainsFunc(r.p.Events, func(e pos.EventRule) bool { return is(e) && r.gave(e.ID) })
	}
}

// stamped is shown by a card that got stamps.
func stamped(is func(pos.Card) bool) func(Result) bool {
	return func(r Result) bool {
		return slices.ContainsFunc(r.p.Cards, func(c pos.Card) bool {
			return is(c) && r.any(func(e event) bool { return e.done.given(c.Account()) > 0 })
		})
	}
}

// risen is shown by a member who gets a tier.
func risen(is func(pos.TierRule) bool) func(Result) bool {
	return func(r Result) bool {
		return is(r.p.Standing) && slices.ContainsFunc(r.p.Tiers, func(t pos.Tier) bool { return r.gets("tier:" + t.ID) })
	}
}

// fallen is shown by a member who has a tier no longer.
func fallen(is func(pos.TierRule) bool) func(Result) bool {
	return func(r Result) bool { return is(r.p.Standing) && r.any(func(e event) bool { return lost(r.p, e) }) }
}

func lost(p *pos.Program, e event) bool {
	return e.step.Days > 0 && slices.ContainsFunc(p.Tiers, func(t pos.Tier) bool {
		account := pos.Account("tier:" + t.ID)
		return e.before.Balance(account, e.day-pos.Day(e.step.Days)) > 0 && e.after.Balance(account, e.day) == 0
	})
}

// gets reports whether a step gave something of the account.
func (r Result) gets(account string) bool {
	return r.any(func(e event) bool { return e.done.given(pos.Account(account)) > 0 })
}

// goal is shown by a goal that is reached.
func goal(is func(pos.Goal) bool) func(Result) bool {
	return func(r Result) bool {
		return slices.ContainsFunc(r.p.Goals, func(g pos.Goal) bool { return is(g) && r.gave(g.ID) })
	}
}

// coupon is shown by a coupon that gives something.
func coupon(is func(pos.Coupon) bool) func(Result) bool {
	return func(r Result) bool {
		return slices.ContainsFunc(r.p.Coupons, func(c pos.Coupon) bool {
			return is(c) && r.any(func(e event) bool {
				return e.refused == "" && e.step.Coupon == c.ID
			})
		})
	}
}

// ended is shown by points that were there and are gone after some days; a warning
// or an end that never comes is shown by points that are still there.
func ended(is func(*pos.Program, pos.Expiry) bool, gone bool) func(Result) bool {
	return func(r Result) bool {
		if r.p.Points == nil || !is(r.p, r.p.Points.Expiry) {
			return false
		}
		return r.any(func(e event) bool {
			had, has := e.before.Balance(pos.PointsAccount, e.day-pos.Day(e.step.Days)), e.after.Balance(pos.PointsAccount, e.day)
			return e.step.Days > 0 && had > 0 && (has < had) == gone
		})
	}
}

// sale is shown by a step that is so and gives something.
func sale(p func(*pos.Program) bool, is func(pos.ExampleStep) bool) func(Result) bool {
	return func(r Result) bool {
		return p(r.p) && r.any(func(e event) bool { return e.step.Sells() && e.refused == "" && is(e.step) })
	}
}

// returned is shown by a return.
func returned(is func(*pos.Program, event) bool) func(Result) bool {
	return func(r Result) bool {
		return r.any(func(e event) bool {
			return (e.step.Return.Given() || e.step.Item != "") && is(r.p, e)
		})
	}
}
