package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// FuzzDocuments: a file that a person may have edited is refused with a sentence that
// names it, or is what it says: written again and read it is the same.
func FuzzDocuments(f *testing.F) {
	for _, document := range []string{
		"key = \"0102\"\nserver = \"http://localhost:7210\"\nname = \"Till 1\"\n", "[shop]\nname = \"S\"\ncurrency = \"EUR\"\n[screen]\nfps = 60\n",
		"key = \"xyz\"", "fps = 60", "[screen]\nfps = -1\ntheme = 3", "\xff", "key = '''", "[shop", "name = \"\\u0000\"", "secret = \"00\"",
	} {
		f.Add([]byte(document))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, document []byte) {
		name := filepath.Join(dir, settingsName)
		require.NoError(t, os.WriteFile(name, document, 0o600))
		var me, again identity
		if err := readDocument(name, &me); err != nil {
			require.ErrorIs(t, err, pos.Refuse("setup.document"))
		} else {
			require.NoError(t, me.save(dir))
			require.NoError(t, readDocument(filepath.Join(dir, identityName), &again))
			require.Equal(t, string(me.Key), string(again.Key))
			me.Key, again.Key = nil, nil
			require.Equal(t, me, again)
		}
		var mine settings
		if err := readDocument(name, &mine); err != nil {
			require.ErrorIs(t, err, pos.Refuse("setup.document"))
			return
		}
		require.LessOrEqual(t, frames(mine.Screen.FPS), 120)
		require.Positive(t, frames(mine.Screen.FPS))
	})
}

// FuzzOrder: whatever comes by the socket, it is one command line as it was sent or
// nothing is carried out; the answer is one that the sender can read.
func FuzzOrder(f *testing.F) {
	whole, err := json.Marshal(order{[]string{"stamp", "TC1", "-n", "3"}, "/"})
	require.NoError(f, err)
	for _, sent := range [][]byte{whole, whole[:len(whole)/2], []byte(`{}`), []byte(`null`), []byte(`{"args":["a\u0000"]}`), []byte(`[1,2]`), []byte(`{"Args":[[]]}`), {}} {
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		here, there := net.Pipe()
		var got []order
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			serveOrder(there, func(asked order) outcome {
				got = append(got, asked)
				return outcome{Out: []byte("done"), Status: len(asked.Args)}
			})
		}()
		go func() {
			_, _ = here.Write(sent)
			_, _ = here.Write([]byte("\n\x00")) // what cannot go on any more
		}()
		answer, err := io.ReadAll(here)
		require.NoError(t, err)
		<-ended
		require.NoError(t, here.Close())
		var want order
		if json.NewDecoder(bytes.NewReader(append(bytes.Clone(sent), "\n\x00"...))).Decode(&want) != nil {
			require.Empty(t, got)
			require.Empty(t, answer)
			return
		}
		require.Equal(t, []order{want}, got)
		var told outcome
		require.NoError(t, json.Unmarshal(answer, &told))
		require.Equal(t, outcome{Out: []byte("done"), Status: len(want.Args)}, told)
	})
}
