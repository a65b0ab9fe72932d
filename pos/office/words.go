package office

import "tenthcup/pos"

// Named is how people call what an exception is about. What is not about a member
// has no name, and so on.
type Named struct {
	Name     string // of the member
	Terminal string // of the terminal
	Amount   string // with its unit, "10 points"; of a clock how far it is ahead
}

// Explain returns the sentence, as a key and its places, that tells a manager what
// happened and what settling the exception does.
func Explain(x pos.Exception, named Named) *pos.Problem {
	return pos.Refuse("exception."+string(x.Trouble), "name", named.Name, "terminal", named.Terminal, "amount", named.Amount)
}
