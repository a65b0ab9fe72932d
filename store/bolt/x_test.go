package bolt_test

import "tenthcup/pos"

var terminalA = pos.TerminalID{0xa}
