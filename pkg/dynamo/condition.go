package dynamo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An Expr is a condition on one item in DynamoDB's sense. It is stated once: it renders itself as an expression for the store, and it
// evaluates the item that the store returns with a refusal.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
type Expr interface {
	render(*placeholders) string
	// Matches reports whether the condition is true of an item, nil for none.
	Matches(Item) bool
}

// A Condition is an Expr that a write requires of a stored item, with the error when it is not true.
type Condition struct {
	Expr Expr
	// Refusal returns the error from the item that is stored, nil if there is none.
	Refusal func(stored Item) error
	// UnlessDeleted drops the condition if the same transaction also deletes the item, so that a unique value can pass from one owner to
	// another.
	UnlessDeleted bool
}

// Require returns a condition with a fixed error.
func Require(e Expr, refusal error) Condition {
	return Condition{Expr: e, Refusal: func(Item) error { return refusal }}
}

// RequireFunc returns a condition whose error depends on what is stored.
func RequireFunc(e Expr, refusal func(stored Item) error) Condition {
	return Condition{Expr: e, Refusal: refusal}
}

// Exists requires that there is an item.
func Exists(refusal error) Condition { return Require(AttributeExists("pk"), refusal) }

// NotExists requires that there is no item. ErrConflict if there is one.
func NotExists() Condition { return Require(AttributeNotExists("pk"), ErrConflict) }

// NotExistsElse requires that there is no item, with an error that depends on the one that is stored.
func NotExistsElse(refusal func(stored Item) error) Condition {
	return RequireFunc(AttributeNotExists("pk"), refusal)
}

// Unchanged requires that an item still has the version that was read. ErrConflict if not.
func Unchanged(read Item) Condition { return SameAttribute(AttrVersion, read) }

// SameAttribute requires that an attribute still is what was read, of whatever type, or missing. ErrConflict if not.
func SameAttribute(name string, read Item) Condition {
	if read[name] == nil {
		return Require(AttributeNotExists(name), ErrConflict)
	}
	return Require(AttributeEquals(name, read[name]), ErrConflict)
}

// AttributeExists is true of an item that has the attribute.
func AttributeExists(name string) Expr { return attributeExists{name} }

// AttributeNotExists is true of an item that doesn't have the attribute, and where there is no item.
func AttributeNotExists(name string) Expr { return Not(attributeExists{name}) }

// AttributeEquals is true of an item whose attribute has the value.
func AttributeEquals(name string, value Value) Expr { return comparison{name, "=", value} }

// LessThan is true of an item whose attribute is a number less than n.
func LessThan(name string, n int64) Expr { return comparison{name, "<", Number(n)} }

// AtMost is true of an item whose attribute is a number of n or less.
func AtMost(name string, n int64) Expr { return comparison{name, "<=", Number(n)} }

// GreaterThan is true of an item whose attribute is a number greater than n.
func GreaterThan(name string, n int64) Expr { return comparison{name, ">", Number(n)} }

// Contains is true of an item whose attribute is a set that has the text, or a text that it is part of.
func Contains(name, text string) Expr { return contains{name, text} }

// BeginsWith is true of an item whose attribute is a text that begins with the prefix.
func BeginsWith(name, prefix string) Expr { return beginsWith{name, prefix} }

// SizeLessThan is true of an item whose attribute is a map of less than n members.
func SizeLessThan(name string, n int64) Expr { return And(IsMap(name), sizeLessThan{name, n}) }

// IsMap is true of an item whose attribute is a map.
func IsMap(name string) Expr { return isMap{name} }

// And is true where all of one or more are.
func And(all ...Expr) Expr { return junction{"AND", all} }

// Or is true where one of one or more is.
func Or(any ...Expr) Expr { return junction{"OR", any} }

// Not is true where e is not.
func Not(e Expr) Expr { return not{e} }

type (
	attributeExists struct{ name string }
	comparison      struct {
		name, operator string
		value          Value
	}
	contains     struct{ name, text string }
	beginsWith   struct{ name, prefix string }
	sizeLessThan struct {
		name string
		n    int64
	}
	isMap    struct{ name string }
	junction struct {
		operator string
		parts    []Expr
	}
	not struct{ e Expr }
)

func (e attributeExists) render(p *placeholders) string {
	return "attribute_exists(" + p.path(e.name) + ")"
}

// Matches looks for a key where it is asked for one: a stored item has it, but the item that is returned need not.
func (e attributeExists) Matches(i Item) bool {
	if e.name == "pk" {
		return i != nil
	}
	return i.at(e.name) != nil
}

func (e comparison) render(p *placeholders) string {
	return p.path(e.name) + " " + e.operator + " " + p.value(e.value)
}

func (e comparison) Matches(i Item) bool {
	stored := i.at(e.name)
	if e.operator == "=" {
		return stored != nil && equal(stored, e.value)
	}
	n, isNumber := number(stored)
	bound, _ := number(e.value)
	switch {
	case !isNumber:
		return false
	case e.operator == "<":
		return n < bound
	case e.operator == "<=":
		return n <= bound
	}
	return n > bound
}

func (e contains) render(p *placeholders) string {
	return "contains(" + p.path(e.name) + ", " + p.value(String(e.text)) + ")"
}

func (e contains) Matches(i Item) bool {
	switch v := i.at(e.name).(type) {
	case *types.AttributeValueMemberS:
		return strings.Contains(v.Value, e.text)
	case *types.AttributeValueMemberSS:
		return slices.Contains(v.Value, e.text)
	}
	return false
}

func (e beginsWith) render(p *placeholders) string {
	return "begins_with(" + p.path(e.name) + ", " + p.value(String(e.prefix)) + ")"
}

func (e beginsWith) Matches(i Item) bool {
	v, isText := i.at(e.name).(*types.AttributeValueMemberS)
	return isText && strings.HasPrefix(v.Value, e.prefix)
}

func (e sizeLessThan) render(p *placeholders) string {
	return "size(" + p.path(e.name) + ") < " + p.value(Number(e.n))
}

func (e sizeLessThan) Matches(i Item) bool {
	v, ok := i.at(e.name).(*types.AttributeValueMemberM)
	return ok && int64(len(v.Value)) < e.n
}

func (e isMap) render(p *placeholders) string {
	return "attribute_type(" + p.path(e.name) + ", " + p.value(String("M")) + ")"
}

func (e isMap) Matches(i Item) bool {
	_, ok := i.at(e.name).(*types.AttributeValueMemberM)
	return ok
}

// render leaves out parentheses around a single part: DynamoDB refuses redundant ones.
func (e junction) render(p *placeholders) string {
	if len(e.parts) == 1 {
		return e.parts[0].render(p)
	}
	parts := make([]string, len(e.parts))
	for i, part := range e.parts {
		parts[i] = "(" + part.render(p) + ")"
	}
	return strings.Join(parts, " "+e.operator+" ")
}

func (e junction) Matches(i Item) bool {
	all := e.operator == "AND"
	for _, part := range e.parts {
		if part.Matches(i) != all {
			return !all
		}
	}
	return all
}

func (e not) render(p *placeholders) string {
	if exists, ok := e.e.(attributeExists); ok {
		return "attribute_not_exists(" + p.path(exists.name) + ")"
	}
	return "NOT (" + e.e.render(p) + ")"
}

func (e not) Matches(i Item) bool { return !e.e.Matches(i) }

// placeholders stand for the names and values of all expressions of one call: DynamoDB reserves several hundred words. The same name or
// value has the same placeholder, so that equal conditions render alike.
type placeholders struct {
	names  map[string]string // by placeholder
	values map[string]types.AttributeValue
}

// path returns the placeholders of an attribute's path: "member_count", or "representatives.<key>" for a member of a map.
func (p *placeholders) path(path string) string {
	segments := strings.Split(path, ".")
	for i, segment := range segments {
		segments[i] = p.name(segment)
	}
	return strings.Join(segments, ".")
}

func (p *placeholders) name(name string) string {
	for placeholder, other := range p.names {
		if other == name {
			return placeholder
		}
	}
	if p.names == nil {
		p.names = map[string]string{}
	}
	placeholder := fmt.Sprintf("#n%d", len(p.names))
	p.names[placeholder] = name
	return placeholder
}

func (p *placeholders) value(value Value) string {
	for placeholder, other := range p.values {
		if equal(other, value) {
			return placeholder
		}
	}
	if p.values == nil {
		p.values = map[string]types.AttributeValue{}
	}
	placeholder := fmt.Sprintf(":v%d", len(p.values))
	p.values[placeholder] = value
	return placeholder
}
