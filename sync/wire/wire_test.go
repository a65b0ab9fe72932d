package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/wire"
)

// testKey is the key of the test vector in PROTOCOL.md.
var testKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{0x10}, ed25519.SeedSize))

func terminal() pos.TerminalID { return pos.TerminalOf(testKey.Public().(ed25519.PublicKey)) }

// chain returns n stamps as a till chains them.
func chain(t require.TestingT, n int) [][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	var entries [][]byte
	prev := pos.Hash{}
	for i := range n {
		e := pos.Entry{
			V:        pos.Version,
			ID:       pos.EntryID{Terminal: terminal(), Incarnation: 7, Seq: uint64(i + 1)},
			Nonce:    random.Uint64(),
			At:       1_800_000_000_000 + int64(i),
			Day:      20_833,
			Kind:     pos.Stamped,
			Postings: []pos.Posting{{Account: "stamp:coffee/10", Amount: 1}},
			Cashier:  "ann",
			Prev:     prev,
		}
		binary.BigEndian.PutUint64(e.Holder[:], random.Uint64())
		raw, err := e.Encode()
		require.NoError(t, err)
		entries = append(entries, raw)
		prev = pos.HashEntry(raw)
	}
	return entries
}

func request(t require.TestingT, n int) wire.Request {
	cut, head := wire.Cut(chain(t, n))
	return wire.Request{
		V: 1, Now: 1_800_000_000_000, Cursor: 41, Roster: 3, Open: []pos.Incarnation{7}, Entries: cut, Head: head,
		Profiles: []pos.Profile{{Holder: pos.HolderID{1}, Codes: []string{"TC1"}, Name: "Ann", Changed: 5}},
		Wants:    []pos.HolderID{{1}, {2}},
	}
}

func answer() wire.Answer {
	return wire.Answer{V: 1, Page: ledger.Page{
		At:   1_800_000_000_000,
		Acks: []ledger.Ack{{Incarnation: 7, Seq: 3}},
		Changed: []ledger.Changed{
			{
				Holder: pos.HolderID{1}, Position: 4,
				Sums: ledger.Sums{{Account: "points", Lot: pos.Lot{Until: 21_000}, Amount: 5}, {Account: "points", Amount: 9}},
				Leases: []ledger.Lease{
					{ID: pos.LeaseID{1}, Terminal: terminal(), Sums: ledger.Sums{
						{Account: "points", Lot: pos.Lot{Until: 21_000}, Amount: 5}, {Account: "points", Amount: 1},
					}},
					{ID: pos.LeaseID{2}, Terminal: pos.TerminalID{9}, Sums: ledger.Sums{{Account: "points", Amount: 6}}, Recalled: true},
				},
			},
			{Holder: pos.HolderID{2}, Position: 9, Profile: &pos.Profile{Name: "Bea", Consents: map[string]int64{"post": 1}}},
		},
		Cursor: 9,
		Roster: &pos.Roster{Version: 2, Cashiers: []pos.Cashier{{ID: "ann"}}},

		Holders: 2, Frozen: true, Exceptions: 1,
	}}
}

func enrolled() wire.Enrolled {
	key := testKey.Public().(ed25519.PublicKey)
	return wire.Enrolled{V: 1, Terminal: pos.Terminal{ID: terminal(), Key: key, Area: "a", Store: "s"}, Now: 1}
}

func encode(t require.TestingT, message any) []byte {
	raw, err := wire.Encode(message)
	require.NoError(t, err)
	return raw
}

// A till may have a journal that is not one chain (a damaged disk); what Cut
// takes of it is, and Join gives back the very bytes.
func TestJoinUndoesCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := chain(t, rapid.IntRange(0, 20).Draw(t, "entries"))
		broken := rapid.IntRange(1, 30).Draw(t, "broken")
		if broken < len(entries) {
			entries[broken] = append([]byte(nil), entries[broken]...)
			entries[broken][len(entries[broken])-1] ^= 1
		}
		cut, head := wire.Cut(entries)
		require.Len(t, cut, min(len(entries), broken))
		whole, err := wire.Join(cut, head)
		require.NoError(t, err)
		require.Equal(t, len(cut), len(whole))
		for i := range whole {
			require.Equal(t, entries[i], whole[i])
		}
	})
}

// One bit of an entry or of the head makes it another chain.
func TestJoinRefusesAnotherChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cut, head := wire.Cut(chain(t, 5))
		which := rapid.IntRange(0, len(cut)).Draw(t, "entry")
		bit := byte(1) << rapid.IntRange(0, 7).Draw(t, "bit")
		if which == len(cut) {
			head[rapid.IntRange(0, 31).Draw(t, "byte")] ^= bit
		} else {
			cut[which] = append([]byte(nil), cut[which]...)
			cut[which][rapid.IntRange(0, len(cut[which])-1).Draw(t, "byte")] ^= bit
		}
		_, err := wire.Join(cut, head)
		require.ErrorIs(t, err, wire.ErrChain)
	})
}

func TestJoinRefuses(t *testing.T) {
	cut, head := wire.Cut(chain(t, 3))
	swapped := [][]byte{cut[0], cut[2], cut[1]}
	tests := []struct {
		name string
		cut  [][]byte
		head pos.Hash
		err  error
	}{
		{"a head without entries", nil, head, wire.ErrChain},
		{"entries without a head", cut, pos.Hash{}, wire.ErrChain},
		{"one entry less than the head", cut[:2], head, wire.ErrChain},
		{"another order", swapped, head, wire.ErrChain},
		{"more bytes than a batch may have", [][]byte{make([]byte, wire.MaxEntryBytes+1)}, head, wire.ErrTooLarge},
		{"as many with what Cut took off", [][]byte{nil, make([]byte, wire.MaxEntryBytes-10)}, head, wire.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.Join(tt.cut, tt.head)
			require.ErrorIs(t, err, tt.err)
		})
	}
}

func TestRequestRefuses(t *testing.T) {
	change := func(f func(*wire.Request)) []byte {
		r := request(t, 3)
		f(&r)
		return encode(t, r)
	}
	with := func(pair string) []byte { // one more pair in the map
		raw := append(change(func(*wire.Request) {}), pair...)
		raw[0]++
		return raw
	}
	newer := pos.Refuse("line.newer")
	tests := []struct {
		name string
		raw  []byte
		err  error
	}{
		{"nothing", nil, wire.ErrMalformed},
		{"text", []byte("GET / HTTP/1.1"), wire.ErrMalformed},
		{"something behind it", append(change(func(*wire.Request) {}), 0), wire.ErrMalformed},
		{"half of it", change(func(*wire.Request) {})[:60], wire.ErrMalformed},
		{"a key twice", with("\x02\x01"), wire.ErrMalformed},
		{"an array of unknown length", with("\x18\x64\x9f\xff"), wire.ErrMalformed},
		{"a tag", with("\x18\x64\xc1\x01"), wire.ErrMalformed},
		{"an array that claims 4 billion elements", with("\x18\x64\x9a\xff\xff\xff\xff"), wire.ErrMalformed},
		{"arrays 20 deep", with("\x18\x64" + strings.Repeat("\x81", 20) + "\x01"), wire.ErrMalformed},
		{"no version", change(func(r *wire.Request) { r.V = 0 }), wire.ErrMalformed},
		{"a later version", change(func(r *wire.Request) { r.V = 2 }), newer},
		{"no time", change(func(r *wire.Request) { r.Now = 0 }), wire.ErrMalformed},
		{"less than no rows", change(func(r *wire.Request) { r.Limit = -1 }), wire.ErrMalformed},
		{"too many entries", change(func(r *wire.Request) { r.Entries = make([][]byte, wire.MaxEntries+1) }), wire.ErrTooLarge},
		{"too many profiles", change(func(r *wire.Request) { r.Profiles = make([]pos.Profile, wire.MaxProfiles+1) }), wire.ErrTooLarge},
		{"too many wants", change(func(r *wire.Request) { r.Wants = make([]pos.HolderID, wire.MaxWants+1) }), wire.ErrTooLarge},
		{"half a holder", with("\x0a\x81\x48\x01\x01\x01\x01\x01\x01\x01\x01"), wire.ErrMalformed},
		{"too many incarnations", change(func(r *wire.Request) { r.Open = make([]pos.Incarnation, wire.MaxOpen+1) }), wire.ErrTooLarge},
		{"a name that is not UTF-8", change(func(r *wire.Request) { r.Profiles[0].Name = "\xff" }), wire.ErrMalformed},
		{"another chain", change(func(r *wire.Request) { r.Head[0]++ }), wire.ErrChain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.DecodeRequest(tt.raw)
			require.ErrorIs(t, err, tt.err)
		})
	}
	_, err := wire.DecodeRequest(with("\x18\x64\x81\x01"))
	require.NoError(t, err, "one more pair alone is no mistake")
}

// An older program reads what a later one of the same version added.
func TestUnknownKeysAreIgnored(t *testing.T) {
	var asMap map[any]any
	require.NoError(t, cbor.Unmarshal(encode(t, request(t, 3)), &asMap))
	asMap[100] = map[string]any{"new": []int{1, 2}}
	got, err := wire.DecodeRequest(encode(t, asMap))
	require.NoError(t, err)
	require.Equal(t, chain(t, 3), got.Entries)
	require.Equal(t, "Ann", got.Profiles[0].Name)
}

func TestAnswerRefuses(t *testing.T) {
	change := func(f func(*wire.Answer)) []byte {
		a := answer()
		f(&a)
		return encode(t, a)
	}
	leases := func(f func([]ledger.Lease)) []byte {
		return change(func(a *wire.Answer) { f(a.Page.Changed[0].Leases) })
	}
	tests := []struct {
		name string
		raw  []byte
		err  error
	}{
		{"nothing", nil, wire.ErrMalformed},
		{"a later version", change(func(a *wire.Answer) { a.V = 2 }), pos.Refuse("line.newer")},
		{"no time", change(func(a *wire.Answer) { a.Page.At = 0 }), wire.ErrMalformed},
		{"a row behind the cursor", change(func(a *wire.Answer) { a.Page.Cursor = 8 }), wire.ErrMalformed},
		{"rows out of order", change(func(a *wire.Answer) { a.Page.Changed[1].Position = 4 }), wire.ErrMalformed},
		{"a row without a position", change(func(a *wire.Answer) { a.Page.Changed[0].Position = 0 }), wire.ErrMalformed},
		{"less than no holders", change(func(a *wire.Answer) { a.Page.Holders = -1 }), wire.ErrMalformed},
		{"less than no exceptions", change(func(a *wire.Answer) { a.Page.Exceptions = -1 }), wire.ErrMalformed},
		{"rows for a revoked terminal", change(func(a *wire.Answer) { a.Page.Revoked = true }), wire.ErrMalformed},
		{"a lease without an id", leases(func(l []ledger.Lease) { l[0].ID = pos.LeaseID{} }), wire.ErrMalformed},
		{"a lease twice", leases(func(l []ledger.Lease) { l[1].ID = l[0].ID }), wire.ErrMalformed},
		{"a lease twice, of two holders", change(func(a *wire.Answer) {
			a.Page.Changed[1].Leases = a.Page.Changed[0].Leases
		}), wire.ErrMalformed},
		{"a lease of nothing", leases(func(l []ledger.Lease) { l[0].Sums = nil }), wire.ErrMalformed},
		{"a lease of 0", leases(func(l []ledger.Lease) { l[0].Sums[1].Amount = 0 }), wire.ErrMalformed},
		{"a lease of less than 0", leases(func(l []ledger.Lease) { l[0].Sums[0].Amount = -1 }), wire.ErrMalformed},
		{"a lease of two accounts", leases(func(l []ledger.Lease) { l[0].Sums[1].Account = "stamp:coffee/10" }), wire.ErrMalformed},
		{"a lease of one lot twice", leases(func(l []ledger.Lease) { l[0].Sums[1] = l[0].Sums[0] }), wire.ErrMalformed},
		{"a lease whose lots are out of order", leases(func(l []ledger.Lease) {
			l[0].Sums[0], l[0].Sums[1] = l[0].Sums[1], l[0].Sums[0]
		}), wire.ErrMalformed},
		{"too many leases", change(func(a *wire.Answer) {
			a.Page.Changed[0].Leases = make([]ledger.Lease, wire.MaxLeases+1)
		}), wire.ErrTooLarge},
		{"too many rows", change(func(a *wire.Answer) { a.Page.Changed = make([]ledger.Changed, wire.MaxChanged+1) }), wire.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.DecodeAnswer(tt.raw)
			require.ErrorIs(t, err, tt.err)
		})
	}
	got, err := wire.DecodeAnswer(change(func(*wire.Answer) {}))
	require.NoError(t, err)
	require.Equal(t, answer(), got)
}

func TestEnrolRefuses(t *testing.T) {
	key := testKey.Public().(ed25519.PublicKey)
	tests := []struct {
		name string
		from wire.Enrol
		err  error
	}{
		{"a short key", wire.Enrol{V: 1, Code: "c", Key: key[1:]}, wire.ErrMalformed},
		{"no code", wire.Enrol{V: 1, Key: key}, wire.ErrMalformed},
		{"a long code", wire.Enrol{V: 1, Code: fmt.Sprintf("%65d", 1), Key: key}, wire.ErrMalformed},
		{"a later version", wire.Enrol{V: 2, Code: "c", Key: key}, pos.Refuse("line.newer")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.DecodeEnrol(encode(t, tt.from))
			require.ErrorIs(t, err, tt.err)
		})
	}
	other := enrolled()
	other.Terminal.ID[0]++
	_, err := wire.DecodeEnrolled(encode(t, other))
	require.ErrorIs(t, err, wire.ErrMalformed, "an id that is not the key's")
	other = enrolled()
	other.Pepper = make([]byte, wire.PepperSize-1)
	_, err = wire.DecodeEnrolled(encode(t, other))
	require.ErrorIs(t, err, wire.ErrMalformed, "half a pepper")
	other.Pepper = make([]byte, wire.PepperSize)
	got, err := wire.DecodeEnrolled(encode(t, other))
	require.NoError(t, err)
	require.Equal(t, other.Pepper, got.Pepper)
}

func TestUnpackHoldsNoMoreThanTheLimit(t *testing.T) {
	bomb, encoding := wire.Pack(make([]byte, wire.MaxRequest+1))
	require.Equal(t, wire.Zstd, encoding)
	require.Less(t, len(bomb), 1000)
	_, err := wire.Unpack(bomb, encoding, wire.MaxRequest)
	require.ErrorIs(t, err, wire.ErrTooLarge)
	raw, err := wire.Unpack(bomb, encoding, wire.MaxAnswer)
	require.NoError(t, err)
	require.Len(t, raw, wire.MaxRequest+1)
	_, err = wire.Unpack(make([]byte, wire.MaxRequest+1), "", wire.MaxRequest)
	require.ErrorIs(t, err, wire.ErrTooLarge)
	_, err = wire.Unpack(bomb[:len(bomb)-3], encoding, wire.MaxRequest)
	require.Error(t, err)
	_, err = wire.Unpack([]byte("<html>"), encoding, wire.MaxRequest)
	require.ErrorIs(t, err, wire.ErrMalformed)
	_, err = wire.Unpack([]byte("x"), "gzip", wire.MaxRequest)
	require.ErrorIs(t, err, wire.ErrMalformed)
	small, encoding := wire.Pack([]byte("small"))
	require.Equal(t, "", encoding)
	require.Equal(t, "small", string(small))
}

func TestProblemsCrossTheLine(t *testing.T) {
	sent := pos.Refuse("line.busy", "seconds", 5, "name", "سارا", "time", rand.N(int64(1)))
	got, err := wire.DecodeProblem(wire.EncodeProblem(sent))
	require.NoError(t, err)
	require.ErrorIs(t, got, sent)
	require.Equal(t, map[string]any{"seconds": int64(5), "name": "سارا", "time": int64(0)}, got.Args)

	got, err = wire.DecodeProblem([]byte(`{"key":"line.busy","args":{"a":"\u001b[2Jx\ny"}}`))
	require.NoError(t, err)
	require.Equal(t, "[2Jx y", got.Args["a"], "nothing that a screen would obey")

	for _, raw := range []string{
		``, `<html>`, `{}`, `{"key":"Line busy"}`, `{"key":"line"}`, `[]`, `{"key":"line.busy","args":{"a":1.5}}`,
		`{"key":"line.busy","args":{"a":[1]}}`, `{"key":"line.busy","args":{"a":99999999999999999999}}`,
	} {
		_, err := wire.DecodeProblem([]byte(raw))
		require.ErrorIs(t, err, wire.ErrMalformed, raw)
	}
}

// PROTOCOL.md gives these bytes to those who write another implementation.
func TestVector(t *testing.T) {
	body, encoding := wire.Pack(encode(t, wire.Request{V: 1, Now: 1_800_000_000_000, Cursor: 41, Roster: 3, Open: []pos.Incarnation{7}}))
	require.Equal(t, "", encoding)
	header := signed(wire.Target{Route: wire.ExchangeRoute}, body, "")
	protocol, err := os.ReadFile("../PROTOCOL.md")
	require.NoError(t, err)
	for _, value := range []string{
		terminal().String(),
		hex.EncodeToString(body),
		"Content-Digest: " + header.Get("Content-Digest") + "\n",
		"Signature-Input: " + header.Get("Signature-Input") + "\n",
		"Signature: " + header.Get("Signature") + "\n",
		wire.Pin(vectorNonce).String(),
	} {
		require.Contains(t, string(protocol), value)
	}
	// What it says was signed is what was signed.
	begin, end := strings.Index(string(protocol), "    \"@method\": POST"), strings.Index(string(protocol), "\n\n## Which server")
	base := strings.ReplaceAll(string(protocol)[begin:end], "\n    ", "\n")[4:]
	signature, err := base64.StdEncoding.DecodeString(strings.Trim(header.Get("Signature"), "s=:") + "==")
	require.NoError(t, err)
	require.True(t, ed25519.Verify(publicKey, []byte(base), signature))
}
