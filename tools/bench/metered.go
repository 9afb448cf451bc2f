package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"contacts/tools/runtime"
)

// A metered function is one whose log line is read after each request, for the calls and units of the store.
type metered struct {
	process *runtime.Process
	log     *io.PipeWriter
	used    chan usage // one for each request
}

// A usage is the calls and units of a request.
type usage struct {
	Calls int     `json:"store_calls"`
	Read  float64 `json:"read_units"`
	Write float64 `json:"write_units"`
	Cause string  // of a failure of the platform
	Msg   string  // "request" on the line of a request
}

func (u usage) String() string { return fmt.Sprintf("%g, %g", u.Read, u.Write) }

// startMetered starts a function with a limit of some minutes for each request.
func (s *stage) startMetered(ctx context.Context, name string) (*metered, error) {
	lines, log := io.Pipe()
	p, err := runtime.Start(ctx, runtime.Options{Binary: s.binary(name), Env: s.environment, Output: log, Timeout: 10 * time.Minute})
	if err != nil {
		return nil, err
	}
	m := &metered{p, log, make(chan usage, 1)}
	go m.read(lines)
	return m, nil
}

// read passes on the log lines of requests until the log ends, which the end of the function waits for. It copies other output, such as
// that of a crash, to standard error.
func (m *metered) read(log io.Reader) {
	for lines := bufio.NewReader(log); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var u usage
		switch {
		case json.Unmarshal(line, &u) != nil:
			progress("%s", line)
		case u.Msg == "request":
			select {
			case m.used <- u:
			default: // that of the last request, which failed, was not read
			}
		}
	}
}

// ask sends the function an event. Any status is an answer.
func (m *metered) ask(ctx context.Context, event []byte) (answer, usage, error) {
	a, err := invoke(ctx, m.process, event)
	if err != nil {
		return a, usage{}, err
	}
	return a, <-m.used, nil
}

// stop ends the function.
func (m *metered) stop() {
	m.process.Stop()
	_ = m.log.Close()
}
