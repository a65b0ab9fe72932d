package screen

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type previewTill interface {
	Preview(holder pos.HolderID, sale pos.Sale) (rules.Decision, error)
}

// previewed is a message: what the sale that is being typed would give.
type previewed struct {
	holder pos.HolderID
	typed  string
	gives  string // in words; "" is nothing
}

// amountOf reads what was typed as an amount. On a keypad the digits are cents
// unless a decimal point says otherwise.
func (d *Desk) amountOf(typed string) (pos.Money, error) {
	currency, decimal := d.Words.Currency(), d.Words.Decimal()
	if d.Settings.Counter.Keypad && !strings.ContainsAny(typed, ".,") {
		typed = shifted(typed, currency.Exponent, decimal)
	}
	return d.Words.Amount(typed)
}

// shifted puts the decimal point before the last digits.
func shifted(digits string, exponent int, decimal rune) string {
	if exponent == 0 || digits == "" {
		return digits
	}
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole := strings.TrimLeft(digits[:len(digits)-exponent], "0")
	if whole == "" {
		whole = "0"
	}
	return whole + string(decimal) + digits[len(digits)-exponent:]
}

// shows returns the amount as it stands so far, or "" for what is none.
func (m Member) shows() string {
	amount, err := m.desk.amountOf(m.amount.Value())
	if err != nil || !m.sells() {
		return ""
	}
	return m.desk.Words.Money(amount)
}

// preview asks the rules what the amount would give as it stands.
func (m Member) preview() tea.Cmd {
	if !m.sells() || !m.typing() {
		return nil
	}
	typed := m.amount.Value()
	amount, err := m.desk.amountOf(typed)
	if err != nil || amount <= 0 {
		return nil
	}
	till, holder, names, words := previewTill(m.desk.Till), m.member.Profile.Holder, station.Names(m.member), m.desk.Words
	return func() tea.Msg {
		would, err := till.Preview(holder, pos.Sale{Amount: amount})
		if err != nil {
			return previewed{holder, typed, ""} // Enter says why
		}
		return previewed{holder, typed, amounts(pos.Entry{Postings: would.Postings}, names, words)}
	}
}

// viewAmount draws the amount as large as a till shows it, and what it gives.
func (m Member) viewAmount(width int) []string {
	t, words := m.desk.Theme, m.desk.Words
	shown := m.shows()
	if shown == "" || m.desk.Plain {
		return nil
	}
	lines := []string{""}
	for _, row := range widget.Large(shown, width-4) {
		lines = append(lines, widget.Right(t.Title.Paint(row), width-4))
	}
	lines = append(lines, "")
	gives := []string{""}
	if m.gives.typed == m.amount.Value() {
		gives = widget.Wrap(m.gives.gives, width-4)
		if len(gives) == 0 {
			gives = []string{words.T("amount.nothing")}
		}
	}
	for _, line := range gives {
		lines = append(lines, widget.Right(t.Good.Paint(widget.Cut(line, width-4)), width-4))
	}
	return widget.Frame{Title: words.T("person.amount")}.Around(t, padded(lines), width)
}

// padded puts a blank before each line.
func padded(lines []string) []string {
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines
}

func (m Member) book() (Screen, tea.Cmd) {
	amount, err := m.typed()
	if err != nil {
		return m.turnedDown(err), nil
	}
	return m.booking(pos.Sale{Amount: amount})
}

// typed returns the amount that was typed.
func (m Member) typed() (pos.Money, error) {
	amount, err := m.desk.amountOf(m.amount.Value())
	if err != nil {
		return 0, m.desk.amountProblem(m.amount.Value(), err)
	}
	return amount, nil
}

// amountProblem says what about the typed text is no amount.
func (d *Desk) amountProblem(text string, err error) error {
	switch {
	case errors.Is(err, pos.ErrTooLarge):
		return pos.Refuse("amount.large", "max", pos.MaxSale)
	case errors.Is(err, pos.ErrTooPrecise) && d.Words.Currency().Exponent > 0:
		return pos.Refuse("amount.precise", "text", text, "currency", d.Words.Currency().Code)
	}
	return d.notAmount(text)
}

func (d *Desk) notAmount(text string) error {
	if strings.TrimSpace(text) == "" {
		return pos.Refuse("amount.missing")
	}
	text = widget.Cut(widget.Name(text), 24)
	if d.Words.Currency().Exponent == 0 {
		return pos.Refuse("amount.whole", "text", text, "currency", d.Words.Currency().Code)
	}
	return pos.Refuse("amount.number", "text", text, "decimal", string(d.Words.Decimal()))
}
