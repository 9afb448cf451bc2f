//go:build !linux

package local

import "syscall"

// dieWithParent leaves the engine in this process's group: no other kernel ends a child with its parent, and so at
// least what ends the group ends both.
func dieWithParent() *syscall.SysProcAttr { return nil }
