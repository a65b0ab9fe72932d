package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/tui/bidi"
	"tenthcup/tui/display"
	"tenthcup/tui/screen"
	"tenthcup/tui/widget"
)

// displayName is the socket at which a running station says what the customer sees.
const displayName = "display.sock"

type displayCmd struct {
	Dir string `help:"The till's data folder." default:"${data}" type:"path" placeholder:"DIR" env:"TENTHCUP_DIR"`
}

// Run shows what the customer sees on this terminal, until it is closed. While no
// station is open it waits for one.
func (d displayCmd) Run(c *call) error {
	var settings settings
	if err := readDocument(filepath.Join(d.Dir, settingsName), &settings); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	till := till{dir: d.Dir, settings: settings}
	look, err := till.look(settings.Screen.Theme)
	if err != nil {
		look, _ = till.look("") // the till says what is wrong with it
	}
	words := c.words
	if language := firstOf(settings.Screen.Language, settings.Shop.Language); language != "" {
		if words, err = assets.NewPrinter(language, c.words.Currency(), time.Local); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	shown := display.Model{
		Theme: look, Closed: words.T("display.closed"), Now: time.Now,
		Right: words.RightToLeft(), Orders: settings.Screen.Direction == screen.ByTerminal,
	}
	program := tea.NewProgram(shown, tea.WithContext(ctx), tea.WithInput(c.in), tea.WithOutput(c.out))
	go watch(ctx, filepath.Join(d.Dir, displayName), program.Send)
	_, err = program.Run()
	if _, wrong := io.WriteString(c.out, bidi.TerminalOrders); err == nil {
		err = wrong
	}
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && c.ctx.Err() != nil {
		return nil
	}
	return err
}

// again is how long a display waits before it looks for a station again.
const again = time.Second

// watch sends the frames of the station behind the socket, whenever there is one.
func watch(ctx context.Context, socket string, send func(tea.Msg)) {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	for ctx.Err() == nil {
		follow(ctx, client, send)
		send(display.Lost{})
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

// follow sends the frames of one connection.
func follow(ctx context.Context, client *http.Client, send func(tea.Msg)) {
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://station/events", http.NoBody)
	if err != nil {
		return
	}
	answer, err := client.Do(ask)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		document, ok := strings.CutPrefix(lines.Text(), "data: ")
		var frame display.Frame
		if ok && json.Unmarshal([]byte(document), &frame) == nil {
			send(frame)
		}
	}
}

// window is the display of a running station, as those who look at it see it. It is
// safe for concurrent use.
type window struct {
	wake func() // makes the station show what there is to see now

	mu      sync.Mutex
	frame   []byte // nil before the first
	changed chan struct{}
	looking int
}

func newWindow() *window { return &window{changed: make(chan struct{})} }

// Watched implements tui.Display.
func (w *window) Watched() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.looking > 0
}

// Show implements tui.Display.
func (w *window) Show(frame display.Frame) {
	document, err := json.Marshal(frame)
	if err != nil {
		panic(err) // texts and numbers
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frame = document
	close(w.changed)
	w.changed = make(chan struct{})
}

// look counts one more who looks, or one less.
func (w *window) look(by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looking += by
}

// now returns the newest frame, and what is closed when there is another.
func (w *window) now() ([]byte, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.frame, w.changed
}

// beat is how often a connection on which nothing happens is shown to be alive.
const beat = 20 * time.Second

// events sends each frame as a server-sent event.
func (w *window) events(answer http.ResponseWriter, ask *http.Request) {
	w.look(1)
	defer w.look(-1)
	answer.Header().Set("Content-Type", "text/event-stream")
	answer.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(answer)
	go w.wake()
	for {
		frame, changed := w.now()
		text := ": nothing yet\n\n"
		if frame != nil {
			text = "data: " + string(frame) + "\n\n"
		}
		if _, err := answer.Write([]byte(text)); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-ask.Context().Done():
			return
		case <-changed:
		case <-time.After(beat):
		}
	}
}

// handler is the page for a browser on the second screen, and the frames for it.
func (w *window) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events", w.events)
	mux.HandleFunc("GET /code.svg", func(answer http.ResponseWriter, ask *http.Request) {
		answer.Header().Set("Content-Type", "image/svg+xml")
		fmt.Fprint(answer, widget.QRPicture(ask.FormValue("text"), 4))
	})
	page := http.FileServerFS(assets.Display())
	mux.HandleFunc("GET /{$}", func(answer http.ResponseWriter, ask *http.Request) {
		ask.URL.Path = "/page.html"
		page.ServeHTTP(answer, ask)
	})
	mux.Handle("GET /", page)
	return http.HandlerFunc(func(answer http.ResponseWriter, ask *http.Request) {
		answer.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		answer.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(answer, ask)
	})
}

// serve lets others look, at the socket in the till's folder, until the context ends.
func (w *window) serve(ctx context.Context, dir string) error {
	socket := filepath.Join(dir, displayName)
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return errors.Join(err, listener.Close())
	}
	w.open(ctx, listener)
	return nil
}

// page lets a browser look, at the address, until the context ends.
func (w *window) page(ctx context.Context, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return pos.Refuse("display.address", "address", address)
	}
	w.open(ctx, listener)
	return nil
}

func (w *window) open(ctx context.Context, listener net.Listener) {
	server := &http.Server{Handler: w.handler(), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
}
