// Package filelock keeps a second process from what one works with, by a file that the operating system lets one process hold.
// It is free again when its holder dies, however that comes about.
package filelock

import (
	"context"
	"os"
	"strings"
	"time"
)

// A Lock is held until Release. A nil one is none.
type Lock struct{ file *os.File }

// A process that was killed holds its lock for some milliseconds more. So a lock that is taken is tried again: a few
// times when its holder is known to be alive, longer when it is not.
const (
	pause        = 20 * time.Millisecond
	triesAlive   = 5
	triesSilence = 50
)

// Take takes the lock that the file of a name is, which is made if need be. It returns nil, and what the holder has published,
// where another process keeps it, or ctx ends first. alive, which may be nil, reports by what was published whether the holder is
// at work.
func Take(ctx context.Context, name string, alive func(published string) bool) (lock *Lock, published string, err error) {
	seen := 0
	for try := 1; ; try++ {
		file, free, err := openLocked(name)
		if err != nil {
			return nil, "", err
		}
		if free {
			_ = file.Truncate(0) // what a former holder left
			return &Lock{file}, "", nil
		}
		text, _ := os.ReadFile(name) // empty while the other one starts
		published = strings.TrimSpace(string(text))
		if alive != nil && alive(published) {
			seen++
		}
		if seen == triesAlive || try == triesSilence {
			return nil, published, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, published, nil
		}
	}
}

// Publish lets others who want the lock read a line: a help, no more.
func (l *Lock) Publish(line string) {
	if l != nil {
		_, _ = l.file.WriteAt([]byte(line+"\n"), 0)
	}
}

// Release lets go of the lock. Its file stays: to remove it would let two processes hold two files of the same name.
func (l *Lock) Release() {
	if l != nil {
		_ = l.file.Truncate(0)
		_ = l.file.Close()
	}
}
