package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A platform that is reached from elsewhere hands out addresses that work from there: that of the API, and those of pictures.
func TestServeListensWhereItIsTold(t *testing.T) {
	t.Parallel()
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		host = "127.0.0.2" // all of 127.0.0.0/8 is this machine; elsewhere it has to be set up
	}
	c, stop := serveOn(t, filepath.Join(t.TempDir(), "data"), "--host", host)
	defer stop()
	if !strings.HasPrefix(c.URL, "http://"+host+":") {
		t.Errorf("the address is %s", c.URL)
	}
	ask := func(path, body string) (answer struct{ ID, URL string }) {
		request, err := http.NewRequestWithContext(t.Context(), "POST", c.URL+"/contacts/org/"+c.Org+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+tokenOf(t, c))
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != 201 || json.Unmarshal(text, &answer) != nil {
			t.Fatalf("%s is answered %d %s, %v", path, response.StatusCode, text, err)
		}
		return answer
	}
	person := ask("/individual", `{"name": "Erika Mustermann"}`).ID
	if form := ask("/individual/"+person+"/images/upload", `{"content_type": "image/png"}`).URL; !strings.HasPrefix(form, "http://"+host+":") {
		t.Errorf("a picture is to be sent to %s", form)
	}
}

func readYAML(t *testing.T, path string) (document map[string]any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(readText(t, path)), &document); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return document
}

// What the workflows run is there, and one of them is what has to hold before a change lands.
func TestTheWorkflowsRunWhatIsThere(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no workflows", err)
	}
	makefile, commands := readText(t, "../../Makefile"), []string{}
	for _, file := range files {
		for name, job := range readYAML(t, file)["jobs"].(map[string]any) {
			job := job.(map[string]any)
			if uses, ok := job["uses"].(string); ok {
				if _, err := os.Stat(filepath.Join("../..", uses)); err != nil {
					t.Errorf("%s: %s uses %s: %v", file, name, uses, err)
				}
			}
			steps, _ := job["steps"].([]any)
			for _, step := range steps {
				if command, ok := step.(map[string]any)["run"].(string); ok {
					commands = append(commands, command)
				}
			}
		}
	}
	for _, command := range commands {
		if strings.Contains(command, "${{") {
			t.Errorf("%q is put together from what others wrote: a tag can be a command", command)
		}
		if target, ok := strings.CutPrefix(command, "make "); ok && !regexp.MustCompile(`(?m)^`+target+`:.*## `).MatchString(makefile) {
			t.Errorf("make has no %q", target)
		}
	}
	if info, err := os.Stat("../../.ci/run"); err != nil || info.Mode()&0o100 == 0 || !slices.Contains(commands, ".ci/run") {
		t.Errorf("no workflow runs .ci/run: %v, %v", commands, err)
	}
}

// The image starts a command that the tool has, on the ports that compose.yaml publishes, and is built from files that are there, by the
// project's own versions.
func TestTheContainerRunsWhatIsThere(t *testing.T) {
	t.Parallel()
	dockerfile, ignored := readText(t, "../../Dockerfile"), readText(t, "../../.dockerignore")
	var command []string
	if err := json.Unmarshal([]byte(regexp.MustCompile(`(?m)^CMD (.*)$`).FindStringSubmatch(dockerfile)[1]), &command); err != nil {
		t.Fatal(err)
	}
	c := serve(io.Discard)
	if err := c.ParseFlags(command[1:]); command[0] != "serve" || err != nil {
		t.Fatalf("it starts %v: %v", command, err)
	}
	var ports []any
	for _, name := range []string{"port", "s3-port"} {
		port := c.Flag(name).Value.String()
		ports = append(ports, "127.0.0.1:"+port+":"+port)
	}
	compose := readYAML(t, "../../compose.yaml")["services"].(map[string]any)
	for _, name := range []string{"contacts", "contacts-dynamodb-local"} {
		if got := compose[name].(map[string]any)["ports"]; fmt.Sprint(got) != fmt.Sprint(ports) {
			t.Errorf("compose.yaml publishes %v of %s, want %v", got, name, ports)
		}
	}
	tested := regexp.MustCompile(`<version>(\d+\.\d+\.\d+)</version>`).FindStringSubmatch(readText(t, "../../tools/dynamodb-local/pom.xml"))[1]
	if image := compose["dynamodb-local"].(map[string]any)["image"]; image != "amazon/dynamodb-local:"+tested {
		t.Errorf("compose.yaml runs %v, tests run %s", image, tested)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(readText(t, "../../go.mod"))[1]
	if !strings.Contains(dockerfile, "golang:"+version+" ") {
		t.Errorf("the image is not built by Go %s", version)
	}
	for _, line := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(dockerfile, -1) {
		for _, source := range strings.Fields(line[1]) {
			if _, err := os.Stat(filepath.Join("../..", source)); err != nil || source != "." && !strings.Contains(ignored, "\n!"+source+"\n") {
				t.Errorf("%s is copied, but is not there: %v", source, err)
			}
		}
	}
}

// The map of the folders has each of them, and no other.
func TestTheMapHasEveryPackage(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("../../pkg/*")
	if err != nil {
		t.Fatal(err)
	}
	text := readText(t, "../../CONTRIBUTING.md")
	for _, folder := range folders {
		if name := "pkg/" + filepath.Base(folder); !strings.Contains(text, "`"+name+"`") {
			t.Errorf("CONTRIBUTING.md has no %s", name)
		}
	}
	for _, m := range regexp.MustCompile("`(pkg/[a-z/]+)`").FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
			t.Errorf("CONTRIBUTING.md has %s: %v", m[1], err)
		}
	}
}
