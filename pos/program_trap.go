package pos

// What tenthcup program check warns of. A document that means it says so:
// accept = ["tier-kept"].
const (
	TrapEarnsBack    = "earns-back"    // a reward that earns what it costs
	TrapFreeEarns    = "free-earns"    // a free item that earns
	TrapTierKept     = "tier-kept"     // a tier nobody can lose
	TrapTierFar      = "tier-far"      // a tier nobody can reach
	TrapLimit        = "limit"         // a limit that can never be reached
	TrapRewardFar    = "reward-far"    // points that end before they buy anything
	TrapNothing      = "nothing"       // points or stamps that buy nothing
	TrapVoucher      = "voucher"       // a voucher that nobody gets
	TrapOffline      = "offline"       // nothing is handed out while the line is down
	TrapItem         = "item"          // an item or a category that no item list has
	TrapWithoutCause = "without-cause" // a switch or a tag that no rule names
)

var traps = []string{
	TrapEarnsBack, TrapFreeEarns, TrapTierKept, TrapTierFar, TrapLimit, TrapRewardFar,
	TrapNothing, TrapVoucher, TrapOffline, TrapItem, TrapWithoutCause,
}

func (p *Program) checkAccept() error {
	for i := range p.Accept {
		if err := oneOf("accept", &p.Accept[i], traps...); err != nil {
			return err
		}
	}
	return nil
}
