package functions

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestEachSampleEventIsAnsweredByTheFunctionOfItsRoute(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no events", err)
	}
	shown := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		filled := strings.NewReplacer("Bearer TOKEN", "Bearer "+x.Admin().Token, "/org/demo", "/org/"+x.Org, "authorize/demo", "authorize/"+x.Org, "incoming/demo", "incoming/"+x.Org, "T#demo#", "T#"+x.Org+"#",
			"Basic ZGVtby1hcHA6U0VDUkVU", harness.BasicAuth(x.App, x.Secret), "demo-user", x.NewUser(), "PASSWORD", harness.RightPassword).Replace(string(text))
		route, group := ofEvent(t, file, []byte(filled))
		shown[group] = true
		if route == "" {
			if _, err := harness.Platform.Handlers[group].Invoke(context.Background(), []byte(filled)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		answered, err := harness.Platform.Handlers[group].Invoke(context.Background(), []byte(filled))
		var answer struct {
			StatusCode int
			Body       string
		}
		if err == nil {
			err = json.Unmarshal(answered, &answer)
		}
		// The ids do not exist: not found, or no target for a reference.
		if taken := answer.StatusCode < 300 || answer.StatusCode == 404 || answer.StatusCode == 422; err != nil || !taken {
			t.Errorf("%s: %d %s %v", file, answer.StatusCode, answer.Body, err)
		}
	}
	for group := range harness.Platform.Handlers {
		if !shown[group] {
			t.Errorf("events/ has none for %s", group)
		}
	}
}

// ofEvent returns the route of an event, "" for one that is none of a request, and the function that it is for.
func ofEvent(t *testing.T, file string, text []byte) (route, group string) {
	t.Helper()
	var event struct {
		RouteKey, Source string
		Records          []struct { // of S3 or DynamoDB
			EventSource string
			DynamoDB    struct {
				Keys struct{ PK struct{ S string } }
			}
		}
	}
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	switch {
	case event.RouteKey != "":
		group, ok := harness.Platform.Routes[event.RouteKey]
		if !ok {
			t.Fatalf("%s: template.yaml has no route %q", file, event.RouteKey)
		}
		return event.RouteKey, group
	case event.Source == "aws.events":
		return "", "webhookdeliverer"
	case event.Records[0].EventSource != "aws:dynamodb":
		return "", "imageprocessor"
	case event.Records[0].DynamoDB.Keys.PK.S == "P#JOB":
		return "", "exporter"
	}
	return "", "webhookdeliverer"
}
