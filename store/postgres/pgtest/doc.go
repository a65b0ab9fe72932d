// Package pgtest starts PostgreSQL servers for tests and throws them away again:
// real ones, from the installed binaries, each in a folder of its own. Nothing
// has to run before, and nothing runs afterwards.
//
// Most tests want an empty database and do not care where:
//
//	url := pgtest.Shared(t).Database(t)
//
// Shared is one server for all tests of a test binary. It syncs, as the promises
// are about that; where only the logic is tested Shared(t, "fsync = off") is
// another one that does not. A test that needs settings, or crashes its server,
// has its own:
//
//	cluster := pgtest.Start(t, "max_connections = 20")
//	cluster.Kill(t)   // as a power cut of the server, less the disk's part of it
//	cluster.Revive(t) // and its restart
//
// And one of a failover has a primary with its standby, which has whatever the
// primary acknowledged when they are in sync:
//
//	pair := pgtest.StartPair(t, true)
//	url := pair.Database(t) // of both, for whoever writes
//	pair.Freeze(t)          // the standby hears nothing more
//	pair.Thaw(t)
//	pair.Kill(t)
//	pair.Promote(t)
//	pair.Revive(t) // the old primary, which knows nothing of all this
//
// All functions fail the test that calls them when they cannot do their work, and
// so they belong to its goroutine; URL and Log may be called anywhere.
//
// The binaries are the newest of Debian's below /usr/lib/postgresql, else those
// in the PATH; the environment's TENTHCUP_POSTGRES names the folder of others.
// Where there are none the tests fail and say which command installs them.
//
// A server ends with its test, or, when the test binary itself is killed, with
// that: a shell waits at a pipe of which the binary holds the other end, and so
// hears of its death whatever it died of. PostgreSQL refuses to run as root, so
// for root it runs as nobody. It listens on 127.0.0.1 and trusts whoever comes.
//
// A database takes 60 ms, a server up to half a second and a pair a second and a
// half, most of it for copying 40 MB; the first of a test binary a second more.
// Processes are looked up in /proc, so all this is for Linux.
package pgtest
