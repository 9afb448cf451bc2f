package fsck

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

var isTrue = &types.AttributeValueMemberBOOL{Value: true}

func setOf(texts ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: texts} }

// digest is a SHA-256 in base64url, as in keys.
const digest = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

// A damage is an inconsistency of the table.
type damage struct {
	apply func(h fixture)
	// finds are all findings of a check, each a kind and part of the detail.
	finds []string
	// left are the findings after a repair.
	left []string
}

func notRepaired(apply func(fixture), finds ...string) damage { return damage{apply, finds, finds} }

func repaired(apply func(fixture), finds ...string) damage { return damage{apply, finds, nil} }

// damages break each rule of the check, directly in the table.
var damages = map[string]damage{
	// Unique values.
	"a claim is lost":   repaired(func(h fixture) { h.drop(h.pk("U#INDIVIDUAL"), "crm-1") }, "unique: which has no entry"),
	"a claim of nobody": repaired(func(h fixture) { h.put(h.pk("U#INDIVIDUAL"), "crm-2", "owner", 8) }, "unique: doesn't have it"),
	"another's claim": repaired(func(h fixture) { h.change(h.pk("U#CUSTOMER_ID"), "c-1", "owner", harness.NumberAttribute(8)) },
		"unique: which is that of contact 8", "unique: contact 8 doesn't have it"),
	"a claim without an owner": repaired(func(h fixture) { h.put(h.pk("U#SUPPLIER_ID"), "s-1") }, "unique: contact 0 doesn't have it"),
	"what a contact claims is not kept": repaired(func(h fixture) { h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "uniques", nil) },
		"links: its uniques are not those of its document", "unique: doesn't have it"),
	"two contacts have an external id": notRepaired(func(h fixture) {
		other := h.Create("/individual", object{"name": "Max"})
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(other)), "uniques", setOf("INDIVIDUAL#crm-1"))
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(other)), "doc", harness.TextAttribute(`{"id":"`+harness.LastSegment(other)+`","name":"Max","external_id":"crm-1","deleted":false}`))
	}, "unique: it has the unique value INDIVIDUAL#crm-1, which"),

	// Lookup entries.
	"a find is lost": repaired(func(h fixture) { pk := h.pk("FIND#PHONE#+492215550123"); h.drop(pk, h.first(pk, "")) }, "look-up: which has no entry"),
	"a find of nothing": repaired(func(h fixture) {
		h.put(h.pk("FIND#EMAIL#a@b"), harness.Padded(harness.LastSegment(h.person))+"#EMAIL#"+harness.Padded("7"))
	},
		"look-up: is not to be found by it"),
	"what an email is found by is not kept": repaired(func(h fixture) {
		h.change(h.parts(h.person), h.first(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity))+"#EMAIL#"), "lookups", setOf("EMAIL#a@b"))
	},
		"links: its lookups are not those of its document", "look-up: it is to be found by EMAIL#a@b", "look-up: is not to be found by it"),

	// References and their counts.
	"a reference is lost": repaired(func(h fixture) { h.drop(h.parts(h.firm), h.first(h.parts(h.firm), "ref#LOC#")) },
		"reference: which doesn't know", "count: it counts 1 references to it, and there are 0", "count: it counts 1 members, and 0 work there"),
	"a reference of nothing": repaired(func(h fixture) {
		h.put(h.parts(h.firm), "ref#LOC#"+harness.Padded(harness.LastSegment(h.location))+"#"+harness.Padded(harness.LastSegment(h.person))+"#PI#"+harness.Padded("7"))
	}, "reference: doesn't refer to", "count: it counts 1 references to it, and there are 2"),
	"what an identity refers to is not kept": repaired(func(h fixture) {
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "references", nil)
	},
		"links: its references are not those of its document", "reference: doesn't refer to contact", "reference: doesn't refer to location"),
	"references are miscounted": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "reference_count", harness.NumberAttribute(5)) },
		"count: it counts 5 references to it, and there are 1"),
	"references are not counted": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "reference_count", harness.NumberAttribute(0)) },
		"count: counts no reference"),
	"two references are not counted": repaired(func(h fixture) {
		h.CreateIdentity(h.Create("/individual", object{"name": "Max"}), h.firm)
		h.change(h.parts(h.firm), "guard", "reference_count", nil)
	}, "count: counts no reference", "count: counts no reference"),
	"a count is no number": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "reference_count", harness.TextAttribute("x")) },
		"count: counts no reference", "count: it counts 0 references to it, and there are 1"),
	"a count of no reference is no number": repaired(func(h fixture) {
		h.change(h.parts(h.placeholder), "guard", "reference_count", harness.TextAttribute("x"))
	},
		"count: it counts 0 references to it, and there are 0"),
	"what is referred to is gone": notRepaired(func(h fixture) { h.drop(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location))) },
		"reference: it refers to location"),
	"who is referred to is deleted": notRepaired(func(h fixture) {
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "deleted", isTrue)
		h.change(h.parts(h.firm), "guard", "deleted", isTrue)
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "doc", harness.TextAttribute(`{"id":"`+harness.LastSegment(h.firm)+`","name":"ACME","deleted":true}`))
	}, "reference: which is deleted"),
	"an own type is gone": notRepaired(func(h fixture) { pk := h.pk("C#") + harness.Padded("0"); h.drop(pk, h.first(pk, "OPTTYPE#")) }, "reference: it refers to the option type"),
	"an own type is not counted": repaired(func(h fixture) {
		pk := h.pk("C#") + harness.Padded("0")
		h.change(pk, h.first(pk, "OPTTYPE#"), "reference_count", harness.NumberAttribute(0))
	}, "count: the option type"),
	"what an option uses is not referred to": repaired(func(h fixture) { h.change(h.parts(h.person), h.first(h.parts(h.person), "OPT#"), "references", nil) },
		"links: its references are not those of its document", "reference: option"),

	// Representatives of organizations, members of locations.
	"members are miscounted": repaired(func(h fixture) {
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "member_count", harness.NumberAttribute(3))
	}, "count: it counts 3 members, and 1 work there"),
	"a representative is not shown": repaired(func(h fixture) {
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "representatives", &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}})
	}, "representative: doesn't show it among its representatives", "count: it counts 1 representatives, and there are 0"),
	"no representatives are kept": repaired(func(h fixture) {
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "representatives", nil)
	},
		"representative: it keeps no representatives", "representative: doesn't show it among its representatives", "count: it counts 1 representatives, and there are 0"),
	"a representative of nothing": repaired(func(h fixture) { h.addRepresentative(harness.Padded("7")+"#"+harness.Padded("4"), "true 0 0") },
		"representative: which doesn't represent it", "count: it counts 1 representatives, and there are 2"),
	"a representative is damaged": repaired(func(h fixture) { h.addRepresentative(harness.Padded("7")+"#"+harness.Padded("4"), `{`) },
		"representative: can't be read", "count: it counts 1 representatives, and there are 2"),
	"representatives are miscounted": repaired(func(h fixture) {
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "represented", harness.NumberAttribute(7))
	},
		"count: it counts 7 representatives, and there are 1"),
	"a representative apart from its organization is lost": repaired(func(h fixture) {
		pk := h.addManyRepresentatives()
		h.drop(pk, h.first(pk, "rep#"))
	}, "representative: doesn't show it among its representatives", "count: it counts 42 representatives, and there are 41"),
	"a representative apart from its organization is of nothing": repaired(func(h fixture) {
		h.put(h.addManyRepresentatives(), "rep#"+harness.Padded("7")+"#"+harness.Padded("4"), "representative", "true 0 0")
	}, "representative: doesn't represent contact", "count: it counts 42 representatives, and there are 43"),
	"representatives apart from their organization are not counted": repaired(func(h fixture) {
		h.addManyRepresentatives()
		h.change(h.pk("O"), harness.Padded(harness.LastSegment(h.firm)), "represented", harness.NumberAttribute(40))
	}, "count: counts no representatives but those on its item", "count: counts no representatives but those on its item"),
	"a representative is there twice": repaired(func(h fixture) {
		name := strings.TrimPrefix(h.first(h.addManyRepresentatives(), "rep#"), "rep#")
		h.addRepresentative(name, "true 0 0")
	}, "representative: which doesn't represent it", "count: it counts 42 representatives, and there are 43"),
	"an identity does not say that its representative lies apart": repaired(func(h fixture) {
		name := strings.TrimPrefix(h.first(h.addManyRepresentatives(), "rep#"), "rep#")
		h.change(h.parts(h.person), "PI#"+name[:16], "separate", nil)
	}, "representative: lies apart from organization"),
	"an identity whose representative lay apart knows of none": repaired(func(h fixture) {
		pk := h.addManyRepresentatives()
		name := strings.TrimPrefix(h.first(pk, "rep#"), "rep#")
		h.change(h.parts(h.person), "PI#"+name[:16], "separate", nil)
		h.drop(pk, "rep#"+name)
	}, "representative: lies apart from organization", "count: it counts 42 representatives, and there are 41"),
	"an identity is not as active as it says": repaired(func(h fixture) {
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "active", nil)
	},
		"links: its document says is_active: true", "representative: doesn't show it", "count: it counts 1 members, and 0 work there"),
	"an identity represents another": {func(h fixture) {
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "represents", harness.NumberAttribute(9))
	}, []string{"links: it represents organization", "representative: which doesn't represent it"}, []string{"links: it represents organization"}},

	// Accounts.
	"an account is ahead of its counter": repaired(func(h fixture) { h.change(h.pk("COUNTER"), "debtor", "given", harness.NumberAttribute(0)) }, "account: has not given out"),
	"a counter counts nothing": repaired(func(h fixture) { h.change(h.pk("COUNTER"), "debtor", "given", harness.TextAttribute("x")) },
		"account: it counts no numbers", "account: has not given out"),
	"the counter is gone":                 repaired(func(h fixture) { h.drop(h.pk("COUNTER"), "debtor") }, "account: has not given out"),
	"a contact does not know its account": repaired(func(h fixture) { h.change(h.parts(h.person), "guard", "debtor", nil) }, "account: its contact has no debtor account"),
	"a role has another account": notRepaired(func(h fixture) {
		h.change(h.parts(h.person), "ROLE#CUSTOMER", "account", harness.TextAttribute("10077"))
	}, "account: that of its contact"),
	"an account is no number": notRepaired(func(h fixture) {
		h.change(h.parts(h.person), "guard", "debtor", harness.TextAttribute("x"))
		h.change(h.parts(h.person), "ROLE#CUSTOMER", "account", harness.TextAttribute("x"))
	}, "account: which is no number"),
	"an account of no role": {func(h fixture) { h.drop(h.parts(h.person), "ROLE#CUSTOMER") },
		[]string{"account: and no role with it", "unique: doesn't have it"}, []string{"account: and no role with it"}},
	"two contacts have an account": notRepaired(func(h fixture) {
		other := h.Create("/individual", object{"name": "Max"})
		h.Do("PUT", other+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "c-2")).Want(200)
		h.change(h.parts(other), "guard", "debtor", harness.TextAttribute("10000"))
		h.change(h.parts(other), "ROLE#CUSTOMER", "account", harness.TextAttribute("10000"))
	}, "account: 10000 is that of contact"),

	// Guards.
	"a guard is lost": repaired(func(h fixture) { h.drop(h.parts(h.person), "guard") },
		"guard: it has no guard"),
	"a guard of an organization is lost": repaired(func(h fixture) { h.drop(h.parts(h.firm), "guard") },
		"guard: it has no guard"),
	"a guard says that its contact is deleted": repaired(func(h fixture) { h.change(h.parts(h.person), "guard", "deleted", isTrue) }, "guard: its guard says deleted: true"),
	"a guard does not say that its contact is deleted": repaired(func(h fixture) {
		h.Do("DELETE", h.person, nil).Want(204)
		h.change(h.parts(h.person), "guard", "deleted", nil)
	}, "guard: its guard says deleted: false"),
	"a contact is deleted by one word": repaired(func(h fixture) { h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "deleted", isTrue) },
		"deletion: its document and its guard say deleted: false"),
	"a deleted contact lacks one word": repaired(func(h fixture) {
		h.Do("DELETE", h.person, nil).Want(204)
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "deleted", nil)
	}, "deletion: its document and its guard say deleted: true"),
	"a guard says that its contact is erased": repaired(func(h fixture) { h.change(h.parts(h.person), "guard", "erased", isTrue) },
		"guard: its guard says erased: true"),
	"a guard refers to something": repaired(func(h fixture) {
		h.change(h.parts(h.person), "guard", "references", setOf(harness.Padded(harness.LastSegment(h.placeholder))))
	}, `guard: it has ["references"], which no guard has`),
	"a guard of nothing": notRepaired(func(h fixture) { h.put(h.parts("/4"), "guard") }, "orphan: to which it belongs"),

	// What a deletion checks first.
	"what a part holds is not counted": repaired(func(h fixture) {
		max := h.Create("/individual", object{"name": "Max"})
		h.Create(max+"/phones", harness.PhoneSample)
		h.change(h.parts(max), "guard", "children", nil)
	}, "count: a deletion would not see it"),
	"a tag is not counted": repaired(func(h fixture) {
		max := h.Create("/individual", object{"name": "Max"})
		h.Do("POST", max+"/tags", object{"name": "VIP"}).Want(201)
		h.change(h.parts(max), "guard", "children", harness.TextAttribute("x"))
	}, "count: a deletion would not see it", "count: its count of what changed beneath it is none"),
	"what changed beneath a contact is counted by no number": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "children", harness.NumberAttribute(-1)) },
		"count: its count of what changed beneath it is none"),
	"a channel of an identity is not counted": repaired(func(h fixture) {
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "children", nil)
	},
		"count: a deletion would not see it"),
	"what is in a list is not counted": repaired(func(h fixture) { h.change(h.pk("L"), harness.Padded(harness.LastSegment(h.list)), "children", nil) },
		"count: a deletion would not see it", "count: a deletion would not see it", "count: a deletion would not see it", "count: a deletion would not see it"),
	"changes of options are counted by no number": repaired(func(h fixture) { h.change(h.parts(h.person), "CHANGES", "v", harness.TextAttribute("x")) },
		"version: it has no version"),

	// Ids.
	"the last id is no number": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "last_id", harness.TextAttribute("x")) },
		"id: the last id of a part that it knows is no number", "id: doesn't know that its id is given"),
	"an option's id leads elsewhere": repaired(func(h fixture) {
		id := strings.TrimLeft(strings.TrimPrefix(h.first(h.parts(h.person), "PHONE#"), "PHONE#"), "0")
		h.change(h.pk("FIND#OPTION#"+id), "OPTION", "owner", harness.NumberAttribute(4))
	}, "look-up: which leads elsewhere", "look-up: is not to be found by it"),
	"a tag's id is claimed for none": repaired(func(h fixture) {
		h.change(h.pk("TAG#")+strings.TrimPrefix(h.first(h.parts(h.person), "tag#"), "tag#"), "TAG", "name", harness.TextAttribute("boss"))
	}, "tag: names a tag that doesn't have it"),
	"an id that was given is not known": repaired(func(h fixture) { h.change(h.parts(h.firm), "guard", "last_id", nil) }, "id: doesn't know that its id is given"),
	"two parts of a contact have an id": notRepaired(func(h fixture) {
		id := harness.LastSegment(h.location)
		h.put(h.parts(h.firm), "DEPT#"+harness.Padded(id), "doc", `{"id":"`+id+`","name":"Sales"}`, "v", 1)
	}, "id: its id is that of"),
	"two options have an id": notRepaired(func(h fixture) {
		first, other := h.first(h.parts(h.person), "PHONE#"), h.Create("/individual", object{"name": "Max"})
		id := strings.TrimLeft(strings.TrimPrefix(first, "PHONE#"), "0")
		h.put(h.parts(other), "PAGE#"+harness.Padded(id), "doc", `{"id":"`+id+`","url":"https://a.example","type":"BLOG","usage_context":"PERSONAL"}`, "v", 1)
		h.change(h.parts(other), "PAGE#"+harness.Padded(id), "lookups", setOf("OPTION#"+id))
		h.change(h.parts(other), "guard", "last_id", harness.NumberAttribute(int64(harness.IDNumber(h.T, id))))
		h.change(h.parts(other), "guard", "children", harness.NumberAttribute(1))
	}, "id: its id is that of phone"),
	"an option's id leads nowhere": repaired(func(h fixture) {
		h.put(h.pk("FIND#OPTION#7"), "OPTION", "owner", 4, "part", "EMAIL#"+harness.Padded("7"))
	},
		"look-up: is not to be found by it"),
	"an option's id is lost": repaired(func(h fixture) {
		id := strings.TrimLeft(strings.TrimPrefix(h.first(h.parts(h.person), "PHONE#"), "PHONE#"), "0")
		h.drop(h.pk("FIND#OPTION#"+id), "OPTION")
	}, "look-up: which has no entry"),
	"a tag's id is not claimed": repaired(func(h fixture) {
		h.drop(h.pk("TAG#")+strings.TrimPrefix(h.first(h.parts(h.person), "tag#"), "tag#"), "TAG")
	}, "tag: its id is not reserved"),
	"two tags have an id": notRepaired(func(h fixture) {
		id := strings.TrimLeft(strings.TrimPrefix(h.first(h.parts(h.person), "tag#"), "tag#"), "0")
		h.put(h.pk("TAG"), tagNamed("BOSS"), "tag", harness.IDNumber(h.T, id), "doc", `{"id":"`+id+`","name":"boss"}`, "v", 1)
	}, "id: its id is that of another tag too"),

	// Parts of parts.
	"a part of no contact": notRepaired(func(h fixture) {
		h.put(h.parts("/4"), "ADDR#"+harness.Padded("7"), "doc", `{"id":"7"}`, "v", 1)
	}, "orphan: to which it belongs"),
	"a channel of no identity": repaired(func(h fixture) {
		h.put(h.parts(h.person), "PI#"+harness.Padded("7")+"#ADDR#"+harness.Padded("11"), "doc", `{"id":"11"}`, "v", 1)
	}, "orphan: to which it belongs"),

	// Customer lists.
	"an entry that no member has": repaired(func(h fixture) {
		h.put(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), harness.Padded("11"), "doc", `{"id":"`+harness.LastSegment(h.firm)+`"}`, "v", 1)
	}, "list: does not stand there"),
	"an entry of nobody": notRepaired(func(h fixture) {
		h.put(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), harness.Padded("11"), "doc", `{"id":"8"}`, "v", 1)
		h.put(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), "member#"+harness.Padded("8"), "position", 11)
	}, "list: there is no customer 8"),
	"an entry is damaged": notRepaired(func(h fixture) {
		h.put(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), harness.Padded("11"), "doc", `{`, "v", 1)
	}, "document: names no customer"),
	"a member is lost": repaired(func(h fixture) {
		h.drop(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), "member#"+harness.Padded(harness.LastSegment(h.person)))
	},
		"list: does not stand there"),
	"a member has no place": repaired(func(h fixture) {
		h.change(h.pk("L#")+harness.Padded(harness.LastSegment(h.list)), "member#"+harness.Padded(harness.LastSegment(h.person)), "position", nil)
	}, "list: does not stand there", "list: it stands at 0"),
	"a member that stands nowhere": repaired(func(h fixture) {
		pk := h.pk("L#") + harness.Padded(harness.LastSegment(h.list))
		h.drop(pk, h.first(pk, "0"))
	},
		"list: where there is another customer or none"),
	"a list is gone": repaired(func(h fixture) { h.drop(h.pk("L"), harness.Padded(harness.LastSegment(h.list))) },
		"orphan: no customer list", "orphan: no customer list", "orphan: no customer list", "orphan: no customer list"),

	// Documents and keys.
	"a document is damaged": notRepaired(func(h fixture) {
		h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "doc", harness.TextAttribute(`{"id":`))
	}, "document: no JSON object"),
	"a document is of another type": notRepaired(func(h fixture) {
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "doc", harness.TextAttribute(`{"id":"`+harness.LastSegment(h.location)+`","name":[1]}`))
	}, "document: its document can't be read"),
	"a document of another": notRepaired(func(h fixture) {
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "doc", harness.TextAttribute(`{"id":"7","name":"Hall"}`))
	}, "document: says that its id is 7"),
	"a document of a deleted contact": notRepaired(func(h fixture) {
		h.change(h.pk("P"), harness.Padded(harness.LastSegment(h.placeholder)), "doc", harness.TextAttribute(`{"id":"`+harness.LastSegment(h.placeholder)+`","customer_id":"till","name":"","deleted":true}`))
	}, "document: says deleted: true"),
	"a configuration is damaged":  notRepaired(func(h fixture) { h.put(h.pk("CONFIG"), "CONFIGURATION", "doc", "[]", "v", 1) }, "document: no JSON object"),
	"an unknown area":             notRepaired(func(h fixture) { h.put(h.pk("X"), "Y") }, "unknown: nothing of the platform"),
	"an unknown space":            notRepaired(func(h fixture) { h.put(h.pk("U#NAME"), "Y", "owner", 8) }, "unknown: nothing of the platform"),
	"a contact in another's list": notRepaired(func(h fixture) { h.put(h.pk("O"), harness.Padded("8"), "doc", `{"id":"8"}`) }, "unknown: nothing of the platform"),

	// Versions.
	"a contact has no version": repaired(func(h fixture) { h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "v", nil) }, "version: has no version"),
	"a part has a version that is no number": repaired(func(h fixture) {
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "v", harness.TextAttribute("x"))
		h.change(h.parts(h.firm), "LOC#"+harness.Padded(harness.LastSegment(h.location)), "member_count", harness.NumberAttribute(7))
	}, "version: has no version", "count: it counts 7 members"),

	// Tags.
	"a tag is shared no more": repaired(func(h fixture) { h.drop(h.pk("TAG"), h.first(h.pk("TAG"), "")) }, "tag: is not shared"),
	"a tag has another id": {func(h fixture) {
		h.change(h.pk("TAG"), h.first(h.pk("TAG"), ""), "tag", harness.NumberAttribute(11))
		h.change(h.pk("TAG"), h.first(h.pk("TAG"), ""), "doc", harness.TextAttribute(`{"id":"11","name":"VIP"}`))
	}, []string{"tag: is shared under the id 11", "tag: its id is not reserved"}, []string{"tag: is shared under the id 11"}},
	"a tag has another name": notRepaired(func(h fixture) {
		h.put(h.pk("TAG"), tagNamed("BOSS"), "tag", 11, "v", 1, "doc", `{"id":"11","name":"Chief"}`)
		h.put(h.pk("TAG#")+harness.Padded("11"), "TAG", "name", tagNamed("BOSS"))
	}, "document: its name is \"Chief\""),

	// Deletions.
	"a deletion broke off": repaired(func(h fixture) {
		pk, sk := h.pk("P"), harness.Padded(harness.LastSegment(h.placeholder))
		h.Do("DELETE", h.placeholder, nil).Want(204)
		h.change(pk, sk, "releasing", isTrue)
		h.change(pk, sk, "updated", harness.NumberAttribute(time.Now().Add(-time.Hour).UnixMilli()))
	}, "deletion: broke off"),
	"a deleted contact holds on": repaired(func(h fixture) {
		h.Do("DELETE", h.placeholder, nil).Want(204)
		h.change(h.pk("P"), harness.Padded(harness.LastSegment(h.placeholder)), "uniques", setOf("CUSTOMER_ID#till"))
	}, "deletion: still holds", "unique: which has no entry"),
	"a tag of a deleted contact is found": repaired(func(h fixture) {
		h.Do("DELETE", h.person, nil).Want(204)
		tag := h.first(h.parts(h.person), "tag#")
		h.change(h.parts(h.person), tag, "lookups", setOf("TAG#vip"))
		h.put(h.pk("FIND#TAG#vip"), harness.Padded(harness.LastSegment(h.person))+"#"+tag)
	}, "deletion: still holds"),
	"an identity of a deleted contact is active": repaired(func(h fixture) {
		h.Do("DELETE", h.person, nil).Want(204)
		h.change(h.parts(h.person), "PI#"+harness.Padded(harness.LastSegment(h.identity)), "active", isTrue)
	}, "deletion: or is active", "representative: doesn't show it"),

	// Answers of Idempotency-Keys.
	"an answer for ever":      repaired(func(h fixture) { h.put(h.pk("KEY#"+digest), "ANSWER") }, "answer: never expires"),
	"an answer lacks a piece": repaired(func(h fixture) { h.put(h.pk("KEY#"+digest), "ANSWER", "parts", 2, "expires", inHours(20)) }, "answer: piece 1 of its 2"),
	"a piece of no answer":    repaired(func(h fixture) { h.put(h.pk("KEY#"+digest), "ANSWER#000001", "expires", inHours(20)) }, "answer: no answer has this piece"),
	"a piece too many": repaired(func(h fixture) {
		h.put(h.pk("KEY#"+digest), "ANSWER", "expires", inHours(20))
		h.put(h.pk("KEY#"+digest), "ANSWER#000001", "expires", inHours(20))
	}, "answer: no answer has this piece"),
	"a piece of an answer to come": repaired(func(h fixture) { h.put(h.pk("KEY#"+digest), "ANSWER#000001", "expires", inHours(24)) }),

	// Offset indexes.
	"a contact of a marked list is lost": repaired(func(h fixture) {
		ids := h.buildOffsetIndex()
		h.drop(h.pk("I"), harness.Padded(ids[50]))
		h.drop(h.parts("/"+ids[50]), "guard")
	},
		"offset-index: 19 rows lie between"),
	"a contact came into a marked list": repaired(func(h fixture) {
		id, err := strconv.ParseInt(h.buildOffsetIndex()[0], 10, 64)
		if err != nil {
			h.T.Fatal(err)
		}
		between := fmt.Sprint(id - 4) // after the fixture's
		h.put(h.pk("I"), harness.Padded(between), "v", 1, "doc", `{"id":"`+between+`","name":"Late","deleted":false}`)
		h.put(h.parts("/"+between), "guard")
	}, "offset-index: 21 rows lie between"),
	"a chunk is lost": repaired(func(h fixture) { h.buildOffsetIndex(); h.drop(h.pk("I#OFFSETS"), "ROOT#000000") }, "offset-index: node 0 is not there"),
	"a chunk is damaged": repaired(func(h fixture) {
		h.buildOffsetIndex()
		h.change(h.pk("I#OFFSETS"), "ROOT#000000", "entries", &types.AttributeValueMemberB{Value: []byte{200}})
	}, "offset-index: it can't be read", "offset-index: node 0 is not there, or not as"),
	"a chunk begins elsewhere": repaired(func(h fixture) {
		h.buildOffsetIndex()
		h.change(h.pk("I#OFFSETS"), "ROOT#000000", "base", harness.NumberAttribute(8))
	},
		"offset-index: it is the first, and begins after 8", "offset-index: node 0 is not there, or not as"),
	"a directory is damaged": repaired(func(h fixture) {
		h.buildOffsetIndex()
		h.change(h.pk("I#OFFSETS"), "ROOT", "entries", &types.AttributeValueMemberB{Value: []byte{200}})
	}, "offset-index: it can't be read"),
	"a directory counts other segments": repaired(func(h fixture) {
		h.buildOffsetIndex()
		h.change(h.pk("I#OFFSETS"), "ROOT", "buckets", harness.NumberAttribute(5))
	},
		"offset-index: it counts 5 buckets, and the last node has 12"),
	"a removal is not noted": repaired(func(h fixture) {
		ids := h.buildOffsetIndex()
		h.Do("DELETE", "/individual/"+ids[50], nil).Want(204)
		h.drop(h.pk("I#OFFSETS"), h.first(h.pk("I#OFFSETS"), ""))
	}, "offset-index: it counts 20 rows after"),
	"what was removed is there": repaired(func(h fixture) {
		ids := h.buildOffsetIndex()
		h.put(h.pk("I#OFFSETS"), "1234567890123#"+harness.Padded(ids[50]), "expires", inHours(24))
	}, "offset-index: the row that it says was removed is there"),
	"a removal never expires": repaired(func(h fixture) {
		ids := h.buildOffsetIndex()
		h.Do("DELETE", "/individual/"+ids[50], nil).Want(204)
		h.change(h.pk("I#OFFSETS"), h.first(h.pk("I#OFFSETS"), ""), "expires", nil)
	}, "offset-index: it never expires"),
	"marks of no list": repaired(func(h fixture) { h.put(h.pk("L#")+harness.Padded("7")+"#OFFSETS", "ROOT", "v", 1) }, "orphan: there is no customer list 7"),

	// Images without a bucket.
	"an image waits for ever": repaired(func(h fixture) { h.image("state", "PENDING") }, "image: never expires"),
	"an image is stuck":       notRepaired(func(h fixture) { h.image("updated", 5) }, "image: never processed"),
	"an image is leaving":     notRepaired(func(h fixture) { h.image("updated", 5, "state", "DELETING") }, "deletion: broke off"),
}

func inHours(n int) int { return int(time.Now().Add(time.Duration(n) * time.Hour).Unix()) }
