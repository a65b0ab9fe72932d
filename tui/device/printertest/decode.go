package printertest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// head is a printer's state while it reads.
type head struct {
	in     *bufio.Reader
	paper  *Paper
	row    Row
	page   byte
	stored string // a QR code that waits to be printed
	size   struct{ wide, small, bold, centre bool }
	answer func(question byte) // a question that is answered at once
}

// Decode reads a job to its end.
func Decode(job io.Reader) (*Paper, error) {
	paper := &Paper{}
	h := &head{in: bufio.NewReader(job), paper: paper, answer: func(byte) {}}
	return paper, h.run()
}

// errCommand is returned for what no printer of this kind understands.
var errCommand = errors.New("no such command")

// run obeys until the end of the job.
func (h *head) run() error {
	for {
		b, err := h.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = h.obey(b)
		}
		if err != nil {
			return err
		}
	}
}

func (h *head) obey(b byte) error {
	switch {
	case b == '\n':
		h.print()
	case b == 0x1b:
		return h.escape()
	case b == 0x1d:
		return h.group()
	case b == 0x10:
		rest, err := h.take(2)
		if err != nil || rest[0] != 0x04 {
			return errors.Join(err, fmt.Errorf("%w: DLE %x", errCommand, rest))
		}
		h.paper.Asked = append(h.paper.Asked, rest[1])
		h.answer(rest[1])
	case b < ' ' || b == 0x7f:
		return fmt.Errorf("%w: %#x", errCommand, b)
	case b < 0x80:
		h.letter(rune(b))
	default:
		h.letter(pages[h.page][b-0x80])
	}
	return nil
}

// take reads so many bytes. It makes room only for what comes: a job may announce
// gigabytes.
func (h *head) take(n int) ([]byte, error) {
	bytes, err := io.ReadAll(io.LimitReader(h.in, int64(n)))
	if err == nil && len(bytes) < n {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return make([]byte, min(n, 8)), fmt.Errorf("job ends within a command: %w", err)
	}
	return bytes, nil
}

// letter puts a letter into the line; a full line is printed by itself.
func (h *head) letter(r rune) {
	h.row.Text += string(r)
	h.row.Wide, h.row.Small, h.row.Bold, h.row.Centre = h.size.wide, h.size.small, h.size.bold, h.size.centre
}

func (h *head) print() {
	h.paper.Rows = append(h.paper.Rows, h.row)
	h.row = Row{}
}

// escape obeys a command that begins with ESC.
func (h *head) escape() error {
	name, err := h.take(1)
	if err != nil {
		return err
	}
	arguments := map[byte]int{'@': 0, 't': 1, '!': 1, 'E': 1, 'a': 1, 'd': 1, 'p': 3}
	n, known := arguments[name[0]]
	if !known {
		return fmt.Errorf("%w: ESC %q", errCommand, name)
	}
	with, err := h.take(n)
	if err != nil {
		return err
	}
	switch name[0] {
	case '@':
		h.page, h.row, h.size = 0, Row{}, struct{ wide, small, bold, centre bool }{}
	case 't':
		if pages[with[0]] == nil {
			return fmt.Errorf("%w: code page %d", errCommand, with[0])
		}
		h.page = with[0]
	case '!':
		h.size.wide, h.size.small, h.size.bold = with[0]&0x20 != 0, with[0]&0x01 != 0, with[0]&0x08 != 0
	case 'E':
		h.size.bold = with[0]&1 != 0
	case 'a':
		h.size.centre = with[0] == 1
	case 'd':
		if h.row.Text != "" {
			h.print()
		}
	case 'p':
		h.paper.Pulses = append(h.paper.Pulses, with[0])
	}
	return nil
}

// group obeys a command that begins with GS.
func (h *head) group() error {
	name, err := h.take(1)
	if err != nil {
		return err
	}
	switch name[0] {
	case 'V':
		return h.cut()
	case 'v':
		return h.picture()
	case '(':
		return h.code()
	}
	return fmt.Errorf("%w: GS %q", errCommand, name)
}

func (h *head) cut() error {
	with, err := h.take(1)
	if err == nil && with[0] >= 'A' {
		_, err = h.take(1)
	}
	h.paper.Cuts++
	return err
}

// picture prints dots: GS v 0, mode, bytes a row, rows, dots.
func (h *head) picture() error {
	with, err := h.take(6)
	if err != nil {
		return err
	}
	if with[0] != '0' || with[1] != 0 {
		return fmt.Errorf("%w: GS v %x", errCommand, with)
	}
	stride, rows := int(with[2])+int(with[3])<<8, int(with[4])+int(with[5])<<8
	dots, err := h.take(stride * rows)
	if err != nil {
		return err
	}
	piece := Row{Picture: make([][]bool, rows)}
	for y := range rows {
		piece.Picture[y] = make([]bool, stride*8)
		for x := range piece.Picture[y] {
			piece.Picture[y][x] = dots[y*stride+x/8]>>(7-x%8)&1 == 1
		}
	}
	h.paper.Rows = append(h.paper.Rows, piece)
	return nil
}

// code is a QR code of the printer's own: GS ( k, length, 1, function, parameters.
func (h *head) code() error {
	with, err := h.take(3)
	if err != nil {
		return err
	}
	body, err := h.take(int(with[1]) + int(with[2])<<8)
	if err != nil {
		return err
	}
	if with[0] != 'k' || len(body) < 3 || body[0] != '1' {
		return fmt.Errorf("%w: GS ( %x %x", errCommand, with, body)
	}
	switch body[1] {
	case 'A', 'C', 'E':
	case 'P':
		h.stored = string(body[3:])
	case 'Q':
		h.paper.Rows = append(h.paper.Rows, Row{QR: h.stored})
	default:
		return fmt.Errorf("%w: code function %q", errCommand, body[1])
	}
	return nil
}
