package fsck

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
	"contacts/tests/harness"
)

var isTrue = &types.AttributeValueMemberBOOL{Value: true}

func setOf(texts ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: texts} }

// digest is a SHA-256 in base64url, as in keys.
const digest = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

// uniqueKey is the sort key of a unique value in small letters.
func uniqueKey(value string) string { return strings.ToUpper(value) + "\x00\x01" }

// A damage is an inconsistency of the table.
type damage struct {
	apply func(h fixture)
	// findings are all findings of a check, each a kind and part of the detail.
	findings []string
	// left are the findings after a repair.
	left []string
}

func notRepaired(apply func(fixture), findings ...string) damage {
	return damage{apply, findings, findings}
}

func repaired(apply func(fixture), findings ...string) damage { return damage{apply, findings, nil} }

// damages break each rule of the check, directly in the table.
var damages = map[string]damage{
	// Unique values.
	"a unique value is lost":       repaired(func(h fixture) { h.drop(h.pk("U#INDIVIDUAL"), uniqueKey("crm-1")) }, "unique: which has no entry"),
	"a unique value of no contact": repaired(func(h fixture) { h.put(h.pk("U#INDIVIDUAL"), uniqueKey("crm-2"), "owner", 8) }, "unique: doesn't have this value"),
	"a unique value of another contact": repaired(func(h fixture) {
		h.change(h.pk("U#CUSTOMER_ID"), uniqueKey("c-1"), "owner", harness.NumberAttribute(8))
	},
		"unique: which belongs to contact 8", "unique: contact 8 doesn't have this value"),
	"a unique value without an owner": repaired(func(h fixture) { h.put(h.pk("U#SUPPLIER_ID"), uniqueKey("s-1")) }, "unique: contact 0 doesn't have this value"),
	"a contact doesn't list its unique value": repaired(func(h fixture) { h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "uniques", nil) },
		"links: its uniques differ from those of its document", "unique: doesn't have this value"),
	"two contacts have an external id": notRepaired(func(h fixture) {
		other := h.Create("/individual", object{"name": "Max"})
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(other)), "uniques", setOf("INDIVIDUAL#crm-1"))
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(other)), "doc", harness.TextAttribute(`{"id":"`+harness.LastSegment(other)+`","name":"Max","external_id":"crm-1","deleted":false}`))
	}, "unique: it has the unique value INDIVIDUAL#crm-1, which"),

	// Lookup entries.
	"a lookup entry is lost": repaired(func(h fixture) { pk := h.pk("FIND#PHONE#0123"); h.drop(pk, h.first(pk, "")) }, "lookup: which has no entry"),
	"a lookup entry of nothing": repaired(func(h fixture) {
		h.put(h.pk("FIND#EMAIL#a@b"), "a@b\x00"+harness.Padded(harness.LastSegment(h.person))+"#EMAIL#"+harness.Padded("7"))
	},
		"lookup: does not have this lookup key"),
	"an email doesn't list its lookup keys": repaired(func(h fixture) {
		h.change(h.parts(h.person), h.first(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity))+"#EMAIL#"), "lookups", setOf("EMAIL#a@b"))
	},
		"links: its lookups differ from those of its document", "lookup: it has the lookup key EMAIL#a@b", "lookup: does not have this lookup key"),

	"a word of a name is lost": repaired(func(h fixture) { pk := h.pk("WORD#e"); h.drop(pk, h.first(pk, "erika#")) }, "lookup: which has no entry"),
	"a word of no name": repaired(func(h fixture) {
		h.put(h.pk("WORD#x"), "xaver#xaver#"+harness.Padded(harness.LastSegment(h.person)), "name", "Xaver")
	},
		"lookup: does not have this lookup key"),
	"a name is lost in the list by name": repaired(func(h fixture) { pk := h.pk("I#NAMES"); h.drop(pk, h.first(pk, "")) }, "lookup: it has no entry in the list by name"),
	"a deleted contact is not marked in the list by name": repaired(func(h fixture) {
		pk := h.pk("I#NAMES")
		h.change(pk, h.first(pk, ""), "deleted", isTrue)
	}, `lookup: its entry in the list by name has the name "Erika", deleted=true`),
	"a name of no contact": repaired(func(h fixture) { h.put(h.pk("O#NAMES"), "X "+harness.Padded(harness.LastSegment(h.firm)), "name", "X") },
		"lookup: does not have this name"),
	"a contact is in the list by another name": repaired(func(h fixture) {
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "listed", harness.TextAttribute("X"))
	}, "links: its name in the list by name is", "lookup: it has no entry in the list by name", "lookup: does not have this name"),
	"a word has another name": repaired(func(h fixture) {
		pk := h.pk("WORD#e")
		h.change(pk, h.first(pk, "erika#"), "name", harness.TextAttribute("ERIKA"))
	},
		"lookup: whose entry has another name"),

	// References and their counts.
	"a reference is lost": repaired(func(h fixture) { h.drop(h.parts(h.firm), h.first(h.parts(h.firm), "ref#LOC#")) },
		"reference: has no item for it", "count: its reference count is 1, but 0", "count: its member_count is 1, but 0"),
	"a reference of nothing": repaired(func(h fixture) {
		h.put(h.parts(h.firm), "ref#LOC#"+harness.Padded(harness.LastSegment(h.location))+"#"+harness.Padded(harness.LastSegment(h.person))+"#PI#"+harness.Padded("7"))
	}, "reference: doesn't refer to", "count: its reference count is 1, but 2"),
	"an identity doesn't list its references": repaired(func(h fixture) {
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "references", nil)
	},
		"links: its references differ from those of its document", "reference: doesn't refer to contact", "reference: doesn't refer to location"),
	"references are miscounted": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "reference_count", harness.NumberAttribute(5)) },
		"count: its reference count is 5, but 1"),
	"references are not counted": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "reference_count", harness.NumberAttribute(0)) },
		"count: has no reference count"),
	"two references are not counted": repaired(func(h fixture) {
		h.CreateIdentity(h.Create("/individual", object{"name": "Max"}), h.firm)
		h.change(h.parts(h.firm), "guard", "reference_count", nil)
	}, "count: has no reference count", "count: has no reference count"),
	"a count is no number": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "reference_count", harness.TextAttribute("x")) },
		"count: has no reference count", "count: its reference count is 0, but 1"),
	"a count of no reference is no number": repaired(func(h fixture) {
		h.change(h.parts(h.placeholder), "guard", "reference_count", harness.TextAttribute("x"))
	},
		"count: its reference count is 0, but 0"),
	"the target of a reference is missing": notRepaired(func(h fixture) { h.drop(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location))) },
		"reference: it refers to location"),
	"the target of a reference is deleted": damage{func(h fixture) {
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "deleted", isTrue)
		h.change(h.parts(h.firm), "guard", "deleted", isTrue)
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "doc", harness.TextAttribute(`{"id":"`+harness.LastSegment(h.firm)+`","name":"ACME","deleted":true}`))
	}, []string{"reference: which is deleted", "deletion: it still has unique values", "lookup: its entry in the list by name"}, []string{"reference: which is deleted"}},
	"a type of options is missing": notRepaired(func(h fixture) { pk := h.pk("C#") + harness.Padded("0"); h.drop(pk, h.first(pk, "OPTTYPE#")) }, "reference: it refers to the option type"),
	"references to a type of options are not counted": repaired(func(h fixture) {
		pk := h.pk("C#") + harness.Padded("0")
		h.change(pk, h.first(pk, "OPTTYPE#"), "reference_count", harness.NumberAttribute(0))
	}, "count: the option type"),
	"an option doesn't list its references": repaired(func(h fixture) { h.change(h.parts(h.person), h.first(h.parts(h.person), "OPT#"), "references", nil) },
		"links: its references differ from those of its document", "reference: option"),

	// Representatives of organizations, members of locations.
	"members are miscounted": repaired(func(h fixture) {
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "member_count", harness.NumberAttribute(3))
	}, "count: its member_count is 3, but 1"),
	"a representative is not shown": repaired(func(h fixture) {
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "representatives", &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}})
	}, "representative: doesn't list it correctly", "count: its representative count is 1, but 0"),
	"no representatives are kept": repaired(func(h fixture) {
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "representatives", nil)
	},
		"representative: it has no map of representatives", "representative: doesn't list it correctly", "count: its representative count is 1, but 0"),
	"a representative of nothing": repaired(func(h fixture) { h.addRepresentative(harness.Padded("7")+"#"+harness.Padded("4"), "true 0 0") },
		"representative: which doesn't represent it", "count: its representative count is 1, but 2"),
	"a representative is damaged": repaired(func(h fixture) { h.addRepresentative(harness.Padded("7")+"#"+harness.Padded("4"), `{`) },
		"representative: can't be read", "count: its representative count is 1, but 2"),
	"representatives are miscounted": repaired(func(h fixture) {
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "represented", harness.NumberAttribute(7))
	},
		"count: its representative count is 7, but 1"),
	"a representative in a separate item is lost": repaired(func(h fixture) {
		pk := h.addManyRepresentatives()
		h.drop(pk, h.first(pk, "rep#"))
	}, "representative: doesn't list it correctly", "count: its representative count is 42, but 41"),
	"a representative in a separate item is of nothing": repaired(func(h fixture) {
		h.put(h.addManyRepresentatives(), "rep#"+harness.Padded("7")+"#"+harness.Padded("4"), "representative", "true 0 0")
	}, "representative: doesn't represent contact", "count: its representative count is 42, but 43"),
	"representatives in separate items are not counted": repaired(func(h fixture) {
		h.addManyRepresentatives()
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "represented", harness.NumberAttribute(40))
	}, "count: omits those in separate items", "count: omits those in separate items"),
	"a representative is there twice": repaired(func(h fixture) {
		name := strings.TrimPrefix(h.first(h.addManyRepresentatives(), "rep#"), "rep#")
		h.addRepresentative(name, "true 0 0")
	}, "representative: which doesn't represent it", "count: its representative count is 42, but 43"),
	"an identity does not say that its representative is in a separate item": repaired(func(h fixture) {
		name := strings.TrimPrefix(h.first(h.addManyRepresentatives(), "rep#"), "rep#")
		h.change(h.parts(h.person), "PI#"+name[:16], "separate", nil)
	}, "representative: is in a separate item of organization"),
	"an identity lacks its representative in a separate item": repaired(func(h fixture) {
		pk := h.addManyRepresentatives()
		name := strings.TrimPrefix(h.first(pk, "rep#"), "rep#")
		h.change(h.parts(h.person), "PI#"+name[:16], "separate", nil)
		h.drop(pk, "rep#"+name)
	}, "representative: is in a separate item of organization", "count: its representative count is 42, but 41"),
	"an identity is not as active as it says": repaired(func(h fixture) {
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "active", nil)
	},
		"links: its document has is_active=true", "representative: doesn't list it correctly", "count: its member_count is 1, but 0"),
	"an identity represents another": {func(h fixture) {
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "represents", harness.NumberAttribute(9))
	}, []string{"links: it represents organization", "representative: which doesn't represent it"}, []string{"links: it represents organization"}},

	// Accounts.
	"an account is ahead of its counter": repaired(func(h fixture) { h.change(h.pk("COUNTER"), "debtor", "given", harness.NumberAttribute(0)) }, "account: was never assigned"),
	"a counter counts nothing": repaired(func(h fixture) { h.change(h.pk("COUNTER"), "debtor", "given", harness.TextAttribute("x")) },
		"account: its counter is not a number", "account: was never assigned"),
	"the counter is missing":              repaired(func(h fixture) { h.drop(h.pk("COUNTER"), "debtor") }, "account: was never assigned"),
	"a contact does not know its account": repaired(func(h fixture) { h.change(h.parts(h.person), "guard", "debtor", nil) }, "account: its contact has no debtor account"),
	"a role has another account": notRepaired(func(h fixture) {
		h.change(h.parts(h.person), "ROLE#CUSTOMER", "account", harness.TextAttribute("10077"))
	}, "account: but its contact has"),
	"an account is no number": notRepaired(func(h fixture) {
		h.change(h.parts(h.person), "guard", "debtor", harness.TextAttribute("x"))
		h.change(h.parts(h.person), "ROLE#CUSTOMER", "account", harness.TextAttribute("x"))
	}, "account: is invalid"),
	"an account of no role": {func(h fixture) { h.drop(h.parts(h.person), "ROLE#CUSTOMER") },
		[]string{"account: but no role has it", "unique: doesn't have this value"}, []string{"account: but no role has it"}},
	"two contacts have an account": notRepaired(func(h fixture) {
		other := h.Create("/individual", object{"name": "Max"})
		h.Do("PUT", other+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "c-2")).Want(200)
		h.change(h.parts(other), "guard", "debtor", harness.TextAttribute("10000"))
		h.change(h.parts(other), "ROLE#CUSTOMER", "account", harness.TextAttribute("10000"))
	}, "account: 10000 also belongs to contact"),

	// Guards.
	"a guard is lost": repaired(func(h fixture) { h.drop(h.parts(h.person), "guard") },
		"guard: it has no guard item"),
	"a guard of an organization is lost": repaired(func(h fixture) { h.drop(h.parts(h.firm), "guard") },
		"guard: it has no guard item"),
	"a guard says that its contact is deleted": repaired(func(h fixture) { h.change(h.parts(h.person), "guard", "deleted", isTrue) }, "guard: its guard item has deleted=true"),
	"a guard does not say that its contact is deleted": repaired(func(h fixture) {
		h.Do("DELETE", h.person, nil).Want(204)
		h.change(h.parts(h.person), "guard", "deleted", nil)
	}, "guard: its guard item has deleted=false"),
	"a contact is deleted by one attribute alone": repaired(func(h fixture) { h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "deleted", isTrue) },
		"deletion: its document and its guard item have deleted=false"),
	"a deleted contact lacks an attribute": repaired(func(h fixture) {
		h.Do("DELETE", h.person, nil).Want(204)
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "deleted", nil)
	}, "deletion: its document and its guard item have deleted=true"),
	"a guard says that its contact is erased": repaired(func(h fixture) { h.change(h.parts(h.person), "guard", "erased", isTrue) },
		"guard: its guard item has erased=true"),
	"a guard refers to something": repaired(func(h fixture) {
		h.change(h.parts(h.person), "guard", "references", setOf(harness.Padded(harness.LastSegment(h.placeholder))))
	}, `guard: it has the attributes ["references"]`),
	"a guard of nothing": notRepaired(func(h fixture) { h.put(h.parts("/4"), "guard") }, "orphan: does not exist"),

	// What a deletion checks first.
	"changes of a contact's parts are not counted": repaired(func(h fixture) {
		max := h.Create("/individual", object{"name": "Max"})
		h.Create(max+"/phones", harness.PhoneSample)
		h.change(h.parts(max), "guard", "children", nil)
	}, "count: a deletion would miss it"),
	"a tag is not counted": repaired(func(h fixture) {
		max := h.Create("/individual", object{"name": "Max"})
		h.Do("POST", max+"/tags", object{"name": "VIP"}).Want(201)
		h.change(h.parts(max), "guard", "children", harness.TextAttribute("x"))
	}, "count: a deletion would miss it", "count: its count of changed children is not a positive number"),
	"the count of changed parts is no positive number": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "children", harness.NumberAttribute(-1)) },
		"count: its count of changed children is not a positive number"),
	"a channel of an identity is not counted": repaired(func(h fixture) {
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "children", nil)
	},
		"count: a deletion would miss it"),
	"changes of a list's entries are not counted": repaired(func(h fixture) { h.change(h.pk("L"), harness.Padded(harness.LastSegment(h.list)), "children", nil) },
		"count: a deletion would miss it", "count: a deletion would miss it", "count: a deletion would miss it", "count: a deletion would miss it"),
	"changes of options are counted by no number": repaired(func(h fixture) { h.change(h.parts(h.person), "CHANGES", "v", harness.TextAttribute("x")) },
		"version: it has no version"),

	// Ids.
	"the last id is no number": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "last_id", harness.TextAttribute("x")) },
		"id: its last_id is not a number", "id: its contact's last_id is less"),
	"an option's id leads elsewhere": repaired(func(h fixture) {
		id := strings.TrimLeft(strings.TrimPrefix(h.first(h.parts(h.person), "PHONE#"), "PHONE#"), "0")
		h.change(h.pk("FIND#OPTION#"+id), "OPTION", "owner", harness.NumberAttribute(4))
	}, "lookup: which leads elsewhere", "lookup: does not have this lookup key"),
	"a tag's id is reserved for none": repaired(func(h fixture) {
		h.change(h.pk("TAG#")+strings.TrimPrefix(h.first(h.parts(h.person), "tag#"), "tag#"), "TAG", "name", harness.TextAttribute("boss"))
	}, "tag: names a tag that doesn't have it"),
	"an id that was given is not known": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "last_id", nil) }, "id: its contact's last_id is less"),
	"two parts of a contact have an id": notRepaired(func(h fixture) {
		id := harness.LastSegment(h.location)
		h.put(h.parts(h.firm), "DEPT#"+harness.Padded(id), "doc", `{"id":"`+id+`","name":"Sales"}`, "v", 1)
	}, "id: its id is also used by"),
	"two options have an id": notRepaired(func(h fixture) {
		first, other := h.first(h.parts(h.person), "PHONE#"), h.Create("/individual", object{"name": "Max"})
		id := strings.TrimLeft(strings.TrimPrefix(first, "PHONE#"), "0")
		h.put(h.parts(other), "PAGE#"+harness.Padded(id), "doc", `{"id":"`+id+`","url":"https://a.example","type":"BLOG","usage_context":"PERSONAL"}`, "v", 1)
		h.change(h.parts(other), "PAGE#"+harness.Padded(id), "lookups", setOf("OPTION#"+id))
		h.change(h.parts(other), "guard", "last_id", harness.NumberAttribute(int64(harness.IDNumber(h.T, id))))
		h.change(h.parts(other), "guard", "children", harness.NumberAttribute(1))
	}, "id: its id is also used by phone"),
	"an option's id leads nowhere": repaired(func(h fixture) {
		h.put(h.pk("FIND#OPTION#7"), "OPTION", "owner", 4, "part", "EMAIL#"+harness.Padded("7"))
	},
		"lookup: does not have this lookup key"),
	"an option's id is lost": repaired(func(h fixture) {
		id := strings.TrimLeft(strings.TrimPrefix(h.first(h.parts(h.person), "PHONE#"), "PHONE#"), "0")
		h.drop(h.pk("FIND#OPTION#"+id), "OPTION")
	}, "lookup: which has no entry"),
	"a tag's id is not reserved": repaired(func(h fixture) {
		h.drop(h.pk("TAG#")+strings.TrimPrefix(h.first(h.parts(h.person), "tag#"), "tag#"), "TAG")
	}, "tag: its id is not reserved"),
	"two tags have an id": notRepaired(func(h fixture) {
		id := strings.TrimLeft(strings.TrimPrefix(h.first(h.parts(h.person), "tag#"), "tag#"), "0")
		h.put(h.pk("TAG"), tagNamed("BOSS"), "tag", harness.IDNumber(h.T, id), "doc", `{"id":"`+id+`","name":"boss"}`, "v", 1)
	}, "id: its id is also used by another tag"),

	// Parts of parts.
	"a part of no contact": notRepaired(func(h fixture) {
		h.put(h.parts("/4"), "ADDR#"+harness.Padded("7"), "doc", `{"id":"7"}`, "v", 1)
	}, "orphan: does not exist"),
	"a channel of no identity": repaired(func(h fixture) {
		h.put(h.parts(h.person), "PI#"+harness.Padded("7")+"#ADDR#"+harness.Padded("11"), "doc", `{"id":"11"}`, "v", 1)
	}, "orphan: does not exist"),

	// Customer lists.
	"an entry that no member has": repaired(func(h fixture) {
		h.put(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), harness.Padded("11"), "doc", `{"id":"`+harness.LastSegment(h.firm)+`"}`, "v", 1)
	}, "list: does not lead to it"),
	"an entry of nobody": notRepaired(func(h fixture) {
		h.put(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), harness.Padded("11"), "doc", `{"id":"8"}`, "v", 1)
		h.put(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), "member#"+harness.Padded("8"), "position", 11)
	}, "list: customer 8 does not exist"),
	"an entry is damaged": notRepaired(func(h fixture) {
		h.put(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), harness.Padded("11"), "doc", `{`, "v", 1)
	}, "document: names no customer"),
	"a member is lost": repaired(func(h fixture) {
		h.drop(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), "member#"+harness.Padded(harness.LastSegment(h.person)))
	},
		"list: does not lead to it"),
	"a member has no position": repaired(func(h fixture) {
		h.change(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), "member#"+harness.Padded(harness.LastSegment(h.person)), "position", nil)
	}, "list: does not lead to it", "list: its position 0"),
	"a member without an entry": repaired(func(h fixture) {
		pk := h.pk("L#") + harness.Padded(harness.LastSegment(h.list))
		h.drop(pk, h.first(pk, "0"))
	},
		"list: has another customer or none"),
	"a list is missing": repaired(func(h fixture) { h.drop(h.pk("L"), harness.Padded(harness.LastSegment(h.list))) },
		"orphan: customer list", "orphan: customer list", "orphan: customer list", "orphan: customer list"),

	// Documents and keys.
	"a document is damaged": notRepaired(func(h fixture) {
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "doc", harness.TextAttribute(`{"id":`))
	}, "document: not a JSON object"),
	"a document is of another type": notRepaired(func(h fixture) {
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "doc", harness.TextAttribute(`{"id":"`+harness.LastSegment(h.location)+`","name":[1]}`))
	}, "document: its document can't be read"),
	"a document of another": notRepaired(func(h fixture) {
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "doc", harness.TextAttribute(`{"id":"7","name":"Hall"}`))
	}, "document: has the id 7"),
	"a document of a deleted contact": notRepaired(func(h fixture) {
		h.change(h.pk("P"), harness.Padded(harness.LastSegment(h.placeholder)), "doc", harness.TextAttribute(`{"id":"`+harness.LastSegment(h.placeholder)+`","customer_id":"till","name":"string","deleted":true}`))
	}, "document: has deleted=true"),
	"a configuration is damaged":  notRepaired(func(h fixture) { h.put(h.pk("CONFIG"), "CONFIGURATION", "doc", "[]", "v", 1) }, "document: not a JSON object"),
	"an unknown area":             notRepaired(func(h fixture) { h.put(h.pk("X"), "Y") }, "unknown: no item of the platform"),
	"an unknown space":            notRepaired(func(h fixture) { h.put(h.pk("U#NAME"), "Y", "owner", 8) }, "unknown: no item of the platform"),
	"a contact in another's list": notRepaired(func(h fixture) { h.put(h.pk("O"), harness.Padded("8"), "doc", `{"id":"8"}`) }, "unknown: no item of the platform"),

	// Versions.
	"a contact has no version": repaired(func(h fixture) { h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "v", nil) }, "version: has no version"),
	"a part has a version that is no number": repaired(func(h fixture) {
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "v", harness.TextAttribute("x"))
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "member_count", harness.NumberAttribute(7))
	}, "version: has no version", "count: its member_count is 7"),

	// Tags.
	"a tag is shared no more": repaired(func(h fixture) { h.drop(h.pk("TAG"), h.first(h.pk("TAG"), "")) }, "tag: is not shared"),
	"a tag has another id": {func(h fixture) {
		h.change(h.pk("TAG"), h.first(h.pk("TAG"), ""), "tag", harness.NumberAttribute(11))
		h.change(h.pk("TAG"), h.first(h.pk("TAG"), ""), "doc", harness.TextAttribute(`{"id":"11","name":"VIP"}`))
	}, []string{"tag: is shared under the id 11", "tag: its id is not reserved"}, []string{"tag: is shared under the id 11"}},
	"a tag has another name": notRepaired(func(h fixture) {
		h.put(h.pk("TAG"), tagNamed("BOSS"), "tag", 11, "v", 1, "doc", `{"id":"11","name":"Chief"}`)
		h.put(h.pk("TAG#")+harness.Padded("11"), "TAG", "name", tagNamed("BOSS"))
	}, "document: has the name \"Chief\""),

	// Deletions.
	"a deletion was interrupted": repaired(func(h fixture) {
		pk, sk := h.pk("P"), harness.Padded(harness.LastSegment(h.placeholder))
		h.Do("DELETE", h.placeholder, nil).Want(204)
		h.change(pk, sk, "releasing", isTrue)
		h.change(pk, sk, "updated", harness.NumberAttribute(time.Now().Add(-time.Hour).UnixMilli()))
	}, "deletion: was interrupted"),
	"a deleted contact has a unique value": repaired(func(h fixture) {
		h.Do("DELETE", h.placeholder, nil).Want(204)
		h.change(h.pk("P"), harness.Padded(harness.LastSegment(h.placeholder)), "uniques", setOf("CUSTOMER_ID#till"))
	}, "deletion: still has", "unique: which has no entry"),
	"a tag of a deleted contact is found": repaired(func(h fixture) {
		h.Do("DELETE", h.person, nil).Want(204)
		tag := h.first(h.parts(h.person), "tag#")
		h.change(h.parts(h.person), tag, "lookups", setOf("TAG#vip"))
		h.put(h.pk("FIND#TAG#vip"), harness.Padded(harness.LastSegment(h.person))+"#"+tag)
	}, "deletion: still has"),
	"an identity of a deleted contact is active": repaired(func(h fixture) {
		h.Do("DELETE", h.person, nil).Want(204)
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "active", isTrue)
	}, "deletion: or is active", "representative: doesn't list it correctly"),

	// Answers of Idempotency-Keys.
	"an answer for ever":     repaired(func(h fixture) { h.put(h.pk("KEY#"+digest), "ANSWER") }, "answer: never expires"),
	"an answer lacks a part": repaired(func(h fixture) { h.put(h.pk("KEY#"+digest), "ANSWER", "parts", 2, "expires", inHours(20)) }, "answer: part 1 of 2"),
	"a part of no answer":    repaired(func(h fixture) { h.put(h.pk("KEY#"+digest), "ANSWER#000001", "expires", inHours(20)) }, "answer: no answer has this part"),
	"an answer has a part too many": repaired(func(h fixture) {
		h.put(h.pk("KEY#"+digest), "ANSWER", "expires", inHours(20))
		h.put(h.pk("KEY#"+digest), "ANSWER#000001", "expires", inHours(20))
	}, "answer: no answer has this part"),
	"a part of an answer to come": repaired(func(h fixture) { h.put(h.pk("KEY#"+digest), "ANSWER#000001", "expires", inHours(24)) }),

	// Histories.
	"a change lacks its entry in the history": repaired(func(h fixture) {
		other := h.Create("/individual", object{"name": "Max"})
		h.drop(h.parts(other), h.first(h.parts(other), "hist#"))
	}, "history: has no entry in the contact's history", "history: has no entry in the contact's history"),
	"an entry of a history never expires": repaired(func(h fixture) {
		h.change(h.parts(h.person), h.first(h.parts(h.person), "hist#"), "expires", nil)
	}, "history: it never expires"),
	"an entry of a history is damaged": notRepaired(func(h fixture) {
		h.change(h.parts(h.person), h.first(h.parts(h.person), "hist#"), "was", &types.AttributeValueMemberB{Value: []byte{200}})
	}, "history: it can't be read"),
	"an entry of a history lacks a piece": notRepaired(func(h fixture) {
		h.change(h.parts(h.person), h.first(h.parts(h.person), "hist#"), "n", harness.NumberAttribute(1))
	}, "history: it can't be read"),
	"a piece of no entry": notRepaired(func(h fixture) {
		h.put(h.parts(h.person), h.first(h.parts(h.person), "hist#")+"#001", "expires", inHours(24))
	}, "history: it belongs to no entry"),
	"an entry of a history without a contact": notRepaired(func(h fixture) {
		h.put(h.parts("/8"), "hist#1795940454500746", "expires", inHours(24))
	}, "history: its contact 8 does not exist"),
	"a record is what it was before": notRepaired(func(h fixture) {
		email := h.Create(h.person+"/emails", harness.EmailSample)
		h.Do("PUT", email, harness.With(harness.EmailSample, "description", "other")).Want(200)
		h.change(h.parts(h.person), "EMAIL#"+harness.Padded(harness.LastSegment(email)), "v", harness.NumberAttribute(1))
	}, "history: was in version 1 before the change, but is in version 1 now"),
	"an erased contact has a history": repaired(func(h fixture) {
		other := h.Create("/individual", object{"name": "Max"})
		id, _ := contact.ParseID(harness.LastSegment(other))
		if _, err := h.Database.Store.Erase(h.T.Context(), h.Org, id, func(context.Context) (int, error) { return 0, nil }); err != nil {
			h.T.Fatal(err)
		}
		h.put(h.parts(other), "hist#1795940454500746", "expires", inHours(24))
	}, "history: is erased"),

	// Offset indexes.
	"a row of an indexed list is lost": repaired(func(h fixture) {
		ids := h.buildOffsetIndex()
		h.drop(h.pk("I"), harness.Padded(ids[50]))
		h.drop(h.parts("/"+ids[50]), "guard")
		h.drop(h.parts("/"+ids[50]), h.first(h.parts("/"+ids[50]), "hist#"))
	},
		"offset-index: 19 rows are between", "change: does not exist", "lookup: does not have this lookup key", "lookup: does not have this name"),
	"an indexed list has another row": repaired(func(h fixture) {
		id, err := strconv.ParseInt(h.buildOffsetIndex()[0], 10, 64)
		if err != nil {
			h.T.Fatal(err)
		}
		between := fmt.Sprint(id - 4) // after the fixture's
		h.put(h.pk("I"), harness.Padded(between), "v", 1, "doc", `{"id":"`+between+`","name":"Late","deleted":false}`)
		h.put(h.parts("/"+between), "guard", "changed", 1)
	}, "offset-index: 21 rows are between", "links: its lookups differ from those of its document", "links: its name in the list by name is"),
	"a node is lost": repaired(func(h fixture) { h.buildOffsetIndex(); h.drop(h.pk("I#OFFSETS"), "ROOT#000000") }, "offset-index: node 0 is missing"),
	"a node is damaged": repaired(func(h fixture) {
		h.buildOffsetIndex()
		h.change(h.pk("I#OFFSETS"), "ROOT#000000", "entries", &types.AttributeValueMemberB{Value: []byte{200}})
	}, "offset-index: it can't be read", "offset-index: node 0 is missing"),
	"a node begins elsewhere": repaired(func(h fixture) {
		h.buildOffsetIndex()
		h.change(h.pk("I#OFFSETS"), "ROOT#000000", "base", harness.NumberAttribute(8))
	},
		"offset-index: it is the first node, but begins after 8", "offset-index: node 0 is missing"),
	"a root is damaged": repaired(func(h fixture) {
		h.buildOffsetIndex()
		h.change(h.pk("I#OFFSETS"), "ROOT", "entries", &types.AttributeValueMemberB{Value: []byte{200}})
	}, "offset-index: it can't be read"),
	"a root counts other buckets": repaired(func(h fixture) {
		h.buildOffsetIndex()
		h.change(h.pk("I#OFFSETS"), "ROOT", "buckets", harness.NumberAttribute(5))
	},
		"offset-index: it counts 5 buckets, but the last node has 12"),
	"a tombstone is lost": repaired(func(h fixture) {
		ids := h.buildOffsetIndex()
		h.Do("DELETE", "/individual/"+ids[50], nil).Want(204)
		h.drop(h.pk("I#OFFSETS"), h.first(h.pk("I#OFFSETS"), ""))
	}, "offset-index: it counts 20 rows after"),
	"a tombstone of a row that is there": repaired(func(h fixture) {
		ids := h.buildOffsetIndex()
		h.put(h.pk("I#OFFSETS"), "1234567890123#"+harness.Padded(ids[50]), "expires", inHours(24))
	}, "offset-index: its row still exists"),
	"a tombstone never expires": repaired(func(h fixture) {
		ids := h.buildOffsetIndex()
		h.Do("DELETE", "/individual/"+ids[50], nil).Want(204)
		h.change(h.pk("I#OFFSETS"), h.first(h.pk("I#OFFSETS"), ""), "expires", nil)
	}, "offset-index: it never expires"),
	"an offset index of no list": repaired(func(h fixture) { h.put(h.pk("L#")+harness.Padded("7")+"#OFFSETS", "ROOT", "v", 1) }, "orphan: customer list 7 does not exist"),

	// Exports.
	"an export without a job":   repaired(func(h fixture) { h.drop("P#JOB", "EXPORT#"+h.Org+"#"+h.export()) }, "orphan: no function works on it"),
	"an export without a place": repaired(func(h fixture) { h.drop(h.pk("EXPORT#")+h.export(), "PLACE") }, "orphan: no function works on it"),
	"an export can't be read":   notRepaired(func(h fixture) { h.change(h.pk("EXPORT"), h.export(), "v", nil) }, "document: it can't be read"),
	"an export never expires":   repaired(func(h fixture) { h.change(h.pk("EXPORT"), h.export(), "expires", nil) }, "document: it never expires"),
	"the place of no export":    repaired(func(h fixture) { h.put(h.pk("EXPORT#")+harness.Padded("7"), "PLACE", "fence", 1) }, "orphan: it is of no export that runs"),

	// Images without a bucket.
	"an image waits for ever": repaired(func(h fixture) { h.image("state", "PENDING") }, "image: never expires"),
	"an image is stuck":       notRepaired(func(h fixture) { h.image("updated", 5) }, "image: never processed"),
	"an image is leaving":     notRepaired(func(h fixture) { h.image("updated", 5, "state", "DELETING") }, "deletion: was interrupted"),
}

// export begins an export, and returns its sort key.
func (h fixture) export() string {
	h.T.Helper()
	return harness.Padded(h.Do("POST", "/exports", object{"format": "VCARD"}).Want(201).Text("id"))
}

func inHours(n int) int { return int(time.Now().Add(time.Duration(n) * time.Hour).Unix()) }
