package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"tenthcup/pos"
)

// ProblemType is the Content-Type of a problem: JSON, so that an administrator
// with curl can read it.
const ProblemType = "application/problem+json"

// statuses holds the HTTP status of each problem that the server answers with.
var statuses = map[string]int{
	"line.unknown":   http.StatusUnauthorized,
	"line.refused":   http.StatusUnauthorized,
	"line.clock":     http.StatusUnauthorized,
	"line.replay":    http.StatusConflict,
	"line.revoked":   http.StatusForbidden,
	"enrol.code":     http.StatusForbidden,
	"enrol.moved":    http.StatusConflict,
	"line.path":      http.StatusNotFound,
	"line.method":    http.StatusMethodNotAllowed,
	"line.large":     http.StatusRequestEntityTooLarge,
	"line.type":      http.StatusUnsupportedMediaType,
	"line.chain":     http.StatusUnprocessableEntity,
	"line.newer":     http.StatusUpgradeRequired,
	"line.malformed": http.StatusBadRequest,
	"line.often":     http.StatusTooManyRequests,
	"line.busy":      http.StatusServiceUnavailable,
	"line.failed":    http.StatusInternalServerError,
}

// OfficeStatus goes with what a manager is told about an order: any problem there
// is, and none of the line's.
const OfficeStatus = http.StatusUnprocessableEntity

// Status returns the HTTP status that goes with the problem; 0 for one that does
// not belong on the line.
func Status(problem *pos.Problem) int { return statuses[problem.Key] }

type problemJSON struct {
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}

// EncodeProblem returns the problem as it crosses the line. Arguments that are
// neither text nor whole numbers are sent as text.
func EncodeProblem(problem *pos.Problem) []byte {
	args := maps.Clone(problem.Args)
	for name, value := range args {
		switch value.(type) {
		case string, int, int64, uint, uint64:
		default:
			args[name] = fmt.Sprint(value)
		}
	}
	raw, err := json.Marshal(problemJSON{problem.Key, args})
	if err != nil { // cannot be: text and whole numbers only
		panic(err)
	}
	return append(raw, '\n')
}

var keyPattern = regexp.MustCompile(`^[a-z]+(\.[a-z]+){1,3}$`)

// Longest parts of a problem from the line, in runes, and their number.
const (
	maxKey  = 64
	maxArg  = 256
	maxArgs = 8
)

// DecodeProblem reads a problem. What it holds will stand on a screen, so only
// text on one line and whole numbers (int64) pass. All errors are ErrMalformed.
func DecodeProblem(raw []byte) (*pos.Problem, error) {
	var p problemJSON
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(p.Key) > maxKey || !keyPattern.MatchString(p.Key) || len(p.Args) > maxArgs {
		return nil, fmt.Errorf("%w: problem", ErrMalformed)
	}
	problem := pos.Refuse(p.Key)
	for _, name := range slices.Sorted(maps.Keys(p.Args)) {
		value, ok := argument(p.Args[name])
		if !ok {
			return nil, fmt.Errorf("%w: argument %q", ErrMalformed, name)
		}
		problem.Args[name] = value
	}
	return problem, nil
}

func argument(value any) (any, bool) {
	switch v := value.(type) {
	case string:
		runes := []rune(pos.CleanName(v))
		return string(runes[:min(len(runes), maxArg)]), true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	}
	return nil, false
}
