package local

import "syscall"

// dieWithParent puts the engine into a process group of its own, so that Ctrl-C at the terminal reaches the gateway
// alone, which then still needs the engine for the requests under way; and has the kernel kill it when this process
// is gone, however that came about.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
