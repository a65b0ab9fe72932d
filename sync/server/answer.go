package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// retryAfter is how long a till is asked to wait where the centre is too busy, in
// seconds.
const retryAfter = 5

// errCut is returned where the line failed in the middle of a request. Nobody is
// there to be told.
var errCut = errors.New("request cut off")

// problems names the problem that each error becomes.
var problems = []struct {
	err error
	key string
}{
	{wire.ErrTooLarge, "line.large"},
	{wire.ErrChain, "line.chain"},
	{wire.ErrMalformed, "line.malformed"},
	{errCut, "line.malformed"},
}

// problemOf returns what the caller is told about the error. What failed inside,
// a full disk here for one, is for the log: it is not the caller's.
func problemOf(err error) *pos.Problem {
	for _, p := range problems {
		if errors.Is(err, p.err) {
			return pos.Refuse(p.key)
		}
	}
	if problem, ok := errors.AsType[*pos.Problem](err); ok && wire.Status(problem) != 0 {
		return problem
	}
	return pos.Refuse("line.failed")
}

func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	problem := problemOf(err)
	status := wire.Status(problem)
	if told, ok := errors.AsType[*told](err); ok {
		problem, status = told.problem, wire.OfficeStatus
	}
	if status == http.StatusInternalServerError {
		s.log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
	}
	if seconds, ok := problem.Args["seconds"].(int); ok {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	header(w, wire.ProblemType)
	w.WriteHeader(status)
	_, _ = w.Write(wire.EncodeProblem(problem)) // the caller repeats what got no answer
}

func (s *server) send(w http.ResponseWriter, r *http.Request, raw []byte) {
	header(w, wire.MessageType)
	if strings.Contains(r.Header.Get("Accept-Encoding"), wire.Zstd) {
		var encoding string
		if raw, encoding = wire.Pack(raw); encoding != "" {
			w.Header().Set("Content-Encoding", encoding)
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw) // the caller repeats what got no answer
}

// header sets what every answer has: its type, and that nobody on the way keeps it.
func header(w http.ResponseWriter, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}
