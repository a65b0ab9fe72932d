package client

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"

	"tenthcup/sync/wire"
)

// errPin is what a handshake ends with where the server has another key. The till
// has sent nothing by then.
var errPin = errors.New("the server has another key")

// dialler returns the client that reaches the server: the given one, or one of its
// own, and with pins a copy that trusts the keys they name and nothing else.
func dialler(given *http.Client, pins []wire.Pin) (*http.Client, error) {
	if given == nil {
		given = &http.Client{Transport: transport()}
	}
	if len(pins) == 0 {
		return given, nil
	}
	base, ok := cmp.Or(given.Transport, http.DefaultTransport).(*http.Transport)
	if !ok {
		return nil, errors.New("pins need a client whose transport is an *http.Transport")
	}
	pinned := base.Clone()
	pinned.TLSClientConfig = pinning(pins)
	client := *given
	client.Transport = pinned
	return &client, nil
}

// transport returns one that keeps one connection for a till's one server. Over
// TLS it speaks HTTP/2 where the server does: only there do headers that are the
// same each time cost next to nothing.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 1
	t.MaxResponseHeaderBytes = 64 << 10
	t.DisableCompression = true // messages say themselves how they are packed
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.Protocols.SetHTTP2(true)
	return t
}

// pinning returns a configuration with which a server's key is all that counts:
// not who signed its certificate, nor for which name, nor until when. The
// handshake itself proves that the server has the key.
func pinning(pins []wire.Pin) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ClientSessionCache: tls.NewLRUClientSessionCache(1), // a crowded server ends connections
		InsecureSkipVerify: true,                            // VerifyConnection decides, on every connection
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 || !slices.Contains(pins, wire.PinOf(state.PeerCertificates[0])) {
				return errPin
			}
			return nil
		},
	}
}

// loopback reports whether the address is on this machine, by what it says and
// not by what somebody's name server says of it.
func loopback(at *url.URL) bool {
	ip := net.ParseIP(at.Hostname())
	return at.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
