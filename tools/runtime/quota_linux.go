package runtime

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Quota is a control group with a share of one CPU for all functions started in it.
type Quota struct {
	folder string // of the group
	parent string // the folder of this process's own group
	old    bool   // version 1 of control groups
}

// NewQuota creates a quota, 0.5 for half a CPU. It needs the permission to create control groups, which root usually has. Close removes
// it.
func NewQuota(cpus float64) (*Quota, error) {
	parent, old, err := cpuController()
	if err != nil {
		return nil, err
	}
	q := &Quota{folder: filepath.Join(parent, fmt.Sprintf("contacts-%d-%g", os.Getpid(), cpus)), parent: parent, old: old}
	if err := os.Mkdir(q.folder, 0o700); err != nil {
		return nil, err
	}
	period := quotaPeriod.Microseconds()
	share := int64(cpus * float64(period))
	if old {
		err = errors.Join(q.write("cpu.cfs_period_us", period), q.write("cpu.cfs_quota_us", share))
	} else {
		err = q.write("cpu.max", fmt.Sprintf("%d %d", share, period))
	}
	if err != nil {
		q.Close()
		return nil, err
	}
	return q, nil
}

func (q *Quota) write(file string, value any) error {
	return os.WriteFile(filepath.Join(q.folder, file), fmt.Append(nil, value), 0)
}

// Close removes the group, which must have no process.
func (q *Quota) Close() { _ = os.Remove(q.folder) } // an empty group may be left

// start starts a command within the quota, which may be nil.
func (q *Quota) start(c *exec.Cmd) error {
	if q == nil {
		return c.Start()
	}
	if q.old {
		return q.startFromThread(c)
	}
	folder, err := os.Open(q.folder)
	if err != nil {
		return err
	}
	defer folder.Close()
	c.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(folder.Fd())}
	return c.Start()
}

// startFromThread starts a command from a thread that is in the group meanwhile: version 1 has no other way.
func (q *Quota) startFromThread(c *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	move := func(folder string) error {
		return os.WriteFile(filepath.Join(folder, "tasks"), strconv.AppendInt(nil, int64(unix.Gettid()), 10), 0)
	}
	if err := move(q.folder); err != nil {
		return err
	}
	return errors.Join(c.Start(), move(q.parent))
}

// cpuController returns the folder of this process's control group that bounds CPU time, and whether it is of version 1.
func cpuController() (folder string, old bool, err error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", false, err
	}
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", false, err
	}
	for mount := range strings.Lines(string(mounts)) {
		fields := strings.Fields(mount) // device, folder, type, options
		switch {
		case len(fields) < 4:
		case fields[2] == "cgroup" && slices.Contains(strings.Split(fields[3], ","), "cpu"):
			return ownGroup(fields[1], string(groups), "cpu"), true, nil
		case fields[2] == "cgroup2":
			own := ownGroup(fields[1], string(groups), "")
			controllers, err := os.ReadFile(filepath.Join(own, "cgroup.controllers"))
			if err != nil || !slices.Contains(strings.Fields(string(controllers)), "cpu") {
				continue
			}
			// Groups below a group can be bounded only if the group allows it.
			return own, false, os.WriteFile(filepath.Join(own, "cgroup.subtree_control"), []byte("+cpu"), 0)
		}
	}
	return "", false, errors.New("no control group bounds CPU time here")
}

// ownGroup returns the folder of this process's group for a controller, "" for version 2.
func ownGroup(mount, groups, controller string) string {
	for line := range strings.Lines(groups) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3) // number, controllers, path
		if len(fields) == 3 && slices.Contains(strings.Split(fields[1], ","), controller) {
			if own := filepath.Join(mount, fields[2]); exists(own) { // it does not in a container that sees only its own part
				return own
			}
		}
	}
	return mount
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
