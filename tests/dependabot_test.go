package tests

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestEveryListOfDependenciesIsUpdated finds the files that list dependencies and looks for their folders in Dependabot's configuration.
func TestEveryListOfDependenciesIsUpdated(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../.github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	ecosystems := map[string]string{"go.mod": "gomod", "package.json": "npm", "requirements.txt": "pip", "pom.xml": "maven"}
	want := map[string][]string{}
	if err := filepath.WalkDir("..", func(file string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (len(name) > 2 && name[0] == '.' || slices.Contains([]string{"node_modules", "build", "unpacked"}, name)) {
			return filepath.SkipDir
		}
		if ecosystem, ok := ecosystems[entry.Name()]; ok {
			folder, err := filepath.Rel("..", filepath.Dir(file))
			want[ecosystem] = append(want[ecosystem], path.Join("/", filepath.ToSlash(folder)))
			return err
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, u := range config.Updates {
		if u.Directory != "" {
			u.Directories = append(u.Directories, u.Directory)
		}
		got[u.Ecosystem] = append(got[u.Ecosystem], u.Directories...)
	}
	for ecosystem, folders := range want {
		slices.Sort(folders)
		slices.Sort(got[ecosystem])
		if !slices.Equal(got[ecosystem], folders) {
			t.Errorf("Dependabot looks for %s in %q, the files are in %q", ecosystem, got[ecosystem], folders)
		}
	}
}
