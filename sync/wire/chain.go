package wire

import (
	"bytes"
	"fmt"
	"slices"

	"tenthcup/pos"
)

// prevTag stands before the 32 bytes of Prev at the end of every entry: key 23
// and the head of a byte string.
var prevTag = []byte{0x17, 0x58, 0x20}

const prevBytes = 3 + len(pos.Hash{})

// Cut returns entries, given as chained, as they cross the line: the first one
// whole, every other without its tail, Prev, which the receiver works out. These
// 35 bytes do not compress and would be half of a batch. A batch is one chain, so
// Cut stops before the first entry that is not chained to the one before it; that
// one begins the next batch.
func Cut(entries [][]byte) (cut [][]byte, head pos.Hash) {
	for i, raw := range entries {
		if i == 0 {
			cut = append(cut, raw)
		} else if short, ok := bytes.CutSuffix(raw, tail(head)); ok {
			cut = append(cut, short)
		} else {
			break
		}
		head = pos.HashEntry(raw)
	}
	return cut, head
}

// Join undoes Cut: it returns the entries' bytes as their terminal chained them.
// It returns ErrChain if their last one does not have the head, and ErrTooLarge
// for more than MaxEntryBytes in all.
func Join(cut [][]byte, head pos.Hash) ([][]byte, error) {
	total := 0
	for _, raw := range cut {
		if total += len(raw) + prevBytes; total > MaxEntryBytes+prevBytes {
			return nil, fmt.Errorf("%w: entries", ErrTooLarge)
		}
	}
	whole := make([][]byte, 0, len(cut))
	all := make([]byte, 0, total) // one piece of memory for them all
	last := pos.Hash{}
	for i, raw := range cut {
		from := len(all)
		all = append(all, raw...)
		if i > 0 {
			all = append(append(all, prevTag...), last[:]...)
		}
		entry := all[from:len(all):len(all)]
		whole = append(whole, entry)
		last = pos.HashEntry(entry)
	}
	if last != head {
		return nil, ErrChain
	}
	return whole, nil
}

func tail(prev pos.Hash) []byte { return slices.Concat(prevTag, prev[:]) }
