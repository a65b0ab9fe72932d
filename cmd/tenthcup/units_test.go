package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"tenthcup/sync/wire"
)

const opsFolder = "../../assets/ops"

// directives are what the units may say, by section. Another one is a slip of the pen
// that systemd passes over with a warning that nobody reads.
var directives = map[string]string{
	"Unit":    "Description Wants After",
	"Install": "WantedBy",
	"Timer":   "OnCalendar RandomizedDelaySec Persistent",
	"Service": "Type User StateDirectory StateDirectoryMode EnvironmentFile Environment ExecStart Restart RestartSec KillSignal TimeoutStopSec " +
		"LimitNOFILE MemoryHigh MemoryMax TasksMax UMask ProtectSystem ProtectHome ProtectProc ProtectClock ProtectHostname " +
		"ProtectControlGroups ProtectKernelLogs ProtectKernelModules ProtectKernelTunables PrivateDevices PrivateTmp NoNewPrivileges " +
		"CapabilityBoundingSet AmbientCapabilities LockPersonality MemoryDenyWriteExecute RestrictAddressFamilies RestrictNamespaces " +
		"RestrictRealtime RestrictSUIDSGID RemoveIPC SystemCallArchitectures SystemCallFilter",
}

// setting is a line of a unit.
type setting struct{ section, name, value string }

func readUnit(t *testing.T, name string) (settings []setting) {
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	section := ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			section = strings.Trim(line, "[]")
			continue
		}
		directive, value, ok := strings.Cut(line, "=")
		require.True(t, ok, "%s: %s", name, line)
		settings = append(settings, setting{section, directive, value})
	}
	require.NotEmpty(t, settings)
	return settings
}

func units(t *testing.T) []string {
	names, err := filepath.Glob(opsFolder + "/*.service")
	require.NoError(t, err)
	timers, err := filepath.Glob(opsFolder + "/*.timer")
	require.NoError(t, err)
	require.Len(t, append(names, timers...), 4)
	return append(names, timers...)
}

func TestUnitsSayWhatSystemdKnows(t *testing.T) {
	for _, name := range units(t) {
		said := map[setting]bool{}
		for _, s := range readUnit(t, name) {
			require.Contains(t, strings.Fields(directives[s.section]), s.name, "%s [%s]", name, s.section)
			require.False(t, said[s], "%s: %s twice", name, s.name)
			said[s] = true
		}
		if strings.HasSuffix(name, ".service") {
			for _, hard := range []string{"NoNewPrivileges=yes", "ProtectSystem=strict", "User=tenthcup", "CapabilityBoundingSet="} {
				directive, value, _ := strings.Cut(hard, "=")
				require.True(t, said[setting{"Service", directive, value}], "%s: %s", name, hard)
			}
		}
	}
	if verify, err := exec.LookPath("systemd-analyze"); err == nil {
		verifyUnits(t, verify)
	}
}

// verifyUnits has systemd itself read them, with this binary in the place of the
// program that is not installed.
func verifyUnits(t *testing.T, verify string) {
	dir := t.TempDir()
	args := []string{"verify", "--man=no"}
	for _, name := range units(t) {
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		copied := filepath.Join(dir, strings.Replace(filepath.Base(name), "@", "@7220", 1))
		require.NoError(t, os.WriteFile(copied, []byte(strings.ReplaceAll(string(raw), "/usr/bin/tenthcup", testProgram)), 0o600))
		args = append(args, copied)
	}
	out, err := exec.Command(verify, args...).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Empty(t, string(out))
}

var started = regexp.MustCompile(`/usr/bin/tenthcup ([^']*)`)

// What the units start is a command line that this program takes.
func TestUnitsStartWhatThereIs(t *testing.T) {
	lines := 0
	for _, name := range units(t) {
		for _, s := range readUnit(t, name) {
			match := started.FindStringSubmatch(s.value)
			if s.name != "ExecStart" || match == nil {
				continue
			}
			lines++
			line := strings.NewReplacer("%i", "7220", "%%", "%", "$$(", "$(").Replace(match[1])
			line = regexp.MustCompile(`\$\([^)]*\)`).ReplaceAllString(line, "now")
			var commands cli
			parser, err := kong.New(&commands, kong.Name("tenthcup"), kong.Bind(&call{ctx: t.Context()}), kong.Vars{"data": "/d", "serverdb": "/d/server.db"})
			require.NoError(t, err)
			parsed, err := parser.Parse(strings.Fields(line))
			require.NoError(t, err, "%s: %s", name, line)
			if parsed.Command() == "serve" {
				_, _, loopback := strings.Cut(commands.Serve.Ops, "127.0.0.1:")
				require.True(t, loopback, "%s: the operations page stays on the machine", name)
			}
		}
	}
	require.Equal(t, 3, lines)
}

type board struct {
	Panels []struct {
		Title   string
		Targets []struct{ Expr string }
	}
}

type alerts struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr string
			Annotations struct{ Summary string }
		}
	}
}

// expressions returns all that the board and the rules ask Prometheus for.
func expressions(t *testing.T) (shown, watched []string) {
	raw, err := os.ReadFile(opsFolder + "/tenthcup.board.json")
	require.NoError(t, err)
	var b board
	require.NoError(t, json.Unmarshal(raw, &b))
	for _, panel := range b.Panels {
		require.NotEmpty(t, panel.Targets, panel.Title)
		for _, target := range panel.Targets {
			shown = append(shown, target.Expr)
		}
	}
	raw, err = os.ReadFile(opsFolder + "/tenthcup.rules.yml")
	require.NoError(t, err)
	var a alerts
	require.NoError(t, yaml.Unmarshal(raw, &a))
	for _, group := range a.Groups {
		for _, rule := range group.Rules {
			require.NotEmpty(t, rule.Alert)
			require.NotEmpty(t, rule.Annotations.Summary, rule.Alert)
			watched = append(watched, rule.Expr)
		}
	}
	require.NotEmpty(t, shown)
	require.NotEmpty(t, watched)
	return shown, watched
}

var (
	metricName = regexp.MustCompile(`\b(?:tenthcup|process|go)_[a-z_]+`)
	labelName  = regexp.MustCompile(`(?:\{|by \(|, )([a-z]+)(?:=|\)|,)`)
)

// The board and the rules ask for what there is, and the board shows all of it. A name
// that nothing makes is an empty panel or an alert that never comes.
func TestBoardAndRulesKnowTheMetrics(t *testing.T) {
	b, s := watched(t)
	holder := enrolled(t, b.till)
	_, err := b.till.station.Stamp("", holder, "", 1)
	require.NoError(t, err)
	require.NoError(t, b.till.sync(t.Context(), nil))
	s.metrics.refused.WithLabelValues("line.busy")
	families, err := s.metrics.registry.Gather()
	require.NoError(t, err)
	real, labels := map[string]bool{}, map[string]bool{"le": true, "instance": true, "job": true}
	for _, family := range families {
		names := []string{family.GetName()}
		if family.GetMetric()[0].GetHistogram() != nil {
			names = []string{family.GetName() + "_bucket", family.GetName() + "_count", family.GetName() + "_sum"}
		}
		for _, name := range names {
			real[name] = true
		}
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels[label.GetName()] = true
		}
	}
	shown, alerting := expressions(t)
	named := map[string]bool{}
	for _, expr := range append(slices.Clone(shown), alerting...) {
		for _, name := range metricName.FindAllString(expr, -1) {
			require.Contains(t, slices.Sorted(maps.Keys(real)), name, expr)
			named[name] = true
		}
		for _, match := range labelName.FindAllStringSubmatch(expr, -1) {
			require.Contains(t, slices.Sorted(maps.Keys(labels)), match[1], expr)
		}
	}
	for name := range real {
		if strings.HasPrefix(name, "tenthcup_") && !strings.HasSuffix(name, "_sum") {
			require.True(t, named[name], "no panel shows %s", name)
		}
	}
}

// The sample scrapes the address that the unit opens, and reads the rules beside it.
func TestSampleScrapesWhatTheUnitOpens(t *testing.T) {
	raw, err := os.ReadFile(opsFolder + "/prometheus.yml")
	require.NoError(t, err)
	var sample struct {
		Rules  []string `yaml:"rule_files"`
		Scrape []struct {
			Job string `yaml:"job_name"`
		} `yaml:"scrape_configs"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &sample))
	for _, file := range sample.Rules {
		_, err := os.Stat(filepath.Join(opsFolder, file))
		require.NoError(t, err)
	}
	require.Equal(t, "tenthcup", sample.Scrape[0].Job, "the rules name the job")
	unit, err := os.ReadFile(opsFolder + "/tenthcup-server.service")
	require.NoError(t, err)
	require.Contains(t, string(raw), `"127.0.0.1:7211"`)
	require.Contains(t, string(unit), "--ops 127.0.0.1:7211\n")
}

// The sample of a proxy leads to the ports that the unit opens, and the unit takes what it
// says that its environment has.
func TestSampleProxyLeadsToTheUnits(t *testing.T) {
	proxy, err := os.ReadFile(opsFolder + "/haproxy.cfg")
	require.NoError(t, err)
	servers := regexp.MustCompile(`server \S+ 127\.0\.0\.1:(\d+) check port (\d+)`).FindAllStringSubmatch(string(proxy), -1)
	require.Len(t, servers, 2)
	unit, err := os.ReadFile(opsFolder + "/tenthcup-server@.service")
	require.NoError(t, err)
	require.Contains(t, string(unit), "--listen 127.0.0.1:%i --ops 127.0.0.1:1%i")
	for _, server := range servers {
		require.Equal(t, "1"+server[1], server[2], "the operations page is at 1 before the port")
	}
	require.Contains(t, string(proxy), "httpchk GET "+wire.ReadyRoute)
	require.Contains(t, string(unit), "TENTHCUP_TLS=1")
	t.Setenv("TENTHCUP_TLS", "1")
	t.Setenv("TENTHCUP_DB", "postgres://db/chain")
	var commands cli
	parser, err := kong.New(&commands, kong.Name("tenthcup"), kong.Bind(&call{ctx: t.Context()}),
		kong.NamedMapper("database", kong.MapperFunc(databaseMapper)), kong.Vars{"data": "/d", "serverdb": "/d/server.db"})
	require.NoError(t, err)
	_, err = parser.Parse([]string{"serve"})
	require.NoError(t, err)
	require.True(t, commands.Serve.TLS)
	require.Equal(t, "postgres://db/chain", commands.Serve.DB)
}
