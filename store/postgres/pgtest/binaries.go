//go:build linux

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// environment names the folder of the PostgreSQL to test with.
const environment = "TENTHCUP_POSTGRES"

// installs is what to do when there is no PostgreSQL.
const installs = "the tests need PostgreSQL: apt-get install -y postgresql"

// debian is where Debian keeps the binaries of each version.
const debian = "/usr/lib/postgresql"

// findBinaries returns the folder that initdb and postgres are in.
func findBinaries() (string, error) {
	if folder := os.Getenv(environment); folder != "" {
		folder, err := filepath.Abs(folder)
		if err != nil {
			return "", err
		}
		for _, bin := range []string{filepath.Join(folder, "bin"), folder} {
			if complete(bin) {
				return bin, nil
			}
		}
		return "", fmt.Errorf("%s (or set %s to the folder of another; %s has none)", installs, environment, folder)
	}
	if bin := newest(debian); bin != "" {
		return bin, nil
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if initdb, err = filepath.EvalSymlinks(initdb); err == nil && complete(filepath.Dir(initdb)) {
			return filepath.Dir(initdb), nil
		}
	}
	return "", fmt.Errorf("%s (or set %s to the folder of another)", installs, environment)
}

// newest returns the binaries of the highest version in the folder, or "".
func newest(folder string) string {
	entries, _ := os.ReadDir(folder)
	highest, found := -1, ""
	for _, entry := range entries {
		version, err := strconv.Atoi(entry.Name())
		bin := filepath.Join(folder, entry.Name(), "bin")
		if err == nil && version > highest && complete(bin) {
			highest, found = version, bin
		}
	}
	return found
}

// complete reports whether the folder has what a cluster is made with.
func complete(bin string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(bin, name)); err != nil {
			return false
		}
	}
	return true
}
