package pgtest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/store/postgres/pgtest"
)

// holds makes TestSharedIsOneServer hold its server until its input ends.
const holds = "TENTHCUP_TEST_HOLDS"

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

func do(t testing.TB, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql, args...)
	require.NoError(t, err, sql)
}

func ask[T any](t testing.TB, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var answer T
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&answer), sql)
	return answer
}

// eventually waits for what another process does.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, time.Minute, 5*time.Millisecond, what)
}

func TestDatabaseIsEmptyAndOnesOwn(t *testing.T) {
	cluster := pgtest.Shared(t)
	one, other := connect(t, cluster.Database(t)), connect(t, cluster.Database(t))
	do(t, one, "CREATE TABLE thing (id int)")
	do(t, other, "CREATE TABLE thing (id int)")
	do(t, one, "INSERT INTO thing VALUES (1)")
	require.Equal(t, 0, ask[int](t, other, "SELECT count(*) FROM thing"))
}

func TestServerIsAsOneThatKeepsPromises(t *testing.T) {
	conn := connect(t, pgtest.Shared(t).Database(t))
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"server_encoding": "UTF8", "lc_collate": "C", "lc_messages": "C",
	} {
		if setting == "lc_collate" { // no setting any more as of PostgreSQL 16
			require.Equal(t, want, ask[string](t, conn, "SELECT datcollate FROM pg_database WHERE datname = current_database()"))
			continue
		}
		require.Equal(t, want, ask[string](t, conn, "SELECT current_setting($1)", setting), setting)
	}
}

func TestSettingsAreThoseOfTheServer(t *testing.T) {
	own := connect(t, pgtest.Start(t, "max_connections = 17", "fsync = off").URL("postgres"))
	require.Equal(t, "17", ask[string](t, own, "SHOW max_connections"))
	require.Equal(t, "off", ask[string](t, own, "SHOW fsync"))
	shared := connect(t, pgtest.Shared(t, "fsync = off").URL("postgres"))
	require.Equal(t, "off", ask[string](t, shared, "SHOW fsync"))
}

// Run by another test it holds the server until its input ends.
func TestSharedIsOneServer(t *testing.T) {
	cluster := pgtest.Shared(t)
	require.Equal(t, cluster.URL("postgres"), pgtest.Shared(t).URL("postgres"))
	require.NotEqual(t, cluster.URL("postgres"), pgtest.Shared(t, "fsync = off").URL("postgres"))
	if os.Getenv(holds) != "" {
		conn := connect(t, cluster.URL("postgres"))
		fmt.Println(cluster.URL("postgres"), ask[string](t, conn, "SHOW data_directory"))
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

func TestServersOfParallelTests(t *testing.T) {
	seen := make(chan string, 4)
	t.Run("all", func(t *testing.T) {
		for i := range 4 {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				cluster := pgtest.Start(t, "fsync = off", fmt.Sprintf("cluster_name = 'c%d'", i))
				conn := connect(t, cluster.URL("postgres"))
				require.Equal(t, fmt.Sprintf("c%d", i), ask[string](t, conn, "SHOW cluster_name"))
				seen <- cluster.URL("postgres")
			})
		}
	})
	close(seen)
	different := map[string]bool{}
	for url := range seen {
		different[url] = true
	}
	require.Len(t, different, 4)
}

func TestServerEndsWithItsTest(t *testing.T) {
	var address, data string
	require.True(t, t.Run("one", func(t *testing.T) {
		conn := connect(t, pgtest.Start(t, "fsync = off").URL("postgres"))
		address, data = conn.PgConn().Conn().RemoteAddr().String(), ask[string](t, conn, "SHOW data_directory")
	}))
	require.False(t, listens(address))
	require.Empty(t, processesOf(t, data))
	require.NoDirExists(t, filepath.Dir(data))
}

func TestServerEndsWithTheTestBinary(t *testing.T) {
	for name, end := range map[string]func(child *exec.Cmd, in io.Closer){
		"by itself": func(_ *exec.Cmd, in io.Closer) { _ = in.Close() },
		"killed":    func(child *exec.Cmd, _ io.Closer) { _ = child.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			child, in, line := holding(t)
			fields := strings.Fields(line)
			require.Len(t, fields, 2, line)
			config, err := pgx.ParseConfig(fields[0])
			require.NoError(t, err)
			address, home := fmt.Sprintf("%s:%d", config.Host, config.Port), filepath.Dir(filepath.Dir(fields[1]))
			require.True(t, listens(address))
			require.NotEmpty(t, processesOf(t, home))
			log, err := os.Open(filepath.Join(filepath.Dir(fields[1]), "log"))
			require.NoError(t, err)
			defer log.Close()
			end(child, in)
			_ = child.Wait()
			eventually(t, "no process is left", func() bool { return len(processesOf(t, home)) == 0 })
			require.False(t, listens(address))
			require.NoDirExists(t, home)
			said, err := io.ReadAll(log)
			require.NoError(t, err)
			require.Contains(t, string(said), "received immediate shutdown request")
			require.NotContains(t, string(said), "lock file is invalid", "it ended only because its folder was gone")
		})
	}
}

// holding runs this binary again and returns what it says once its server runs.
func holding(t *testing.T) (*exec.Cmd, io.Closer, string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestSharedIsOneServer$")
	child.Env = append(os.Environ(), holds+"=1", "GORACE=atexit_sleep_ms=0")
	in, err := child.StdinPipe()
	require.NoError(t, err)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return child, in, line
}

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// processesOf returns the numbers of the processes that have the folder in their
// command line or work in it.
func processesOf(t *testing.T, folder string) []string {
	t.Helper()
	require.NotEmpty(t, folder)
	entries, err := os.ReadDir("/proc")
	require.NoError(t, err)
	var found []string
	for _, entry := range entries {
		line, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		works, _ := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if strings.Contains(string(line), folder) || strings.HasPrefix(works, folder) {
			found = append(found, entry.Name())
		}
	}
	return found
}

func TestTestsFailWithoutPostgreSQL(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^(TestSharedIsOneServer|TestServerEndsWithItsTest|TestFrozenPairDoesNotAcknowledge)$", "-test.v")
	child.Env = append(os.Environ(), "TENTHCUP_POSTGRES="+t.TempDir())
	said, err := child.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(said), "the tests need PostgreSQL: apt-get install -y postgresql")
	for _, test := range []string{"TestSharedIsOneServer", "TestServerEndsWithItsTest", "TestFrozenPairDoesNotAcknowledge"} {
		require.Contains(t, string(said), "--- FAIL: "+test)
	}
}

// What a killed server had acknowledged is there when it runs again, and what it
// was in the middle of is not.
func TestKilledServerIsRevived(t *testing.T) {
	cluster := pgtest.Start(t)
	url := cluster.Database(t)
	conn := connect(t, url)
	do(t, conn, "CREATE TABLE thing (id int)")
	do(t, conn, "INSERT INTO thing VALUES (1)")
	do(t, conn, "BEGIN")
	do(t, conn, "INSERT INTO thing VALUES (2)")
	files, own := sharedMemoryOf(t, conn)
	require.Subset(t, segments(t), own)
	data := ask[string](t, conn, "SHOW data_directory")
	address := conn.PgConn().Conn().RemoteAddr().String()
	cluster.Kill(t)
	require.Error(t, conn.Ping(t.Context()))
	_, err := net.ListenPacket("udp4", address)
	require.Error(t, err, "its port is kept")
	require.Empty(t, processesOf(t, data))
	for _, file := range files {
		require.NoFileExists(t, file)
	}
	left := segments(t)
	for _, segment := range own {
		require.NotContains(t, left, segment)
	}

	cluster.Revive(t)
	conn = connect(t, url)
	require.Equal(t, 1, ask[int](t, conn, "SELECT sum(id) FROM thing"))
	require.Contains(t, cluster.Log(), "database system was not properly shut down")
}

// sharedMemoryOf returns what the server behind the connection has: files in
// memory, unless the machine has none, and the numbers of System V segments.
func sharedMemoryOf(t *testing.T, conn *pgx.Conn) (files, own []string) {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", conn.PgConn().PID()))
	require.NoError(t, err)
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		switch {
		case strings.Contains(line, "/dev/shm/PostgreSQL."):
			files = append(files, fields[5])
		case strings.Contains(line, "/SYSV"):
			own = append(own, fields[4])
		}
	}
	if ask[string](t, conn, "SHOW dynamic_shared_memory_type") == "posix" {
		require.NotEmpty(t, files)
	}
	require.NotEmpty(t, own)
	return files, own
}

// segments returns the numbers of all System V segments of the machine.
func segments(t *testing.T) []string {
	t.Helper()
	table, err := os.ReadFile("/proc/sysvipc/shm")
	require.NoError(t, err)
	var ids []string
	for line := range strings.Lines(string(table)) {
		ids = append(ids, strings.Fields(line)[1])
	}
	return ids
}
