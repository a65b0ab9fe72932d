package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"tenthcup/store/rows"
)

// pageCheck reads every page that is in use from the file, as bytes, and sees that
// all in it stays within bounds and that no page is met twice. bbolt follows whatever
// the pages say: for ever, where they lead in a circle.
type pageCheck struct {
	*rows.Findings
	file io.ReaderAt
	size int    // of a page
	used []bool // pages that were met, by number
}

// The parts of a page, by bbolt's format: a header of number, kind, count and number
// of pages that follow it, and then elements of equal size that point to their keys
// and values.
const (
	pageHeader   = 16
	pageElement  = 16
	branchPage   = 1
	leafPage     = 2
	bucketHeader = 16
	bucketLeaf   = 1 // flag of an element whose value is a bucket
)

var little = binary.LittleEndian

// wrong notes that a page is damaged.
func (c *pageCheck) wrong(id uint64, what string, args ...any) error {
	return c.Add(fmt.Sprintf(what, args...), "page %d", id)
}

// page checks the page and those below it.
func (c *pageCheck) page(id uint64) error {
	if id < 2 || id >= uint64(len(c.used)) || c.used[id] {
		return c.wrong(id, "is pointed to, but is none or another's")
	}
	c.used[id] = true
	head := make([]byte, pageHeader)
	if _, err := c.file.ReadAt(head, int64(id)*int64(c.size)); err != nil {
		return c.wrong(id, "cannot be read: %v", err)
	}
	more := uint64(little.Uint32(head[12:]))
	if little.Uint64(head) != id || id+more >= uint64(len(c.used)) {
		return c.wrong(id, "says that it is page %d and %d more", little.Uint64(head), more)
	}
	for i := range more {
		if c.used[id+1+i] {
			return c.wrong(id, "goes on where another page is")
		}
		c.used[id+1+i] = true
	}
	body := make([]byte, (1+int(more))*c.size)
	if _, err := c.file.ReadAt(body, int64(id)*int64(c.size)); err != nil {
		return c.wrong(id, "cannot be read: %v", err)
	}
	return c.elements(id, body)
}

// elements checks what is on a page, or on the page that a small bucket's value is.
func (c *pageCheck) elements(id uint64, body []byte) error {
	kind, count := little.Uint16(body[8:]), int(little.Uint16(body[10:]))
	if kind != branchPage && kind != leafPage || pageHeader+count*pageElement > len(body) || kind == branchPage && count == 0 {
		return c.wrong(id, "is of kind %d with %d rows", kind, count)
	}
	var before []byte
	for i := range count {
		at := pageHeader + i*pageElement
		element := body[at:]
		if kind == leafPage {
			element = element[4:]
		}
		from, keyBytes := at+int(little.Uint32(element)), int(little.Uint32(element[4:]))
		rest := 0
		if kind == leafPage {
			rest = int(little.Uint32(element[8:]))
		}
		if from+keyBytes+rest > len(body) {
			return c.wrong(id, "row %d is larger than the page", i)
		}
		key := body[from : from+keyBytes]
		if i > 0 && bytes.Compare(before, key) >= 0 {
			return c.wrong(id, "row %d is out of order", i)
		}
		before = key
		var err error
		switch {
		case kind == branchPage:
			err = c.page(little.Uint64(element[8:]))
		case little.Uint32(body[at:])&bucketLeaf != 0:
			err = c.bucket(id, body[from+keyBytes:from+keyBytes+rest])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket checks a bucket by the value that it is stored as: the number of its first
// page, or 0 and the page itself.
func (c *pageCheck) bucket(id uint64, value []byte) error {
	if len(value) < bucketHeader {
		return c.wrong(id, "has a bucket that is cut short")
	}
	if root := little.Uint64(value); root != 0 {
		return c.page(root)
	}
	if inside := value[bucketHeader:]; len(inside) >= pageHeader && little.Uint16(inside[8:]) == leafPage {
		return c.elements(id, inside)
	}
	return c.wrong(id, "has a bucket that is none")
}
