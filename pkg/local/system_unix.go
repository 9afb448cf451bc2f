//go:build unix

package local

import (
	"errors"
	"syscall"
)

// portTaken tells whether a port can't be opened because another program has it.
func portTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
