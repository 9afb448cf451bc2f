package tests

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEachSampleEventIsTakenByTheFunctionOfItsRoute(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	files, err := filepath.Glob(filepath.Join("..", "events", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no events", err)
	}
	shown := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		filled := strings.NewReplacer("Bearer TOKEN", "Bearer "+x.token, "/org/demo", "/org/"+x.org, "authorize/demo", "authorize/"+x.org, "incoming/demo", "incoming/"+x.org,
			"Basic ZGVtby1hcHA6U0VDUkVU", basicAuth(x.app, x.secret), "demo-user", x.newUser(), "PASSWORD", rightPassword).Replace(string(text))
		var event struct {
			RouteKey string
			Records  []object // of S3, which asks for no route and waits for no answer
		}
		if err := json.Unmarshal([]byte(filled), &event); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(event.Records) > 0 {
			shown["imageprocessor"] = true
			if _, err := platform.handlers["imageprocessor"].Invoke(context.Background(), []byte(filled)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		group, ok := platform.routes[event.RouteKey]
		if !ok {
			t.Errorf("%s: template.yaml has no route %q", file, event.RouteKey)
			continue
		}
		shown[group] = true
		answered, err := platform.handlers[group].Invoke(context.Background(), []byte(filled))
		var answer struct {
			StatusCode int
			Body       string
		}
		if err == nil {
			err = json.Unmarshal(answered, &answer)
		}
		// The ids are made up: what is about one of them is not found, or can't be referred to.
		if taken := answer.StatusCode < 300 || answer.StatusCode == 404 || answer.StatusCode == 422; err != nil || !taken {
			t.Errorf("%s: %d %s %v", file, answer.StatusCode, answer.Body, err)
		}
	}
	for group := range platform.handlers {
		if !shown[group] {
			t.Errorf("events/ has none for %s", group)
		}
	}
}
