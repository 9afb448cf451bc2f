package functions

import (
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/samtemplate"
	"contacts/pkg/wiring/all"
	"contacts/tests/harness"
	"contacts/tools/runtime"
)

// maxBinary is the largest binary of a function, in bytes: a cold start loads all of it.
const maxBinary = 12_000_000

// The built binaries behave as the handlers in this process: they answer each event of events/ alike. Both use the platform's engine, each with
// a contact of its own.
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
					here, there := harness.NewImageSandbox(t), harness.NewImageSandbox(t)
					want := here.Invoke(event, func(event []byte) ([]byte, error) {
						getenv := func(name string) string { return here.Environment(f)[name] }
						handler, err := all.Functions()[f.Group](getenv, &harness.Platform.Log)
						if err != nil {
							return nil, err
						}
						return handler.Invoke(t.Context(), event)
					})
					got := there.Invoke(event, func(event []byte) ([]byte, error) {
						p, err := runtime.Start(t.Context(), runtime.Options{
							Binary: binary, Env: there.Environment(f), Timeout: harness.PlentyOfTime, StartTimeout: harness.PlentyOfTime, Output: &harness.Platform.Log})
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

// sampleEvents returns the events of events/ by function and file.
func sampleEvents(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string]map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, group := ofEvent(t, file, text)
		if samples[group] == nil {
			samples[group] = map[string]string{}
		}
		samples[group][filepath.Base(file)] = string(text)
	}
	return samples
}

// templateFunctions returns the functions of template.yaml with their environment.
func templateFunctions(t *testing.T) []samtemplate.Function {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	template, err := samtemplate.Read(text, map[string]string{
		"ContactsTable": harness.Platform.Name, "ContactsBucket": harness.Bucket, "SigningSecret": harness.Platform.Secret, "WebhookSecret": harness.WebhookSecret,
		"MetricsNamespace": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	return template.Functions
}

// built builds a function by the rule that `sam build` calls, but for this machine.
func built(t *testing.T, f samtemplate.Function) string {
	t.Helper()
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), "make", "build-"+f.LogicalID, "ARTIFACTS_DIR="+folder, "GOARCH="+goruntime.GOARCH)
	command.Dir = filepath.Join("..", "..")
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, said)
	}
	return filepath.Join(folder, "bootstrap")
}
