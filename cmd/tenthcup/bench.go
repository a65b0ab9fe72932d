package main

import (
	"path/filepath"
	"strings"
	"time"
)

type benchCmd struct {
	Fleet benchFleetCmd `cmd:"" help:"Simulate the tills of a chain against a real server, measure it and check its book."`
}

type benchFleetCmd struct {
	DB           string        `help:"The server's data: a file that is made for it, or a postgres:// address." name:"db" required:"" placeholder:"FILE"`
	Terminals    int           `help:"How many tills." default:"5000" placeholder:"N"`
	Minutes      float64       `help:"How long a day from 7 to 21 o'clock takes here." default:"3" placeholder:"M"`
	Sales        int           `help:"What happens at a till in that day, on average." default:"30" placeholder:"N"`
	Members      int           `help:"Members for each till, who join before the day begins." default:"20" placeholder:"N"`
	Area         int           `help:"Tills of one area, whose stores share members." default:"20" placeholder:"N"`
	Store        int           `help:"Tills of one store." default:"2" placeholder:"N"`
	Cut          time.Duration `help:"How long the line is cut for all at lunch time; a sixth of the day if left out." placeholder:"30s"`
	Replicas     int           `help:"Server processes, which new connections take in turn." default:"1" placeholder:"N"`
	TLS          bool          `help:"Speak TLS, as a server does that tills reach without a proxy." name:"tls"`
	IntoExisting bool          `help:"Use a database that has entries already. Its stores get the fleet's program."`
	Check        bool          `help:"Check every invariant of the book too, as doctor does."`
	Seed         uint64        `help:"Of what happens when and to whom." default:"1" placeholder:"N"`
	JSON         bool          `help:"Print JSON." name:"json"`
}

// AfterApply tells the call how to print; kong calls it.
func (b *benchFleetCmd) AfterApply(c *call) error {
	c.json = b.JSON
	return nil
}

// Run simulates the fleet, prints what was measured, and fails if the book is not the
// sum of what the tills wrote.
func (b *benchFleetCmd) Run(c *call) error {
	f, err := newFleet(*b, c)
	if err != nil {
		return err
	}
	if err := f.measure(c.ctx); err != nil {
		return err
	}
	return f.judge()
}

// remote reports whether the database is a server's and not a file.
func (b *benchFleetCmd) remote() bool { return strings.Contains(b.DB, "://") }

// database returns the file's whole path, or the address.
func (b *benchFleetCmd) database(c *call) string {
	if b.remote() {
		return b.DB
	}
	return filepath.Clean(c.path(b.DB))
}
