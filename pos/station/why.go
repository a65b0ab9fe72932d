package station

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Why explains the newest entry of the member that Undo would take back: what it
// gave, and by which rules. It refuses with why.nothing where there is none, and
// with why.program where a program decided it that this till no longer has.
func (s *Station) Why(holder pos.HolderID) (Record, []rules.Because, error) {
	last, err := s.lastUndoable(holder)
	if err != nil {
		return Record{}, nil, err
	}
	if last == nil {
		return Record{}, nil, pos.Refuse("why.nothing")
	}
	program, err := s.decidedBy(last.Entry.Program)
	if err != nil {
		return Record{}, nil, err
	}
	return *last, rules.Explain(&program, last.Entry), nil
}

// decidedBy returns the program with the id: nearly always the one that decides now,
// which is read already.
func (s *Station) decidedBy(id pos.ProgramID) (pos.Program, error) {
	if program, err := s.Program(); err == nil && program.ID == id {
		return program, nil
	}
	roster, err := s.Office.Roster()
	if err != nil {
		return pos.Program{}, fmt.Errorf("read roster: %w", err)
	}
	for _, published := range roster.Programs {
		if pos.ProgramOf(published.Document) != id {
			continue
		}
		program, err := pos.ParseProgram(published.Document, s.Currency)
		if err != nil {
			return pos.Program{}, fmt.Errorf("read program: %w", err)
		}
		return program, nil
	}
	return pos.Program{}, pos.Refuse("why.program")
}
