package pos

import "unicode/utf8"

// Consent is something that new members are asked to agree to, and may decline.
type Consent struct {
	ID   string `toml:"id"`   // the purpose, as a profile keeps it
	Name string `toml:"name"` // the question in a few words, for the cashier
	Text string `toml:"text"` // the sentence that the customer agrees to
}

const (
	maxConsents = 6   // more than anybody would be asked at a counter
	maxSentence = 240 // runes
)

func (p *Program) checkConsents(Currency) error {
	seen := map[string]bool{}
	if err := within("consent", int64(len(p.Consents)), 0, maxConsents); err != nil {
		return err
	}
	for i := range p.Consents {
		c := &p.Consents[i]
		if err := named("consent", i, c.ID, &c.Name, seen); err != nil {
			return err
		}
		c.Text = CleanName(c.Text)
		if c.Text == "" {
			return wrong(at("consent", i), "doc.missing", "key", "text")
		}
		if err := within(at("consent", i, "text"), int64(utf8.RuneCountInString(c.Text)), 1, maxSentence); err != nil {
			return err
		}
	}
	return nil
}
