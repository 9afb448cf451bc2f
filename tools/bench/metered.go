package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"contacts/tools/runtime"
)

// A metered function is one whose line in the log is read after each request: it says what the request asked of the store.
type metered struct {
	process *runtime.Process
	lines   *io.PipeReader
	log     *json.Decoder
}

// A usage is what a request asked of the store.
type usage struct {
	Calls int     `json:"store_calls"`
	Read  float64 `json:"read_units"`
	Write float64 `json:"write_units"`
	Cause string  // of a failure of the platform
	Msg   string  // "request" on the line of a request
}

func (u usage) String() string { return fmt.Sprintf("%g, %g", u.Read, u.Write) }

// startMetered starts a function that has some minutes for each request.
func (s *stage) startMetered(ctx context.Context, name string) (*metered, error) {
	lines, log := io.Pipe()
	p, err := runtime.Start(ctx, runtime.Options{Binary: s.binary(name), Env: s.environment, Output: log, Timeout: 10 * time.Minute})
	if err != nil {
		return nil, err
	}
	return &metered{p, lines, json.NewDecoder(lines)}, nil
}

// stop ends the function. What it still logs goes nowhere.
func (m *metered) stop() {
	_ = m.lines.Close()
	m.process.Stop()
}

// ask hands the function an event. Any status is an answer.
func (m *metered) ask(ctx context.Context, event []byte) (answer, usage, error) {
	a, err := invoke(ctx, m.process, event)
	if err != nil {
		return a, usage{}, err
	}
	for {
		var u usage
		if err := m.log.Decode(&u); err != nil || u.Msg == "request" {
			return a, u, err
		}
	}
}
