package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A second terminal and a browser show the customer what was earned, the moment the
// cashier books it; the display waits for the counter to open.
func TestDisplayOfAStation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "till")
	asked(t, "init", "--dir", dir, "--shop", "Corner", "--currency", "EUR", "--language", "en", "--timezone", "UTC", "--preset", "cafe", "--pin", "1234")
	asked(t, "member", "add", "--name", "Ann Archer", "--phone", "+442079460011", "--dir", dir)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	page := listener.Addr().String()
	require.NoError(t, listener.Close())
	document, err := os.ReadFile(filepath.Join(dir, settingsName))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, settingsName), append(document, "\n[display]\npage = \""+page+"\"\n"...), 0o600))

	second := open(t, asProgram, "display", "--dir", dir)
	second.shows("The counter is closed.")
	s := open(t, asProgram, "--dir", dir)
	s.shows("PIN of")
	second.shows("Corner", "Welcome!")
	s.typed("1234\r")
	s.shows("Scan a code")

	answer, err := http.Get("http://" + page + "/events")
	require.NoError(t, err)
	defer answer.Body.Close()
	events := bufio.NewReader(answer.Body)

	s.typed("+442079460011\r")
	s.shows("Ann Archer")
	second.shows("Your card", "0 of 10")
	s.typed("\r")
	picture := second.shows("Thank you!", "1 of 10")
	require.NotContains(t, picture, "Ann")
	for line := ""; !strings.Contains(line, `"Thank you!"`); {
		line, err = events.ReadString('\n')
		require.NoError(t, err)
	}
	for path, want := range map[string]string{"/": `<script src="page.js">`, "/page.css": "--accent", "/page.js": "EventSource", "/code.svg?text=TC1": "<svg"} {
		answer, err := http.Get("http://" + page + path)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Contains(t, string(body), want)
		require.Equal(t, "default-src 'self'; frame-ancestors 'none'", answer.Header.Get("Content-Security-Policy"))
	}
	s.kill()
	second.shows("The counter is closed.")
}
