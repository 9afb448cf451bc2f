package local

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockTime is how long a lock is waited for: a killed process holds its own for some milliseconds more.
const lockTime = time.Second

// lockData acquires the lock of the data at path, or returns *InUseError; for "" it returns a lock of nothing. The operating system releases it when this process ends. The
// lock's file stays: if it were removed, two processes could lock two files of the same name.
func lockData(ctx context.Context, path string) (*flock.Flock, error) {
	if path == "" {
		return &flock.Flock{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	locked, err := lock.TryLockContext(ctx, 20*time.Millisecond)
	switch {
	case locked:
		return lock, nil
	case ctx.Err() != nil:
		return nil, &InUseError{Path: path}
	}
	return nil, notWritable(filepath.Dir(path), err)
}

// notWritable returns the error for a data folder that can't be written.
func notWritable(dir string, err error) error {
	return fmt.Errorf("the data folder %s can't be written: %w", dir, cause(err))
}
