package runtime

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Usage returns the CPU time and memory of the function.
func (p *Process) Usage() (Usage, error) {
	pid := p.command.Process.Pid
	var u Usage
	var err error
	if u.CPU, err = cpuOf(pid); err != nil {
		return u, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		memory := map[string]*int64{"VmRSS": &u.Resident, "VmHWM": &u.Peak}[name]
		if memory == nil {
			continue
		}
		if _, err := fmt.Sscanf(value, "%d kB", memory); err != nil {
			return u, fmt.Errorf("memory of process %d: %s: %w", pid, name, err)
		}
		*memory <<= 10
	}
	return u, nil
}

// cpuOf reads the process's CPU clock, in nanoseconds; /proc/PID/stat has only ticks of 10 ms. The id of the clock is that of
// clock_getcpuclockid(3).
func cpuOf(pid int) (time.Duration, error) {
	const scheduler = 2
	var t unix.Timespec
	err := unix.ClockGettime(int32(^pid<<3|scheduler), &t)
	return time.Duration(t.Nano()), err
}
