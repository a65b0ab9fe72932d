package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// texts returns what stands in the picture, and fails if it is no XML.
func texts(t *testing.T, svg []byte) (all []string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			all = append(all, string(text))
		}
	}
}

func TestPicture(t *testing.T) {
	for name, test := range map[string]struct {
		frame string
		want  []string // pieces of the picture
		not   []string
	}{
		"letters":        {"Tea & <cake>", []string{`>Tea &amp; &lt;cake&gt;</text>`, `textLength="108"`}, nil},
		"colours":        {"\x1b[1;38;2;233;162;59mA\x1b[m", []string{`fill="#e9a23b" font-weight="bold">A<`}, nil},
		"reverse":        {"\x1b[7mA\x1b[m", []string{`<rect x="0" y="0" width="9" height="20" fill="#e4e6e9"`, `fill="#16181d">A<`}, nil},
		"blocks":         {"▟██▙", []string{`<rect x="9" y="0" width="18" height="20"`, `<rect x="4.5" y="0" width="4.5" height="10"`}, []string{"<text"}},
		"a rule":         {"────", []string{`<rect x="0" y="9.5" width="36" height="1"`}, []string{"<text"}},
		"a frame":        {"╭╮", []string{`<path transform="translate(9 0)"`}, []string{"<text"}},
		"wide signs":     {"茶 a", []string{`textLength="36"`}, nil},
		"from the right": {"ﯽﻠﻋ  ۱", []string{">ﯽﻠﻋ  ۱<", "<style>text{direction:ltr;unicode-bidi:bidi-override;white-space:pre}</style>"}, nil},
		"two lines":      {"a\nb", []string{`y="15"`, `y="35"`, `width="41" height="72"`}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			svg := string(picture(test.frame, paper(false)))
			texts(t, []byte(svg))
			for _, want := range test.want {
				require.Contains(t, svg, want)
			}
			for _, not := range test.not {
				require.NotContains(t, svg, not)
			}
		})
	}
}

// Every golden screen with styles can be drawn, and says in the picture what it
// says on the screen.
func TestEveryGoldenScreenIsAPicture(t *testing.T) {
	drawn := 0
	require.NoError(t, filepath.WalkDir("../../tui/testdata", func(name string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "-styled.golden") {
			return err
		}
		frame, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NotEmpty(t, texts(t, picture(string(frame), paper(true))), name)
		drawn++
		return nil
	}))
	require.Positive(t, drawn)
}

// The pictures that the README shows are those of the golden screens.
func TestPicturesAreOfTheScreens(t *testing.T) {
	drawn, err := filepath.Glob("../../assets/screen/*.svg")
	require.NoError(t, err)
	require.NotEmpty(t, drawn)
	for _, name := range drawn {
		frame, err := os.ReadFile("../../tui/testdata/TestPictures/" + strings.TrimSuffix(filepath.Base(name), ".svg") + "-styled.golden")
		require.NoError(t, err, "%s is of no screen any more", name)
		svg, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(picture(string(frame), paper(false))), string(svg), "%s: make screens", name)
	}
}
