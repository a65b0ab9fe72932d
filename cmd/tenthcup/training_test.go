package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A new cashier follows the guide from the first scan to the line that comes back,
// doing nothing but what it says.
func TestFirstShift(t *testing.T) {
	s := open(t, asProgram, "training", "--language", "en")
	code := func(picture string) string {
		found := regexp.MustCompile(`TC1\s+\w{4}\s+\w{4}\s+\w{4}`).FindString(picture)
		return strings.Join(strings.Fields(found), "")
	}
	first := code(s.shows("TRAINING", "Step 1 of 7", "A customer shows a card"))
	s.typed(first + "\r")
	s.shows("Step 2 of 7", "Ann Archer")
	s.typed("\r")
	other := code(s.shows("Step 3 of 7", "the next one please", "8 of 10"))
	s.typed("\x1b")
	s.shows("Scan a code")
	s.typed(other + "\r")
	s.shows("› Member", "9 of 10")
	s.typed("\r")
	s.shows("Step 4 of 7", "The card is full")
	s.typed("r")
	s.shows("Step 5 of 7")
	s.typed("u")
	s.shows("Step 6 of 7", "was cut just now", "○ offline")
	s.typed("\x1b")
	s.shows("Scan a code")
	s.typed(first + "\r")
	s.shows("› Member", "8 of 10")
	s.typed("\r")
	s.shows("9 of 10", "✓ 1 stamp")
	s.shows("That was a first shift", "● online, all sent")
	s.typed("\x03\x03")
	s.until("the end", func(string) bool { return s.ended })
}

// From the counter the training opens with the shop's own program, and leaves the
// shop's till as it was.
func TestTrainingBesideATill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "till")
	asked(t, "init", "--dir", dir, "--shop", "Sarki Kávézó", "--currency", "HUF", "--language", "hu", "--timezone", "UTC", "--preset", "cafe", "--pin", "1234")
	s := open(t, asProgram, "--dir", dir)
	s.shows("Sarki Kávézó")
	s.typed("1234\r")
	s.shows("Több")
	s.typed("m")
	s.shows("Gyakorlás")
	s.typed("t")
	s.shows("GYAKORLÁS", "Sarki Kávézó", "1. lépés")
	s.typed("\x03\x03")
	s.shows("Gyakorlás", "Eszközök")
	s.kill()
	require.Contains(t, asked(t, "doctor", "--dir", dir), "rend")
	out, err := command("member", "find", "Ann", "--dir", dir).CombinedOutput()
	require.Error(t, err, "nobody was enrolled at the shop's till: %s", out)
}
