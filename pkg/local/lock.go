package local

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	"contacts/pkg/filelock"
)

// lockFile takes the lock beside path, or returns *InUseError. Its holder publishes the address of what works with the data.
func lockFile(ctx context.Context, path string) (*filelock.Lock, error) {
	lock, endpoint, err := filelock.Acquire(ctx, path+".lock", answers)
	switch {
	case err != nil:
		return nil, notWritable(filepath.Dir(path), err)
	case lock == nil:
		return nil, &InUseError{Path: path, Endpoint: endpoint}
	}
	return lock, nil
}

// answers tells whether somebody listens at an endpoint.
func answers(endpoint string) bool {
	connection, err := net.DialTimeout("tcp", strings.TrimPrefix(endpoint, "http://"), 20*time.Millisecond)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

// notWritable is the error for a data folder that can't be used.
func notWritable(dir string, err error) error {
	return fmt.Errorf("the data folder %s can't be written: %w", dir, cause(err))
}
