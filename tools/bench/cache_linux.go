package main

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cacheDropper returns a function that drops a file from the page cache, and its name. It tries each way on a file and checks the
// result. If none works, it returns nil and the reason.
func cacheDropper(file string) (drop func(file string) error, how string) {
	for _, way := range []struct {
		how  string
		drop func(string) error
	}{
		{"by posix_fadvise of the binary", dropFile},
		{"by /proc/sys/vm/drop_caches", dropAll},
	} {
		if err := way.drop(file); err != nil {
			continue
		}
		if share, err := cached(file); err == nil && share < 0.05 {
			return way.drop, way.how
		}
	}
	return nil, "not measured: the page cache can't be dropped here"
}

// dropFile asks the kernel to drop a file that is not running. It needs no privileges, and works on most file systems.
func dropFile(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil { // dirty pages are not dropped
		return err
	}
	return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}

// dropAll empties the page cache of the whole machine; it needs root.
func dropAll(string) error {
	unix.Sync()
	return os.WriteFile("/proc/sys/vm/drop_caches", []byte("1"), 0o600)
}

// cached returns the share of a file that is in the page cache.
func cached(file string) (float64, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return 0, err
	}
	defer unix.Munmap(mapped) //nolint:errcheck // the process ends soon
	page := os.Getpagesize()
	resident := make([]byte, (len(mapped)+page-1)/page)
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mapped[0])), uintptr(len(mapped)),
		uintptr(unsafe.Pointer(&resident[0]))); errno != 0 {
		return 0, fmt.Errorf("mincore: %w", errno)
	}
	n := 0
	for _, flags := range resident {
		n += int(flags & 1)
	}
	return float64(n) / float64(len(resident)), nil
}
