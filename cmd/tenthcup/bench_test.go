package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/ledger"
)

// asEcho makes the test binary a bare Bubble Tea program that shows what is
// typed: the floor that no program on the same libraries gets below.
const asEcho = "TENTHCUP_TEST_AS_ECHO"

type echo struct{ typed string }

func (e echo) Init() tea.Cmd { return nil }

func (e echo) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "ctrl+c":
			return e, tea.Quit
		case "backspace":
			e.typed = e.typed[:max(len(e.typed)-1, 0)]
		default:
			e.typed += key.Text
		}
	}
	return e, nil
}

func (e echo) View() tea.View {
	view := tea.NewView(strings.Repeat("a line of text\n", 20) + "typed: " + e.typed)
	view.AltScreen = true
	return view
}

func runEcho() {
	if _, err := tea.NewProgram(echo{}).Run(); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// keyToFrame types one key and returns how long it took until the picture changed.
func keyToFrame(s *monitor, key string) time.Duration {
	before := s.until("anything", func(string) bool { return true })
	start := time.Now()
	s.typed(key)
	s.until("a change", func(picture string) bool { return picture != before })
	return time.Since(start)
}

func percentile(times []time.Duration, share float64) time.Duration {
	sorted := slices.Clone(times)
	slices.Sort(sorted)
	return sorted[int(float64(len(sorted)-1)*share)]
}

// openMember opens a demo's till and its first sample member.
func openMember(b *testing.B) *monitor {
	s := open(b, asProgram, "demo", "--dir", b.TempDir())
	s.typed(sampleCode(s) + "\r")
	s.shows("Ann Archer")
	return s
}

// ways are how to come to the pages from the counter, what they show then, and two
// keys of which each changes what is shown, the second back again. None is a letter
// on a page that takes no text: those wait 50 ms, in case a scan has begun.
var ways = map[string]struct {
	keys, shows string
	on, back    string
}{
	"counter":  {"", "Scan a code", "1", "\x7f"},
	"find":     {"f", "› Find", "m", "\x7f"},
	"form":     {"n", "› New member", "m", "\x7f"},
	"menu":     {"m", "› More", "\x1b[B", "\x1b[A"},
	"day end":  {"d1234\r", "› Day end", "\x1bOP", "\x1bOP"},
	"queue":    {"q", "› Queue", "\x1bOP", "\x1bOP"},
	"return":   {"r", "› Return", "1", "\x7f"},
	"member":   {"fMember 777777\r", "› Member", "1", "\x7f"},
	"password": {"l\r", "PIN of", "1", "\x7f"},
}

// BenchmarkKeyToFrame types on every page of a till with 1,000,000 members and on a
// bare echo program in turn, and prints both. Budget: p99 at most 1.2 times the
// floor's.
func BenchmarkKeyToFrame(b *testing.B) {
	dir := millionMembers(b)
	for name, way := range ways {
		b.Run(name, func(b *testing.B) {
			ours, floor := open(b, asProgram, "--dir", dir), open(b, asEcho)
			defer ours.kill()
			defer floor.kill()
			ours.shows("PIN")
			ours.typed("1234\r")
			ours.shows("Scan a code")
			for _, key := range way.keys {
				ours.typed(string(key))
				time.Sleep(100 * time.Millisecond) // as a person does, so that it is no scan
			}
			ours.shows(way.shows)
			floor.shows("typed:")
			var ourTimes, floorTimes []time.Duration
			for b.Loop() {
				for i := range 300 {
					pause := time.Duration(i*7919%60) * time.Millisecond // so that keys do not lock to the tickers
					time.Sleep(pause)
					ourTimes = append(ourTimes, keyToFrame(ours, []string{way.on, way.back}[i%2]))
					time.Sleep(60*time.Millisecond - pause)
					floorTimes = append(floorTimes, keyToFrame(floor, []string{"m", "\x7f"}[i%2]))
				}
			}
			reportBoth(b, ourTimes, floorTimes)
		})
	}
}

// reportBoth prints our figures beside the floor's.
func reportBoth(b *testing.B, ours, floor []time.Duration) {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	for _, p := range []float64{0.5, 0.99} {
		us, bare := percentile(ours, p), percentile(floor, p)
		b.ReportMetric(ms(us), fmt.Sprintf("p%g-ms", p*100))
		b.ReportMetric(ms(bare), fmt.Sprintf("floor-p%g-ms", p*100))
		b.ReportMetric(float64(us)/float64(bare), fmt.Sprintf("p%g-ratio", p*100))
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkScans sends 1,000 scans in bursts over a half-typed amount, two members
// in turn. Each has to open its member, and no sign of it may stay in the field.
func BenchmarkScans(b *testing.B) {
	s := openMember(b)
	names := [2]string{"Béla Kőszegi", "Ann Archer"}
	var codes [2]string
	random := rand.NewChaCha8([32]byte{10}) // the demo's
	for i := range codes {
		made, err := code.New(random)
		require.NoError(b, err)
		codes[1-i] = made
	}
	var times []time.Duration
	for b.Loop() {
		for i := range 1000 {
			start := time.Now()
			s.typed("12" + codes[i%2] + "\r")
			picture := s.shows(names[i%2], "12 was half typed")
			times = append(times, time.Since(start))
			require.NotContains(b, picture, codes[i%2][2:9], "signs of the scan in a field")
		}
	}
	b.ReportMetric(float64(len(times)), "intact")
	b.ReportMetric(float64(percentile(times, 0.5).Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(percentile(times, 0.99).Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkColdStart starts the station on a folder with 1,000,000 members and a
// bare program in turn, from exec to the first picture. Budget: under 100 ms, and
// resident memory under 80 MB.
func BenchmarkColdStart(b *testing.B) {
	dir := millionMembers(b)
	var ours, floor []time.Duration
	resident := 0
	for b.Loop() {
		for range 20 {
			start := time.Now()
			s := open(b, asEcho)
			s.shows("typed:")
			floor = append(floor, time.Since(start))
			s.kill()
			start = time.Now()
			s = open(b, asProgram, "station", "--dir", dir)
			s.shows("PIN")
			ours = append(ours, time.Since(start))
			resident = max(resident, residentKB(b, s.cmd.Process.Pid))
			s.kill()
		}
	}
	b.ReportMetric(float64(percentile(ours, 0.5).Microseconds())/1000, "start-ms")
	b.ReportMetric(float64(percentile(floor, 0.5).Microseconds())/1000, "floor-ms")
	b.ReportMetric(float64(resident)/1024, "resident-MB")
	b.ReportMetric(0, "ns/op")
}

func residentKB(b *testing.B, pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(b, err)
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kb int
	_, err = fmt.Sscan(rest, &kb)
	require.NoError(b, err)
	return kb
}

// millionMembers makes a till with a cashier and 1,000,000 members, each known
// from a centre with a few stamps.
func millionMembers(b *testing.B) string {
	dir := b.TempDir()
	made := command("init", "--dir", dir, "--shop", "Big", "--currency", "EUR", "--language", "en", "--timezone", "UTC", "--preset", "cafe", "--pin", "1234")
	out, err := made.CombinedOutput()
	require.NoError(b, err, string(out))
	t, err := openTill(dir)
	require.NoError(b, err)
	rows := make([]ledger.Changed, 1_000_000)
	random := rand.NewChaCha8([32]byte{1})
	for i := range rows {
		holder, err := pos.NewHolderID(random)
		require.NoError(b, err)
		made, err := code.New(random)
		require.NoError(b, err)
		rows[i] = ledger.Changed{
			Holder: holder, Position: uint64(i + 1),
			Sums:    ledger.Sums{{Account: "stamp:coffee/10", Amount: int64(i%9 + 1)}},
			Profile: &pos.Profile{Holder: holder, Codes: []string{made}, Name: fmt.Sprintf("Member %d Surname%d", i, i%5000), Changed: 1, Joined: 20000},
		}
	}
	require.NoError(b, t.db.Load(rows, 1))
	require.NoError(b, t.close())
	return dir
}
