package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"tenthcup/pos"
)

// causes are what the system says and what people call it.
var causes = []struct {
	cause   syscall.Errno
	text    bool // its text alone says it too: some libraries keep only that
	problem *pos.Problem
}{
	{syscall.ENOSPC, true, ErrFull},
	{syscall.EFBIG, true, ErrFull},
	{syscall.EDQUOT, true, ErrFull},
	{syscall.EROFS, true, ErrReadOnly},
	{syscall.EACCES, false, ErrReadOnly},
	{syscall.EPERM, false, ErrReadOnly},
	{syscall.ENOTDIR, false, ErrReadOnly},
}

// SyncFolder makes the names of new files in the folder durable: a file's own sync
// does not. Its errors are explained.
func SyncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return Explain(err)
	}
	return Explain(errors.Join(folder.Sync(), folder.Close()))
}

// Explain wraps an error of the file system in the problem that people can do
// something about, and leaves any other error as it is.
func Explain(err error) error {
	for _, known := range causes {
		if errors.Is(err, known.cause) || err != nil && known.text && strings.Contains(err.Error(), known.cause.Error()) {
			return fmt.Errorf("%w: %w", known.problem, err)
		}
	}
	return err
}
