package bolt_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/seal"
)

// A backup is the file at one moment, taken while cashiers work.
func TestBackup(t *testing.T) {
	c := newCounter(t)
	for range 20 {
		c.stamp(ann, 1)
	}
	folder := t.TempDir()
	var working sync.WaitGroup
	stop := make(chan struct{})
	working.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := c.try(ann, pos.Posting{Account: stamps, Amount: 1}); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	var paths []string
	for i := range 5 {
		path := filepath.Join(folder, string(rune('a'+i)))
		require.NoError(t, c.till.Backup(path))
		paths = append(paths, path)
	}
	close(stop)
	working.Wait()
	all, before := journal(t, c.till), 20
	for _, path := range paths {
		found, err := bolt.VerifyBackup(path, [32]byte{1})
		require.NoError(t, err)
		require.Empty(t, found)
		of, err := bolt.BackupOf(path)
		require.NoError(t, err)
		require.Equal(t, terminalA, of)
		copied, err := bolt.OpenTill(path, terminalA, [32]byte{1})
		require.NoError(t, err)
		records := journal(t, copied)
		require.GreaterOrEqual(t, len(records), before)
		require.Equal(t, all[:len(records)], records)
		view, err := copied.View(ann)
		require.NoError(t, err)
		require.Equal(t, int64(len(records)), view.Sums.Balance(stamps, today))
		require.NoError(t, copied.Close())
		before = len(records)
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, len(paths), "nothing else is left there")
}

func TestBackupRefused(t *testing.T) {
	c := newCounter(t)
	folder := t.TempDir()
	taken := filepath.Join(folder, "taken")
	require.NoError(t, os.WriteFile(taken, []byte("mine"), 0o600))
	require.ErrorIs(t, c.till.Backup(taken), store.ErrExists)
	require.ErrorIs(t, c.till.Backup(c.path), store.ErrExists)
	content, err := os.ReadFile(taken)
	require.NoError(t, err)
	require.Equal(t, "mine", string(content))
	require.ErrorIs(t, c.till.Backup(filepath.Join(folder, "no", "folder")), fs.ErrNotExist)
	require.NoError(t, c.till.Close())
	require.Error(t, c.till.Backup(filepath.Join(folder, "closed")))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	c.open()
}

// A disk that fills up while the copy is made leaves nothing under its name.
func TestBackupToAFullDisk(t *testing.T) {
	if !alone(t) {
		return
	}
	c := newCounter(t)
	for range 50 {
		c.stamp(ann, 1)
	}
	folder := t.TempDir()
	lift := limitFiles(t, 8192)
	require.ErrorIs(t, c.till.Backup(filepath.Join(folder, "copy")), store.ErrFull)
	lift()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, entries)
	c.stamp(ann, 1)
	require.NoError(t, c.till.Backup(filepath.Join(folder, "copy")))
}

// A reader that takes its time, as a copy does, does not hold up the cashier.
func TestReadersDoNotBlockWriters(t *testing.T) {
	c := newCounter(t)
	large := person(ann, "Ann", 1)
	large.Fields = map[string]string{"large": string(make([]byte, 200_000))}
	require.NoError(t, c.till.SaveProfile(large))
	require.NoError(t, c.till.SaveProfile(person(ann, "Ann", 2))) // leaves room: a file that grows waits for readers
	c.stamp(ann, 1)
	seen := 0
	require.NoError(t, c.till.Last(func(station.Record) bool {
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.stamp(ann, 1)
		}()
		<-done
		seen++
		return true
	}))
	require.Equal(t, 1, seen)
	require.Equal(t, int64(2), c.sees(ann))
}

func TestVerifyBackup(t *testing.T) {
	folder := t.TempDir()
	missing := filepath.Join(folder, "missing")
	_, err := bolt.VerifyBackup(missing, [32]byte{1})
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorIs(t, bolt.MarkRestored(missing, noon), fs.ErrNotExist)
	require.NoFileExists(t, missing)
	text := filepath.Join(folder, "text")
	require.NoError(t, os.WriteFile(text, make([]byte, 9000), 0o600))
	_, err = bolt.VerifyBackup(text, [32]byte{1})
	require.ErrorIs(t, err, store.ErrCorrupt)
	require.ErrorIs(t, bolt.MarkRestored(text, noon), store.ErrCorrupt)
	empty := filepath.Join(folder, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.ErrorIs(t, bolt.MarkRestored(empty, noon), store.ErrCorrupt)

	path := filled(t)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, raw[:len(raw)/2], 0o600))
	found, err := bolt.VerifyBackup(path, [32]byte{1})
	require.True(t, err != nil || len(found) > 0, "a copy that ends early is noticed")

	c := newCounter(t)
	require.ErrorIs(t, bolt.MarkRestored(c.path, noon), store.ErrInUse)
	_, err = bolt.VerifyBackup(c.path, [32]byte{1})
	require.ErrorIs(t, err, store.ErrInUse)
}

func TestBackupOfACentralServer(t *testing.T) {
	source, _, _ := filledCentral(t)
	central, err := bolt.OpenCentral(source, seal.Secret{1})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, central.Backup(path))
	require.NoError(t, central.Close())
	found, err := bolt.VerifyBackup(path, seal.Secret{1})
	require.NoError(t, err)
	require.Empty(t, found)
	of, err := bolt.BackupOf(path)
	require.NoError(t, err)
	require.Zero(t, of)
	require.NoError(t, bolt.MarkRestored(path, noon))
	found, err = bolt.VerifyBackup(path, seal.Secret{1})
	require.NoError(t, err)
	require.Empty(t, found)
}
