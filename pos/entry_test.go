package pos_test

import (
	"encoding/hex"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

// pattern returns n bytes that count up from first, so that every byte of a
// golden file can be told from its neighbours.
func pattern(first byte, n int) []byte {
	filled := make([]byte, n)
	for i := range filled {
		filled[i] = first + byte(i)
	}
	return filled
}

// minimal is an entry with nothing in it but what every entry has.
func minimal() pos.Entry {
	return pos.Entry{
		V:    1,
		ID:   pos.EntryID{Terminal: pos.TerminalID(pattern(0x10, 16)), Incarnation: 0x0123456789abcdef, Seq: 1},
		At:   1_790_000_000_000,
		Day:  20_717,
		Kind: pos.DayEnded,
		Prev: pos.Hash(pattern(0x80, 32)),
	}
}

// full is an entry with every field.
func full() pos.Entry {
	e := minimal()
	e.ID.Seq = 42
	e.Nonce = 0xfedcba9876543210
	e.Offset = -1500
	e.Kind = pos.Voided
	e.Holder = pos.HolderID(pattern(0x30, 16))
	e.Sale = &pos.Sale{Receipt: "R-0007", Amount: 1250, Currency: "EUR"}
	e.Postings = []pos.Posting{
		{Account: "stamp:coffee/10", Amount: 1},
		{Account: pos.PointsAccount, Amount: math.MaxInt64, Lot: pos.Lot{From: 20_719, Until: 21_085}},
		{Account: pos.PointsAccount, Amount: -12, Lot: pos.Lot{Until: 21_085}, Of: &pos.EntryID{Terminal: e.ID.Terminal, Incarnation: 7, Seq: 41}, OfIndex: 1},
	}
	e.Program = pos.ProgramID(pattern(0x50, 8))
	e.Cashier = "robin"
	e.Saw = map[string]int64{"points": 30, "age": 5, "stamp:coffee/10": 9}
	e.By = &pos.By{Kind: "override", ID: pattern(0x60, 3), Manager: "kim"}
	e.Reason = "wrong member, Kőszegi"
	e.Reward = "free-coffee"
	e.Store = "high-street"
	return e
}

// golden reads a golden file: lines of "#" are for people, one line is the CBOR
// diagnostic notation, the rest are the bytes in hexadecimal.
func golden(t testing.TB, name string) (diagnosis string, raw []byte) {
	t.Helper()
	document, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	var digits strings.Builder
	for line := range strings.Lines(string(document)) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "{"):
			diagnosis = line
		default:
			digits.WriteString(strings.ReplaceAll(line, " ", ""))
		}
	}
	raw, err = hex.DecodeString(digits.String())
	require.NoError(t, err)
	return diagnosis, raw
}

// The bytes of an entry are final. Ledgers in shops hold them, chains of hashes
// cover them and terminals have signed them: if this test fails, the program is
// wrong and not the golden file. There is no flag that rewrites it. A later
// version of the format gets files of its own, and these stay.
func TestBytesOfAnEntryNeverChange(t *testing.T) {
	for name, entry := range map[string]pos.Entry{
		"entry-v1-full.golden":    full(),
		"entry-v1-minimal.golden": minimal(),
	} {
		t.Run(name, func(t *testing.T) {
			diagnosis, raw := golden(t, name)
			encoded, err := entry.Encode()
			require.NoError(t, err)
			require.Equal(t, hex.EncodeToString(raw), hex.EncodeToString(encoded))
			readable, err := cbor.Diagnose(encoded)
			require.NoError(t, err)
			require.Equal(t, diagnosis, readable)
			decoded, err := pos.DecodeEntry(raw)
			require.NoError(t, err)
			require.Equal(t, entry, decoded)
		})
	}
	_, raw := golden(t, "entry-v1-full.golden")
	hash := pos.HashEntry(raw)
	require.Equal(t, "037b703b69d557ed5d3a9efbafb5360c0cd8633941a2488d8c9622fca5d1a5d8", hex.EncodeToString(hash[:]))
}

// text draws a short text that an entry may hold.
func text() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.ToValidUTF8(rapid.StringN(1, 20, pos.MaxText).Draw(t, "text"), "?")
	})
}

func entryID() *rapid.Generator[pos.EntryID] {
	return rapid.Custom(func(t *rapid.T) pos.EntryID {
		return pos.EntryID{
			Terminal:    pos.TerminalID(append(rapid.SliceOfN(rapid.Byte(), 15, 15).Draw(t, "terminal"), 1)),
			Incarnation: pos.Incarnation(rapid.Uint64().Draw(t, "incarnation")),
			Seq:         rapid.Uint64Min(1).Draw(t, "seq"),
		}
	})
}

func posting() *rapid.Generator[pos.Posting] {
	return rapid.Custom(func(t *rapid.T) pos.Posting {
		p := pos.Posting{
			Account: pos.Account(text().Draw(t, "account")),
			Amount:  rapid.Int64Range(math.MinInt64+1, math.MaxInt64).Filter(func(n int64) bool { return n != 0 }).Draw(t, "amount"),
			Lot:     pos.Lot{From: pos.Day(rapid.Int32Range(0, 30_000).Draw(t, "from"))},
		}
		if rapid.Bool().Draw(t, "ends") {
			p.Lot.Until = p.Lot.From + pos.Day(rapid.Int32Range(1, 1000).Draw(t, "days"))
		}
		if rapid.Bool().Draw(t, "reverses") {
			of := entryID().Draw(t, "of")
			p.Of, p.OfIndex = &of, rapid.IntRange(0, 255).Draw(t, "index")
		}
		return p
	})
}

func anyEntry() *rapid.Generator[pos.Entry] {
	return rapid.Custom(func(t *rapid.T) pos.Entry {
		e := pos.Entry{
			V:      rapid.UintMin(1).Draw(t, "version"),
			ID:     entryID().Draw(t, "id"),
			Nonce:  rapid.Uint64().Draw(t, "nonce"),
			At:     rapid.Int64Min(1).Draw(t, "at"),
			Offset: rapid.Int64().Draw(t, "offset"),
			Day:    pos.Day(rapid.Int32().Draw(t, "day")),
			Kind:   pos.Kind(text().Draw(t, "kind")),
			Prev:   pos.Hash(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "prev")),
		}
		if rapid.Bool().Draw(t, "has a holder") {
			e.Holder = pos.HolderID(append(rapid.SliceOfN(rapid.Byte(), 15, 15).Draw(t, "holder"), 1))
			e.Postings = rapid.SliceOfN(posting(), 1, 8).Draw(t, "postings")
			e.Saw = rapid.MapOfN(text(), rapid.Int64(), 1, 5).Draw(t, "saw")
			e.Program = pos.ProgramID(append(rapid.SliceOfN(rapid.Byte(), 7, 7).Draw(t, "program"), 1))
			e.Sale = &pos.Sale{Amount: pos.Money(rapid.Int64().Draw(t, "sale")), Receipt: text().Draw(t, "receipt")}
			e.By = &pos.By{Kind: text().Draw(t, "by"), ID: rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "by id")}
			e.Cashier, e.Reason = pos.CashierID(text().Draw(t, "cashier")), text().Draw(t, "reason")
			e.Reward, e.Store = text().Draw(t, "reward"), pos.StoreID(text().Draw(t, "store"))
		}
		return e
	})
}

// What is written is what is read, and there is one way to write it. Prev is the
// last 35 bytes, so that the line can leave it out.
func TestEntryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entry := anyEntry().Draw(t, "entry")
		raw, err := entry.Encode()
		require.NoError(t, err)
		decoded, err := pos.DecodeEntry(raw)
		require.NoError(t, err)
		require.Equal(t, entry, decoded)
		again, err := decoded.Encode()
		require.NoError(t, err)
		require.Equal(t, raw, again)
		require.Equal(t, append([]byte{0x17, 0x58, 0x20}, entry.Prev[:]...), raw[len(raw)-35:])
	})
}

// changed returns the bytes of an entry with some of its top-level keys changed;
// a nil value leaves the key out.
func changed(t testing.TB, entry pos.Entry, change map[int]any) []byte {
	t.Helper()
	raw, err := entry.Encode()
	require.NoError(t, err)
	var items map[int]any
	require.NoError(t, cbor.Unmarshal(raw, &items))
	for key, value := range change {
		if items[key] = value; value == nil {
			delete(items, key)
		}
	}
	mode, err := cbor.CoreDetEncOptions().EncMode()
	require.NoError(t, err)
	raw, err = mode.Marshal(items)
	require.NoError(t, err)
	return raw
}

// An older program stores, forwards and adds up what a newer one wrote.
func TestEntryOfALaterVersionIsRead(t *testing.T) {
	want := full()
	want.V, want.Kind = 9, "gift"
	for name, key := range map[string]int{"a key kept free for later": 20, "the last of them": 22, "a key beyond them": 24} {
		t.Run(name, func(t *testing.T) {
			raw := changed(t, full(), map[int]any{1: 9, 7: "gift", key: map[string]any{"new": []int{1, 2}}})
			got, err := pos.DecodeEntry(raw)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
	t.Run("a new key in a posting", func(t *testing.T) {
		raw := changed(t, full(), map[int]any{10: []any{map[int]any{1: "points", 2: 5, 6: "new"}}})
		got, err := pos.DecodeEntry(raw)
		require.NoError(t, err)
		require.Equal(t, []pos.Posting{{Account: "points", Amount: 5}}, got.Postings)
	})
}

func TestMalformedEntries(t *testing.T) {
	long := strings.Repeat("x", pos.MaxText+1)
	postings := func(p ...any) map[int]any { return map[int]any{10: p} }
	tests := map[string]map[int]any{
		"no version":                           {1: nil},
		"version 0":                            {1: 0},
		"a negative version":                   {1: -1},
		"no id":                                {2: nil},
		"an id of two parts":                   {2: []any{pattern(1, 16), 5}},
		"an id of four parts":                  {2: []any{pattern(1, 16), 5, 1, 1}},
		"a terminal of zeros":                  {2: []any{make([]byte, 16), 5, 1}},
		"a terminal of 15 bytes":               {2: []any{pattern(1, 15), 5, 1}},
		"a terminal of 17 bytes":               {2: []any{pattern(1, 17), 5, 1}},
		"a terminal that is a list":            {2: []any{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 5, 1}},
		"Seq 0":                                {2: []any{pattern(1, 16), 5, 0}},
		"no time":                              {4: nil},
		"time 0":                               {4: 0},
		"a time before 1970":                   {4: -1},
		"a time with a fraction":               {4: 1.5},
		"no kind":                              {7: nil},
		"an empty kind":                        {7: ""},
		"a long kind":                          {7: long},
		"a kind that is not text":              {7: 7},
		"a holder of 15 bytes":                 {8: pattern(1, 15)},
		"a holder of 17 bytes":                 {8: pattern(1, 17)},
		"a holder that is text":                {8: "0123456789abcdef"},
		"postings without a holder":            {8: nil},
		"a posting without an account":         postings(map[int]any{2: 5}),
		"an account with a long name":          postings(map[int]any{1: long, 2: 5}),
		"a posting without an amount":          postings(map[int]any{1: "points"}),
		"an amount of 0":                       postings(map[int]any{1: "points", 2: 0}),
		"the smallest int64":                   postings(map[int]any{1: "points", 2: int64(math.MinInt64)}),
		"an amount beyond int64":               postings(map[int]any{1: "points", 2: uint64(math.MaxUint64)}),
		"an amount with a fraction":            postings(map[int]any{1: "points", 2: 0.5}),
		"a lot that ends as it begins":         postings(map[int]any{1: "points", 2: 5, 3: map[int]any{1: 10, 2: 10}}),
		"a lot that ended before 1970":         postings(map[int]any{1: "points", 2: 5, 3: map[int]any{2: -1}}),
		"a reversal of an entry without a Seq": postings(map[int]any{1: "points", 2: 5, 4: []any{pattern(1, 16), 5, 0}}),
		"a negative index":                     postings(map[int]any{1: "points", 2: 5, 4: []any{pattern(1, 16), 5, 1}, 5: -1}),
		"an index beyond all postings":         postings(map[int]any{1: "points", 2: 5, 4: []any{pattern(1, 16), 5, 1}, 5: 256}),
		"an index that reverses nothing":       postings(map[int]any{1: "points", 2: 5, 5: 1}),
		"too many postings":                    {10: slicesOf(map[int]any{1: "points", 2: 5}, 257)},
		"far too many postings":                {10: slicesOf(map[int]any{}, 2000)},
		"a program of 7 bytes":                 {11: pattern(1, 7)},
		"a long cashier":                       {12: long},
		"a fact that is not a number":          {13: map[string]any{"points": "many"}},
		"a fact with a long name":              {13: map[string]any{long: 1}},
		"too many facts":                       {13: facts(257)},
		"a long reason":                        {15: long},
		"a long name of a reward":              {16: long},
		"a long name of a store":               {17: long},
		"a long receipt":                       {9: map[int]any{1: long}},
		"a long name of a manager":             {14: map[int]any{1: "override", 3: long}},
		"Prev of 31 bytes":                     {23: pattern(1, 31)},
		"Prev of 33 bytes":                     {23: pattern(1, 33)},
		"more bytes than an entry may have":    {18: make([]byte, pos.MaxEntryBytes)},
		"nested too deep":                      {18: []any{[]any{[]any{[]any{[]any{[]any{[]any{[]any{[]any{}}}}}}}}}},
		"a tag":                                {18: cbor.Tag{Number: 1, Content: 1}},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pos.DecodeEntry(changed(t, full(), change))
			require.ErrorIs(t, err, pos.ErrMalformed)
		})
	}
}

func slicesOf(item any, n int) []any {
	items := make([]any, n)
	for i := range items {
		items[i] = item
	}
	return items
}

func facts(n int) map[string]int64 {
	known := map[string]int64{}
	for i := range n {
		known[string(rune('一'+i))] = 1
	}
	return known
}

func TestBytesThatAreNoEntry(t *testing.T) {
	_, raw := golden(t, "entry-v1-minimal.golden")
	tests := map[string][]byte{
		"nothing":                  {},
		"not CBOR":                 []byte("hello"),
		"a number":                 {0x01},
		"cut off":                  raw[:len(raw)-1],
		"bytes behind it":          append(raw[:len(raw):len(raw)], 0),
		"a key twice":              append([]byte{raw[0] + 1, 0x01, 0x01}, raw[1:]...),
		"a map of endless length":  append(append([]byte{0xbf}, raw[1:]...), 0xff),
		"a text that is not UTF-8": []byte(strings.Replace(string(raw), "day-end", "day-en\xff", 1)),
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pos.DecodeEntry(raw)
			require.ErrorIs(t, err, pos.ErrMalformed)
		})
	}
}

// What cannot be read must not be written either: it would stand in the journal
// for ever.
func TestEncodeRefusesWhatDecodeWould(t *testing.T) {
	tests := map[string]func(*pos.Entry){
		"no id":                             func(e *pos.Entry) { e.ID = pos.EntryID{} },
		"postings without a holder":         func(e *pos.Entry) { e.Holder = pos.HolderID{} },
		"an amount of 0":                    func(e *pos.Entry) { e.Postings[0].Amount = 0 },
		"a reason that is not UTF-8":        func(e *pos.Entry) { e.Reason = "\xff" },
		"a kind that is not UTF-8":          func(e *pos.Entry) { e.Kind = "\xff" },
		"a cashier that is not UTF-8":       func(e *pos.Entry) { e.Cashier = "\xff" },
		"an account that is not UTF-8":      func(e *pos.Entry) { e.Postings[0].Account = "\xff" },
		"a fact that is not UTF-8":          func(e *pos.Entry) { e.Saw = map[string]int64{"\xff": 1} },
		"a receipt that is not UTF-8":       func(e *pos.Entry) { e.Sale.Receipt = "\xff" },
		"a currency that is not UTF-8":      func(e *pos.Entry) { e.Sale.Currency = "\xff" },
		"a kind of By that is not UTF-8":    func(e *pos.Entry) { e.By.Kind = "\xff" },
		"a manager that is not UTF-8":       func(e *pos.Entry) { e.By.Manager = "\xff" },
		"more bytes than an entry may have": func(e *pos.Entry) { e.By.ID = make([]byte, pos.MaxEntryBytes) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			entry := full()
			change(&entry)
			_, err := entry.Encode()
			require.ErrorIs(t, err, pos.ErrMalformed)
		})
	}
}

func TestAccountClass(t *testing.T) {
	for account, value := range map[pos.Account]bool{
		"points": true, "credit": true, "stamp:coffee/10": true, "reward:cake": true,
		"tier:gold": false, "use:daily": false, "spend": false, "visit": false, "": false, "points2": false,
	} {
		require.Equal(t, value, account.Value(), account)
	}
	require.Equal(t, "stamp", pos.Account("stamp:coffee/10").Class())
	require.Equal(t, "points", pos.PointsAccount.Class())
}

// From is the first day on which a lot counts, Until the first on which it does
// not any more.
func TestLot(t *testing.T) {
	tests := map[string]struct {
		lot                  pos.Lot
		day                  pos.Day
		pending, live, ended bool
	}{
		"the day before it begins":  {pos.Lot{From: 10, Until: 20}, 9, true, false, false},
		"the day it begins":         {pos.Lot{From: 10, Until: 20}, 10, false, true, false},
		"the last day":              {pos.Lot{From: 10, Until: 20}, 19, false, true, false},
		"the day it ends":           {pos.Lot{From: 10, Until: 20}, 20, false, false, true},
		"no bounds":                 {pos.Lot{}, 10, false, true, false},
		"no end":                    {pos.Lot{From: 10}, 1 << 30, false, true, false},
		"no beginning, before 1970": {pos.Lot{Until: 10}, -5, false, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []bool{tt.pending, tt.live, tt.ended}, []bool{tt.lot.Pending(tt.day), tt.lot.Live(tt.day), tt.lot.Ended(tt.day)})
		})
	}
}

func TestEntryTime(t *testing.T) {
	require.Equal(t, time.Date(2026, 9, 21, 14, 13, 20, 0, time.UTC), minimal().Time().Truncate(time.Second))
}

// Whatever the line or a file holds, the answer is ErrMalformed or an entry that
// is written and read again without loss; if it was written the one right way,
// with nothing in it that this version does not know, it is the same bytes.
func FuzzDecodeEntry(f *testing.F) {
	for _, name := range []string{"entry-v1-full.golden", "entry-v1-minimal.golden"} {
		_, raw := golden(f, name)
		f.Add(raw)
		f.Add(raw[:len(raw)/2])
	}
	f.Add(changed(f, full(), map[int]any{1: 2, 16: "new"}))
	f.Add(changed(f, full(), map[int]any{3: nil, 14: map[int]any{}}))
	f.Add([]byte{0xa0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		entry, err := pos.DecodeEntry(raw)
		if err != nil {
			require.ErrorIs(t, err, pos.ErrMalformed)
			return
		}
		written, err := entry.Encode()
		if len(raw) > pos.MaxEntryBytes-100 && err != nil {
			return // what was left out is written as 0, and that may be too much
		}
		require.NoError(t, err)
		again, err := pos.DecodeEntry(written)
		require.NoError(t, err)
		rewritten, err := again.Encode()
		require.NoError(t, err)
		require.Equal(t, written, rewritten)
		if entry.V == 1 && contents(raw) == contents(written) && deterministic(raw) {
			require.Equal(t, raw, written)
		}
	})
}

// contents returns what the CBOR holds, in the order in which it holds it.
func contents(raw []byte) string {
	diagnosis, err := cbor.Diagnose(raw)
	if err != nil {
		return err.Error()
	}
	return diagnosis
}

// deterministic reports whether the CBOR is as short as can be.
func deterministic(raw []byte) bool {
	var items map[int]cbor.RawMessage
	if cbor.Unmarshal(raw, &items) != nil {
		return false
	}
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return false
	}
	var all any
	if cbor.Unmarshal(raw, &all) != nil {
		return false
	}
	short, err := mode.Marshal(all)
	return err == nil && len(short) == len(raw)
}
