package samtemplate

import (
	"regexp"
	"strings"
)

// An evaluator evaluates CloudFormation's intrinsic functions as far as possible without a deployment.
type evaluator struct {
	values     map[string]string // from the caller: parameters, resources ("Table"), attributes ("Table.Arn")
	parameters map[string]any
	conditions map[string]any
	resources  map[string]any
	depth      int // of nested conditions, to detect one that refers to itself
}

const maxDepth = 200

// A problem is why a value can't be evaluated. It takes the value's place, and is an error only where the value is needed.
type problem string

func (p problem) Error() string { return string(p) }

// missing returns the problem of a value that only a deployment has.
func missing(what string) problem {
	return problem("needs " + what + ", which has no value in a local run: pass one")
}

// noValue is the value of AWS::NoValue: the property is absent.
type noValue struct{}

// The values of CloudFormation's pseudo parameters in a local run. Values of the caller take precedence.
var pseudoParameters = map[string]any{
	"AWS::NoValue":          noValue{},
	"AWS::Region":           LocalRegion,
	"AWS::AccountId":        LocalAccount,
	"AWS::Partition":        "aws",
	"AWS::URLSuffix":        "amazonaws.com",
	"AWS::StackName":        "local",
	"AWS::StackId":          missing("!Ref AWS::StackId"),
	"AWS::NotificationARNs": missing("!Ref AWS::NotificationARNs"),
}

// resolve returns node with its intrinsic functions evaluated: a text, nil, a list or a map of such values, or a problem.
func (e *evaluator) resolve(node any) any {
	switch n := node.(type) {
	case []any:
		list := make([]any, 0, len(n))
		for _, item := range n {
			if value := e.resolve(item); value != any(noValue{}) {
				list = append(list, value)
			}
		}
		return list
	case map[string]any:
		values := make(map[string]any, len(n))
		for name, item := range n {
			if len(n) == 1 && (name == "Ref" || strings.HasPrefix(name, "Fn::")) {
				return e.call(name, item)
			}
			if value := e.resolve(item); value != any(noValue{}) {
				values[name] = value
			}
		}
		return values
	}
	return node
}

func (e *evaluator) call(name string, argument any) any {
	text, isText := e.resolve(argument).(string)
	items, _ := argument.([]any)
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = e.resolve(item)
	}
	switch name {
	case "Ref":
		return e.ref(text)
	case "Fn::GetAtt":
		if len(list) == 2 {
			text, _ = join(list, ".").(string)
		}
		return e.attribute(text)
	case "Fn::Sub":
		var own map[string]any
		if len(list) == 2 {
			text, isText = list[0].(string)
			own, _ = list[1].(map[string]any)
		}
		if isText {
			return e.substitute(text, own)
		}
		return problem("!Sub takes a text, or a text and its variables")
	case "Fn::Join":
		if len(list) == 2 {
			delimiter, _ := list[0].(string)
			return join(list[1], delimiter)
		}
		return problem("!Join takes a delimiter and a list")
	case "Fn::Split":
		if len(list) == 2 {
			return split(list[0], list[1])
		}
		return problem("!Split takes a delimiter and a text")
	case "Fn::If":
		if len(list) == 3 {
			return e.choose(list)
		}
		return problem("!If takes a condition and two values")
	}
	return missing("!" + strings.TrimPrefix(name, "Fn::"))
}

func (e *evaluator) ref(name string) any {
	if value, ok := e.values[name]; ok {
		return value
	}
	if parameter, ok := e.parameters[name].(map[string]any); ok {
		if value, ok := parameter["Default"].(string); ok {
			return value
		}
		return missing("the parameter " + name)
	}
	if value, ok := pseudoParameters[name]; ok {
		return value
	}
	if _, ok := e.resources[name]; ok {
		return missing("!Ref " + name)
	}
	return problem("!Ref " + name + " names neither a parameter nor a resource")
}

func (e *evaluator) attribute(name string) any {
	if value, ok := e.values[name]; ok {
		return value
	}
	resource, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return problem("!GetAtt takes Resource.Attribute")
	}
	if _, ok := e.resources[resource]; !ok {
		return problem("!GetAtt " + name + " names no resource")
	}
	return missing("!GetAtt " + name)
}

var variable = regexp.MustCompile(`\$\{\s*([^}]*?)\s*\}`)

// substitute replaces the variables of a text by their values, first of own.
func (e *evaluator) substitute(text string, own map[string]any) any {
	if strings.Count(text, "${") != len(variable.FindAllString(text, -1)) {
		return problem("!Sub has a ${ without its }")
	}
	var failed error
	result := variable.ReplaceAllStringFunc(text, func(match string) string {
		name := variable.FindStringSubmatch(match)[1]
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		value, ok := own[name]
		switch {
		case ok:
		case strings.Contains(name, "."):
			value = e.attribute(name)
		default:
			value = e.ref(name)
		}
		part, err := asText(value, "a variable of !Sub is a text")
		if err != nil {
			failed = err
		}
		return part
	})
	if failed != nil {
		return failed
	}
	return result
}

// asText returns the text that value is, its own problem, or one with this rule.
func asText(value any, rule string) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case problem:
		return "", v
	}
	return "", problem(rule)
}

func join(list any, delimiter string) any {
	items, ok := list.([]any)
	if !ok {
		_, err := asText(list, "!Join takes a list")
		return err
	}
	var texts []string
	for _, item := range items {
		text, err := asText(item, "!Join takes a list of texts")
		if err != nil {
			return err
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, delimiter)
}

func split(delimiter, value any) any {
	by, err := asText(delimiter, "!Split takes a text as its delimiter")
	if err != nil {
		return err
	}
	if by == "" {
		return problem("!Split takes a text as its delimiter")
	}
	text, err := asText(value, "!Split takes a text")
	if err != nil {
		return err
	}
	var parts []any
	for part := range strings.SplitSeq(text, by) {
		parts = append(parts, part)
	}
	return parts
}

// choose returns the value of [condition, value if it holds, value if not].
func (e *evaluator) choose(list []any) any {
	holds, err := e.condition(map[string]any{"Condition": list[0]})
	switch {
	case err != nil:
		return err
	case holds:
		return list[1]
	}
	return list[2]
}

// condition evaluates a node of the Conditions section.
func (e *evaluator) condition(node any) (bool, error) {
	if e.depth++; e.depth > maxDepth {
		return false, problem("a condition refers to itself")
	}
	defer func() { e.depth-- }()
	call, _ := node.(map[string]any)
	for name, argument := range call {
		list, _ := argument.([]any)
		switch {
		case len(call) > 1:
		case name == "Condition":
			condition, _ := argument.(string)
			definition, ok := e.conditions[condition]
			if !ok {
				return false, problem("there is no condition " + condition)
			}
			return e.condition(definition)
		case name == "Fn::Equals" && len(list) == 2:
			left, err := asText(e.resolve(list[0]), "!Equals compares texts")
			if err != nil {
				return false, err
			}
			right, err := asText(e.resolve(list[1]), "!Equals compares texts")
			return left == right, err
		case name == "Fn::Not" && len(list) == 1:
			holds, err := e.condition(list[0])
			return !holds, err
		case name == "Fn::And", name == "Fn::Or":
			for _, part := range list {
				holds, err := e.condition(part)
				if err != nil || holds == (name == "Fn::Or") {
					return holds, err
				}
			}
			return name == "Fn::And", nil
		}
	}
	return false, problem("a condition is one of Equals, Not, And, Or and Condition")
}
