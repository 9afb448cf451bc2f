package main

import (
	"fmt"
	"slices"
	"strings"
)

// differences returns how details differ from the expected state, "" if they do not.
func (p *contact) differences(details object) string {
	contactField := strings.ToLower(p.kind) + "_contact"
	got, _ := details[contactField].(object)
	want := shown(p.id, p.doc)
	want["deleted"] = p.deleted
	if got = without(got, "representatives"); !equal(got, want) {
		return fmt.Sprintf("it is %s, not %s", encoded(got), encoded(want))
	}
	for _, k := range partKinds {
		if strings.Contains(k.owners, p.kind) {
			if wrong := compareParts(k, list(details, k.field), p.parts[k.noun], p.optionsAs(k.noun)); wrong != "" {
				return wrong
			}
		}
	}
	for role, field := range map[string]string{"Customer": "customer_role", "AlternativePayer": "alternative_payer_role", "Supplier": "supplier_role"} {
		got, there := details[field].(object)
		if body := p.roles[role]; there != (body != nil) || there && !equal(without(got, "debtor_account_id", "creditor_account_id"), body) {
			return fmt.Sprintf("its %s is %s, not %s", field, encoded(got), encoded(body))
		}
		account := "debtor_account_id"
		if role == "Supplier" {
			account = "creditor_account_id"
		}
		if there && got[account] != p.accounts[account] {
			return fmt.Sprintf("its %s has the account %v, not %s", field, got[account], p.accounts[account])
		}
	}
	if p.kind != "Individual" {
		return ""
	}
	identities := list(details, "professional_identities")
	if len(identities) != len(p.identities) {
		return fmt.Sprintf("it has the identities %s, not %d", encoded(identities), len(p.identities))
	}
	for _, i := range identities {
		got, _ := i["professional_identity"].(object)
		id, _ := got["id"].(string)
		want := p.identities[id]
		if want == nil || !equal(got, shown(id, want.body)) {
			return fmt.Sprintf("it has the identity %s, not %s", encoded(got), encoded(want))
		}
		for _, k := range partKinds[:4] {
			if wrong := compareParts(k, list(i, k.field), want.parts[k.noun], nil); wrong != "" {
				return "identity " + id + ": " + wrong
			}
		}
	}
	return ""
}

// optionsAs returns the values, by id, of the options that are records of a kind.
func (p *contact) optionsAs(noun string) map[string]string {
	values := map[string]string{}
	for id, o := range p.options {
		if record(o.kind) == noun {
			values[id] = o.value
		}
	}
	return values
}

// valueField returns the field of a channel that the plentymarkets dialect calls value.
var valueField = map[string]string{"Email": "address", "Phone": "number", "WebAddress": "url"}

// compareParts returns how a list differs from the parts and the values written through the plentymarkets dialect.
func compareParts(k partKind, got []object, parts map[string]object, values map[string]string) string {
	if len(got) != len(parts)+len(values) {
		return fmt.Sprintf("it has the %s %s, not %s and %v", k.field, encoded(got), encoded(parts), values)
	}
	before := ""
	for _, item := range got {
		id, _ := item["id"].(string)
		if compareIDs(before, id) >= 0 {
			return fmt.Sprintf("its %s are not in the order of their ids, or twice: %s", k.field, encoded(got))
		}
		before = id
		body, written := parts[id]
		value, other := values[id]
		if written && !equal(without(item, "member_count"), shown(id, body)) || !written && !(other && item[valueField[k.noun]] == value) {
			return fmt.Sprintf("its %s has %s, not %s%s", k.field, encoded(item), encoded(body), value)
		}
	}
	return ""
}

// optionDifferences returns how a list of options differs from the contact's state in both dialects, "" if it does not.
func (p *contact) optionDifferences(order []string, got map[string]option) string {
	want := map[string]string{}
	for _, noun := range []string{"Email", "Phone", "WebAddress"} {
		for id, body := range p.parts[noun] {
			want[id], _ = body[valueField[noun]].(string)
		}
	}
	if len(order) != len(got) || len(got) != len(want)+len(p.options) {
		return fmt.Sprintf("its options are %+v, not %v and %+v", got, want, p.options)
	}
	if !slices.IsSortedFunc(order, func(a, b string) int {
		if d := got[a].priority - got[b].priority; d != 0 {
			return d
		}
		return compareIDs(a, b)
	}) {
		return fmt.Sprintf("its options are not sorted: %v %+v", order, got)
	}
	pairs := map[[2]int]string{}
	for id, o := range got {
		if _, ok := p.options[id]; ok && o != p.options[id] {
			return fmt.Sprintf("its option %s is %+v, not %+v", id, o, p.options[id])
		} else if value, there := want[id]; !ok && (!there || o.value != value) {
			return fmt.Sprintf("its option %s is %+v, in the other dialect it is %q", id, o, value)
		}
		pair := [2]int{o.kind, o.sub}
		if other := pairs[pair]; other != "" && (o.kind > 4 || p.channelled) {
			return fmt.Sprintf("its options %s and %s have the same pair %v", id, other, pair)
		}
		pairs[pair] = id
	}
	return ""
}
