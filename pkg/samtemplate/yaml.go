package samtemplate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxDepth bounds the nesting of a template: far more than CloudFormation accepts, and too little to exhaust the stack.
const maxDepth = 200

// parseYAML returns the first document of data as map[string]any, []any, string and nil. Numbers and booleans stay text as written,
// as in CloudFormation. A short tag becomes its long
// form: !Ref X is {"Ref": "X"}, !Sub X is {"Fn::Sub": "X"}.
func parseYAML(data []byte) (any, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("not valid YAML: %s", firstLine(yaml.FormatError(err, false, false)))
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, errors.New("is empty")
	}
	c := yamlConverter{anchors: map[string]ast.Node{}}
	return c.convert(file.Docs[0].Body, 0)
}

type yamlConverter struct {
	anchors map[string]ast.Node
}

func (c yamlConverter) convert(node ast.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels, or an alias that contains itself", maxDepth)
	}
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return nil, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.TagNode:
		return c.tagged(n, depth)
	case *ast.AnchorNode:
		c.anchors[n.Name.GetToken().Value] = n.Value
		return c.convert(n.Value, depth+1)
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		target, ok := c.anchors[name]
		if !ok {
			return nil, fmt.Errorf("alias *%s is undefined", name)
		}
		return c.convert(target, depth+1)
	case *ast.SequenceNode:
		list := make([]any, 0, len(n.Values))
		for _, item := range n.Values {
			value, err := c.convert(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case *ast.MappingNode:
		return c.mapping(n.Values, depth)
	case *ast.MappingValueNode:
		return c.mapping([]*ast.MappingValueNode{n}, depth)
	case ast.ScalarNode:
		return n.GetToken().Value, nil
	default:
		return nil, fmt.Errorf("line %d: templates can't have this kind of YAML", node.GetToken().Position.Line)
	}
}

func (c yamlConverter) mapping(pairs []*ast.MappingValueNode, depth int) (any, error) {
	result := make(map[string]any, len(pairs))
	merged := map[string]any{}
	for _, pair := range pairs {
		value, err := c.convert(pair.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if _, ok := pair.Key.(*ast.MergeKeyNode); ok {
			if from, ok := value.(map[string]any); ok {
				for key, v := range from {
					merged[key] = v
				}
			}
			continue
		}
		key, err := c.convert(pair.Key, depth+1)
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("line %d: a key that is not a text", pair.Key.GetToken().Position.Line)
		}
		result[name] = value
	}
	for key, value := range merged {
		if _, own := result[key]; !own {
			result[key] = value
		}
	}
	return result, nil
}

func (c yamlConverter) tagged(n *ast.TagNode, depth int) (any, error) {
	value, err := c.convert(n.Value, depth+1)
	if err != nil {
		return nil, err
	}
	tag := n.Start.Value
	switch {
	case strings.HasPrefix(tag, "!!"): // YAML's own types: all are text here
		return value, nil
	case tag == "!Ref":
		return map[string]any{"Ref": value}, nil
	case tag == "!Condition":
		return map[string]any{"Condition": value}, nil
	default:
		return map[string]any{"Fn::" + strings.TrimPrefix(tag, "!"): value}, nil
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
