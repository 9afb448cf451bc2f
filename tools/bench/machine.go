package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// machine describes date, machine and versions of a measurement.
func machine() string {
	return fmt.Sprintf("%s, on %d cores of %s, %s, %s/%s, %s", time.Now().Format(time.DateOnly), runtime.NumCPU(), processor(),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.Join(versions(), ", "))
}

// processor returns the name of the processor.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // only Linux has it
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return "an " + strings.TrimSpace(value)
		}
	}
	return "an unnamed processor"
}

// versions returns the versions of the engine and of the SDK.
func versions() []string {
	var all []string
	var manifest struct {
		OptionalDependencies map[string]string `json:"optionalDependencies"`
	}
	if text, err := os.ReadFile("tools/package.json"); err == nil && json.Unmarshal(text, &manifest) == nil {
		all = append(all, "dynoxide "+manifest.OptionalDependencies["@dynoxide/linux-x64"])
	}
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		switch module.Path {
		case "github.com/aws/aws-lambda-go", "github.com/aws/aws-sdk-go-v2/service/dynamodb":
			all = append(all, strings.TrimPrefix(module.Path, "github.com/aws/")+" "+module.Version)
		}
	}
	return all
}
