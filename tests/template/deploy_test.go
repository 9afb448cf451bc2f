package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"

	"contacts/tests/harness/templateyaml"
)

// forDeployment returns the protections of what a deployment sets up apart from the functions.
func forDeployment(s templateyaml.Tree) []protection {
	const domainAt, keyAt = "Resources.Domain.Properties.DomainNameConfigurations.0.", "Resources.AlarmsKey.Properties."
	list := []protection{
		{why: "sam deploy --guided asks nothing of routes", path: "Resources.Api.Properties.Auth", want: templateyaml.Tree{"EnableIamAuthorizer": true}},
		{why: "a domain is spoken to by TLS 1.2 or later", path: domainAt + "SecurityPolicy", want: "TLS_1_2"},
		{why: "with its own certificate", path: domainAt + "CertificateArn", want: "CertificateArn"},
		{why: "and leads to the API", path: "Resources.DomainMapping.Properties", want: templateyaml.Tree{"DomainName": "Domain", "ApiId": "Api", "Stage": "Api.Stage"}},
		{why: "there is none without a name", path: "Resources.Domain.Condition", want: "HasDomain"},
		{why: "nor does anything lead to none", path: "Resources.DomainMapping.Condition", want: "HasDomain"},
		{why: "nor is there a record without a zone", path: "Resources.DomainRecord.Condition", want: "HasRecord"},
		{why: "a domain without a certificate is refused", path: "Rules.Domain.Assertions.0.Assert", want: []any{[]any{"CertificateArn", ""}}},
		{why: "alarms are encrypted", path: "Resources.Alarms.Properties.KmsMasterKeyId", want: "AlarmsKey"},
		{why: "by a key that is renewed", path: keyAt + "EnableKeyRotation", want: true},
		{why: "that CloudWatch may use", path: keyAt + "KeyPolicy.Statement.1.Action", want: []any{"kms:Decrypt", "kms:GenerateDataKey*"}},
		{why: "and only CloudWatch", path: keyAt + "KeyPolicy.Statement.1.Principal", want: templateyaml.Tree{"Service": "cloudwatch.amazonaws.com"}},
		{why: "for this account", path: keyAt + "KeyPolicy.Statement.1.Condition.StringEquals.aws:SourceAccount", want: "AWS::AccountId"},
		{why: "whose administrators keep it", path: keyAt + "KeyPolicy.Statement.0.Principal.AWS", want: "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"},
		{why: "the dashboard shows every function and every alarm", path: "Resources", holds: showsAll, without: []edit{
			{"Resources.Dashboard.Properties.DashboardBody", `{"widgets":[]}`}, {"Resources.Dashboard", nil}}},
	}
	for _, policy := range []string{"TokenKeysPolicy", "HistorySettingPolicy"} {
		where := "Resources." + policy + ".Properties.PolicyDocument.Statement"
		list = append(list, narrow(policy, where, templateyaml.At(s, where))...)
	}
	for _, name := range []string{"Auth", "Individuals", "Organizations", "Lookup", "Options"} {
		list = append(list, protection{why: name + " can be kept warm", path: "Resources." + name + "Function.Properties.ProvisionedConcurrencyConfig.1.ProvisionedConcurrentExecutions", want: "ProvisionedConcurrency"})
	}
	for _, name := range []string{"Failures", "Operations", "Slow", "Tenants", "Starts", "Request"} {
		where := "Resources." + name + "Query.Properties."
		list = append(list, protection{why: "the query " + name + " reads the log of every function of the API", path: where + "LogGroupNames", holds: func(v any) error {
			for id, r := range s["Resources"].(templateyaml.Tree) {
				group, events := templateyaml.At(r, "Properties.LoggingConfig.LogGroup"), "Properties.Events."
				background := templateyaml.At(r, events+"Incoming") != nil || templateyaml.At(r, events+"Stream") != nil
				if groups, _ := v.([]any); !background && group != nil && !slices.Contains(groups, group) {
					return fmt.Errorf("that of %s is not in %v", id, v)
				}
			}
			return nil
		}, without: []edit{{where + "LogGroupNames.1", "AccessLogs"}, {where + "LogGroupNames", nil}}})
	}
	return list
}

var reference = regexp.MustCompile(`\$\{[\w:.]+\}`)

// showsAll checks that the dashboard's body is one that CloudWatch takes, and that it has each function's metrics and each alarm's state.
// An alarm that may not be there can't be referred to.
func showsAll(v any) error {
	body, _ := templateyaml.At(v, "Dashboard.Properties.DashboardBody").(string)
	var dashboard struct {
		Widgets []struct {
			Type                string
			X, Y, Width, Height int
			Properties          struct {
				Title, Region string
				Alarms        []string
				Metrics       [][]any
			}
		}
	}
	decoder := json.NewDecoder(strings.NewReader(body))
	if err := decoder.Decode(&dashboard); err != nil {
		return err
	}
	shown := map[string]string{} // titles by what they show
	for _, w := range dashboard.Widgets {
		if w.X+w.Width > 24 || w.Width < 1 || w.Height < 1 || w.Properties.Title == "" || w.Type == "metric" && w.Properties.Region != "${AWS::Region}" {
			return fmt.Errorf("the widget %q has no place or no region", w.Properties.Title)
		}
		for _, a := range w.Properties.Alarms {
			shown[a] += w.Properties.Title
		}
		for _, m := range w.Properties.Metrics {
			for _, part := range m {
				if text, ok := part.(string); ok && reference.MatchString(text) {
					shown[text] += w.Properties.Title + "; "
				}
			}
		}
	}
	for id, r := range v.(templateyaml.Tree) {
		switch templateyaml.At(r, "Type") {
		case "AWS::Serverless::Function":
			for _, title := range []string{"Function errors", "Function throttles", "Function duration", "Concurrent executions"} {
				if !strings.Contains(shown["${"+id+"}"], title) {
					return fmt.Errorf("%s of %s is not shown", title, id)
				}
			}
		case "AWS::CloudWatch::Alarm":
			if templateyaml.At(r, "Condition") == nil && shown["${"+id+".Arn}"] == "" {
				return fmt.Errorf("the alarm %s is not shown", id)
			}
		}
	}
	return nil
}

// The answers that a deployment is made with are those that the CLI proposes, and what it sends to AWS then is the template with them. It is
// answered as by an account that has seen the CLI before, until it asks for the change set: what comes then only AWS knows.
func TestSamDeployGuidedPassesOnItsDefaults(t *testing.T) {
	t.Parallel()
	account := &awsAccount{objects: map[string][]byte{}}
	server := httptest.NewServer(account)
	t.Cleanup(server.Close)
	folder := t.TempDir()
	for _, name := range []string{"template.yaml", "samconfig.toml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), samCLI(t), "deploy", "--guided", "--stack-name", "contacts-guided")
	command.Dir = folder
	command.Stdin = strings.NewReader(strings.Repeat("\n", 200))
	command.Env = []string{"HOME=" + folder, "PATH=" + os.Getenv("PATH"), "SAM_CLI_TELEMETRY=0", "AWS_DEFAULT_REGION=eu-central-1", "LC_ALL=C.UTF-8",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=" + server.URL, "NO_PROXY=127.0.0.1"}
	out, err := command.CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), "Is this okay?") || !strings.Contains(string(out), theEnd) {
		t.Errorf("it does not end at the change set:\n%s", out)
	}
	account.mu.Lock()
	defer account.mu.Unlock()
	sent := account.changeSet
	if sent.Get("StackName") != "contacts-guided" || sent.Get("Capabilities.member.1") != "CAPABILITY_IAM" || sent.Has("Capabilities.member.2") {
		t.Errorf("the change set is requested by %v", sent)
	}
	given := map[string]string{}
	for i := 1; sent.Has(fmt.Sprintf("Parameters.member.%d.ParameterKey", i)); i++ {
		given[sent.Get(fmt.Sprintf("Parameters.member.%d.ParameterKey", i))] = sent.Get(fmt.Sprintf("Parameters.member.%d.ParameterValue", i))
	}
	declared := templateyaml.At(templateyaml.ReadTemplate(t), "Parameters").(templateyaml.Tree)
	for name, p := range declared {
		if value, ok := given[name]; !ok || value != fmt.Sprint(templateyaml.At(p, "Default")) {
			t.Errorf("%s is %q, want its default", name, value)
		}
	}
	if len(given) != len(declared) {
		t.Errorf("parameters %v", given)
	}
	address, err := url.Parse(sent.Get("TemplateURL"))
	if err != nil {
		t.Fatal(err)
	}
	var template templateyaml.Tree
	if err := yaml.Unmarshal(account.objects[strings.TrimPrefix(address.Path, "/")], &template); err != nil || len(template) == 0 {
		t.Fatalf("%s is no template: %v; there is %v", address, err, slices.Sorted(maps.Keys(account.objects)))
	}
	for id, r := range template["Resources"].(templateyaml.Tree) {
		if templateyaml.At(r, "Type") == "AWS::Serverless::Function" {
			code := fmt.Sprint(templateyaml.At(r, "Properties.CodeUri"))
			if _, there := account.objects[strings.TrimPrefix(code, "s3://")]; !there {
				t.Errorf("the code of %s is not at %s", id, code)
			}
		}
	}
}

// asSAMSees prints what becomes of the template's API: for AWS, by the transform that the CLI has too, and in `sam local`.
const asSAMSees = `
import json, os
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.yamlhelper import parse_yaml_file
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
stacks, _ = SamLocalStackProvider.get_stacks("template.yaml")
local = ApiProvider(stacks, cwd=".").api
template = parse_yaml_file("template.yaml")
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"
made = Translator({}, Parser()).translate(template, {name: str(p["Default"]) for name, p in template["Parameters"].items()})
body = made["Resources"]["Api"]["Properties"]["Body"]
print(json.dumps({
    "cors": body["x-amazon-apigateway-cors"]["Fn::If"][1],
    "paths": len(body["paths"]), "secured": [path for path, methods in body["paths"].items() if any("security" in m for m in methods.values())],
    "local": {"cors": [local.cors.allow_origin, local.cors.allow_headers, local.cors.max_age], "routes": len(local.routes)},
}))
`

// SAM passes over what it does not understand: an intrinsic function in the wrong place takes all of CORS away, on AWS or in sam local. And
// the Auth that is declared secures no route: functions do.
func TestSAMKeepsAllOfTheAPI(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(samCLI(t)), "python"), "-c", asSAMSees)
	command.Dir = filepath.Join("..", "..")
	command.Env = append(os.Environ(), "AWS_DEFAULT_REGION=eu-central-1", "SAM_CLI_TELEMETRY=0")
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v %s", err, &stderr)
	}
	var got struct {
		Cors    map[string]any
		Paths   int
		Secured []string
		Local   struct {
			Cors   []any
			Routes int
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := templateyaml.ReadTemplate(t)
	routes := 0
	for _, r := range s["Resources"].(templateyaml.Tree) {
		events, _ := templateyaml.At(r, "Properties.Events").(templateyaml.Tree)
		for _, e := range events {
			if templateyaml.At(e, "Type") == "HttpApi" {
				routes++
			}
		}
	}
	declared := templateyaml.At(s, strings.TrimSuffix(corsAt, ".")).(templateyaml.Tree)
	for name, want := range declared {
		have := got.Cors[strings.ToLower(name[:1])+name[1:]]
		if name == "AllowOrigins" {
			want = map[string]any{"Fn::Split": []any{",", "*"}}
		}
		if fmt.Sprint(have) != fmt.Sprint(want) {
			t.Errorf("on AWS %s is %v, want %v", name, have, want)
		}
	}
	if got.Paths != routes || got.Local.Routes != routes || len(got.Secured) != 0 {
		t.Errorf("of %d routes AWS has %d, sam local %d; of those %v are secured", routes, got.Paths, got.Local.Routes, got.Secured)
	}
	headers := strings.Trim(strings.ReplaceAll(fmt.Sprint(declared["AllowHeaders"]), " ", ","), "[]")
	if want := fmt.Sprint([]any{"*", headers, declared["MaxAge"]}); fmt.Sprint(got.Local.Cors) != want {
		t.Errorf("sam local has %v, want %s", got.Local.Cors, want)
	}
}

// samCLI is the project's own SAM CLI, installed if it is not.
func samCLI(t *testing.T) string {
	t.Helper()
	install := exec.CommandContext(t.Context(), "bash", "-euc", `. tools/python-environment.sh; python_environment sam tools/requirements.txt >&2; echo "$environment"`)
	install.Dir = filepath.Join("..", "..")
	var stderr strings.Builder
	install.Stderr = &stderr
	out, err := install.Output()
	if err != nil {
		t.Fatalf("the SAM CLI can't be installed: %v\n%s", err, &stderr)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "bin", "sam")
}

// An awsAccount stands where AWS is: it has the bucket that the CLI makes for itself, and keeps what comes into it.
type awsAccount struct {
	mu        sync.Mutex
	objects   map[string][]byte // by bucket and key
	changeSet url.Values        // the request
}

const theEnd = "this account makes no change sets"

func (a *awsAccount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if r.URL.Path != "/" { // S3
		switch key := strings.TrimPrefix(r.URL.Path, "/"); r.Method {
		case "PUT":
			a.objects[key] = body
			w.Header().Set("ETag", `"e"`)
		case "HEAD":
			if _, there := a.objects[key]; !there {
				w.WriteHeader(http.StatusNotFound)
			}
		default:
			w.WriteHeader(http.StatusNotImplemented)
		}
		return
	}
	request, err := url.ParseQuery(string(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	refuse := func(message string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>%s</Message></Error></ErrorResponse>`, message)
	}
	switch action := request.Get("Action"); {
	case action == "GetCallerIdentity":
		fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	case action == "DescribeStacks" && request.Get("StackName") == "aws-sam-cli-managed-default":
		fmt.Fprint(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>aws-sam-cli-managed-default</StackName>
			<StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>
			<Tags><member><Key>ManagedStackSource</Key><Value>AwsSamCli</Value></member></Tags>
			<Outputs><member><OutputKey>SourceBucket</OutputKey><OutputValue>aws-sam-cli-managed</OutputValue></member></Outputs>
			</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`)
	case action == "DescribeStacks":
		refuse("Stack with id " + request.Get("StackName") + " does not exist")
	case action == "CreateChangeSet":
		a.changeSet = request
		refuse(theEnd)
	default:
		refuse("an account of the tests knows no " + action)
	}
}
