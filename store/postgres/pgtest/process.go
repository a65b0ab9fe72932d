//go:build linux

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// glance is how often something is looked at that does not say when it changes.
const glance = 5 * time.Millisecond

// await looks until it holds, fails, or the patience is at its end.
func await(what string, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		held, err := holds()
		if held || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waited %v for %s", patience, what)
		}
	}
}

// status returns the state letter and the parent of the process; ok is false
// when there is none.
func status(pid int) (state string, parent int, ok bool) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, false
	}
	_, rest, found := strings.Cut(string(data), ") ") // after the name
	fields := strings.Fields(rest)
	if !found || len(fields) < 2 {
		return "", 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return fields[0], parent, err == nil
}

// ended reports whether the process runs no more. One that nobody has waited for
// is listed still, but has let go of everything.
func ended(pid int) bool {
	state, _, ok := status(pid)
	return !ok || state == "Z" || state == "X"
}

// children returns the processes that the process started.
func children(pid int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []int
	for _, entry := range entries {
		child, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if _, parent, ok := status(child); ok && parent == pid {
			found = append(found, child)
		}
	}
	return found, nil
}

// stop freezes the process and returns when it is.
func stop(pid int) error {
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	return await("a process to be frozen", func() (bool, error) {
		state, _, ok := status(pid)
		if !ok || state == "Z" {
			return false, fmt.Errorf("process %d ended", pid)
		}
		return state == "T", nil
	})
}

// slay kills the process and all that it started, so that none of them does
// anything more, and waits until they are gone. It is frozen first, for else it
// could start more. The shared memory that they leave behind is removed.
func slay(pid int) error {
	if err := stop(pid); err != nil {
		return err
	}
	all, err := children(pid)
	if err != nil {
		return err
	}
	all = append([]int{pid}, all...)
	files, segments := sharedMemory(all)
	for _, each := range all {
		if err := syscall.Kill(each, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	err = await("killed processes to be gone", func() (bool, error) {
		return !slices.ContainsFunc(all, func(each int) bool { return !ended(each) }), nil
	})
	for _, file := range files {
		if failed := os.Remove(file); !errors.Is(failed, os.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	for _, segment := range segments {
		err = errors.Join(err, forget(segment))
	}
	return err
}

// sharedMemory returns what the processes share: PostgreSQL's files in memory,
// and segments of System V, which the list calls deleted whatever they are.
func sharedMemory(pids []int) (files []string, segments []int) {
	for _, pid := range pids {
		maps, _ := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
		for line := range strings.Lines(string(maps)) {
			fields := strings.Fields(line) // addresses, rights, offset, device, inode, name
			if len(fields) < 6 {
				continue
			}
			inode, err := strconv.Atoi(fields[4])
			switch name := fields[5]; {
			case strings.HasPrefix(name, "/dev/shm/PostgreSQL.") && !slices.Contains(files, name):
				files = append(files, name)
			case strings.HasPrefix(name, "/SYSV") && err == nil && !slices.Contains(segments, inode):
				segments = append(segments, inode)
			}
		}
	}
	return files, segments
}

// forget removes a segment of System V shared memory, unless that is done.
func forget(segment int) error {
	const remove = 0 // IPC_RMID
	_, _, failed := syscall.Syscall(syscall.SYS_SHMCTL, uintptr(segment), remove, 0)
	if failed != 0 && failed != syscall.EINVAL && failed != syscall.EIDRM {
		return failed
	}
	return nil
}
