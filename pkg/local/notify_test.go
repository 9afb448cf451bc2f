package local

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"contacts/pkg/samtemplate"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

// imageTemplate has one function that wants to know of JPEGs below incoming/.
func imageTemplate(names ...string) samtemplate.Template {
	return samtemplate.Template{Functions: []samtemplate.Function{{
		LogicalID: "ImageprocessorFunction", Group: "imageprocessor", Timeout: time.Minute,
		ObjectEvents: []samtemplate.ObjectEvent{{Bucket: testBucket, Names: names, Prefix: "incoming/", Suffix: ".jpg"}},
	}}}
}

func notifierFor(t *testing.T, dir string, h handlerFunc, names ...string) *Notifier {
	t.Helper()
	n, err := NewNotifier(imageTemplate(names...), map[string]Handler{"imageprocessor": h}, NotifierOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func upload(key string) Created {
	return Created{
		Event: "ObjectCreated:Post", Bucket: testBucket, Key: key, Size: 7, ETag: "9a0364b9",
		Time: time.Date(2026, 3, 1, 12, 30, 0, 5_000_000, time.UTC),
	}
}

func TestAFunctionGetsTheEventThatS3Sends(t *testing.T) {
	got := make(chan []byte, 1)
	n := notifierFor(t, "", func(_ context.Context, payload []byte) ([]byte, error) {
		got <- payload
		return nil, nil
	}, "s3:ObjectCreated:*")
	defer n.Close(t.Context())
	n.Created(upload("incoming/ä b+c(1).jpg"))
	payload := <-got

	var plain struct{ Records []map[string]any }
	if err := json.Unmarshal(payload, &plain); err != nil {
		t.Fatal(err)
	}
	record := plain.Records[0]
	delete(record, "responseElements")
	want := map[string]any{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-03-01T12:30:00.005Z",
		"eventName": "ObjectCreated:Post", "userIdentity": map[string]any{"principalId": "local"},
		"requestParameters": map[string]any{"sourceIPAddress": "127.0.0.1"},
		"s3": map[string]any{
			"s3SchemaVersion": "1.0", "configurationId": "local",
			"bucket": map[string]any{"name": testBucket, "arn": "arn:aws:s3:::" + testBucket, "ownerIdentity": map[string]any{"principalId": "local"}},
			"object": map[string]any{
				"key": "incoming/%C3%A4+b%2Bc%281%29.jpg", "size": 7.0, "eTag": "9a0364b9", "sequencer": "1898B6F19B6D2B40",
			},
		},
	}
	want["s3"].(map[string]any)["object"].(map[string]any)["sequencer"] = record["s3"].(map[string]any)["object"].(map[string]any)["sequencer"]
	if diff := cmp.Diff(want, record); diff != "" {
		t.Error(diff)
	}
	var event events.S3Event
	if err := json.Unmarshal(payload, &event); err != nil || event.Records[0].S3.Object.URLDecodedKey != "incoming/ä b+c(1).jpg" {
		t.Errorf("read by aws-lambda-go: %+v, %v", event, err)
	}
}

func TestOnlyWhatTheTemplateAsksForIsTold(t *testing.T) {
	for _, c := range []struct {
		names  []string
		change func(*Created)
		want   bool
	}{
		{[]string{"s3:ObjectCreated:*"}, func(*Created) {}, true},
		{[]string{"s3:ObjectCreated:Put", "s3:ObjectCreated:Post"}, func(*Created) {}, true},
		{[]string{"s3:ObjectCreated:Put"}, func(*Created) {}, false},
		{[]string{"s3:ObjectRemoved:*"}, func(*Created) {}, false},
		{[]string{"s3:ObjectCreated:*"}, func(c *Created) { c.Key = "images/a.jpg" }, false},
		{[]string{"s3:ObjectCreated:*"}, func(c *Created) { c.Key = "incoming/a.png" }, false},
		{[]string{"s3:ObjectCreated:*"}, func(c *Created) { c.Bucket = "other" }, false},
	} {
		called := false
		n := notifierFor(t, "", func(context.Context, []byte) ([]byte, error) {
			called = true
			return nil, nil
		}, c.names...)
		created := upload("incoming/a.jpg")
		c.change(&created)
		n.Created(created)
		n.running.Wait()
		if called != c.want {
			t.Errorf("%v %+v: told: %v", c.names, created, called)
		}
	}
}

func TestACallThatFailsIsRepeatedTwiceLaterAndThenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		begun := time.Now()
		var calls []time.Duration
		n := notifierFor(t, dir, func(context.Context, []byte) ([]byte, error) {
			calls = append(calls, time.Since(begun))
			if len(calls) == 1 {
				panic("broken")
			}
			return nil, errors.New("broken")
		}, "s3:ObjectCreated:*")
		n.Created(upload("incoming/a.jpg"))
		n.running.Wait()
		if diff := cmp.Diff([]time.Duration{0, time.Second, 3 * time.Second}, calls); diff != "" {
			t.Error(diff)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("left over: %v", left)
		}
	})
}

func TestAnEventOutlivesTheProcessThatTookIt(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		first := notifierFor(t, dir, func(context.Context, []byte) ([]byte, error) { return nil, errors.New("not now") }, "s3:ObjectCreated:*")
		first.Created(upload("incoming/a.jpg"))
		synctest.Wait() // it has failed once, and waits
		first.Close(t.Context())
		first.Created(upload("incoming/b.jpg")) // comes while everything ends
	})
	var mu sync.Mutex
	keys := map[string]bool{}
	second := notifierFor(t, dir, func(_ context.Context, payload []byte) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		var event events.S3Event
		err := json.Unmarshal(payload, &event)
		keys[event.Records[0].S3.Object.URLDecodedKey] = true
		return nil, err
	}, "s3:ObjectCreated:*")
	second.running.Wait()
	if diff := cmp.Diff(map[string]bool{"incoming/a.jpg": true, "incoming/b.jpg": true}, keys); diff != "" {
		t.Error(diff)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestAFewCallsAtMostRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		n := notifierFor(t, "", func(context.Context, []byte) ([]byte, error) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second) // of the bubble's time
			mu.Lock()
			running--
			mu.Unlock()
			return nil, nil
		}, "s3:ObjectCreated:*")
		for range 10 {
			n.Created(upload("incoming/a.jpg"))
		}
		n.running.Wait()
		if most != concurrentCalls {
			t.Errorf("%d ran at once", most)
		}
	})
}

func TestAFunctionWithS3EventsNeedsAHandler(t *testing.T) {
	if _, err := NewNotifier(imageTemplate("s3:ObjectCreated:*"), nil, NotifierOptions{}); err == nil {
		t.Error("no error")
	}
}
