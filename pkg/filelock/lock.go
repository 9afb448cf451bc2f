// Package filelock is a lock on a file that one process at a time can hold. The operating system releases it when that process ends,
// however it ends.
package filelock

import (
	"context"
	"os"
	"strings"
	"time"
)

// A Lock is held until Release. The methods of a nil Lock do nothing.
type Lock struct{ file *os.File }

// A killed process holds its lock for some milliseconds more. Acquire therefore tries again: a few times if the holder is known to
// be alive, longer if not.
const (
	pause           = 20 * time.Millisecond
	triesIfAlive    = 5
	triesIfNotAlive = 50
)

// Acquire locks the file of a name, which it creates if necessary. If another process holds the lock, or ctx ends first, it returns
// a nil Lock and the line that the holder published. alive, which may be nil, reports by that line whether the holder is alive.
func Acquire(ctx context.Context, name string, alive func(published string) bool) (lock *Lock, published string, err error) {
	seen := 0
	for try := 1; ; try++ {
		file, free, err := openLocked(name)
		if err != nil {
			return nil, "", err
		}
		if free {
			_ = file.Truncate(0) // the line of a former holder
			return &Lock{file}, "", nil
		}
		text, _ := os.ReadFile(name) // empty while the holder starts
		published = strings.TrimSpace(string(text))
		if alive != nil && alive(published) {
			seen++
		}
		if seen == triesIfAlive || try == triesIfNotAlive {
			return nil, published, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, published, nil
		}
	}
}

// Publish writes a line that Acquire of other processes returns. It is best effort.
func (l *Lock) Publish(line string) {
	if l != nil {
		_, _ = l.file.WriteAt([]byte(line+"\n"), 0)
	}
}

// Release releases the lock. The file stays: if it were removed, two processes could lock two files of the same name.
func (l *Lock) Release() {
	if l != nil {
		_ = l.file.Truncate(0)
		_ = l.file.Close()
	}
}
