package samtemplate

import (
	"fmt"
	"strings"
)

// An evaluator evaluates CloudFormation's intrinsic functions as far as possible without a deployment.
type evaluator struct {
	values     map[string]string // from the caller: parameters, resources ("Table"), attributes ("Table.Arn")
	parameters map[string]any
	conditions map[string]any
	resources  map[string]any
	depth      int // of nested functions, to detect one that refers to itself
}

// unresolved stands for a value that only a deployment has. It is an error only where the value is needed.
type unresolved struct{ what string }

// noValue is the value of AWS::NoValue: the property counts as absent.
type noValue struct{}

// pseudo returns the value of a CloudFormation pseudo parameter in a local run. Values of the caller take precedence.
func pseudo(name string) (any, bool) {
	switch name {
	case "AWS::NoValue":
		return noValue{}, true
	case "AWS::Region":
		return LocalRegion, true
	case "AWS::AccountId":
		return LocalAccount, true
	case "AWS::Partition":
		return "aws", true
	case "AWS::URLSuffix":
		return "amazonaws.com", true
	case "AWS::StackName":
		return "local", true
	case "AWS::StackId", "AWS::NotificationARNs":
		return unresolved{"!Ref " + name}, true
	}
	return nil, false
}

// intrinsic reports whether node is a call of an intrinsic function, and returns its name and argument.
func intrinsic(node any) (name string, argument any, ok bool) {
	m, isMap := node.(map[string]any)
	if !isMap || len(m) != 1 {
		return "", nil, false
	}
	for key, value := range m {
		if key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return key, value, true
		}
	}
	return "", nil, false
}

// resolve returns the value of node: a string, a list, a map, unresolved or noValue. Elements of a list or a map are not resolved.
func (e *evaluator) resolve(node any) (any, error) {
	name, argument, ok := intrinsic(node)
	if !ok {
		return node, nil
	}
	if e.depth++; e.depth > maxDepth {
		return nil, fmt.Errorf("%s refers to itself", name)
	}
	defer func() { e.depth-- }()
	switch name {
	case "Ref":
		return e.ref(argument)
	case "Fn::GetAtt":
		return e.attribute(argument)
	case "Fn::Sub":
		return e.substitute(argument)
	case "Fn::Join":
		return e.join(argument)
	case "Fn::Split":
		return e.split(argument)
	case "Fn::If":
		return e.choose(argument)
	default:
		return unresolved{"!" + strings.TrimPrefix(name, "Fn::")}, nil
	}
}

func (e *evaluator) ref(argument any) (any, error) {
	name, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("!Ref takes a name")
	}
	if value, ok := e.values[name]; ok {
		return value, nil
	}
	if parameter, ok := e.parameters[name].(map[string]any); ok {
		if value, ok := parameter["Default"].(string); ok {
			return value, nil
		}
		return unresolved{"the parameter " + name}, nil
	}
	if value, ok := pseudo(name); ok {
		return value, nil
	}
	if _, ok := e.resources[name]; ok {
		return unresolved{"!Ref " + name}, nil
	}
	return nil, fmt.Errorf("!Ref %s names neither a parameter nor a resource", name)
}

func (e *evaluator) attribute(argument any) (any, error) {
	name, ok := argument.(string)
	if parts, isList := argument.([]any); isList && len(parts) == 2 {
		resource, isText := parts[0].(string)
		attribute, isText2 := parts[1].(string)
		name, ok = resource+"."+attribute, isText && isText2
	}
	resource, _, dotted := strings.Cut(name, ".")
	if !ok || !dotted {
		return nil, fmt.Errorf("!GetAtt takes Resource.Attribute")
	}
	if value, ok := e.values[name]; ok {
		return value, nil
	}
	if _, ok := e.resources[resource]; !ok {
		return nil, fmt.Errorf("!GetAtt %s names no resource", name)
	}
	return unresolved{"!GetAtt " + name}, nil
}

func (e *evaluator) substitute(argument any) (any, error) {
	text, ok := argument.(string)
	var own map[string]any
	if list, isList := argument.([]any); isList && len(list) == 2 {
		text, ok = list[0].(string)
		own, _ = list[1].(map[string]any)
	}
	if !ok {
		return nil, fmt.Errorf("!Sub takes a text, or a text and its variables")
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fmt.Errorf("!Sub has a ${ without its }")
		}
		text = after
		name = strings.TrimSpace(name)
		if literal, isLiteral := strings.CutPrefix(name, "!"); isLiteral {
			out.WriteString("${" + literal + "}")
			continue
		}
		value, err := e.variable(name, own)
		if err != nil {
			return nil, err
		}
		part, isText := value.(string)
		if !isText {
			return value, nil // unresolved, so the whole is
		}
		out.WriteString(part)
	}
}

func (e *evaluator) variable(name string, own map[string]any) (any, error) {
	var value any
	var err error
	if node, ok := own[name]; ok {
		value, err = e.resolve(node)
	} else if strings.Contains(name, ".") {
		value, err = e.attribute(name)
	} else {
		value, err = e.ref(name)
	}
	if err != nil {
		return nil, err
	}
	switch value.(type) {
	case string, unresolved:
		return value, nil
	}
	return nil, fmt.Errorf("${%s} of a !Sub is not a text", name)
}

func (e *evaluator) join(argument any) (any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 2 {
		return nil, fmt.Errorf("!Join takes a delimiter and a list")
	}
	delimiter, ok := list[0].(string)
	if !ok && list[0] != nil {
		return nil, fmt.Errorf("!Join takes a text as its delimiter")
	}
	items, err := e.resolve(list[1])
	if err != nil {
		return nil, err
	}
	if u, ok := items.(unresolved); ok {
		return u, nil
	}
	nodes, ok := items.([]any)
	if !ok {
		return nil, fmt.Errorf("!Join takes a list")
	}
	var texts []string
	for _, node := range nodes {
		value, err := e.resolve(node)
		if err != nil {
			return nil, err
		}
		switch v := value.(type) {
		case string:
			texts = append(texts, v)
		case unresolved:
			return v, nil
		case noValue:
		default:
			return nil, fmt.Errorf("!Join takes a list of texts")
		}
	}
	return strings.Join(texts, delimiter), nil
}

func (e *evaluator) split(argument any) (any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 2 {
		return nil, fmt.Errorf("!Split takes a delimiter and a text")
	}
	delimiter, ok := list[0].(string)
	if !ok || delimiter == "" {
		return nil, fmt.Errorf("!Split takes a text as its delimiter")
	}
	value, err := e.resolve(list[1])
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case unresolved:
		return v, nil
	case string:
		var parts []any
		for part := range strings.SplitSeq(v, delimiter) {
			parts = append(parts, part)
		}
		return parts, nil
	}
	return nil, fmt.Errorf("!Split takes a text")
}

func (e *evaluator) choose(argument any) (any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 3 {
		return nil, fmt.Errorf("!If takes a condition and two values")
	}
	name, ok := list[0].(string)
	if !ok {
		return nil, fmt.Errorf("!If takes the name of a condition")
	}
	holds, err := e.condition(map[string]any{"Condition": name})
	if err != nil {
		return nil, err
	}
	if holds {
		return e.resolve(list[1])
	}
	return e.resolve(list[2])
}

// condition evaluates a node of the Conditions section.
func (e *evaluator) condition(node any) (bool, error) {
	m, ok := node.(map[string]any)
	if !ok || len(m) != 1 {
		return false, fmt.Errorf("a condition is one function")
	}
	if e.depth++; e.depth > maxDepth {
		return false, fmt.Errorf("a condition refers to itself")
	}
	defer func() { e.depth-- }()
	for name, argument := range m {
		if name == "Condition" {
			condition, _ := argument.(string)
			definition, ok := e.conditions[condition]
			if !ok {
				return false, fmt.Errorf("there is no condition %q", condition)
			}
			return e.condition(definition)
		}
		list, _ := argument.([]any)
		switch {
		case name == "Fn::Equals" && len(list) == 2:
			left, err := e.text(list[0])
			if err != nil {
				return false, err
			}
			right, err := e.text(list[1])
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
	return false, fmt.Errorf("a condition is one of Equals, Not, And, Or and Condition")
}

// text returns the value of node as a text, "" for no value.
func (e *evaluator) text(node any) (string, error) {
	value, err := e.resolve(node)
	if err != nil {
		return "", err
	}
	switch v := value.(type) {
	case string:
		return v, nil
	case nil, noValue:
		return "", nil
	case unresolved:
		return "", fmt.Errorf("needs %s, which has no value in a local run: pass one", v.what)
	default:
		return "", fmt.Errorf("takes a text, not a list or a map")
	}
}

// texts returns a list of texts; a single text is a list of one.
func (e *evaluator) texts(node any) ([]string, error) {
	value, err := e.resolve(node)
	if err != nil {
		return nil, err
	}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	var out []string
	for _, item := range list {
		text, err := e.text(item)
		if err != nil {
			return nil, err
		}
		if text != "" {
			out = append(out, text)
		}
	}
	return out, nil
}

// fields returns the value of node as a map, nil for no value.
func (e *evaluator) fields(node any) (map[string]any, error) {
	value, err := e.resolve(node)
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case map[string]any:
		return v, nil
	case nil, noValue:
		return nil, nil
	case unresolved:
		return nil, fmt.Errorf("needs %s, which has no value in a local run", v.what)
	default:
		return nil, fmt.Errorf("must be a map")
	}
}
