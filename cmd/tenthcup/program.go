package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/program"
	"tenthcup/pos/station"
)

type programCmd struct {
	Check   programCheckCmd   `cmd:"" help:"Try a program's examples, and say what it may lose and what is hardly meant."`
	Diff    programDiffCmd    `cmd:"" help:"Say what changes for members from one program to another."`
	Try     programTryCmd     `cmd:"" help:"Show what a sale would give, and why."`
	Print   programPrintCmd   `cmd:"" help:"Print a program's terms in plain words, for members."`
	Publish programPublishCmd `cmd:"" help:"Make a program the one that decides, at every till."`
}

// aboutPrograms is embedded by the commands that read programs. They need a till
// only for the program that decides there.
type aboutPrograms struct {
	onTill
	Currency string `help:"What the shop counts in." default:"EUR" placeholder:"CODE"`
	Language string `help:"The language of what is said; the system's if left out." placeholder:"CODE"`
}

// deciding is the name of the program that decides at the till now.
const deciding = "now"

// reader reads programs as a shop of the currency and language does.
type reader struct {
	call     *call
	words    *assets.Printer
	currency pos.Currency
	now      pos.Program // the till's, if it is read
}

// reader returns what reads the programs with the names: as the till's shop does, if
// its own program is among them.
func (a aboutPrograms) reader(c *call, names ...string) (reader, error) {
	currency, ok := pos.CurrencyOf(a.Currency)
	if !ok {
		return reader{}, pos.Refuse("setup.currency", "currency", a.Currency)
	}
	r := reader{call: c, currency: currency}
	if slices.Contains(names, deciding) {
		err := c.withTill(a.Dir, func(t *till) (err error) {
			r.currency = t.station.Currency
			r.now, err = t.station.Program()
			return err
		})
		if err != nil {
			return reader{}, err
		}
	}
	var err error
	r.words, err = assets.NewPrinter(firstOf(a.Language, c.words.Language), r.currency, time.Local)
	return r, err
}

// read reads a document, or a sample of that name where there is no such file.
func (r reader) read(name string) (pos.Program, error) {
	if name == deciding {
		return r.now, nil
	}
	document, err := os.ReadFile(r.call.path(name))
	if os.IsNotExist(err) && slices.Contains(assets.Presets(), name) {
		document, err = assets.Preset(name, r.words)
	}
	if err != nil {
		return pos.Program{}, pos.Refuse("program.file", "file", name, "samples", assets.Presets())
	}
	return pos.ParseProgram(document, r.currency)
}

// mustRead is read for a command that cannot go on without the document.
func (r reader) mustRead(name string) (pos.Program, error) {
	p, err := r.read(name)
	if _, ok := err.(*pos.DocumentError); ok {
		return p, pos.Refuse("setup.document", "file", name, "mistake", err)
	}
	return p, err
}

// said is a sentence as scripts read it.
type said struct {
	pos.Sentence
	Text string `json:"text"`
}

func (r reader) say(sentences []pos.Sentence) []said {
	all := make([]said, len(sentences))
	for i, sentence := range sentences {
		all[i] = said{sentence, r.words.Say(sentence)}
	}
	return all
}

// text returns the sentences, each on a line of its own.
func (r reader) text(sentences []pos.Sentence) string {
	lines := make([]string, len(sentences))
	for i, sentence := range sentences {
		lines[i] = r.words.Say(sentence)
	}
	return strings.Join(lines, "\n")
}

type programDiffCmd struct {
	aboutPrograms
	Before string `arg:"" help:"The program that is to go: a document, the name of a sample, or 'now' for what decides at this till."`
	After  string `arg:"" help:"The one that is to come."`
}

// Run says what changes.
func (d programDiffCmd) Run(c *call) error {
	r, err := d.reader(c, d.Before, d.After)
	if err != nil {
		return err
	}
	before, err := r.mustRead(d.Before)
	if err != nil {
		return err
	}
	after, err := r.mustRead(d.After)
	if err != nil {
		return err
	}
	changes := program.Diff(&before, &after)
	if len(changes) == 0 {
		return c.print([]said{}, r.words.T("diff.nothing"))
	}
	return c.print(r.say(changes), r.text(changes))
}

type programPrintCmd struct {
	aboutPrograms
	File string `arg:"" help:"The program's document, the name of a sample, or 'now' for what decides at this till."`
}

// Run prints the terms, in Markdown.
func (p programPrintCmd) Run(c *call) error {
	r, err := p.reader(c, p.File)
	if err != nil {
		return err
	}
	document, err := r.mustRead(p.File)
	if err != nil {
		return err
	}
	sections := program.Terms(&document)
	return c.print(sections, r.page(program.Title(&document), sections))
}

// page writes the terms in Markdown.
func (r reader) page(title pos.Sentence, sections []program.Section) string {
	var page strings.Builder
	fmt.Fprintf(&page, "# %s\n", r.words.Say(title))
	for _, section := range sections {
		fmt.Fprintf(&page, "\n## %s\n\n", r.words.Say(section.Heading))
		for _, line := range section.Lines {
			fmt.Fprintf(&page, "- %s\n", strings.ReplaceAll(r.text(line.Says), "\n", " "))
		}
	}
	return strings.TrimRight(page.String(), "\n")
}

type programPublishCmd struct {
	onServer
	File string `arg:"" help:"The program's document, the name of a sample, or 'now' for what decides at this till."`
	From string `help:"From when it decides; now if left out." placeholder:"2026-01-31T06:00:00Z"`
	onBehalf
}

// Run publishes a program.
func (p programPublishCmd) Run(c *call) error {
	from := time.Now()
	if p.From != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, p.From); err != nil {
			return pos.Refuse("setup.moment", "text", p.From)
		}
	}
	return c.withServer(p.DB, func(desk *serverDesk) error {
		document, published, err := desk.readProgram(c.path(p.File), p.File)
		if err != nil {
			return err
		}
		act := station.Act{Do: office.Published, About: published.Title, Manager: p.Manager, Reason: "from=" + from.UTC().Format(time.RFC3339)}
		if err := desk.administer(act, office.Change{Publish: &pos.Published{Document: document, From: from.UnixMilli()}}); err != nil {
			return err
		}
		return c.print(map[string]string{"title": published.Title, "from": from.UTC().Format(time.RFC3339)},
			c.words.T("program.published", "title", published.Title, "from", from.Local().Format("2006-01-02 15:04")))
	})
}

// readProgram reads a document that every store's currency can use, or a sample. One
// whose own examples do not hold is refused.
func (d *serverDesk) readProgram(file, sample string) ([]byte, pos.Program, error) {
	shops, err := d.db.Stores()
	if err != nil {
		return nil, pos.Program{}, err
	}
	if len(shops) == 0 {
		return nil, pos.Program{}, pos.Refuse("program.nostore")
	}
	document, err := os.ReadFile(file)
	if os.IsNotExist(err) && slices.Contains(assets.Presets(), sample) {
		document, err = sampleFor(shops[0], sample)
	}
	if err != nil {
		return nil, pos.Program{}, pos.Refuse("program.file", "file", file, "samples", fmt.Sprint(assets.Presets()))
	}
	parsed, err := holds(document, file, shops)
	return document, parsed, err
}

// holds reads a document as each shop does, and refuses one whose own examples do not
// hold there. The file is for the sentence.
func holds(document []byte, file string, shops []pos.Shop) (parsed pos.Program, err error) {
	for _, shop := range shops {
		currency, _ := pos.CurrencyOf(shop.Currency)
		if parsed, err = pos.ParseProgram(document, currency); err != nil {
			return pos.Program{}, pos.Refuse("setup.document", "file", file, "mistake", err)
		}
		for _, result := range program.Examples(&parsed) {
			if !result.Passed() {
				return pos.Program{}, pos.Refuse("program.broken", "example", result.Example.Name, "wrong", result.Wrong)
			}
		}
	}
	return parsed, nil
}

// sampleFor returns a sample program in the shop's language and currency.
func sampleFor(shop pos.Shop, name string) ([]byte, error) {
	at, err := readPlace(shop)
	if err != nil {
		return nil, err
	}
	words, err := assets.NewPrinter(shop.Language, at.currency, at.zone)
	if err != nil {
		return nil, err
	}
	return assets.Preset(name, words)
}
