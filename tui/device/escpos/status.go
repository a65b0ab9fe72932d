package escpos

// Question is something that a printer answers at once, with one byte, even while
// it prints or cannot.
type Question byte

// The questions.
const (
	Ready   Question = 1 // is it ready to print?
	Trouble Question = 2 // what keeps it from printing?
	Roll    Question = 4 // is there paper?
)

// Ask returns the question as it is sent.
func Ask(q Question) []byte { return []byte{dle, 0x04, byte(q)} }

// Status is what a printer says about itself.
type Status struct {
	Offline bool // it does not print now
	Cover   bool // its cover is open
	NoPaper bool // the roll has ended
	Fault   bool // the cutter is stuck, or something else that it has to be freed from
}

// Learn adds an answer to what is known; false if the byte is none.
func (s *Status) Learn(q Question, answer byte) bool {
	if answer&0x93 != 0x12 { // these bits are the same in every answer
		return false
	}
	switch q {
	case Ready:
		s.Offline = answer&0x08 != 0
	case Trouble:
		s.Cover = answer&0x04 != 0
		s.NoPaper = s.NoPaper || answer&0x20 != 0
		s.Fault = answer&0x40 != 0
	case Roll:
		s.NoPaper = s.NoPaper || answer&0x60 != 0
	}
	return true
}
