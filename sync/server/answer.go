package server

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// retryAfter is how long a till is asked to wait where the centre is too busy, in
// seconds; more where many are.
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

// away is the key of the problem that the book cannot reach what it is kept in. The
// caller should come again, as where the centre is busy.
const away = "disk.away"

// problemOf returns what the caller is told about the error. What failed inside,
// a full disk here for one, is for the log: it is not the caller's.
func problemOf(err error) *pos.Problem {
	for _, p := range problems {
		if errors.Is(err, p.err) {
			return pos.Refuse(p.key)
		}
	}
	if errors.Is(err, pos.Refuse(away)) {
		err = busy()
	}
	if problem, ok := errors.AsType[*pos.Problem](err); ok && wire.Status(problem) != 0 {
		return problem
	}
	return pos.Refuse("line.failed")
}

func (s *Server) fail(v *visit, err error) {
	problem := problemOf(err)
	status, key := wire.Status(problem), problem.Key
	if told, ok := errors.AsType[*told](err); ok {
		problem, status, key = told.problem, wire.OfficeStatus, toldManager
	}
	if seconds, ok := problem.Args["seconds"].(int); ok && key == "line.busy" && seconds == retryAfter {
		problem = pos.Refuse(key, "seconds", s.crowd.later(s.now()))
	}
	s.answering(v, status, key)
	s.log.LogAttrs(v.r.Context(), severity(err, status), "request failed", v.why(err)...)
	if seconds, ok := problem.Args["seconds"].(int); ok {
		v.w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	header(v.w, wire.ProblemType)
	v.w.WriteHeader(status)
	_, _ = v.w.Write(wire.EncodeProblem(problem)) // the caller repeats what got no answer
}

// severity says how much a request that failed matters: whether something is wrong
// here, or there is too much to do, or only the caller was refused.
func severity(err error, status int) slog.Level {
	switch {
	case errors.Is(err, pos.Refuse(away)), status == http.StatusInternalServerError:
		return slog.LevelError
	case status == http.StatusServiceUnavailable, status == http.StatusTooManyRequests:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// why says what the log says of a request that failed. What failed inside is told
// whole; else the problem's key says it, and the error may hold what a caller wrote.
func (v *visit) why(err error) []slog.Attr {
	attrs := v.attrs()
	if severity(err, v.answered.Status) == slog.LevelError {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	return attrs
}

func (s *Server) send(v *visit, raw []byte) {
	header(v.w, wire.MessageType)
	if strings.Contains(v.r.Header.Get("Accept-Encoding"), wire.Zstd) {
		var encoding string
		if raw, encoding = wire.Pack(raw); encoding != "" {
			v.w.Header().Set("Content-Encoding", encoding)
		}
	}
	v.w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	s.answering(v, http.StatusOK, "")
	// HTTP/2 keeps as much room for each connection as the largest piece that it wrote.
	for piece := range slices.Chunk(raw, 4<<10) {
		_, _ = v.w.Write(piece) // the caller repeats what got no answer
	}
}

// header sets what every answer has: its type, and that nobody on the way keeps it.
func header(w http.ResponseWriter, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}
