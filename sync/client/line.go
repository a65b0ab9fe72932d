package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"time"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// fault is an exchange that the line or the server failed. It unwraps to the
// *pos.Problem that says so to people.
type fault struct {
	problem *pos.Problem
	after   time.Duration // the server asks not to be tried before; 0 if it does not
	shrunk  bool          // the next request will be smaller, which may help
}

func (f *fault) Error() string { return f.problem.Error() }
func (f *fault) Unwrap() error { return f.problem }

func failed(key string, pairs ...any) error { return &fault{problem: pos.Refuse(key, pairs...)} }

// call is one message to the server, ready to be sent.
type call struct {
	http     *http.Client
	timeout  time.Duration
	address  string // the server's
	plain    bool   // http is good enough, wherever it is
	pinned   bool   // http is not good enough, even on this machine
	route    string
	body     []byte
	encoding string
	by       *wire.Signer // nil for a message that is not signed
}

// send makes the call and returns the message that answers it, unpacked. Its
// errors are *fault and those of ctx.
func (c call) send(ctx context.Context) ([]byte, error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	reached := false
	request, err := c.request(httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { reached = true },
	}))
	if err != nil {
		return nil, err
	}
	direct := *c.http // where a portal or a mistyped address redirects to is no Tenthcup server
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := direct.Do(request)
	if err == nil {
		defer func() { _ = response.Body.Close() }()
		var raw []byte
		if raw, err = c.answer(response); err == nil {
			return raw, nil
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if _, ok := errors.AsType[*fault](err); ok {
		return nil, err
	}
	return nil, c.broken(err, reached)
}

func (c call) request(ctx context.Context) (*http.Request, error) {
	at, err := url.Parse(c.address)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.RawQuery != "" || at.Fragment != "" {
		return nil, failed("line.url", "url", c.address)
	}
	if at.Scheme == "http" && (c.pinned || !c.plain && !loopback(at)) {
		return nil, failed("line.plain", "url", c.address)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at.JoinPath(c.route).String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, failed("line.url", "url", c.address)
	}
	request.Header.Set("Content-Type", wire.MessageType)
	request.Header.Set("Accept-Encoding", wire.Zstd)
	request.Header.Set("User-Agent", "") // none is sent
	if c.encoding != "" {
		request.Header.Set("Content-Encoding", c.encoding)
	}
	if c.by != nil {
		wire.Sign(request.Header, wire.Target{Route: c.route}, c.body, *c.by)
	}
	// Not sent, but tells the transport that the request may be repeated, so a
	// kept connection that the server has closed meanwhile is no failure.
	request.Header["Idempotency-Key"] = nil
	return request, nil
}

// broken returns the fault for an error of the line.
func (c call) broken(err error, reached bool) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without the address, which is said already
	}
	reason := pos.CleanName(err.Error())
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return failed("line.certificate", "url", c.address, "reason", reason)
	}
	switch {
	case errors.Is(err, errPin):
		return failed("line.pin", "url", c.address)
	case !reached:
		return failed("line.unreachable", "url", c.address, "reason", reason)
	case errors.Is(err, context.DeadlineExceeded):
		return failed("line.slow", "url", c.address, "seconds", int64(c.timeout/time.Second))
	}
	return failed("line.cut", "url", c.address, "reason", reason)
}

// answer returns the message in the response, or a *fault, or an error of the
// line in the middle of it.
func (c call) answer(response *http.Response) ([]byte, error) {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")) // "" is no kind of ours
	switch {
	case response.StatusCode == http.StatusOK && kind == wire.MessageType:
		body, err := wire.ReadAll(response.Body, wire.MaxAnswer)
		if errors.Is(err, wire.ErrTooLarge) {
			return nil, c.garbled()
		}
		if err != nil {
			return nil, err
		}
		raw, err := wire.Unpack(body, response.Header.Get("Content-Encoding"), wire.MaxAnswer)
		if err != nil {
			return nil, c.garbled()
		}
		return raw, nil
	case kind == wire.ProblemType:
		body, err := wire.ReadAll(response.Body, wire.MaxProblem)
		if err != nil && !errors.Is(err, wire.ErrTooLarge) {
			return nil, err
		}
		if problem, err := wire.DecodeProblem(body); err == nil {
			return nil, &fault{problem: problem, after: retryAfter(response)}
		}
	}
	return nil, c.stranger(response)
}

// stranger returns the fault for an answer that no Tenthcup server gives. One of
// the kind that a proxy gives for a server that is away is not blamed on the
// address.
func (c call) stranger(response *http.Response) error {
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		wait := retryAfter(response)
		return &fault{problem: pos.Refuse("line.busy", "seconds", int64(wait/time.Second)), after: wait}
	}
	return failed("line.wrong", "url", c.address, "status", int64(response.StatusCode))
}

func (c call) garbled() error { return failed("line.garbled", "url", c.address) }

// retryAfter returns how long the server asks to wait, longestWait at most.
func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, longestWait)
}
