package tests

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/samtemplate"
	"contacts/pkg/wiring/all"
	"contacts/tools/runtime"
)

// maxBinary is what a cold start may have to load, in bytes.
const maxBinary = 12_000_000

// What runs in Lambda is what is tested: each event of events/ is answered by the built binary as by the handler in this
// process. Both work on the engine of the platform, each on a contact of its own.
func TestEachBuiltFunctionAnswersItsSampleEventsAsItsHandlerDoes(t *testing.T) {
	t.Parallel()
	if goruntime.GOOS != "linux" {
		t.Skip("functions are programs for Linux: they can't run here")
	}
	samples := sampleEvents(t)
	for _, f := range templateFunctions(t) {
		t.Run(f.Group, func(t *testing.T) {
			t.Parallel()
			if len(samples[f.Group]) == 0 {
				t.Fatalf("events/ has none for %s", f.Group)
			}
			binary := built(t, f)
			if info, err := os.Stat(binary); err != nil {
				t.Error(err)
			} else if info.Size() > maxBinary {
				t.Errorf("the binary has %d bytes, more than %d", info.Size(), maxBinary)
			}
			for name, event := range samples[f.Group] {
				t.Run(name, func(t *testing.T) {
					here, there := newStudio(t), newStudio(t)
					want := here.takes(event, func(event []byte) ([]byte, error) {
						getenv := func(name string) string { return here.environment(f)[name] }
						handler, err := all.Functions()[f.Group](getenv, &platform.log)
						if err != nil {
							return nil, err
						}
						return handler.Invoke(t.Context(), event)
					})
					got := there.takes(event, func(event []byte) ([]byte, error) {
						p, err := runtime.Start(t.Context(), runtime.Options{
							Binary: binary, Env: there.environment(f), Timeout: f.Timeout, Output: &platform.log})
						if err != nil {
							return nil, err
						}
						defer p.Stop()
						answer, err := p.Invoke(t.Context(), event)
						return answer.Payload, err
					})
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("the handler (-) and the binary (+) answer differently:\n%s", diff)
					}
				})
			}
		})
	}
}

// sampleEvents are the events of events/ by the function that takes them and their file.
func sampleEvents(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "events", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string]map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var event struct {
			RouteKey string
			Records  []object
		}
		if err := json.Unmarshal(text, &event); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		group, ok := platform.routes[event.RouteKey]
		if len(event.Records) > 0 {
			group, ok = "imageprocessor", true
		}
		if !ok {
			t.Fatalf("%s: template.yaml has no route %q", file, event.RouteKey)
		}
		if samples[group] == nil {
			samples[group] = map[string]string{}
		}
		samples[group][filepath.Base(file)] = string(text)
	}
	return samples
}

// templateFunctions are the functions of template.yaml with the environment that it gives them.
func templateFunctions(t *testing.T) []samtemplate.Function {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	template, err := samtemplate.Read(text, map[string]string{
		"ContactsTable": platform.name, "ContactsBucket": bucket, "SigningSecret": platform.secret, "MetricsNamespace": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	return template.Functions
}

// built builds a function as a deployment does, by the rule that `sam build` calls, but for this machine.
func built(t *testing.T, f samtemplate.Function) string {
	t.Helper()
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), "make", "build-"+f.LogicalID, "ARTIFACTS_DIR="+folder, "GOARCH="+goruntime.GOARCH)
	command.Dir = ".."
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, said)
	}
	return filepath.Join(folder, "bootstrap")
}

// environment is what a deployed function has in its own, with what this machine has in the place of AWS.
func (s studio) environment(f samtemplate.Function) map[string]string {
	around := maps.Clone(f.Environment)
	maps.Copy(around, map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": *platform.store.Options().BaseEndpoint, "AWS_ENDPOINT_URL_S3": s.endpoint, "BUCKET_NAME": bucket,
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	})
	return around
}

// A taken is what came of an event, as far as it is the same for everybody.
type taken struct {
	Status      int
	ContentType string
	Headers     []string // their names
	Body        any      // its shape
	Image       any      // the shape of that of the picture which the event tells of
}

// takes hands an event to a function, with a token and with ids of this tenant in place of those made up.
func (s studio) takes(event string, invoke func([]byte) ([]byte, error)) taken {
	s.t.Helper()
	ids := map[string]string{
		"8123": lastSegment(s.owner),
		"8129": s.do("POST", "/organization", object{"name": "Muster GmbH"}).want(201).text("id"),
		"8135": lastSegment(s.newList()),
		"8139": "8139",
	}
	ofPicture := strings.Contains(event, `"Records"`)
	if ofPicture {
		path, _ := s.sent(studioPicture)
		ids["8139"] = lastSegment(path)
	}
	event = madeUp.ReplaceAllStringFunc(event, func(id string) string { return ids[id] })
	event = strings.NewReplacer("Bearer TOKEN", "Bearer "+s.token, "Basic ZGVtby1hcHA6U0VDUkVU", basicAuth(s.app, s.secret), "demo-user", s.newUser(), "PASSWORD", rightPassword,
		"/org/demo", "/org/"+s.org, "authorize/demo", "authorize/"+s.org, "incoming/demo", "incoming/"+s.org).Replace(event)
	payload, err := invoke([]byte(event))
	if err != nil {
		s.t.Fatal(err)
	}
	if ofPicture {
		image := s.listed(s.owner, ids["8139"])
		if image["status"] != "READY" {
			s.t.Errorf("the picture is %v", image)
		}
		return taken{Body: string(payload), Image: shapeOf(image)}
	}
	return s.read(payload)
}

var madeUp = regexp.MustCompile(`\b(8123|8129|8135|8139)\b`)

// read reads an answer in payload format 2.0.
func (s studio) read(payload []byte) taken {
	s.t.Helper()
	var answer struct {
		StatusCode      int
		Headers         map[string]string
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(payload, &answer); err != nil {
		s.t.Fatalf("%s: %v", payload, err)
	}
	// Where an id is made up all the same, what is about it is not found, or can't be referred to.
	if ok := answer.StatusCode < 300 || answer.StatusCode == 404 || answer.StatusCode == 422; !ok {
		s.t.Errorf("answered %s", payload)
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		body, _ = base64.StdEncoding.DecodeString(answer.Body) // what is none has another shape
	}
	a := taken{Status: answer.StatusCode, Headers: slices.Sorted(maps.Keys(answer.Headers)), ContentType: answer.Headers["Content-Type"]}
	if answer.Headers["Content-Encoding"] == "gzip" {
		unzipped, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			s.t.Fatal(err)
		}
		if body, err = io.ReadAll(unzipped); err != nil {
			s.t.Fatal(err)
		}
	}
	if len(body) > 0 {
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			s.t.Fatalf("%s: %v", body, err)
		}
		a.Body = shapeOf(value)
	}
	return a
}

// shapeOf is JSON with the kind of each text and number in its place: what they are differs from tenant to tenant.
func shapeOf(value any) any {
	switch v := value.(type) {
	case map[string]any:
		shape := map[string]any{}
		for name, member := range v {
			shape[name] = shapeOf(member)
		}
		return shape
	case []any:
		shape := make([]any, len(v))
		for i, element := range v {
			shape[i] = shapeOf(element)
		}
		return shape
	case string:
		return "text"
	case float64:
		return "number"
	}
	return value
}
