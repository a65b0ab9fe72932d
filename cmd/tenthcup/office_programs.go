package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/sync/client"
	"tenthcup/tui/screen"
)

// draftName is the file of a till's folder with the program that a manager is
// changing.
const draftName = "program.draft.toml"

// drafts keeps it. Its methods are safe for concurrent use.
type drafts struct {
	dir string

	mu   sync.Mutex
	last int64 // the newest that was kept
}

// Draft implements screen.Drafts.
func (d *drafts) Draft() ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, err := os.ReadFile(filepath.Join(d.dir, draftName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, store.Explain(err)
}

// KeepDraft implements screen.Drafts. The document is on disk when it returns.
func (d *drafts) KeepDraft(n int64, document []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n <= d.last {
		return nil
	}
	d.last = n
	name := filepath.Join(d.dir, draftName)
	if document != nil {
		return writeFile(name, document, 0o600)
	}
	err := os.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return store.Explain(errors.Join(err, store.SyncFolder(d.dir)))
}

type publishAsk struct {
	Document []byte `json:"document"`
	From     int64  `json:"from"`
}

// published returns the version with its moment, which is now where none is told.
func (a publishAsk) published(now time.Time) (pos.Published, error) {
	p := pos.Published{Document: a.Document, From: a.From}
	switch {
	case p.From < 0:
		return p, pos.Refuse("setup.moment", "text", "-")
	case p.From == 0:
		p.From = now.UnixMilli()
	}
	return p, nil
}

// publishDetail says what was published, for the entry.
func publishDetail(parsed pos.Program, p pos.Published) string {
	title := []rune(parsed.Title)
	return "from=" + time.UnixMilli(p.From).UTC().Format(time.RFC3339) + " title=" + string(title[:min(len(title), 40)])
}

// publishProgram makes a document the one that decides in all stores, from a moment on.
func (d *serverDesk) publishProgram(by acting, told publishAsk) (nothing, error) {
	shops, err := d.db.Stores()
	if err != nil {
		return nothing{}, err
	}
	parsed, err := holds(told.Document, programName, shops)
	if err != nil {
		return nothing{}, err
	}
	p, err := told.published(time.Now())
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, d.did(by, office.Published, hex.EncodeToString(parsed.ID[:]), publishDetail(parsed, p), office.Change{Publish: &p})
}

// Programs implements screen.Office: a till has those that its server told it.
func (l lineOffice) Programs(screen.Manager) ([]pos.Published, error) { return l.till.programs() }

// programs returns what decides at this till now, and what will.
func (t *till) programs() ([]pos.Published, error) {
	roster, err := t.db.Roster()
	if err != nil && !errors.Is(err, station.ErrNotFound) {
		return nil, err
	}
	return fromNow(roster.Programs, time.Now().UnixMilli()), nil
}

// fromNow leaves out the programs that decide no more.
func fromNow(programs []pos.Published, now int64) []pos.Published {
	first := 0
	for i, p := range programs {
		if p.From <= now {
			first = i
		}
	}
	return programs[min(first, len(programs)):]
}

// publishSoon is how long the till waits for the program that it published.
const publishSoon = 10 * time.Second

// PublishProgram implements screen.Office. The till fetches the program at once; where
// that fails it has it with a later exchange.
func (l lineOffice) PublishProgram(by screen.Manager, p pos.Published) error {
	if _, err := ask[nothing](l, by, "program-publish", publishAsk(p)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), publishSoon)
	defer cancel()
	if err := l.till.sync(ctx, func(client.Progress) {}); err != nil {
		wake(l.till.kick)
	}
	return nil
}

// Programs implements screen.Office.
func (o ownOffice) Programs(screen.Manager) ([]pos.Published, error) { return o.till.programs() }

// PublishProgram implements screen.Office. What decides at once is the program file.
func (o ownOffice) PublishProgram(by screen.Manager, told pos.Published) error {
	parsed, err := holds(told.Document, programName, []pos.Shop{o.till.roster.Shop})
	if err != nil {
		return err
	}
	p, err := publishAsk(told).published(time.Now())
	if err != nil {
		return err
	}
	act := station.Act{Do: office.Published, About: hex.EncodeToString(parsed.ID[:]), Reason: publishDetail(parsed, p)}
	return o.change(by, act, func(roster *pos.Roster) error {
		now := time.Now().UnixMilli()
		if p.From > now {
			roster.Programs = withProgram(fromNow(roster.Programs, now), p)
			return nil
		}
		coming := slices.DeleteFunc(slices.Clone(roster.Programs), func(other pos.Published) bool { return other.From <= now })
		roster.Programs = append([]pos.Published{{Document: p.Document}}, coming...)
		return writeFile(filepath.Join(o.till.dir, programName), p.Document, 0o644)
	})
}

// withProgram puts the version among the others, in the place of one of the same
// moment.
func withProgram(programs []pos.Published, p pos.Published) []pos.Published {
	at, same := slices.BinarySearchFunc(programs, p.From, func(other pos.Published, from int64) int { return cmp.Compare(other.From, from) })
	if same {
		programs = slices.Delete(slices.Clone(programs), at, at+1)
	}
	return slices.Insert(slices.Clone(programs), at, p)
}

func samePublished(a, b pos.Published) bool {
	return a.From == b.From && bytes.Equal(a.Document, b.Document)
}

// ownPrograms returns the programs of a till without a server: the one of its program
// file, and those that a manager published for later. When the moment of one of these
// has come it becomes the file; a file that was edited by hand since decides itself.
func (t *till) ownPrograms(known []pos.Published, file []byte) ([]pos.Published, error) {
	now := time.Now().UnixMilli()
	left := fromNow(known, now)
	var was []byte // the file, as it was last read
	for _, p := range known {
		if p.From == 0 {
			was = p.Document
		}
	}
	if bytes.Equal(was, file) && len(left) > 0 && left[0].From > 0 {
		file = left[0].Document
		if err := writeFile(filepath.Join(t.dir, programName), file, 0o644); err != nil {
			return nil, err
		}
	}
	programs := []pos.Published{{Document: file}}
	for _, p := range left {
		if p.From > now {
			programs = append(programs, p)
		}
	}
	return programs, nil
}

// endsWith reports whether these are the last programs of a roster: it keeps the one
// that decided before them too.
func endsWith(roster, programs []pos.Published) bool {
	return len(roster) >= len(programs) && slices.EqualFunc(roster[len(roster)-len(programs):], programs, samePublished)
}
