package runtime

import "time"

// A Usage is the CPU time and memory of a process.
type Usage struct {
	CPU            time.Duration // in the process itself and in the kernel for it, since its start
	Resident, Peak int64         // memory in bytes: now, and the most since the start
}
