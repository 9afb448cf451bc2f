//go:build !linux

package local

import "syscall"

// dieWithParent leaves the engine in this process's group: other kernels don't end a child with its parent, but a signal to the
// group ends both.
func dieWithParent() *syscall.SysProcAttr { return nil }
