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
		var event struct {
			RouteKey, Source string
			Records          []struct{ EventSource string } // of S3 or DynamoDB, without a route
		}
		if err := json.Unmarshal([]byte(filled), &event); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if event.RouteKey == "" {
			group := "imageprocessor"
			if event.Source == "aws.events" || event.Records[0].EventSource == "aws:dynamodb" {
				group = "webhookdeliverer"
			}
			shown[group] = true
			if _, err := harness.Platform.Handlers[group].Invoke(context.Background(), []byte(filled)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		group, ok := harness.Platform.Routes[event.RouteKey]
		if !ok {
			t.Errorf("%s: template.yaml has no route %q", file, event.RouteKey)
			continue
		}
		shown[group] = true
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
