package template

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness/templateyaml"
)

// A protection is a property of the template that protects data, keeps strangers out or informs operators.
type protection struct {
	why  string
	path string
	want any // the required value; nil: see holds
	// holds returns what is wrong with the value.
	holds func(v any) error
	// without are edits that each remove the protection. A wanted value is removed, or replaced by another.
	without []edit
}

// An edit replaces the value at a path; nil removes it.
type edit struct {
	path  string
	value any
}

func (e edit) on(s templateyaml.Tree) {
	last := strings.LastIndexByte(e.path, '.')
	name := e.path[last+1:]
	parent := any(s)
	if last > 0 {
		parent = templateyaml.At(s, e.path[:last])
	}
	switch p := parent.(type) {
	case templateyaml.Tree:
		if p[name] = e.value; e.value == nil {
			delete(p, name)
		}
	case []any:
		var i int
		if _, err := fmt.Sscan(name, &i); err != nil {
			panic(err) // the test's own path
		}
		p[i] = e.value
	default:
		panic(e.path + " leads nowhere")
	}
}

func (p protection) check(s templateyaml.Tree) error {
	v := templateyaml.At(s, p.path)
	if p.holds != nil {
		return p.holds(v)
	}
	if !reflect.DeepEqual(fmt.Sprint(v), fmt.Sprint(p.want)) {
		return fmt.Errorf("%s is %v, want %v", p.path, v, p.want)
	}
	return nil
}

// removals returns the edits that remove it.
func (p protection) removals() []edit {
	if p.holds == nil {
		return append([]edit{{p.path, nil}, {p.path, "another"}}, p.without...)
	}
	return p.without
}

const tableAt, bucketAt, policyAt = "Resources.ContactsTable.", "Resources.ContactsBucket.", "Resources.ContactsBucketPolicy.Properties.PolicyDocument.Statement.0."

func protections(s templateyaml.Tree) []protection {
	list := []protection{
		{why: "the table outlives its stack", path: tableAt + "DeletionPolicy", want: "Retain"},
		{why: "the table outlives its replacement", path: tableAt + "UpdateReplacePolicy", want: "Retain"},
		{why: "nobody deletes the table by mistake", path: tableAt + "Properties.DeletionProtectionEnabled", want: true},
		{why: "the table can be brought back to any second", path: tableAt + "Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", want: true},
		{why: "the table is encrypted by a key of the account", path: tableAt + "Properties.SSESpecification.SSEEnabled", want: true},
		{why: "what expires goes", path: tableAt + "Properties.TimeToLiveSpecification.AttributeName", want: "expires"},
		{why: "the table grows and shrinks by itself", path: tableAt + "Properties.BillingMode", want: "PAY_PER_REQUEST"},
		{why: "the pictures outlive their stack", path: bucketAt + "DeletionPolicy", want: "Retain"},
		{why: "the pictures outlive a replacement", path: bucketAt + "UpdateReplacePolicy", want: "Retain"},
		{why: "the bucket has no ACLs", path: bucketAt + "Properties.OwnershipControls.Rules.0.ObjectOwnership", want: "BucketOwnerEnforced"},
		{why: "the bucket is encrypted", path: bucketAt + "Properties.BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm", want: "AES256"},
		{why: "pictures that were never processed go", path: bucketAt + "Properties.LifecycleConfiguration.Rules.0", want: templateyaml.Tree{"Id": "Incoming", "Status": "Enabled", "Prefix": "incoming/", "ExpirationInDays": 1, "NoncurrentVersionExpiration": templateyaml.Tree{"NoncurrentDays": 1}}},
		{why: "what is overwritten is kept for a while", path: bucketAt + "Properties.VersioningConfiguration.Status", want: "Enabled"},
		{why: "and goes then", path: bucketAt + "Properties.LifecycleConfiguration.Rules.2", want: templateyaml.Tree{"Id": "FormerVersions", "Status": "Enabled", "NoncurrentVersionExpiration": templateyaml.Tree{"NoncurrentDays": 30}, "ExpiredObjectDeleteMarker": true}},
		{why: "files of exports go after a day", path: bucketAt + "Properties.LifecycleConfiguration.Rules.1", want: templateyaml.Tree{"Id": "Exports", "Status": "Enabled", "Prefix": "exports/", "ExpirationInDays": 1, "NoncurrentVersionExpiration": templateyaml.Tree{"NoncurrentDays": 1}}},
		{why: "the bucket is spoken to by TLS alone", path: policyAt + "Condition.Bool.aws:SecureTransport", want: "false"},
		{why: "that holds for everything", path: policyAt + "Action", want: "s3:*"},
		{why: "and for everybody", path: policyAt + "Principal", want: "*"},
		{why: "and refuses", path: policyAt + "Effect", want: "Deny"},
		{why: "and of bucket and objects", path: policyAt + "Resource", want: []any{"ContactsBucket.Arn", "${ContactsBucket.Arn}/*"}},
		{why: "the signing secret is made by the deployment", path: "Resources.SigningSecret.Properties.GenerateSecretString.PasswordLength", want: 64},
		{why: "the signing secret outlives its stack", path: "Resources.SigningSecret.DeletionPolicy", want: "Retain"},
		{why: "the signing secret outlives a replacement", path: "Resources.SigningSecret.UpdateReplacePolicy", want: "Retain"},
		{why: "the secret of webhooks is made by the deployment", path: "Resources.WebhookSecret.Properties.GenerateSecretString.PasswordLength", want: 64},
		{why: "the secret of webhooks outlives its stack", path: "Resources.WebhookSecret.DeletionPolicy", want: "Retain"},
		{why: "the secret of webhooks outlives a replacement", path: "Resources.WebhookSecret.UpdateReplacePolicy", want: "Retain"},
		{why: "an event that can't be processed is kept", path: "Resources.ImageProcessorFunction.Properties.EventInvokeConfig.DestinationConfig.OnFailure.Destination", want: "ImageDeadLetters.Arn"},
		{why: "the dead letters are encrypted", path: "Resources.ImageDeadLetters.Properties.SqsManagedSseEnabled", want: true},
		{why: "they are kept for two weeks", path: "Resources.ImageDeadLetters.Properties.MessageRetentionPeriod", want: 1209600},
		{why: "no more requests come in than are paid for", path: "Resources.Api.Properties.DefaultRouteSettings.ThrottlingRateLimit", want: "RateLimit"},
		{why: "nor at once", path: "Resources.Api.Properties.DefaultRouteSettings.ThrottlingBurstLimit", want: "BurstLimit"},
		{why: "passwords are compared slowly", path: "Resources.Api.Properties.RouteSettings.ANY /rest/login.ThrottlingRateLimit", want: "LoginRateLimit"},
		{why: "nor many at once", path: "Resources.Api.Properties.RouteSettings.ANY /rest/login.ThrottlingBurstLimit", want: "LoginRateLimit"},
		{why: "log-ins have room for many addresses", path: "Parameters.LoginRateLimit.Default", want: 200},
		{why: "who floods the bucket does not take all instances", path: "Resources.ImageProcessorFunction.Properties.ReservedConcurrentExecutions.1", want: "PictureConcurrency"},
		{why: "which holds unless it is switched off", path: "Parameters.PictureConcurrency.Default", want: 20},
		{why: "webhooks do not take all instances", path: "Resources.WebhookDelivererFunction.Properties.ReservedConcurrentExecutions.1", want: "DeliveryConcurrency"},
		{why: "which holds unless it is switched off, too", path: "Parameters.DeliveryConcurrency.Default", want: 10},
		{why: "a stream that can't wake the deliverer is told", path: "Resources.WebhookDelivererFunction.Properties.Events.Stream.Properties.DestinationConfig.OnFailure.Destination", want: "WebhookDeadLetters.Arn"},
		{why: "so is a schedule", path: "Resources.WebhookDelivererFunction.Properties.EventInvokeConfig.DestinationConfig.OnFailure.Destination", want: "WebhookDeadLetters.Arn"},
		{why: "what was told is encrypted", path: "Resources.WebhookDeadLetters.Properties.SqsManagedSseEnabled", want: true},
		{why: "the deliverer is woken without a stream", path: "Resources.WebhookDelivererFunction.Properties.Events.Schedule.Properties.Schedule", want: "rate(1 minute)"},
		{why: "the last delivery ends in time", path: "Resources.WebhookDelivererFunction.Properties.Timeout", want: 90},
		{why: "a stream that can't wake the exporter is told", path: "Resources.ExporterFunction.Properties.Events.Stream.Properties.DestinationConfig.OnFailure.Destination", want: "JobDeadLetters.Arn"},
		{why: "so is its schedule", path: "Resources.ExporterFunction.Properties.EventInvokeConfig.DestinationConfig.OnFailure.Destination", want: "JobDeadLetters.Arn"},
		{why: "which goes on with what is not finished", path: "Resources.ExporterFunction.Properties.Events.Schedule.Properties.Schedule", want: "rate(1 minute)"},
		{why: "calls that failed are told in secret", path: "Resources.JobDeadLetters.Properties.SqsManagedSseEnabled", want: true},
		{why: "a slice of an export is long", path: "Resources.ExporterFunction.Properties.Timeout", want: 900},
		{why: "pictures can wait for their turn", path: "Resources.ImageProcessorFunction.Properties.EventInvokeConfig.MaximumEventAgeInSeconds", want: 21600},
		{why: "every request is in the access log", path: "Resources.Api.Properties.AccessLogSettings.DestinationArn", want: "AccessLogs.Arn"},
		{why: "browsers may send what requests need", path: corsAt + "AllowHeaders", want: []any{"Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id", "traceparent", "tracestate"}},
		{why: "a version that fails is taken back", path: "Globals.Function.AutoPublishAlias", want: "live"},
		{why: "new versions come as the operator says", path: "Globals.Function.DeploymentPreference.Type", want: "DeploymentType"},
		{why: "functions answer before the gateway gives up", path: "Globals.Function.Timeout", want: 29},
		{why: "a password is compared by a whole CPU", path: "Resources.AuthFunction.Properties.MemorySize", want: 1769},
		{why: "so is a picture made smaller", path: "Resources.ImageProcessorFunction.Properties.MemorySize", want: 1769},
		{why: "traces are the operator's choice", path: "Globals.Function.Tracing", want: "Tracing"},
		{why: "so is what the functions reserve", path: "Globals.Function.ReservedConcurrentExecutions.1", want: "ReservedConcurrency"},
	}
	for _, name := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		list = append(list, protection{why: "the bucket is private", path: bucketAt + "Properties.PublicAccessBlockConfiguration." + name, want: true})
	}
	for _, resource := range slices.Sorted(maps.Keys(s["Resources"].(templateyaml.Tree))) {
		where := "Resources." + resource + "."
		switch templateyaml.At(s, where+"Type") {
		case "AWS::Logs::LogGroup":
			list = append(list, protection{why: "logs don't stay for ever", path: where + "Properties.RetentionInDays", want: "LogRetentionDays"})
		case "AWS::CloudWatch::Alarm":
			list = append(list, protection{why: "somebody is told of an alarm", path: where + "Properties.AlarmActions", want: []any{"Alarms"}},
				protection{why: "quiet is no alarm", path: where + "Properties.TreatMissingData", want: "notBreaching"})
		case "AWS::Serverless::Function":
			list = append(list, ofFunction(resource, templateyaml.At(s, where+"Properties").(templateyaml.Tree))...)
		}
	}
	return slices.Concat(list, watched, forOperators(s), forDeployment(s))
}

// watched are the metrics that alarms watch.
var watched = []protection{
	{why: "failures are noticed", path: "Resources.ServerErrors.Properties.MetricName", want: "5xx"},
	{why: "failures of the functions are noticed", path: "Resources.Failures.Properties.MetricName", want: "failures"},
	{why: "and each of them", path: "Resources.Failures.Properties.Statistic", want: "Sum"},
	{why: "slowness is noticed", path: "Resources.Slow.Properties.ExtendedStatistic", want: "p99"},
	{why: "dead letters are noticed", path: "Resources.DeadLetters.Properties.MetricName", want: "ApproximateNumberOfMessagesVisible"},
	{why: "their age is noticed", path: "Resources.OldDeadLetters.Properties.MetricName", want: "ApproximateAgeOfOldestMessage"},
	{why: "they are noticed while their pictures are there", path: "Resources.OldDeadLetters.Properties.Threshold", want: 43200},
	{why: "a queue of pictures is noticed", path: "Resources.LatePictures.Properties.MetricName", want: "AsyncEventAge"},
	{why: "slow pictures are noticed", path: "Resources.SlowPictures.Properties.ExtendedStatistic", want: "p99"},
	{why: "a table that refuses reads is noticed", path: "Resources.TableReadThrottles.Properties.MetricName", want: "ReadThrottleEvents"},
	{why: "a table that refuses writes is noticed", path: "Resources.TableWriteThrottles.Properties.MetricName", want: "WriteThrottleEvents"},
	{why: "a deliverer that fails is noticed", path: "Resources.WebhookDeadLettersAlarm.Properties.MetricName", want: "ApproximateNumberOfMessagesVisible"},
	{why: "an exporter that fails is noticed", path: "Resources.JobDeadLettersAlarm.Properties.MetricName", want: "ApproximateNumberOfMessagesVisible"},
	{why: "one that comes late is noticed", path: "Resources.LateDeliveries.Properties.MetricName", want: "IteratorAge"},
	everyFunctionIn("Errors", "FunctionErrors", "MoreFunctionErrors", "FileFunctionErrors"),
	everyFunctionIn("Throttles", "FunctionThrottles", "MoreFunctionThrottles", "FileFunctionThrottles"),
	{why: "all ids are those that CloudFormation takes", path: "Resources", holds: idsAreTaken,
		without: []edit{{"Resources.RolesFunction.Properties.Events.A B", templateyaml.Tree{"Type": "HttpApi"}}, {"Resources.A-B", templateyaml.Tree{"Type": "AWS::SQS::Queue"}}}},
}

// everyFunctionIn requires a metric of each function to be in one of the alarms. Events of pictures and webhooks may wait.
func everyFunctionIn(metric string, alarms ...string) protection {
	return protection{why: metric + " of every function are noticed", path: "Resources", holds: func(v any) error {
		seen := map[any]bool{}
		for _, a := range alarms {
			queries, _ := templateyaml.At(v, a+".Properties.Metrics").([]any)
			if len(queries) > 11 {
				return fmt.Errorf("%s has more than ten metrics", a)
			}
			for _, q := range queries {
				if templateyaml.At(q, "MetricStat.Metric.MetricName") == metric && templateyaml.At(q, "MetricStat.Stat") == "Sum" {
					seen[templateyaml.At(q, "MetricStat.Metric.Dimensions.0.Value")] = true
				}
			}
		}
		for name, r := range v.(templateyaml.Tree) {
			waits := metric == "Throttles" && (name == "ImageProcessorFunction" || name == "WebhookDelivererFunction")
			if templateyaml.At(r, "Type") == "AWS::Serverless::Function" && seen[name] == waits {
				return fmt.Errorf("an alarm looks at %s of %s: %t", metric, name, waits)
			}
		}
		return nil
	}, without: []edit{{"Resources." + alarms[0] + ".Properties.Metrics.1", templateyaml.Tree{}}, {"Resources." + alarms[1], nil}}}
}

var logicalID = regexp.MustCompile(`^[A-Za-z0-9]+$`)

func idsAreTaken(v any) error {
	for name, r := range v.(templateyaml.Tree) {
		events, _ := templateyaml.At(r, "Properties.Events").(templateyaml.Tree)
		for _, id := range append(slices.Collect(maps.Keys(events)), name) {
			if !logicalID.MatchString(id) {
				return fmt.Errorf("%q is no logical id", id)
			}
		}
	}
	return nil
}

func TestTheTemplateHasItsProtections(t *testing.T) {
	t.Parallel()
	s := templateyaml.ReadTemplate(t)
	for _, p := range protections(s) {
		if err := p.check(s); err != nil {
			t.Errorf("%s: %v", p.why, err)
		}
	}
}

// When a protection is removed, its own check fails, and no unrelated one.
func TestTheRemovalOfEachProtectionIsNoticed(t *testing.T) {
	t.Parallel()
	whole := templateyaml.ReadTemplate(t)
	list, mutations := protections(whole), 0
	for i, p := range list {
		if len(p.removals()) == 0 {
			t.Errorf("%s: nothing takes it away", p.why)
		}
		for _, e := range p.removals() {
			mutations++
			s := copied(whole).(templateyaml.Tree)
			e.on(s)
			if p.check(s) == nil {
				t.Errorf("%s: with %v at %s it is not missed", p.why, e.value, e.path)
			}
			for j, other := range list {
				if err := other.check(s); err != nil && i != j && !strings.HasPrefix(e.path+".", of(other.path)) && other.path != "Resources" {
					t.Errorf("%v at %s also breaks what has nothing to do with it, %s: %v", e.value, e.path, other.why, err)
				}
			}
		}
	}
	t.Logf("%d protections, %d mutations", len(list), mutations)
}

// of returns the resource, or the globals, of a path.
func of(path string) string {
	names := strings.Split(path+".", ".")
	return names[0] + "." + names[1] + "."
}

func copied(v any) any {
	switch v := v.(type) {
	case templateyaml.Tree:
		c := templateyaml.Tree{}
		for name, inner := range v {
			c[name] = copied(inner)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, inner := range v {
			c[i] = copied(inner)
		}
		return c
	}
	return v
}
