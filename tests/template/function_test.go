package template

import (
	"fmt"
	"slices"
	"strings"

	"contacts/tests/harness/templateyaml"
)

// tableActions are the actions on the table that functions may be allowed.
var tableActions = []string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
	"dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"}

// objectActions are the actions on the bucket that functions may be allowed.
var objectActions = []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion", "s3:ListBucket", "s3:ListBucketVersions"}

// objectPrefixes are the prefixes of objects that policies may name.
var objectPrefixes = []string{"incoming/", "images/", "exports/"}

// secrets are the secrets that keys are derived from.
var secrets = []string{"SigningSecret", "WebhookSecret"}

// keyPrefixes are the prefixes of keys that policies may name. None covers all of a tenant or of the platform.
var keyPrefixes = []string{"T#*#I", "T#*#O", "T#*#P", "T#*#I#OFFSETS", "T#*#O#OFFSETS", "T#*#P#OFFSETS", "T#*#I#NAMES", "T#*#O#NAMES",
	"T#*#C#*", "T#*#LOG#*", "T#*#L", "T#*#L#*", "T#*#FIND#*", "T#*#WORD#*", "T#*#U#*", "T#*#TAG", "T#*#TAG#*", "T#*#COUNTER", "T#*#CONFIG",
	"T#*#KEY#*", "P#KEY", "P#ORG", "P#APP", "P#USER", "P#USERNAME", "P#GUESS#*", "P#SESSION#*", "T#*#W", "T#*#W#*", "P#WEBHOOK",
	"T#*#EXPORT", "T#*#EXPORT#*", "P#JOB"}

// withoutPolicies are the functions whose role can write logs and traces, and nothing else.
var withoutPolicies = []string{"ConsoleFunction", "DocsFunction"}

// ofFunction returns the protections of a function: its role can do what it needs, and nothing else.
func ofFunction(name string, properties templateyaml.Tree) []protection {
	where := "Resources." + name + ".Properties."
	list := []protection{{why: name + " logs where retention is set", path: where + "LoggingConfig.LogGroup", want: strings.TrimSuffix(name, "Function") + "Logs"}}
	if slices.Contains(withoutPolicies, name) {
		return append(list, protection{why: name + " may do nothing", path: where + "Policies", holds: func(v any) error {
			if v != nil {
				return fmt.Errorf("its policies are %v", v)
			}
			return nil
		}, without: []edit{{where + "Policies", []any{"TokenKeysPolicy"}}, {where + "Policies", []any{}}}})
	}
	own, policies := -1, templateyaml.At(properties, "Policies").([]any)
	for i, policy := range policies {
		if templateyaml.At(policy, "Statement") != nil {
			own = i
		}
	}
	list = append(list, narrow(name, fmt.Sprintf("%sPolicies.%d.Statement", where, own), templateyaml.At(policies, fmt.Sprintf("%d.Statement", own)))...)
	return append(list, protection{why: name + " has policies of its own, and may read the keys of tokens and the setting of histories", path: where + "Policies", holds: func(v any) error {
		policies, _ := v.([]any)
		rest := slices.DeleteFunc(slices.Clone(policies), func(policy any) bool { return templateyaml.At(policy, "Statement") != nil })
		if len(policies) != len(rest)+1 || slices.ContainsFunc(rest, func(policy any) bool { return policy != "TokenKeysPolicy" && policy != "HistorySettingPolicy" }) {
			return fmt.Errorf("its policies are %v", v)
		}
		return nil
	}, without: []edit{{where + "Policies", []any{"AdministratorAccess"}}, {where + "Policies", append([]any{"AmazonDynamoDBFullAccess"}, policies...)}, {where + "Policies", nil}}})
}

// narrow returns the protections of a policy's statements.
func narrow(name, where string, statements any) (list []protection) {
	all, _ := statements.([]any)
	for i := range all {
		statement := fmt.Sprintf("%s.%d", where, i)
		p := protection{why: fmt.Sprintf("%s: statement %v is narrow", name, templateyaml.At(all[i], "Sid")), path: statement, holds: isNarrow,
			without: []edit{{statement + ".Action", "dynamodb:*"}, {statement + ".Action", "*"}, {statement + ".Resource", "*"}, {statement + ".Effect", "Deny"}}}
		if templateyaml.At(all[i], "Condition") != nil && templateyaml.At(all[i], "Resource") == "ContactsTable.Arn" {
			p.without = append(p.without, edit{statement + ".Condition", nil},
				edit{statement + ".Condition", templateyaml.Tree{"ForAllValues:StringLike": templateyaml.Tree{"dynamodb:LeadingKeys": []any{"T#*"}}}},
				edit{statement + ".Condition", templateyaml.Tree{"ForAnyValue:StringLike": templateyaml.Tree{"dynamodb:LeadingKeys": []any{"T#*#I"}}}})
		}
		list = append(list, p)
	}
	return list
}

// isNarrow requires a statement to list its actions, on one resource, and on the table by keys.
func isNarrow(v any) error {
	actions, many := templateyaml.At(v, "Action").([]any)
	if !many {
		actions = []any{templateyaml.At(v, "Action")}
	}
	resource, _ := templateyaml.At(v, "Resource").(string)
	if templateyaml.At(v, "Effect") != "Allow" || len(actions) == 0 {
		return fmt.Errorf("%v allows nothing", v)
	}
	for _, a := range actions {
		action := fmt.Sprint(a)
		switch {
		case slices.Contains(tableActions, action):
			if err := onKeys(v, resource); err != nil {
				return fmt.Errorf("%s: %w", action, err)
			}
		case slices.Contains(objectActions, action):
			if !strings.HasPrefix(resource, "arn:${AWS::Partition}:s3:::contacts-${AWS::StackName}-") ||
				!strings.HasPrefix(action, "s3:ListBucket") && !slices.ContainsFunc(objectPrefixes, func(prefix string) bool { return strings.HasSuffix(resource, "/"+prefix+"*") }) {
				return fmt.Errorf("%s is allowed on %s", action, resource)
			}
		case action != "secretsmanager:GetSecretValue" || !slices.Contains(secrets, resource):
			return fmt.Errorf("%s is allowed on %s", action, resource)
		}
	}
	return nil
}

// onKeys requires a statement about the table to be limited to known key prefixes.
func onKeys(v any, resource string) error {
	keys, _ := templateyaml.At(v, "Condition.ForAllValues:StringLike.dynamodb:LeadingKeys").([]any)
	if resource != "ContactsTable.Arn" || len(keys) == 0 {
		return fmt.Errorf("allowed on %s, with keys %v", resource, keys)
	}
	for _, k := range keys {
		if !slices.Contains(keyPrefixes, fmt.Sprint(k)) {
			return fmt.Errorf("allowed on keys %v", k)
		}
	}
	return nil
}
