package changes

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/tests/harness"
)

// Many clients change contacts that refer to each other in every way, while a mirror follows.
func TestAMirrorMadeFromTheFeedEqualsThePlatform(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkload(t)
	m := harness.NewMirror(w.Tenant)
	m.Sync()
	m.Equals()
	var clients sync.WaitGroup
	for n := range 4 {
		clients.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(n)))
			for range 60 {
				method, path, body := w.Change(r)
				if _, err := w.TryDo(method, path, body); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { clients.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		m.Sync()
	}
	m.Equals()
	fresh := harness.NewMirror(w.Tenant)
	fresh.Sync()
	fresh.Equals()
	w.IsSound()
}

// The programs that docs/changes.md shows make a copy, and bring it up to date. `make test-clients` runs the one in TypeScript.
func TestTheDocumentedProgramsKeepACopy(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(filepath.Join("..", "..", "docs", "changes.md"))
	if err != nil {
		t.Fatal(err)
	}
	tools := t.TempDir()
	jq := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(tools, "jq"), "github.com/itchyny/gojq/cmd/gojq") // not every machine has one
	if out, err := jq.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for language, command := range map[string][]string{"go": {"go", "run", "mirror.go"}, "bash": {"bash", "mirror.bash"}} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			x, folder := harness.NewTenant(t), t.TempDir()
			_, program, _ := strings.Cut(string(document), "```"+language+"\n")
			program, _, _ = strings.Cut(program, "```")
			if err := os.WriteFile(filepath.Join(folder, "mirror."+language), []byte(program), 0o600); err != nil {
				t.Fatal(err)
			}
			run := func() string {
				t.Helper()
				program := exec.CommandContext(t.Context(), command[0], command[1:]...)
				program.Dir = folder
				program.Env = append(os.Environ(), "CONTACTS="+harness.Platform.URL+x.Path(""), "TOKEN="+x.Token, "NO_PROXY=127.0.0.1", "PATH="+tools+":"+os.Getenv("PATH"))
				if out, err := program.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				return copied(t, folder)
			}
			person := x.CreateIndividual("Erika")
			x.CreateOrganization("Muster GmbH")
			x.NewPlaceholder("till")
			if got := run(); !strings.Contains(got, "Erika") || !strings.Contains(got, "Muster GmbH") || !strings.Contains(got, "till") {
				t.Errorf("the copy is %s", got)
			}
			x.Do("PUT", person, object{"name": "Max"}).Want(200)
			if got := run(); strings.Contains(got, "Erika") || !strings.Contains(got, "Max") || !strings.Contains(got, "till") {
				t.Errorf("the copy is %s after a change", got)
			}
		})
	}
}

// copied returns all JSON in a folder.
func copied(t *testing.T, folder string) (all string) {
	t.Helper()
	if err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		all += string(text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTokensAreBoundToOrganizationAndKind(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	x.CreateIndividual("Erika")
	x.CreateOrganization("Muster GmbH")
	all := x.Get("/changes").Want(200).Text("next")
	people := x.Get("/changes?kind=INDIVIDUAL").Want(200)
	if items := people.Page().Items; len(items) != 1 || items[0]["kind"] != "INDIVIDUAL" {
		t.Errorf("the individuals are %v", items)
	}
	x.Get("/changes?since=" + all).Want(200)
	x.Get("/changes?kind=INDIVIDUAL&since=" + people.Text("next")).Want(200)
	other.Get("/changes?since="+all).Faults(400, "?since")
	x.Get("/changes?kind=ORGANIZATION&since="+people.Text("next")).Faults(400, "?since")
	x.Get("/changes?since="+people.Text("next")).Faults(400, "?since")
	x.Get("/changes?since="+all+"x").Faults(400, "?since")
	x.Get("/changes?since=x").Faults(400, "?since")
	x.Get("/changes?kind=PERSON").Faults(400, "?kind")
	x.Get("/changes?limit=0").Faults(400, "?limit")
	x.Get("/changes?limit=1001").Faults(400, "?limit")
	x.Get("/changes?until=x").Faults(400, "?until")
}

// Two processes whose clocks differ change one contact in turns: its times grow, and no change is lost or made twice.
func TestTimesGrowWhateverTheClocksOfTheProcesses(t *testing.T) {
	t.Parallel()
	ahead := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{})
	behind := harness.NewSandbox(t, ahead.Tenant, harness.SandboxOptions{On: ahead})
	behind.Ahead.Store(int64(-20 * time.Second))
	person := ahead.CreateIndividual("Erika")
	for n := range 5 {
		ahead.Do("POST", person+"/emails", harness.EmailSample).Want(201)
		behind.Do("PUT", person, object{"name": fmt.Sprint("Erika ", n)}).Want(200)
	}
	log := strings.Split(strings.TrimSpace(behind.Log.All()), "\n")
	if last := log[len(log)-1]; !strings.Contains(last, `"store_calls":3,`) {
		t.Errorf("a change by a clock that is behind takes more than a read and two transactions: %s", last)
	}
	all := entries(t, ahead)
	if len(all) != 11 {
		t.Errorf("%d changes were made: %v", len(all), all)
	}
}

// entries returns the changes in a sandbox, whose times must be different.
func entries(t *testing.T, s *harness.Sandbox) (all []changes.Change) {
	t.Helper()
	times := map[int64]bool{}
	for n := range keys.ChangeShards {
		err := s.Database.Table.Query(keys.Changes(s.Org, n)).Read(t.Context(), 0, func(item dynamo.Item) {
			c, err := changes.Of(item)
			if err != nil || times[c.At] {
				t.Errorf("%v: %v", item, err)
			}
			times[c.At] = true
			all = append(all, c)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
