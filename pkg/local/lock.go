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

// lockFile acquires the lock of the data at path, or returns *InUseError. The holder publishes the endpoint of its engine.
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

// answers reports whether a server listens at an endpoint.
func answers(endpoint string) bool {
	connection, err := net.DialTimeout("tcp", strings.TrimPrefix(endpoint, "http://"), 20*time.Millisecond)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

// notWritable returns the error for a data folder that can't be written.
func notWritable(dir string, err error) error {
	return fmt.Errorf("the data folder %s can't be written: %w", dir, cause(err))
}
