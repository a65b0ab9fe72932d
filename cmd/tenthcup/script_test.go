package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram makes the test binary behave as the program, for tests that need a
// real process.
const asProgram = "TENTHCUP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asProgram) != "":
		main()
	case os.Getenv(asEcho) != "":
		runEcho()
	case os.Getenv(asBooker) != "":
		runBooker(os.Getenv(asBooker))
	}
	testscript.Main(m, map[string]func(){"tenthcup": main})
}

// quickExit spares the second that the race detector waits when a process ends.
const quickExit = "GORACE=atexit_sleep_ms=0"

// TestScripts runs every command as its script shows it. The scripts read as the
// commands' documentation.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_DATA_HOME", env.WorkDir+"/data")
			env.Setenv("LANG", "en_GB.UTF-8")
			env.Vars = append(env.Vars, quickExit)
			env.Setenv("TZ", "Europe/Budapest")
			env.Values[processes{}] = map[string]*exec.Cmd{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":    start,
			"halt":     func(ts *testscript.TestScript, neg bool, args []string) { end(ts, syscall.SIGTERM, args) },
			"crash":    func(ts *testscript.TestScript, neg bool, args []string) { end(ts, syscall.SIGKILL, args) },
			"remember": remember,
			"exits":    exits,
		},
		RequireUniqueNames: true,
	})
}

// exits STATUS ARG...: runs tenthcup with the arguments and wants the exit status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits status arg...")
	}
	status := 0
	if failed, ok := errors.AsType[*exec.ExitError](ts.Exec("tenthcup", args[1:]...)); ok {
		status = failed.ExitCode()
	}
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("exit status %d, want %s", status, args[0])
	}
}

type processes struct{}

// start NAME ARG...: starts tenthcup with the arguments in the background and
// waits for its first line, whose last word becomes $NAME; if it is a URL, its host
// and port become $NAMEHOST.
func start(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: start name arg...")
	}
	cmd := exec.Command(testProgram, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(programEnv(asProgram), "HOME="+ts.Getenv("HOME"), "XDG_DATA_HOME="+ts.Getenv("XDG_DATA_HOME"))
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	running := ts.Value(processes{}).(map[string]*exec.Cmd)
	running[args[0]] = cmd
	ts.Defer(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		ts.Fatalf("%s ended before its first line: %v", args[0], err)
	}
	words := strings.Fields(line)
	url := words[len(words)-1]
	_, host, _ := strings.Cut(url, "://")
	ts.Setenv(args[0], url)
	ts.Setenv(args[0]+"HOST", host)
}

// end NAME: ends the process with the signal and waits for it.
func end(ts *testscript.TestScript, signal syscall.Signal, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: halt|crash name")
	}
	cmd := ts.Value(processes{}).(map[string]*exec.Cmd)[args[0]]
	if cmd == nil {
		ts.Fatalf("nothing was started as %s", args[0])
	}
	ts.Check(cmd.Process.Signal(signal))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	_ = cmd.Wait()
	if ctx.Err() != nil {
		ts.Fatalf("%s did not end", args[0])
	}
}

// remember NAME PATH: $NAME becomes the value at the path of the last command's
// JSON, "member.code".
func remember(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: remember name path")
	}
	out := strings.TrimSpace(ts.ReadFile("stdout"))
	if args[1] == "." {
		ts.Setenv(args[0], out)
		return
	}
	var value any
	ts.Check(json.Unmarshal([]byte(out), &value))
	for key := range strings.SplitSeq(args[1], ".") {
		if list, ok := value.([]any); ok {
			at, err := strconv.Atoi(key)
			ts.Check(err)
			if at >= len(list) {
				ts.Fatalf("no %s in %s", args[1], out)
			}
			value = list[at]
			continue
		}
		object, ok := value.(map[string]any)
		if !ok {
			ts.Fatalf("no %s in %s", args[1], out)
		}
		value = object[key]
	}
	text, ok := value.(string)
	if !ok {
		raw, err := json.Marshal(value)
		ts.Check(err)
		text = string(raw)
	}
	ts.Setenv(args[0], text)
}
