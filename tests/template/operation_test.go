package template

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"contacts/tests/harness/templateyaml"
)

// forOperators returns the protections for operators and browsers, apart from alarms.
func forOperators(s templateyaml.Tree) []protection {
	list := []protection{
		{why: "what changes in the table can be followed", path: tableAt + "Properties.StreamSpecification.StreamViewType", want: "NEW_AND_OLD_IMAGES"},
		{why: "expiry is switched on", path: tableAt + "Properties.TimeToLiveSpecification.Enabled", want: true},
		{why: "the pages of these origins may call", path: corsAt + "AllowOrigins", want: []any{",", "CorsOrigins"}},
		{why: "which are all, until somebody says so", path: "Parameters.CorsOrigins.Default", want: "*"},
		{why: "and may be none", path: "Conditions.OpensToPages", want: []any{[]any{"CorsOrigins", ""}}},
		{why: "they may read pictures too", path: bucketAt + "Properties.CorsConfiguration.1.CorsRules.0.AllowedOrigins", want: []any{",", "CorsOrigins"}},
		{why: "with each method of the API", path: corsAt + "AllowMethods", want: []any{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}},
		{why: "and read what answers carry", path: corsAt + "ExposeHeaders", want: []any{"ETag", "Location", "Link", "Allow", "Retry-After", "Idempotent-Replayed", "Apigw-Requestid"}},
		{why: "the access log is JSON, leads to requests, and holds no personal data", path: accessLogAt, holds: isAccessLog, without: []edit{
			{accessLogAt, nil}, {accessLogAt, "$context.requestId $context.status"}, {accessLogAt, `{"request_id":"$context.requestId","status":"$context.status"`},
			{accessLogAt, `{"request_id":"$context.requestId","status":"$context.status","route":"$context.routeKey","path":"$context.path"}`},
			{accessLogAt, `{"request_id":"$context.requestId","status":"$context.status","route":"$context.routeKey","ip":"$context.identity.sourceIp"}`}}},
		{why: "alarms are mailed where somebody says so", path: "Resources.AlarmMail.Properties", want: templateyaml.Tree{"TopicArn": "Alarms", "Protocol": "email", "Endpoint": "AlarmEmail"}},
		{why: "a deployment stops at alarms", path: "Globals.Function.DeploymentPreference.Alarms.1", want: []any{"FunctionErrors", "MoreFunctionErrors", "FileFunctionErrors", "Failures"}},
		{why: "with metrics or without", path: "Globals.Function.DeploymentPreference.Alarms.2", want: []any{"FunctionErrors", "MoreFunctionErrors", "FileFunctionErrors"}},
	}
	for name, value := range map[string]any{"Url": []any{"HasDomain", "https://${DomainName}", "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}, "Table": "ContactsTable", "Bucket": "ContactsBucket",
		"Alarms": "Alarms", "DeadLetters": "ImageDeadLetters", "Secret": "SigningSecret"} {
		list = append(list, protection{why: "the stack tells of its " + name, path: "Outputs." + name + ".Value", want: value})
	}
	for _, tagged := range []string{"Globals.Function", "Resources.Api.Properties"} {
		list = append(list, protection{why: "costs are told apart", path: tagged + ".Tags", want: templateyaml.Tree{"application": "contacts"}})
	}
	for _, tagged := range []string{"ContactsTable", "ContactsBucket", "SigningSecret", "WebhookSecret", "Alarms", "ImageDeadLetters", "JobDeadLetters"} {
		list = append(list, protection{why: "costs are told apart", path: "Resources." + tagged + ".Properties.Tags", want: []any{templateyaml.Tree{"Key": "application", "Value": "contacts"}}})
	}
	// Thresholds of alarms, and their minutes.
	for name, at := range map[string][2]any{"ServerErrors": {5, 60}, "Failures": {5, 60}, "FunctionErrors": {1, nil}, "MoreFunctionErrors": {1, nil}, "FileFunctionErrors": {1, nil}, "FileFunctionThrottles": {1, nil}, "JobDeadLettersAlarm": {1, 300},
		"FunctionThrottles": {1, nil}, "MoreFunctionThrottles": {1, nil}, "Slow": {3000, 300}, "SlowPictures": {20000, 300}, "LatePictures": {600000, 300},
		"DeadLetters": {1, 300}, "OldDeadLetters": {43200, 3600}, "TableReadThrottles": {50, 300}, "TableWriteThrottles": {50, 300}} {
		where := "Resources." + name + ".Properties."
		list = append(list, protection{why: name + " goes off in time", path: where + "Threshold", want: at[0]},
			protection{why: name + " goes off upwards", path: where + "ComparisonOperator", want: "GreaterThanOrEqualToThreshold"})
		if at[1] != nil {
			list = append(list, protection{why: name + " looks often", path: where + "Period", want: at[1]})
		}
	}
	for _, name := range []string{"LogLevel", "LogRetentionDays", "RateLimit", "BurstLimit", "LoginRateLimit", "PictureConcurrency", "DeliveryConcurrency", "ReservedConcurrency", "Tracing", "MetricsNamespace", "DeploymentType", "Architecture", "AlarmEmail",
		"ProvisionedConcurrency", "CorsOrigins", "DomainName", "CertificateArn", "HostedZoneId"} {
		where := "Parameters." + name
		list = append(list, protection{why: "nothing has to be given by hand", path: where, holds: hasDefault, without: []edit{{where + ".Default", nil}, {where, nil}}})
	}
	list = append(list, protection{why: "each parameter of functions makes a new version", path: "Resources", holds: func(v any) error { return areInVersions(s, v) },
		without: []edit{{"Resources.RolesFunction.Properties.VersionDescription", nil}, {"Resources.AuthFunction.Properties.VersionDescription", "${LogLevel}, ${Tracing}"}}})
	return list
}

const (
	corsAt      = "Resources.Api.Properties.CorsConfiguration.1."
	accessLogAt = "Resources.Api.Properties.AccessLogSettings.Format"
)

func hasDefault(v any) error {
	if templateyaml.At(v, "Default") == nil {
		return fmt.Errorf("%v has no default", v)
	}
	return nil
}

// isAccessLog requires a format to be JSON with the request id, and without personal data.
func isAccessLog(v any) error {
	format, _ := v.(string)
	var line map[string]string
	if err := json.Unmarshal([]byte(format), &line); err != nil {
		return fmt.Errorf("%q is no JSON: %w", format, err)
	}
	for name, want := range map[string]string{"request_id": "$context.requestId", "status": "$context.status", "route": "$context.routeKey"} {
		if line[name] != want {
			return fmt.Errorf("%s is %q, want %q", name, line[name], want)
		}
	}
	for _, personal := range []string{"path", "identity", "authorizer"} {
		if strings.Contains(format, "$context."+personal) {
			return fmt.Errorf("it has $context.%s", personal)
		}
	}
	return nil
}

var parameterName = regexp.MustCompile(`\$\{(\w+)\}|^\w+$`)

// areInVersions requires the description of each function's version to name each parameter of the configuration of functions: otherwise a
// change of a parameter alone would publish no version.
func areInVersions(s templateyaml.Tree, resources any) error {
	parameters, _ := s["Parameters"].(templateyaml.Tree)
	var wanted []string
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case templateyaml.Tree:
			for _, inner := range v {
				collect(inner)
			}
		case []any:
			for _, inner := range v {
				collect(inner)
			}
		case string:
			for _, m := range parameterName.FindAllStringSubmatch(v, -1) {
				name := strings.Trim(m[0], "${}")
				if _, there := parameters[name]; there && !slices.Contains(wanted, name) {
					wanted = append(wanted, name)
				}
			}
		}
	}
	collect(templateyaml.At(s, "Globals.Function.Environment"))
	collect(templateyaml.At(s, "Globals.Function.Tracing"))
	if len(wanted) < 3 {
		return fmt.Errorf("functions take %v alone", wanted)
	}
	for name, r := range resources.(templateyaml.Tree) {
		if templateyaml.At(r, "Type") != "AWS::Serverless::Function" {
			continue
		}
		described := fmt.Sprint(templateyaml.At(r, "Properties.VersionDescription"))
		for _, p := range wanted {
			if !strings.Contains(described, "${"+p+"}") {
				return fmt.Errorf("the version of %s is not described by %s", name, p)
			}
		}
	}
	return nil
}
