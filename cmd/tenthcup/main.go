// Tenthcup is a loyalty station for shop counters: members' codes are scanned,
// punch cards stamped, points awarded and redeemed with or without a network,
// and a central server gets every entry exactly once.
//
// Usage:
//
//	tenthcup [station]          the cashier screen of the till in --dir
//	tenthcup demo               the same on a throwaway café with its own server
//	tenthcup init               make a till that needs no server
//	tenthcup enrol URL CODE     make a till that belongs to a central server
//	tenthcup serve              the central server
//	tenthcup COMMAND --help     what a command does and takes
//
// Every action of a cashier is a command too. While the station is open the
// commands run inside it, by a socket in its folder; else they open the folder
// themselves. With --json they print one JSON document.
//
// Exit statuses:
//
//	0  done, and on disk
//	1  refused: the sentence says why, nothing was changed
//	2  the command line, a setting or a document is wrong
//	3  booked here, but entries still wait for the server
//	4  the disk or the data file: full, read-only, in use, damaged, too new
//	5  something unexpected; nothing was changed
//	6  nobody knows whether it was done: a station took the command and did
//	   not answer, or a disk failed in the middle; look before you repeat it
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // shops have time zones, and tills may have no zone files
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	status := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(status)
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}
