//go:build linux

package pgtest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
)

// Ports of servers are below those that connections are given, so that one stays
// free while its server is down.
const (
	firstPort = 20000
	ports     = 10000
)

// reserve returns a port of 127.0.0.1 that is free, and nobody else's of this
// package until it is closed: the UDP port of the number stands for it. A server
// that was killed keeps its port by this, and clients that know it never meet
// another test's.
func reserve(serial int64) (int, io.Closer, error) {
	for try := range ports {
		port := firstPort + (os.Getpid()*97+int(serial)+try)%ports
		at := fmt.Sprintf("127.0.0.1:%d", port)
		held, err := net.ListenPacket("udp4", at)
		if err != nil {
			continue
		}
		tried, err := net.Listen("tcp4", at)
		if err != nil {
			_ = held.Close()
			continue
		}
		return port, held, tried.Close()
	}
	return 0, nil, errors.New("no port is free")
}
