package local

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A fileLock keeps a second process from the same data. The operating system lets go of it when its holder dies. Its
// file holds the address of the engine that works with the data.
type fileLock struct {
	file *os.File
}

// A process that was killed holds its lock for some milliseconds more. So a lock that is taken is tried again: a few
// times when what the holder runs answers, longer when it does not.
const (
	lockPause        = 20 * time.Millisecond
	lockTriesAlive   = 5
	lockTriesSilence = 50
)

// lockFile takes the lock beside path, or returns *InUseError.
func lockFile(ctx context.Context, path string) (*fileLock, error) {
	name := path + ".lock"
	alive := 0
	for try := 1; ; try++ {
		file, free, err := openLocked(name)
		if err != nil {
			return nil, notWritable(filepath.Dir(path), err)
		}
		if free {
			_ = file.Truncate(0) // what a former holder left
			return &fileLock{file}, nil
		}
		text, _ := os.ReadFile(name) // empty while the other one starts
		endpoint := strings.TrimSpace(string(text))
		if answers(endpoint) {
			alive++
		}
		if alive == lockTriesAlive || try == lockTriesSilence {
			return nil, &InUseError{Path: path, Endpoint: endpoint}
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			return nil, &InUseError{Path: path, Endpoint: endpoint}
		}
	}
}

// answers tells whether somebody listens at an endpoint.
func answers(endpoint string) bool {
	connection, err := net.DialTimeout("tcp", strings.TrimPrefix(endpoint, "http://"), lockPause)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

func (l *fileLock) publish(endpoint string) {
	if l != nil {
		_, _ = l.file.WriteAt([]byte(endpoint+"\n"), 0) // a help for others, no more
	}
}

func (l *fileLock) release() {
	if l != nil {
		_ = l.file.Truncate(0)
		_ = l.file.Close()
	}
}

// notWritable is the error for a data folder that can't be used.
func notWritable(dir string, err error) error {
	return fmt.Errorf("the data folder %s can't be written: %w", dir, cause(err))
}
