package main

import (
	"os"
	"strings"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/program"
)

type programCheckCmd struct {
	aboutPrograms
	Files    []string `arg:"" optional:"" name:"file" help:"Documents, names of samples, or 'now' for what decides at this till."`
	Presets  bool     `help:"Every sample."`
	Tills    int      `help:"How many tills are without a line in the worst case." default:"3"`
	Coverage bool     `help:"Name every kind of rule, and the kinds without an example; of every sample if no file is named."`
	Items    string   `help:"A list of items (CSV): what rules name and it lacks is a trap." placeholder:"FILE"`
}

// checked is what was found in one document.
type checked struct {
	file    string
	program pos.Program
	report  program.Report
	mistake error // in the document; then the rest is empty
}

// Run checks documents. It ends with status 1 if one has a mistake, an example does
// not hold, or with --coverage a kind of rule has none; traps are only said.
func (p programCheckCmd) Run(c *call) error {
	r, err := p.reader(c, p.Files...)
	if err != nil {
		return err
	}
	files := p.Files
	if p.Presets || p.Coverage && len(files) == 0 {
		files = append(files, assets.Presets()...)
	}
	if len(files) == 0 {
		return pos.Refuse("setup.nofile")
	}
	var all []checked
	for _, file := range files {
		found, err := p.check(r, file)
		if err != nil {
			return err
		}
		all = append(all, found)
	}
	covered := []program.Covered{}
	if p.Coverage {
		covered = program.Coverage(programs(all))
	}
	if err := c.print(r.checkJSON(all, covered), r.checkText(all, covered)); err != nil {
		return err
	}
	return verdict(all, covered)
}

// check reads one document and looks at it.
func (p programCheckCmd) check(r reader, file string) (checked, error) {
	parsed, err := r.read(file)
	if _, ok := err.(*pos.DocumentError); ok {
		return checked{file: file, mistake: err}, nil
	}
	if err != nil {
		return checked{}, err
	}
	found := checked{file: file, program: parsed, report: program.Check(&parsed, p.Tills)}
	if p.Items != "" {
		items, err := p.items(r)
		if err != nil {
			return checked{}, err
		}
		found.report.Traps = append(found.report.Traps, program.Items(&parsed, items)...)
	}
	return found, nil
}

// items reads the list of items.
func (p programCheckCmd) items(r reader) ([]pos.Item, error) {
	document, err := os.ReadFile(r.call.path(p.Items))
	if err != nil {
		return nil, pos.Refuse("program.items", "file", p.Items)
	}
	items, err := pos.ParseItems(document, r.currency)
	if err != nil {
		return nil, pos.Refuse("setup.document", "file", p.Items, "mistake", err)
	}
	return items, nil
}

func programs(all []checked) []*pos.Program {
	var parsed []*pos.Program
	for i := range all {
		if all[i].mistake == nil {
			parsed = append(parsed, &all[i].program)
		}
	}
	return parsed
}

// verdict returns why the command failed, or nil.
func verdict(all []checked, covered []program.Covered) error {
	wrong := 0
	for _, found := range all {
		if found.mistake != nil || found.report.Failed() > 0 {
			wrong++
		}
	}
	missing := 0
	for _, kind := range covered {
		if kind.Example == "" {
			missing++
		}
	}
	switch {
	case wrong > 0:
		return pos.Refuse("program.failed", "n", wrong)
	case missing > 0:
		return pos.Refuse("program.uncovered", "n", missing)
	}
	return nil
}

func (r reader) checkText(all []checked, covered []program.Covered) string {
	var lines []string
	for _, found := range all {
		if found.mistake != nil {
			lines = append(lines, r.words.T("program.head", "file", found.file, "text", found.mistake))
			continue
		}
		lines = append(lines, r.words.T("program.head", "file", found.file, "text", found.report.Title))
		for _, outcome := range found.report.Examples {
			if len(outcome.Wrong) == 0 {
				lines = append(lines, "  ✓ "+outcome.Name)
				continue
			}
			for _, sentence := range outcome.Wrong {
				lines = append(lines, "  ✗ "+r.words.T("program.wrong", "name", outcome.Name, "text", sentence))
			}
		}
		for _, sentence := range found.report.Worst {
			lines = append(lines, "  "+r.words.Say(sentence))
		}
		for _, trap := range found.report.Traps {
			lines = append(lines, "  ! "+r.words.T("program.trap", "id", trap.ID, "text", trap.Says))
		}
		lines = append(lines, "  "+r.words.T("program.held", "n", len(found.report.Examples)-found.report.Failed(), "all", len(found.report.Examples)))
	}
	for _, kind := range covered {
		if kind.Example == "" {
			lines = append(lines, "✗ "+r.words.T("program.without", "kind", kind.Says))
		} else {
			lines = append(lines, "✓ "+r.words.T("program.covered", "kind", kind.Says, "example", kind.Example))
		}
	}
	return strings.Join(lines, "\n")
}

// checkJSON returns what was found as scripts read it.
func (r reader) checkJSON(all []checked, covered []program.Covered) map[string]any {
	documents := make([]map[string]any, len(all))
	for i, found := range all {
		documents[i] = map[string]any{"file": found.file}
		if found.mistake != nil {
			documents[i]["mistake"] = r.words.Error(found.mistake)
			continue
		}
		examples := make([]map[string]any, len(found.report.Examples))
		for n, outcome := range found.report.Examples {
			examples[n] = map[string]any{"name": outcome.Name, "holds": len(outcome.Wrong) == 0, "wrong": r.say(outcome.Wrong)}
		}
		traps := make([]map[string]any, len(found.report.Traps))
		for n, trap := range found.report.Traps {
			traps[n] = map[string]any{"id": trap.ID, "text": r.words.Say(trap.Says)}
		}
		documents[i]["title"], documents[i]["examples"] = found.report.Title, examples
		documents[i]["worst"], documents[i]["traps"] = r.say(found.report.Worst), traps
	}
	kinds := make([]map[string]string, len(covered))
	for i, kind := range covered {
		kinds[i] = map[string]string{"kind": kind.ID, "text": r.words.Say(kind.Says), "example": kind.Example}
	}
	return map[string]any{"programs": documents, "coverage": kinds}
}
