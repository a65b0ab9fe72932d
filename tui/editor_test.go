package tui_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/draft"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

func (c *centre) Programs(by screen.Manager) ([]pos.Published, error) { c.by = by; return nil, c.fails }

func (c *centre) PublishProgram(by screen.Manager, _ pos.Published) error {
	return c.act(by, "publish")
}

// publisher publishes into the file of the shop's till, and keeps a draft.
type publisher struct {
	*centre
	shop  *shop
	draft []byte
	last  int64
	full  error // the disk takes no draft
}

func (p *publisher) Programs(by screen.Manager) ([]pos.Published, error) {
	p.by = by
	roster, err := p.shop.db.Roster()
	return roster.Programs, errors.Join(err, p.fails)
}

func (p *publisher) PublishProgram(by screen.Manager, told pos.Published) error {
	if p.fails != nil {
		return p.fails
	}
	p.by = by
	roster, err := p.shop.db.Roster()
	if err != nil {
		return err
	}
	roster.Version++
	if told.From == 0 {
		roster.Programs = []pos.Published{told}
	} else {
		roster.Programs = append(roster.Programs, told)
	}
	return p.shop.db.SetRoster(roster)
}

func (p *publisher) Draft() ([]byte, error) { return p.draft, nil }

func (p *publisher) KeepDraft(n int64, document []byte) error {
	if p.full == nil && n > p.last {
		p.last, p.draft = n, document
	}
	return p.full
}

// inEditor opens the editor of a shop with the program, as the manager Robin.
func inEditor(t *testing.T, program string, test func(t *testing.T, d *tuitest.Driver, p *publisher)) {
	inShop(t, program, func(t *testing.T, s *shop) {
		p := &publisher{centre: newCentre(s.now()), shop: s}
		s.config.Office, s.config.Drafts = p, p
		d := s.start(80, 24)
		openEditor(d)
		test(t, d, p)
	})
}

func openEditor(d *tuitest.Driver) {
	d.Press("m", "l")
	d.Type("1234")
	d.Press("enter")
	d.Wait(time.Second)
}

// inWords opens the editor in another language.
func inWords(t *testing.T, language string, test func(d *tuitest.Driver)) {
	inShop(t, sampleProgram(t, "cafe", language), func(t *testing.T, s *shop) {
		words, err := assets.NewPrinter(language, s.config.Words.Currency(), s.station.Zone)
		require.NoError(t, err)
		p := &publisher{centre: newCentre(s.now()), shop: s}
		s.config.Office, s.config.Drafts, s.config.Words = p, p, words
		d := s.start(80, 24)
		openEditor(d)
		test(d)
	})
}

func sampleProgram(t *testing.T, name, language string) string {
	euro, _ := pos.CurrencyOf("EUR")
	words, err := assets.NewPrinter(language, euro, time.UTC)
	require.NoError(t, err)
	text, err := assets.Preset(name, words)
	require.NoError(t, err)
	return string(text)
}

// What it looks like: the parts, a card, a reward, a campaign, what can be added, the
// check, a sale, what changes.
func TestEditor(t *testing.T) {
	inEditor(t, sampleProgram(t, "cafe", "en"), func(t *testing.T, d *tuitest.Driver, _ *publisher) {
		everySize(d, "parts")
		d.Press("down")
		everySize(d, "card-chosen")
		d.Press("enter")
		everySize(d, "card")
		d.Press("esc", "a")
		everySize(d, "add")
		d.Press("esc", "f")
		everySize(d, "check")
		d.Press("esc", "t")
		everySize(d, "try")
		d.Press("esc", "b")
		everySize(d, "begin")
		d.Press("esc", "home", "down", "enter", "down")
		d.Type(" bar")
		d.Press("esc", "p")
		d.Wait(time.Second)
		everySize(d, "publish")
		d.Press("right")
		everySize(d, "publish-later")
		d.Press("enter")
		everySize(d, "sure")
	})
}

func TestEditorInHungarian(t *testing.T) {
	inWords(t, "hu", func(d *tuitest.Driver) {
		everySize(d, "parts")
		d.Press("down", "enter")
		everySize(d, "card")
		d.Press("esc", "f")
		d.Golden("check")
		d.Press("esc", "t")
		d.Golden("try")
		d.Press("esc", "p")
		d.Wait(time.Second)
		d.Golden("publish")
	})
}

func TestEditorInPersian(t *testing.T) {
	inWords(t, "fa", func(d *tuitest.Driver) {
		everySize(d, "parts")
		d.Press("down", "enter")
		everySize(d, "card")
	})
}

// From the menu to a published program that then decides at the counter.
func TestEditorPublishes(t *testing.T) {
	inEditor(t, cafe, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		anna := p.shop.anna(3)
		require.EqualValues(t, 10, p.shop.member(anna).Cards[0].Card.Size)
		d.Press("down", "enter", "down", "down", "backspace", "backspace")
		d.Type("5")
		require.Contains(t, d.View(), "3 of 5", "the card as members will see it")
		d.Press("esc", "p")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "stamps on a full card")
		d.Press("enter")
		require.EqualValues(t, 10, p.shop.member(anna).Cards[0].Card.Size, "asked first")
		d.Wait(time.Second)
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Published.")
		require.Equal(t, "1234", p.by.PIN)
		require.EqualValues(t, 5, p.shop.member(anna).Cards[0].Card.Size, "it decides")
		require.Nil(t, p.draft)
		program, err := p.shop.station.Program()
		require.NoError(t, err)
		require.Equal(t, strings.Replace(strings.TrimSuffix(cafe, "\n"), "size = 10", "size = 5", 1)+"\n", documentOf(t, p.shop), "nothing else changed")
		require.Equal(t, "Café", program.Title)
	})
}

func documentOf(t *testing.T, s *shop) string {
	roster, err := s.db.Roster()
	require.NoError(t, err)
	return string(roster.ProgramAt(s.now().UnixMilli()))
}

// Enter pressed twice in a row does not publish.
func TestEditorDoesNotPublishByAccident(t *testing.T) {
	inEditor(t, cafe, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		d.Press("down", "enter", "down")
		d.Type("!")
		d.Press("esc", "p")
		d.Wait(time.Second)
		d.Burst("", "enter", "enter", "enter")
		require.Equal(t, cafe, documentOf(t, p.shop))
		d.Press("esc", "esc")
		require.Equal(t, cafe, documentOf(t, p.shop))
	})
}

// A program for later waits for its moment.
func TestEditorPublishesLater(t *testing.T) {
	inEditor(t, cafe, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		d.Press("down", "enter", "down")
		d.Type("!")
		d.Press("esc", "p")
		d.Wait(time.Second)
		d.Press("right", "down", "backspace")
		d.Type("x")
		d.Press("enter")
		require.Contains(t, d.View(), "is no day and time")
		d.Press("backspace")
		d.Type("2")
		d.Press("enter")
		require.Contains(t, d.View(), "is over")
		d.Press("backspace")
		d.Type("3")
		d.Press("enter")
		d.Wait(time.Second)
		d.Press("enter")
		require.Contains(t, d.View(), "It decides from 23 Nov 2026 06:00 on.")
		require.Equal(t, cafe, documentOf(t, p.shop))
		d.Wait(20 * time.Hour)
		require.Contains(t, documentOf(t, p.shop), `name = "Coffee!"`)
		program, err := p.shop.station.Program()
		require.NoError(t, err)
		require.Equal(t, "Coffee!", program.Cards[0].Name)
	})
}

// A field that is emptied and typed anew keeps the comment behind its value.
func TestEditorKeepsComments(t *testing.T) {
	commented := strings.Replace(cafe, "size = 10", "size = 9 # cups, as on paper", 1)
	inEditor(t, commented, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		d.Press("down", "enter", "down", "down", "backspace")
		require.NotContains(t, string(p.draft), "size")
		d.Type("8")
		require.Equal(t, strings.Replace(commented, "size = 9", "size = 8", 1), string(p.draft))
		d.Press("enter", "up", "backspace", "esc", "down", "up", "enter", "ctrl+z", "ctrl+z")
		require.Nil(t, p.draft)
	})
}

// A mistake is said while it is typed, at the field that has it, and is not published.
func TestEditorSaysMistakes(t *testing.T) {
	inEditor(t, cafe, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		d.Press("down", "enter", "down", "down")
		d.Type("00")
		d.Golden("range")
		require.Contains(t, d.View(), "Stamps on a full card ✗")
		d.Type("x")
		require.Contains(t, d.View(), "✗ Coffee, stamps on a full card")
		d.Press("backspace", "esc", "p")
		d.Wait(time.Second)
		d.Golden("publish")
		d.Press("enter")
		d.Wait(time.Second)
		d.Press("enter", "esc")
		require.Equal(t, cafe, documentOf(t, p.shop))
		d.Press("f", "enter")
		require.Contains(t, d.View(), "▸ Stamps on a full card ✗", "the check leads to the field")
		d.Press("ctrl+z")
		require.Contains(t, d.View(), "No mistakes")
		require.Nil(t, p.draft, "nothing is left to keep")
	})
}

// An example that a change breaks is said, and the program is not published.
func TestEditorTriesExamples(t *testing.T) {
	promised := points + "[[example]]\nname = \"a point for a euro\"\nwhen = { sale = \"12\" }\nthen = { points = 12 }\n"
	inEditor(t, promised, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		require.Contains(t, d.View(), "its 1 example holds")
		d.Press("down", "enter")
		require.Contains(t, d.View(), "How many")
		d.Press("down", "backspace")
		d.Type("2")
		require.Contains(t, d.View(), "a point for a euro")
		d.Press("esc", "f")
		d.Golden("check")
		d.Press("esc", "p")
		d.Wait(time.Second)
		d.Press("enter")
		d.Wait(time.Second)
		d.Press("enter")
		require.Equal(t, promised, documentOf(t, p.shop))
	})
}

// What was typed is there again after the page was left, or the till lost its power.
func TestEditorKeepsADraft(t *testing.T) {
	inEditor(t, cafe, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		anna := p.shop.anna(1)
		d.Press("down", "enter", "down")
		d.Type(" cup")
		require.Contains(t, string(p.draft), `name = "Coffee cup"`)
		for _, r := range anna.Profile.Code() {
			d.Burst(string(r))
			d.Wait(50 * time.Millisecond) // a scanner so slow that its keys are typed first
		}
		d.Burst("", "enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Kovács Anna")
		require.Contains(t, string(p.draft), `name = "Coffee cup"`, "the scanner typed nothing into it")
		d.Press("esc")
		openEditor(d)
		require.Contains(t, d.View(), "This is your draft")
		require.Contains(t, d.View(), "Coffee cup")
		d.Press("b")
		d.Press("enter")
		d.Press("enter")
		require.NotNil(t, p.draft, "it asks first")
		d.Wait(time.Second)
		d.Press("enter")
		require.Nil(t, p.draft)
		require.NotContains(t, d.View(), "Coffee cup")
		d.Press("ctrl+z")
		require.Contains(t, string(p.draft), "Coffee cup")
	})
}

// A disk that takes no draft is said; typing goes on.
func TestEditorOnAFullDisk(t *testing.T) {
	inEditor(t, cafe, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		p.full = pos.Refuse("disk.full")
		d.Press("down", "enter", "down")
		d.Type("!")
		require.Contains(t, d.View(), "✗ ")
		p.full = nil
		d.Type("!")
		require.Contains(t, string(p.draft), `"Coffee!!"`)
	})
}

// Parts are added, copied, moved and removed; a condition is a page of its own.
func TestEditorParts(t *testing.T) {
	inEditor(t, cafe, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		d.Press("a", "down", "down", "down", "down", "enter")
		require.Contains(t, d.View(), "Reward")
		d.Press("esc")
		require.Contains(t, string(p.draft), "[[reward]]\nid = \"reward\"\nname = \"Reward\"\ncard = \"coffee\"\n")
		d.Press("k")
		d.Golden("moved")
		require.Less(t, strings.Index(string(p.draft), `id = "reward"`), strings.Index(string(p.draft), `id = "free-coffee"`))
		d.Press("c")
		require.Contains(t, string(p.draft), `id = "reward-2"`)
		d.Press("delete")
		require.NotContains(t, string(p.draft), `id = "reward-2"`)
		d.Press("ctrl+z")
		require.Contains(t, string(p.draft), `id = "reward-2"`)
		d.Press("home", "down", "enter")
		for !strings.Contains(d.View(), "▸ Condition") {
			d.Press("down")
		}
		d.Press("enter")
		d.Type("2026-12-01")
		d.Golden("condition")
		require.Contains(t, string(p.draft), "when = { from = 2026-12-01 }")
		d.Press("esc", "esc", "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z")
		require.Nil(t, p.draft, "all is taken back, to the byte")
	})
}

// The whole document of each sample can be walked through: every page is drawn.
func TestEditorShowsEverySample(t *testing.T) {
	for _, name := range assets.Presets() {
		t.Run(name, func(t *testing.T) {
			program := sampleProgram(t, name, "en")
			inEditor(t, program, func(t *testing.T, d *tuitest.Driver, p *publisher) {
				doc, err := draft.Read([]byte(program))
				require.NoError(t, err)
				d.Press("home")
				for range len(doc.Keys()) + 3 {
					d.Press("enter")
					fits(d, 80, 24)
					d.Press("esc", "down")
					fits(d, 80, 24)
				}
				require.Nil(t, p.draft, "looking changes nothing")
			})
		})
	}
}

// A sale is tried by the draft and by the program of now.
func TestEditorTriesASale(t *testing.T) {
	inEditor(t, points, func(t *testing.T, d *tuitest.Driver, _ *publisher) {
		d.Press("down", "enter", "down", "backspace")
		d.Type("3")
		d.Press("esc", "t", "backspace", "backspace", "backspace", "backspace")
		d.Type("12,00")
		d.Golden("both")
		require.Contains(t, d.View(), "36 points")
		require.Contains(t, d.View(), "12 points")
		d.Press("down")
		d.Type("latte:coffee:2:3.50 1")
		require.Contains(t, d.View(), "24 points")
	})
}

// A till in nobody's office has no editor, and the line may be down.
func TestEditorWithoutOffice(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Press("m")
		require.NotContains(t, d.View(), "Program")
	})
	inEditor(t, cafe, func(t *testing.T, d *tuitest.Driver, p *publisher) {
		d.Press("down", "enter", "down")
		d.Type("!")
		d.Press("esc", "p")
		d.Wait(time.Second)
		p.fails = pos.Refuse("office.line")
		d.Press("enter")
		d.Wait(time.Second)
		d.Press("enter")
		require.Contains(t, d.View(), "✗")
		require.NotNil(t, p.draft)
	})
}
