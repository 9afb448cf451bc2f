//go:build !linux

package runtime

import "errors"

// Usage is available on Linux only.
func (p *Process) Usage() (Usage, error) {
	return Usage{}, errors.New("CPU time and memory of a function can be measured on Linux alone")
}
