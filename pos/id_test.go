package pos_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

// What an id prints is read back as the same id.
func TestIDsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := entryID().Draw(t, "id")
		again, err := pos.ParseEntryID(id.String())
		require.NoError(t, err)
		require.Equal(t, id, again)

		type ids struct {
			Entry    pos.EntryID
			Terminal pos.TerminalID
			Holder   pos.HolderID
		}
		want := ids{id, id.Terminal, pos.HolderID(id.Terminal)}
		document, err := json.Marshal(want)
		require.NoError(t, err)
		var got ids
		require.NoError(t, json.Unmarshal(document, &got))
		require.Equal(t, want, got)
	})
}

func TestIDsAsText(t *testing.T) {
	id := minimal().ID
	require.Equal(t, "101112131415161718191a1b1c1d1e1f-0123456789abcdef-1", id.String())
	require.Equal(t, "101112131415161718191a1b1c1d1e1f", id.Terminal.String())
	require.Equal(t, "303132333435363738393a3b3c3d3e3f", full().Holder.String())
	require.True(t, pos.EntryID{}.IsZero())
	require.False(t, id.IsZero())
}

func TestTextThatIsNoID(t *testing.T) {
	good := minimal().ID.String()
	tests := map[string]string{
		"nothing":                    "",
		"two parts":                  strings.TrimSuffix(good, "-1"),
		"four parts":                 good + "-1",
		"a short terminal":           good[2:],
		"a long terminal":            "00" + good,
		"a sign that is no digit":    "g" + good[1:],
		"capitals":                   strings.ToUpper(good),
		"a short incarnation":        strings.Replace(good, "-0", "-", 1),
		"an incarnation with a sign": strings.Replace(good, "-0", "-+", 1),
		"a Seq with a zero in front": strings.Replace(good, "-1", "-01", 1),
		"a Seq with a plus":          strings.Replace(good, "-1", "-+1", 1),
		"no Seq":                     strings.TrimSuffix(good, "1"),
		"a Seq beyond 64 bits":       good + strings.Repeat("0", 20),
		"a space":                    good + " ",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			id, err := pos.ParseEntryID(text)
			require.ErrorIs(t, err, pos.ErrBadID)
			require.True(t, id.IsZero())
		})
	}
	for _, text := range []string{"", "10", good[:31], good[:33], good[:32] + "00", strings.ToUpper(good[:32])} {
		require.ErrorIs(t, new(pos.TerminalID).UnmarshalText([]byte(text)), pos.ErrBadID, text)
		require.ErrorIs(t, new(pos.HolderID).UnmarshalText([]byte(text)), pos.ErrBadID, text)
	}
}

// A decoder that pads or cuts would make one id of two.
func TestIDsOfAnotherLengthAreRefused(t *testing.T) {
	for _, into := range []any{new(pos.TerminalID), new(pos.HolderID), new(pos.Hash), new(pos.ProgramID)} {
		for n := range 64 {
			raw, err := cbor.Marshal(pattern(1, n))
			require.NoError(t, err)
			err = cbor.Unmarshal(raw, into)
			again, marshalErr := cbor.Marshal(into)
			require.NoError(t, marshalErr)
			require.Equal(t, err == nil, string(again) == string(raw), "%T of %d bytes", into, n)
			if err != nil {
				require.ErrorIs(t, err, pos.ErrBadID)
			}
		}
	}
	for _, item := range []string{"", "\x58", "\x58\x20", "\x58\x20cut off"} {
		require.ErrorIs(t, new(pos.Hash).UnmarshalCBOR([]byte(item)), pos.ErrBadID)
	}
}

// Ids have one order, whatever they are compared with.
func TestEntryIDsAreOrdered(t *testing.T) {
	id := func(terminal byte, incarnation pos.Incarnation, seq uint64) pos.EntryID {
		return pos.EntryID{Terminal: pos.TerminalID{terminal}, Incarnation: incarnation, Seq: seq}
	}
	ordered := []pos.EntryID{id(0, 0, 0), id(0, 0, 1), id(0, 1, 0), id(0, 1, 9), id(0, 2, 1), id(1, 0, 0), id(200, 0, 0)}
	for i, a := range ordered {
		for j, b := range ordered {
			require.Equal(t, i < j, a.Compare(b) < 0, "%v, %v", a, b)
			require.Equal(t, i == j, a.Compare(b) == 0, "%v, %v", a, b)
		}
	}
	require.True(t, slices.IsSortedFunc(ordered, pos.EntryID.Compare))
}

// A terminal's id follows from its key, so nobody else can write under it.
func TestTerminalOf(t *testing.T) {
	public, _, err := ed25519.GenerateKey(strings.NewReader(strings.Repeat("k", 64)))
	require.NoError(t, err)
	other := append(ed25519.PublicKey{public[0] ^ 1}, public[1:]...)
	require.Equal(t, pos.TerminalOf(public), pos.TerminalOf(slices.Clone(public)))
	require.NotEqual(t, pos.TerminalOf(public), pos.TerminalOf(other))
}

func TestNewHolderID(t *testing.T) {
	id, err := pos.NewHolderID(strings.NewReader("0123456789abcdef"))
	require.NoError(t, err)
	require.Equal(t, pos.HolderID([]byte("0123456789abcdef")), id)
	_, err = pos.NewHolderID(strings.NewReader("short"))
	require.Error(t, err)
}

func TestProgramOf(t *testing.T) {
	require.Equal(t, pos.ProgramOf([]byte("a")), pos.ProgramOf([]byte("a")))
	require.NotEqual(t, pos.ProgramOf([]byte("a")), pos.ProgramOf([]byte("b")))
}

// Problems are compared by key, so that a sentinel finds one with arguments.
func TestProblem(t *testing.T) {
	problem := pos.Refuse("amount.large", "max", pos.Money(5))
	require.ErrorIs(t, problem, pos.Refuse("amount.large"))
	require.NotErrorIs(t, problem, pos.Refuse("amount"))
	require.NotErrorIs(t, problem, errors.New("amount.large"))
	require.Equal(t, "amount.large map[max:5]", problem.Error())
	require.Equal(t, "code.empty", pos.Refuse("code.empty").Error())
}
