package local

import "syscall"

// dieWithParent puts the engine into its own process group, so that Ctrl-C reaches only the gateway, which needs the engine for the
// requests in progress. The kernel kills the engine when this process ends, however it ends.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
