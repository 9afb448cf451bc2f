package harness

import (
	"bytes"
	"sync"
)

// Lines is the log of the functions, in memory.
type Lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *Lines) All() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// A logLine is what a function logs about one request.
type logLine struct {
	RequestID  string  `json:"request_id"`
	Org        string  `json:"org"`
	Operation  string  `json:"operation"`
	Method     string  `json:"method"`
	Status     int     `json:"status"`
	ReadUnits  float64 `json:"read_units"`
	WriteUnits float64 `json:"write_units"`
	StoreCalls int     `json:"store_calls"`
	Cause      string  `json:"cause"`

	ClientRequestID string `json:"client_request_id"`
	TraceID         string `json:"trace_id"`
}
