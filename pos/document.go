package pos

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// DocumentError says which line of a TOML document is wrong, and how.
type DocumentError struct {
	Line int // from 1; 0 where the mistake belongs to no line
	Text string
}

// Error returns "line 3: ...".
func (e *DocumentError) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Text)
}

// DecodeTOML reads a document strictly: a key that into does not have is a
// mistake. All errors are *DocumentError.
func DecodeTOML(document []byte, into any) error {
	decoder := toml.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		return nil
	}
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		first := strict.Errors[0]
		line, _ := first.Position()
		return &DocumentError{line, fmt.Sprintf("there is no setting %q here", strings.Join(first.Key(), "."))}
	}
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := wrong.Position()
		return &DocumentError{line, inWords(wrong)}
	}
	return &DocumentError{0, err.Error()}
}

// inWords leaves out what the library says about Go's types.
func inWords(wrong *toml.DecodeError) string {
	text := strings.TrimPrefix(wrong.Error(), "toml: ")
	if kind, ok := strings.CutPrefix(text, "cannot decode TOML "); ok {
		kind, _, _ = strings.Cut(kind, " into ")
		return fmt.Sprintf("the setting %q does not take this kind of value (%s)", strings.Join(wrong.Key(), "."), kind)
	}
	return text
}
