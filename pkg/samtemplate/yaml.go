package samtemplate

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parseYAML returns the first document of data as map[string]any, []any, string and nil. Numbers and booleans stay text as written,
// as in CloudFormation. A short tag becomes its long form: !Ref X is {"Ref": "X"}, !Sub X is {"Fn::Sub": "X"}.
func parseYAML(data []byte) (any, error) {
	var document yaml.Node
	var root any
	err := yaml.Unmarshal(data, &document)
	if err == nil && document.Kind == 0 {
		return nil, errors.New("is empty")
	}
	if err == nil {
		expand(&document)
		err = document.Decode(&root)
	}
	if err != nil {
		return nil, fmt.Errorf("not valid YAML: %s", strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", " "))
	}
	return root, nil
}

// expand replaces the short tags in a node, and makes its other scalars text.
func expand(node *yaml.Node) {
	for _, child := range node.Content {
		expand(child)
	}
	tag := node.ShortTag()
	short := !strings.HasPrefix(tag, "!!") && tag != ""
	if node.Kind == yaml.ScalarNode && (short || tag != "!!null" && tag != "!!merge") {
		node.Tag = "!!str"
	}
	if !short {
		return
	}
	name := "Fn::" + strings.TrimPrefix(tag, "!")
	if tag == "!Ref" || tag == "!Condition" {
		name = tag[1:]
	}
	argument := *node
	argument.Anchor = ""
	if argument.Kind != yaml.ScalarNode {
		argument.Tag = ""
	}
	*node = yaml.Node{Kind: yaml.MappingNode, Anchor: node.Anchor, Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, &argument,
	}}
}
