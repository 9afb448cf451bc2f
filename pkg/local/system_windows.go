package local

import (
	"errors"
	"syscall"
)

// portTaken tells whether a port can't be opened because another program has it (WSAEADDRINUSE).
func portTaken(err error) bool { return errors.Is(err, syscall.Errno(10048)) }
