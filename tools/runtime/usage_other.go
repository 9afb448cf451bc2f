//go:build !linux

package runtime

import "errors"

// Usage can be read on Linux alone.
func (p *Process) Usage() (Usage, error) {
	return Usage{}, errors.New("CPU time and memory of a function can be measured on Linux alone")
}
