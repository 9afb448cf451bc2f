package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"contacts/pkg/local"
)

// fakeAWS responds with errors as AWS does: DynamoDB in JSON, S3 in XML.
func fakeAWS(t *testing.T, status int, code, message string) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazon.coral.service#" + code, "message": message})
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestWhatAWSRefusesIsExplainedInOneSentence(t *testing.T) {
	h := newPlatform(t)
	h.fillOrganization(20, 3)
	whole := filepath.Join(t.TempDir(), "whole")
	h.run("backup --org demo --out %s", whole)
	denied := "User: arn:aws:iam::123456789012:user/max is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:eu-central-1:123456789012:table/x"
	for code, want := range map[string]string{
		"AccessDeniedException":       denied + "; ask for that permission",
		"ExpiredTokenException":       "the AWS credentials have expired: log in again",
		"UnrecognizedClientException": "AWS does not accept these credentials",
		"InvalidSignatureException":   "AWS does not accept these credentials",
		"ResourceNotFoundException":   "check --table, AWS_REGION and AWS_PROFILE",
	} {
		at := " --table x --endpoint " + fakeAWS(t, http.StatusBadRequest, code, denied)
		for _, line := range []string{"org list", "org create a", "app list", "app create a --org b", "user list", "user disable a", "user delete a --yes", "app delete a --yes", "key list", "key rotate", "table describe",
			"table create", "seed --contacts 1 --org a"} {
			requireExplanation(t, line+at, want)
		}
		for _, line := range []string{"backup --org a --out " + filepath.Join(t.TempDir(), "b"), "restore " + whole} {
			requireExplanation(t, line+at+" --bucket b", want)
		}
	}
	for code, want := range map[string]string{
		"AccessDenied":       "ask for that permission",
		"ExpiredToken":       "the AWS credentials have expired: log in again",
		"InvalidAccessKeyId": "AWS does not accept these credentials",
		"NoSuchBucket":       "there is no such bucket: check --bucket",
	} {
		at := fmt.Sprintf(" --table %s --endpoint %s --bucket b --s3-endpoint %s", localTable, h.services.DynamoDB, fakeAWS(t, http.StatusForbidden, code, denied))
		requireExplanation(t, "backup --org demo --out "+filepath.Join(t.TempDir(), "b")+at, want)
		requireExplanation(t, "restore "+whole+" --as "+code+at, want)
	}
}

// requireExplanation requires that a command line fails with one line that says what to do.
func requireExplanation(t *testing.T, line, want string) {
	t.Helper()
	err := run(t.Context(), strings.Fields(line), io.Discard)
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "operation error") {
		t.Errorf("contacts %s: %v, want %q in one line", line, err, want)
	}
	if exitCode(err) != 2 {
		t.Errorf("contacts %s: exit code %d, want 2", line, exitCode(err))
	}
}

func TestWhatTheToolNeedsOfAWSIsSaid(t *testing.T) {
	nothing := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "",
		"AWS_ENDPOINT_URL_DYNAMODB": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": ""} {
		t.Setenv(name, value)
	}
	requireExplanation(t, "org list", "--table NAME, or --data DIR")
	requireExplanation(t, "org list --table x", "set AWS_REGION")
	requireExplanation(t, "org list --table x --profile nobody", "nobody")
	requireExplanation(t, "org list --data "+t.TempDir(), "no platform runs on")
	t.Setenv("AWS_REGION", "eu-central-1")
	requireExplanation(t, "org list --table x", "there are no AWS credentials")
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	requireExplanation(t, "backup --org a --table x", "--bucket NAME")

	// Profiles are found as AWS's own tools find them.
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[profile far]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	requireExplanation(t, "org list --table x --profile far --endpoint "+fakeAWS(t, 400, "ExpiredTokenException", ""), "have expired")
}

func TestWhatIsRefusedSaysWhatToDo(t *testing.T) {
	c, data := servePlatform(t)
	at := " --data " + data
	long := strings.Repeat("a", 257)
	for line, want := range map[string]string{
		"app create " + c.App + " --org demo":       "contacts app rotate gives it another secret",
		"app create " + long + " --org demo":        "an application's name must have 1 to 256 bytes",
		"app create a:b --org demo":                 "must not contain a colon",
		"app create a --org nowhere":                "there is no organization nowhere; contacts org create creates it",
		"app create a":                              "--org NAME",
		"app rotate nobody":                         "there is no application nobody; contacts app list shows all",
		"app revoke nobody":                         "there is no application nobody; contacts app list shows all",
		"app grant nobody --org demo":               "there is no application nobody; contacts app list shows all",
		"user create " + c.Username + " --org demo": "contacts user password gives another password",
		"user disable nobody":                       "there is no user nobody; contacts user list shows all",
		"org add acme":                              "did you mean create?",
		"org create a.b":                            "can't be an organization",
		"app delete nobody":                         "there is no application nobody; contacts app list shows all",
		"user delete nobody --yes":                  "there is no user nobody; contacts user list shows all",
		"org create demo":                           "there is already organization demo",
		"org resync":                                "or --all",
		"org resync demo --all":                     "or --all",
		"org resync nobody":                         "there is no organization nobody; contacts org list shows all",
		"org list --table nowhere":                  "contacts table create creates one",
		"check --bucket nowhere":                    "there is no such bucket",
		"check --yes":                               "--yes goes with --repair",
	} {
		requireExplanation(t, line+at, want)
	}
	if err := run(t.Context(), []string{"app", "create", "", "--org", "demo", "--data", data}, io.Discard); err == nil || !strings.Contains(err.Error(), "1 to 256 bytes") {
		t.Errorf("an application without a name: %v", err)
	}
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	requireExplanation(t, "org list --table x --endpoint localhost:8000", `--endpoint is "localhost:8000", which is no address`)
	requireExplanation(t, "check --table x --bucket b --s3-endpoint nowhere", `--s3-endpoint is "nowhere", which is no address`)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "nowhere")
	requireExplanation(t, "org list --table x", `AWS_ENDPOINT_URL_DYNAMODB is "nowhere", which is no address`)
}

func TestAFullDiskIsNamed(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "/mnt/acme.backup/records.jsonl.part", Err: syscall.ENOSPC}
	if got, want := explain(fmt.Errorf("while copying: %w", full)).Error(), "/mnt/acme.backup/records.jsonl.part: the disk is full"; !strings.Contains(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTheExitCodeTellsWhatBecameOfACommand(t *testing.T) {
	for _, c := range []struct {
		args, stderr string
		code         int
	}{
		{"help", "", 0},
		{"completion fish", "", 0},
		{"help user create", "", 0},
		{"nonsense", `there is no command "contacts nonsense"; contacts --help lists all`, 2},
		{"chek", `there is no command "contacts chek"; did you mean check?`, 2},
		{"run", `there is no command "contacts run"; did you mean serve?`, 2},
		{"help nonsense", "there is no command", 2},
		{"help user nonsense", `there is no command "contacts user nonsense"; contacts user --help lists all`, 2},
		{"user", "contacts user --help lists the commands", 2},
		{"--version", "", 0},
		{"completion", "say which shell: bash, zsh, fish or powershell", 2},
		{"org list --nonsense", "unknown flag", 2},
		{"org list", "say which table", 2},
	} {
		command := exec.Command(os.Args[0], strings.Fields(c.args)...)
		command.Env = append(os.Environ(), asTool+"=1")
		var stderr bytes.Buffer
		command.Stderr = &stderr
		code := 0
		if err := command.Run(); err != nil {
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Fatal(err)
			}
			code = exit.ExitCode()
		}
		if code != c.code {
			t.Errorf("contacts %s ends with %d, want %d", c.args, code, c.code)
		}
		if got := stderr.String(); !strings.Contains(got, c.stderr) || (c.stderr == "") != (got == "") || strings.Count(got, "\n") > 1 {
			t.Errorf("contacts %s says %q, want %q", c.args, got, c.stderr)
		}
	}
	if code := exitCode(fmt.Errorf("wrapped: %w", fault{io.EOF})); code != 1 {
		t.Errorf("faults that were found end with %d, want 1", code)
	}
}

func TestTheShellCompletesCommandsAndFlags(t *testing.T) {
	for args, want := range map[string]string{
		"__complete ba":                             "backup\t",
		"__complete user dis":                       "disable\t",
		"__complete backup --s3":                    "--s3-endpoint\t",
		"__complete app create --o":                 "--org\t",
		"completion bash":                           "__start_contacts",
		"__complete serve --da":                     "--data\tfolder that keeps",
		"completion zsh":                            "#compdef contacts\n(( $+functions[compdef] )) || { autoload -Uz compinit",
		"__complete app scope x --scope contacts:e": "contacts:erase\n:4", // and no names of files
		"completion fish":                           "complete -c contacts",
	} {
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields(args), &out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("contacts %s prints %.200q, want %q; %v", args, out.String(), want, err)
		}
	}
}

// A bash without the package bash-completion completes after evaluating the script: bash splits words at : and =, and tells the rest in
// these variables.
func TestABashWithoutFurtherPackagesCompletes(t *testing.T) {
	folder := t.TempDir()
	writeTool(t, filepath.Join(folder, "contacts"))
	if err := os.Mkdir(filepath.Join(folder, "pictures"), 0o700); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"contacts user dis":                                     "disable",
		"contacts backup --org acme --js":                       "--json",
		"contacts app scope shop --scope contacts:r":            "read",
		"contacts app scope shop --scope=contacts:er":           "erase",
		"contacts app scope a:b --scope contacts:read --sc":     "--scope",
		filepath.Join(folder, "contacts") + " completion power": "powershell",
		"contacts app create shop --org ":                       "",
		"contacts serve --data " + folder + "/pi":               folder + "/pictures",
	} {
		words := regexp.MustCompile(`[:=]+|[^\s:=]+`).FindAllString(line, -1)
		if strings.HasSuffix(line, " ") {
			words = append(words, "")
		}
		shell := exec.Command("bash", "--noprofile", "--norc", "-c", `
			eval "$(contacts completion bash)"
			declare -F _init_completion _get_comp_words_by_ref && exit 1 # the package
			COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2)) COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
			__start_contacts 2>/dev/null # compopt works only within a completion
			printf '%s\n' "${COMPREPLY[@]}"`, "bash", line)
		shell.Args = append(shell.Args, words...)
		shell.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
		if out, err := shell.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%q is completed to %q, want %q; %v", line, out, want, err)
		}
	}
}

// writeTool writes a script that runs the tool.
func writeTool(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, []byte("#!/bin/sh\nexec env "+asTool+"=1 "+os.Args[0]+" \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestATableIsMadeOnceAndDescribed(t *testing.T) {
	engine, err := local.StartEngine(t.Context(), local.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	for name, value := range map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"} {
		t.Setenv(name, value)
	}
	at := " --table contacts --endpoint " + engine.Endpoint()
	does := func(line string) (out bytes.Buffer) {
		t.Helper()
		if err := run(t.Context(), strings.Fields(line+at), &out); err != nil {
			t.Fatalf("contacts %s: %v", line, err)
		}
		return out
	}
	requireExplanation(t, "table describe"+at, "contacts table create creates one")
	for range 2 {
		if out := does("table create"); !strings.Contains(out.String(), "table contacts is there; the engine has no point-in-time recovery") {
			t.Errorf("table create prints %s", out.String())
		}
	}
	does("org create acme")
	out := does("table describe --json")
	var d struct {
		Table, Status, Billing, TTL string
		DeletionProtection          bool  `json:"deletion_protection"`
		PointInTimeRecovery         *bool `json:"point_in_time_recovery"`
		Streams                     bool
		Items                       int
	}
	if err := json.Unmarshal(out.Bytes(), &d); err != nil || d.Table != "contacts" || d.Status != "ACTIVE" || d.Billing != "PAY_PER_REQUEST" || d.TTL != "expires" ||
		!d.DeletionProtection || d.Streams || d.PointInTimeRecovery != nil || d.Items != 1 { // streams would take the engine's time
		t.Errorf("table describe prints %s; %v", out.String(), err)
	}
	out = does("table describe")
	for _, want := range []string{"deletion protection     yes\n", "point-in-time recovery  not known to this engine\n", "expiry of items         by expires\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("table describe prints\n%s\nwithout %q", out.String(), want)
		}
	}
}
