package offset_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// A faultyTransport refuses the transactions that write an index, or holds up those that are about something.
type faultyTransport struct {
	refuse  atomic.Bool
	refused atomic.Int64
	written func()                 // is called after an index was written; may be nil
	about   atomic.Pointer[string] // in the transactions that are held up
	held    chan struct{}          // such a transaction says so here,
	release chan struct{}          // and goes on when this is closed
}

// holdUp holds up the transactions of do that have a text in them while meanwhile runs.
func (f *faultyTransport) holdUp(about string, do, meanwhile func()) {
	f.held, f.release = make(chan struct{}, 1), make(chan struct{})
	f.about.Store(&about)
	var done sync.WaitGroup
	done.Go(do)
	<-f.held
	f.about.Store(nil)
	meanwhile()
	close(f.release)
	done.Wait()
}

func (f *faultyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	writes := strings.HasSuffix(r.Header.Get("X-Amz-Target"), "TransactWriteItems")
	if about := f.about.Load(); about != nil && writes && bytes.Contains(body, []byte(*about)) {
		f.held <- struct{}{}
		<-f.release
	}
	index := writes && bytes.Contains(body, []byte(`"watermark"`))
	if !f.refuse.Load() || !index {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if index && f.written != nil {
			f.written()
		}
		return answer, err
	}
	f.refused.Add(1)
	answer := `{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"not allowed"}`
	return &http.Response{StatusCode: 400, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}
