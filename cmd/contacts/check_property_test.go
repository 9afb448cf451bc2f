package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

// A damagedOrganization is an organization with all kinds of records, which is damaged and restored repeatedly.
type damagedOrganization struct {
	*platform
	store *dynamodb.Client
	whole map[string]map[string]types.AttributeValue // by key, before any damage
	keys  []string                                   // its keys in order
}

func newDamagedOrganization(t *testing.T) *damagedOrganization {
	w := &damagedOrganization{platform: newPlatform(t)}
	w.store = engineOf(t, w.data)
	w.fillOrganization(8, 2)
	w.populate()
	w.whole = w.items()
	w.keys = slices.Sorted(maps.Keys(w.whole))
	return w
}

// populate adds records that refer to each other in all ways.
func (w *damagedOrganization) populate() {
	put := func(path string, body map[string]any) {
		if status, answer := w.request("PUT", path, body); status >= 300 {
			w.t.Fatal(path, status, answer)
		}
	}
	max, firm := w.create("/individual", map[string]any{"name": "Max", "external_id": "crm-7"}), w.create("/organization", map[string]any{"name": "Firm", "external_id": "crm-7"})
	department, location := w.create(firm+"/departments", map[string]any{"name": "Sales"}), w.create(firm+"/locations", map[string]any{"name": "Graz"})
	work := map[string]any{"organization_contact": tail(firm), "is_active": true,
		"departments": []any{map[string]any{"contact_id": tail(firm), "department_id": tail(department)}},
		"locations":   []any{map[string]any{"contact_id": tail(firm), "location_id": tail(location)}}}
	first := w.create(max+"/professional-identities", work)
	w.create(max+"/professional-identities", work)
	resting := maps.Clone(work)
	resting["is_active"] = false
	w.create(max+"/professional-identities", resting)
	w.create(first+"/emails", map[string]any{"type": "WORK_EMAIL", "address": "max@example.com", "usage_context": "PROFESSIONAL"})
	leader := map[string]any{"contact_id": tail(max), "professional_identity_id": tail(first)}
	put(location, map[string]any{"name": "Graz", "leaders": []any{leader}})
	put(firm, map[string]any{"name": "Firm", "external_id": "crm-7", "founders": []any{leader}})
	address := w.create(max+"/addresses", map[string]any{"type": "NOT_QUALIFIED", "full_address": "Hauptplatz 1, Graz", "usage_context": "ORGANIZATION"})
	put(firm+"/roles/alternative-payer", map[string]any{"alternative_payer_id": "p-1", "is_active": true, "since": "2025-03-25"})
	put(max+"/roles/customer", map[string]any{"customer_id": "c-7", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25", "managed_by": leader,
		"alternative_payer":                     map[string]any{"id": tail(firm)},
		"delivery_and_invoicing_configurations": []any{map[string]any{"invoice_address_id": tail(address)}}})
	put(max+"/roles/supplier", map[string]any{"supplier_id": "s-7", "is_active": true, "supplier_since": "2025-03-25"})
	w.create(max+"/tags", map[string]any{"name": "vip"})
	put("/configuration", map[string]any{"use_external_contact_management": false})
	status, own := w.request("POST", "/rest/accounts/contacts/option_types", map[string]any{"names": []any{map[string]any{"lang": "en", "name": "Pager"}}})
	if status != 200 {
		w.t.Fatal(status, own)
	}
	for _, o := range []map[string]any{{"typeId": own["id"], "subTypeId": 1, "value": "77"}, {"typeId": 1, "subTypeId": 7, "value": "0664 1234567"}} {
		if status, answer := w.request("POST", "/rest/accounts/contacts/"+tail(max)+"/options", o); status != 200 {
			w.t.Fatal(status, answer)
		}
	}
	crowd := w.create("/individual", map[string]any{"name": "Crowd"})
	for range 42 { // more than fit into an organization's item
		w.create(crowd+"/professional-identities", map[string]any{"organization_contact": tail(firm), "is_active": true})
	}
	list := w.create("/customer-lists", map[string]any{"name": "List"})
	if status, answer := w.request("POST", list+"/items", map[string]any{"items": []any{map[string]any{"id": tail(max)}}}); status != 200 {
		w.t.Fatal(status, answer)
	}
	erased := w.create("/individual", map[string]any{"name": "Erased"})
	manager := w.create(erased+"/professional-identities", work)
	put(crowd+"/roles/customer", map[string]any{"customer_id": "c-9", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25",
		"managed_by": map[string]any{"contact_id": tail(erased), "professional_identity_id": tail(manager)}})
	w.run("erase %s --org %s", tail(erased), w.c.Org)
	gone := w.create("/individual", map[string]any{"name": "Gone"})
	w.create(gone+"/professional-identities", work)
	put(gone+"/roles/customer", map[string]any{"customer_id": "c-8", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"})
	if status, _ := w.request("DELETE", gone, nil); status != 204 {
		w.t.Fatal("the deletion is answered", status)
	}
}

// items returns all items of the organization.
func (w *damagedOrganization) items() map[string]map[string]types.AttributeValue {
	all := map[string]map[string]types.AttributeValue{}
	for pages := dynamodb.NewScanPaginator(w.store, &dynamodb.ScanInput{TableName: aws.String(localTable), ConsistentRead: aws.Bool(true)}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, item := range page.Items {
			if pk := textOf(item, "pk"); strings.HasPrefix(pk, "T#"+w.c.Org+"#") {
				all[pk+" "+textOf(item, "sk")] = item
			}
		}
	}
	return all
}

func textOf(item map[string]types.AttributeValue, name string) string {
	s, _ := item[name].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

func (w *damagedOrganization) put(item map[string]types.AttributeValue) {
	if _, err := w.store.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String(localTable), Item: item}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *damagedOrganization) drop(item map[string]types.AttributeValue) {
	if _, err := w.store.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{TableName: aws.String(localTable),
		Key: map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]}}); err != nil {
		w.t.Fatal(err)
	}
}

// undoDamage undoes all damage.
func (w *damagedOrganization) undoDamage() {
	now := w.items()
	for key, item := range now {
		if _, there := w.whole[key]; !there {
			w.drop(item)
		}
	}
	for key, item := range w.whole {
		if plainText(now[key]) != plainText(item) {
			w.put(item)
		}
	}
}

// plainText returns an item as JSON, equal for equal items.
func plainText(item map[string]types.AttributeValue) string {
	plain := map[string]any{}
	for name, value := range item {
		if set, ok := value.(*types.AttributeValueMemberSS); ok {
			plain[name] = slices.Sorted(slices.Values(set.Value))
			continue
		}
		plain[name] = value
	}
	text, err := json.Marshal(plain)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// A verdict is the result of contacts check --repair --yes.
type verdict struct {
	code     int
	repaired int
	left     []string
}

// repairs runs the command. Whatever is damaged, it completes, and leaves only findings that require a person.
func (w *damagedOrganization) repairs(t *rapid.T) (v verdict) {
	var out bytes.Buffer
	err := run(context.Background(), []string{"check", "--org", w.c.Org, "--repair", "--yes", "--json", "--data", w.data}, &out)
	v.code = exitCode(err)
	if v.code == 2 {
		t.Fatalf("the repair does not come to its end: %v\n%s", err, &out)
	}
	for line := range strings.Lines(out.String()) {
		var told struct {
			Key, Detail, Refused string
			Automatic            bool
			Repaired             any
		}
		if err := json.Unmarshal([]byte(line), &told); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch n, sum := told.Repaired.(float64); {
		case sum:
			v.repaired = int(n)
		case told.Repaired != true:
			v.left = append(v.left, told.Key+": "+told.Detail)
			if told.Automatic {
				t.Errorf("it leaves what it can repair: %s", line)
			}
		}
	}
	return v
}

// someChecks lets rapid check a property ten times, because each runs the command. -rapid.checks changes that.
func someChecks(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return
	}
	if err := checks.Value.Set("10"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) }) // the original value
}

// damage damages an item, or adds one, and returns a description.
func (w *damagedOrganization) damage(t *rapid.T, items map[string]map[string]types.AttributeValue) string {
	key := rapid.SampledFrom(w.keys).Draw(t, "key")
	item := maps.Clone(items[key])
	if item == nil {
		return key + " was removed before"
	}
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(item)), func(name string) bool { return name == "pk" || name == "sk" })
	how := rapid.SampledFrom([]string{"remove the item", "remove an attribute", "remove an attribute", "change an attribute", "change an attribute", "copy the item"}).Draw(t, "how")
	if len(others) == 0 && strings.HasSuffix(how, "attribute") {
		how = "remove the item"
	}
	switch how {
	case "remove the item":
		delete(items, key)
		w.drop(item)
		return how + " " + key
	case "copy the item": // to the key of another one
		other := rapid.SampledFrom(w.keys).Draw(t, "as")
		pk, sk, _ := strings.Cut(other, " ")
		if rapid.Bool().Draw(t, "pk of the other") {
			item["pk"] = &types.AttributeValueMemberS{Value: pk}
		} else {
			item["sk"] = &types.AttributeValueMemberS{Value: sk}
		}
		key = textOf(item, "pk") + " " + textOf(item, "sk")
		how = "copy " + how + " to"
	default:
		name := rapid.SampledFrom(others).Draw(t, "attribute")
		how += " " + name + " of"
		if strings.HasPrefix(how, "remove") {
			delete(item, name)
		} else {
			item[name] = w.another(t, item[name])
		}
	}
	items[key] = item
	w.put(item)
	return how + " " + key
}

// another returns another value of an attribute.
func (w *damagedOrganization) another(t *rapid.T, value types.AttributeValue) types.AttributeValue {
	if rapid.Bool().Draw(t, "of another type") {
		return rapid.SampledFrom([]types.AttributeValue{&types.AttributeValueMemberS{Value: "x"}, &types.AttributeValueMemberN{Value: "7"},
			&types.AttributeValueMemberBOOL{Value: true}, &types.AttributeValueMemberSS{Value: []string{"x"}},
			&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}}).Draw(t, "value")
	}
	switch v := value.(type) {
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: fmt.Sprint(rapid.IntRange(-1, 12).Draw(t, "number"))}
	case *types.AttributeValueMemberSS:
		texts := slices.Clone(v.Value)
		if rapid.Bool().Draw(t, "one more") {
			return &types.AttributeValueMemberSS{Value: append(texts, rapid.SampledFrom([]string{"x", "EMAIL#a@b", "INDIVIDUAL#crm-7", "CUSTOMER_ID#c-1"}).Draw(t, "text"))}
		}
		if len(texts) > 1 {
			return &types.AttributeValueMemberSS{Value: texts[1:]}
		}
	case *types.AttributeValueMemberM:
		entries := maps.Clone(v.Value)
		for name := range entries {
			delete(entries, name)
			break
		}
		return &types.AttributeValueMemberM{Value: entries}
	}
	return &types.AttributeValueMemberS{Value: rapid.SampledFrom([]string{"", "{}", "{", `{"id":"7"}`}).Draw(t, "text")}
}

// Whatever is damaged, and however much at once, a repair completes: it never fails, leaves nothing that it could repair,
// and a second one finds nothing more to do.
func TestARepairOfAnyDamageComesToItsEnd(t *testing.T) {
	someChecks(t)
	w := newDamagedOrganization(t)
	rapid.Check(t, func(t *rapid.T) {
		w.undoDamage()
		items := maps.Clone(w.whole)
		for range rapid.IntRange(1, 12).Draw(t, "damages") {
			t.Log(w.damage(t, items))
		}
		first := w.repairs(t)
		second := w.repairs(t)
		if second.repaired != 0 || !slices.Equal(first.left, second.left) {
			t.Errorf("a second repair did %d things and leaves %q, the first left %q", second.repaired, second.left, first.left)
		}
	})
}

// derived are the attributes that are derived from others.
var derived = []string{"uniques", "lookups", "references", "reference_count", "children", "last_id", "deleted", "erased", "representatives", "represented", "representative", "member_count", "v", "active",
	"account", "debtor", "creditor", "owner", "part", "position"}

// All data derived from other records is restored, however much is lost at once.
func TestWhatFollowsFromOtherRecordsIsRepairedWhole(t *testing.T) {
	someChecks(t)
	w := newDamagedOrganization(t)
	var entries, resources []string
	for _, key := range w.keys {
		if strings.Contains(key, "#FIND#") || strings.Contains(key, "#WORD#") || strings.Contains(key, "#U#") && !strings.Contains(key, "#RUN") || strings.Contains(key, " ref#") || strings.Contains(key, " rep#") ||
			strings.HasSuffix(key, " guard") || strings.HasSuffix(key, " TAG") || strings.Contains(key, "#COUNTER ") {
			entries = append(entries, key)
		} else if slices.ContainsFunc(derived, func(name string) bool { return w.whole[key][name] != nil }) {
			resources = append(resources, key)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		w.undoDamage()
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(entries), 0, 20, rapid.ID[string]).Draw(t, "lost") {
			w.drop(w.whole[key])
		}
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(resources), 0, 12, rapid.ID[string]).Draw(t, "damaged") {
			item := maps.Clone(w.whole[key])
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(derived), 1, 3, rapid.ID[string]).Draw(t, "attributes") {
				if name != "erased" || strings.HasSuffix(key, " guard") { // nothing else records it
					delete(item, name)
				}
			}
			w.put(item)
		}
		if v := w.repairs(t); v.code != 0 {
			t.Fatalf("it leaves %q", v.left)
		}
		now := w.items()
		for key, item := range w.whole {
			want, got := asDerived(key, item), asDerived(key, now[key])
			if want != got {
				t.Errorf("%s is\n%s, want\n%s", key, got, want)
			}
		}
		maps.DeleteFunc(now, func(key string, _ map[string]types.AttributeValue) bool { // the changes that the repairs made
			return (strings.Contains(key, "#LOG#") || strings.Contains(key, " hist#")) && w.whole[key] == nil
		})
		if len(now) != len(w.whole) {
			t.Errorf("%d items, want %d", len(now), len(w.whole))
		}
	})
}

// asDerived returns an item without the attributes that every repair changes.
func asDerived(key string, item map[string]types.AttributeValue) string {
	item = maps.Clone(item)
	for _, name := range []string{"v", "updated", "children"} { // counters
		delete(item, name)
	}
	if strings.HasSuffix(key, " guard") {
		delete(item, "last_id") // of ids that are there no more, too
		delete(item, "changed") // a repair is a change
		delete(item, "unkept")
	}
	return plainText(item)
}
