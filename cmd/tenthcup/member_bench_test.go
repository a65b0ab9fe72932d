package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// BenchmarkMember reads a member as the screen does after each action: all that the
// retail preset and 50 rules more, of which one has a stock, make of what the member
// has. Beside it is the floor: who the member is and what there is, read and not
// worked on.
//
// Budget: 1 ms.
func BenchmarkMember(b *testing.B) {
	dir := b.TempDir()
	out, err := command("init", "--dir", dir, "--shop", "Big", "--currency", "EUR", "--language", "en", "--timezone", "UTC", "--preset", "retail", "--pin", "1234").CombinedOutput()
	require.NoError(b, err, string(out))
	name := filepath.Join(dir, "program.toml")
	program, err := os.ReadFile(name)
	require.NoError(b, err)
	for i := range 49 {
		program = fmt.Appendf(program, "\n[[campaign]]\nid = 'rule-%d'\nadd = 20\nwhen = {categories = ['kind-%d'], minimum = 5}\n", i, i)
	}
	program = append(program, "\n[[reward]]\nid = 'mug'\nname = 'Mug'\npoints = 50\nstock = 20\n"...)
	require.NoError(b, os.WriteFile(name, program, 0o600))
	t, err := openTill(dir)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, t.close()) })
	done, err := t.station.Enrol(t.roster.Cashiers[0].ID, pos.Profile{Name: "Ann"})
	require.NoError(b, err)
	holder := done.Member.Profile.Holder
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := t.db.Profile(holder)
			require.NoError(b, err)
			_, err = t.db.View(holder)
			require.NoError(b, err)
		}
	})
	b.Run("member", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := t.station.Member(holder)
			require.NoError(b, err)
		}
	})
	b.Run("roster", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := t.db.Roster()
			require.NoError(b, err)
		}
	})
}
