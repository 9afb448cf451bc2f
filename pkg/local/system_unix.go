//go:build unix

package local

import (
	"errors"
	"syscall"
)

// portTaken reports whether a port can't be opened because another program uses it.
func portTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
