package local

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"contacts/pkg/samtemplate"
)

// wakerFor returns a waker of a template with one function that a stream and a schedule call.
func wakerFor(t *testing.T, h handlerFunc) *Waker {
	t.Helper()
	w, err := NewWaker(streamTemplate(), map[string]Handler{"deliverer": h}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func streamTemplate() samtemplate.Template {
	return samtemplate.Template{Functions: []samtemplate.Function{
		{LogicalID: "DelivererFunction", Group: "deliverer", Timeout: time.Minute, Stream: true, Scheduled: true}}}
}

func TestAFunctionOfAStreamIsCalledAfterAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := make(chan []byte, 10)
		w := wakerFor(t, func(_ context.Context, event []byte) ([]byte, error) {
			calls <- event
			return nil, nil
		})
		gateway := w.afterWrites(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		serve := func(method string) { gateway.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, "/", nil)) }
		serve(http.MethodPost)
		began := time.Now()
		var event struct {
			Records []any
			Source  string
		}
		if err := json.Unmarshal(<-calls, &event); err != nil || event.Records != nil || event.Source != "aws.events" {
			t.Errorf("%+v, %v", event, err)
		}
		if time.Since(began) > time.Second {
			t.Errorf("it was called after %v", time.Since(began))
		}
		time.Sleep(wakePause)
		serve(http.MethodGet)
		time.Sleep(wakePause)
		if len(calls) > 0 {
			t.Error("a read woke it")
		}
		time.Sleep(wakeEvery)
		if len(calls) != 1 {
			t.Errorf("%d calls by the schedule", len(calls))
		}
		w.Close(t.Context())
	})
}

func TestACallThatTakesLongDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		w := wakerFor(t, func(context.Context, []byte) ([]byte, error) {
			if calls.Add(1) == 1 {
				time.Sleep(30 * time.Second)
			}
			return nil, nil
		})
		w.Wake()
		time.Sleep(time.Second)
		for range 100 {
			w.Wake()
		}
		time.Sleep(time.Second)
		if n := calls.Load(); n != 2 && n != 3 {
			t.Errorf("%d calls, want that of the first write and one or two of a hundred", n)
		}
		w.Close(t.Context())
	})
}

func TestAFunctionOfAStreamNeedsAHandler(t *testing.T) {
	if _, err := NewWaker(streamTemplate(), nil, nil); err == nil {
		t.Error("no error")
	}
}

func TestAFunctionOfObjectsWakesThoseOfAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		w := wakerFor(t, func(context.Context, []byte) ([]byte, error) {
			calls.Add(1)
			return nil, nil
		})
		processor := handlerFunc(func(context.Context, []byte) ([]byte, error) { return nil, nil })
		waking := w.afterObjects(imageTemplate("s3:ObjectCreated:*"), map[string]Handler{"imageprocessor": processor})
		if _, err := waking["imageprocessor"].Invoke(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
		w.Close(t.Context())
	})
}
