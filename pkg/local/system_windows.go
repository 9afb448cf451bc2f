package local

import (
	"errors"
	"syscall"
)

// portTaken reports whether a port can't be opened because another program uses it (WSAEADDRINUSE).
func portTaken(err error) bool { return errors.Is(err, syscall.Errno(10048)) }
