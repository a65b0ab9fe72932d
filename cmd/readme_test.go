package cmd_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README's picture is a golden screen, so it cannot lie.
func TestReadmeShowsTheScreen(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	found := regexp.MustCompile("(?s)<!-- screen: (\\S+) -->\n```\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, found, "README.md has no screen")
	golden, err := os.ReadFile("../" + string(found[1]))
	require.NoError(t, err)
	require.Equal(t, trimmed(string(golden)), trimmed(string(found[2])), "paste %s into README.md", found[1])
}

// Every picture that the README shows is there.
func TestReadmeHasItsPictures(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	found := regexp.MustCompile(`!\[[^\]]+\]\(([^)]+)\)`).FindAllSubmatch(readme, -1)
	require.NotEmpty(t, found)
	for _, picture := range found {
		require.FileExists(t, "../"+string(picture[1]))
	}
}

// trimmed leaves out the blanks at the ends of lines, which editors remove.
func trimmed(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}
