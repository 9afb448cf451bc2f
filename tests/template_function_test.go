package tests

import (
	"fmt"
	"slices"
	"strings"
)

// tableActions are those that functions may be given: on items, by their keys.
var tableActions = []string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
	"dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"}

// objectActions are those on objects and the listing of them.
var objectActions = []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion", "s3:ListBucket", "s3:ListBucketVersions"}

// keyPrefixes are what the keys of the table can begin with, as policies name them. None of them is all of a tenant, or of the platform.
var keyPrefixes = []string{"T#*#I", "T#*#O", "T#*#P", "T#*#I#OFFSETS", "T#*#O#OFFSETS", "T#*#P#OFFSETS",
	"T#*#C#*", "T#*#L", "T#*#L#*", "T#*#FIND#*", "T#*#U#*", "T#*#TAG", "T#*#TAG#*", "T#*#COUNTER", "T#*#CONFIG",
	"T#*#KEY#*", "P#KEY", "P#ORG", "P#APP", "P#USER", "P#GUESS#*", "P#SESSION#*"}

// ofFunction are the protections of a function: its role can do what it needs, and nothing else.
func ofFunction(name string, properties tree) []protection {
	where := "Resources." + name + ".Properties."
	list := []protection{{why: name + " logs where retention is set", path: where + "LoggingConfig.LogGroup", want: strings.TrimSuffix(name, "Function") + "Logs"}}
	statements, _ := at(properties, "Policies.0.Statement").([]any)
	for i := range statements {
		statement := fmt.Sprintf("%sPolicies.0.Statement.%d", where, i)
		p := protection{why: fmt.Sprintf("%s: statement %v is narrow", name, at(statements[i], "Sid")), path: statement, holds: isNarrow,
			without: []edit{{statement + ".Action", "dynamodb:*"}, {statement + ".Action", "*"}, {statement + ".Resource", "*"}, {statement + ".Effect", "Deny"}}}
		if at(statements[i], "Condition") != nil && at(statements[i], "Resource") == "ContactsTable.Arn" {
			p.without = append(p.without, edit{statement + ".Condition", nil},
				edit{statement + ".Condition", tree{"ForAllValues:StringLike": tree{"dynamodb:LeadingKeys": []any{"T#*"}}}},
				edit{statement + ".Condition", tree{"ForAnyValue:StringLike": tree{"dynamodb:LeadingKeys": []any{"T#*#I"}}}})
		}
		list = append(list, p)
	}
	return append(list, protection{why: name + " has policies of its own alone", path: where + "Policies", holds: func(v any) error {
		if policies, ok := v.([]any); !ok || len(policies) != 1 || at(v, "0.Statement") == nil {
			return fmt.Errorf("its policies are %v", v)
		}
		return nil
	}, without: []edit{{where + "Policies", []any{"AdministratorAccess"}}, {where + "Policies", nil}}})
}

// isNarrow holds a statement to name actions one by one, on one thing, and of the table by keys.
func isNarrow(v any) error {
	actions, many := at(v, "Action").([]any)
	if !many {
		actions = []any{at(v, "Action")}
	}
	resource, _ := at(v, "Resource").(string)
	if at(v, "Effect") != "Allow" || len(actions) == 0 {
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
				!strings.HasPrefix(action, "s3:ListBucket") && !strings.HasSuffix(resource, "/incoming/*") && !strings.HasSuffix(resource, "/images/*") {
				return fmt.Errorf("%s is allowed on %s", action, resource)
			}
		case action != "secretsmanager:GetSecretValue" || resource != "SigningSecret":
			return fmt.Errorf("%s is allowed on %s", action, resource)
		}
	}
	return nil
}

// onKeys holds a statement to the table and to keys that begin as some kind does.
func onKeys(v any, resource string) error {
	keys, _ := at(v, "Condition.ForAllValues:StringLike.dynamodb:LeadingKeys").([]any)
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
