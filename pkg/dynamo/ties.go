package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"contacts/pkg/contact"
)

// ties are what a resource has beside its own item: each is an item of its own, written in the same transaction. A kind
// of resource declares its ties; tie keeps them in line with what is stored. What was really written is kept as sets of
// texts on the resource's item (claims, finds, refers), so that a change undoes just that.
type ties struct {
	claims []claim
	// finds are the values by which the look-up finds the resource's contact, each "SPACE#value", normalised.
	finds  []string
	refers []reference
}

// A claim is a value that is unique in its space. An empty one claims nothing.
type claim struct{ space, value, field string }

// claimed are the values of claims, as an item keeps them.
func claimed(claims []claim) (held []string) {
	for _, c := range claims {
		if c.value != "" {
			held = append(held, c.space+"#"+c.value)
		}
	}
	return held
}

// A reference is a field that names another item. A lasting one keeps its target from being deleted; it is counted there
// and has an item REF beside the target, by which a refused deletion tells what is in the way. Of the others, only a new
// one is held to name something that is there and not deleted.
type reference struct {
	pointer string
	to      target
	lasting bool
}

// A target is what can be referred to: a contact, or a part of one.
type target struct {
	contact contact.ID
	part    string // the part's sort key, "" for the contact itself
}

// contactTarget is a contact of one of the kinds. One of another kind is a target that isn't there.
func contactTarget(id contact.ID, kinds ...contact.Kind) target {
	if !slices.Contains(kinds, id.Kind()) {
		return target{id, "of another kind"}
	}
	return target{contact: id}
}

func partTarget(owner contact.ID, segment string, id contact.ID) target {
	return target{owner, segment + "#" + digits(id)}
}

// identityReference is that of a field which names a professional identity.
func identityReference(pointer string, r contact.ProfessionalIdentityRef) reference {
	return reference{pointer, partTarget(r.ContactID, segmentIdentity, r.ProfessionalIdentityID), true}
}

// key is the resource's own item: what refers by itself to others, and says to which.
func (t target) key(org string) Key {
	if t.part == "" {
		return contactKey(org, t.contact)
	}
	return Key{partsOf(org, t.contact), t.part}
}

// guard is the item where references to the target are counted: that of a part itself, or the guard of a contact.
func (t target) guard(org string) Key {
	if t.part == "" {
		return guardKey(org, t.contact)
	}
	return t.key(org)
}

// String is how items name a target: the contact's digits, and the part's sort key behind them.
func (t target) String() string {
	if t.part == "" {
		return digits(t.contact)
	}
	return digits(t.contact) + "#" + t.part
}

func parseTarget(s string) target {
	owner, part, _ := strings.Cut(s, "#")
	return target{Item{"sk": str(owner)}.id(), part}
}

// describe names a target for a caller.
func (t target) describe() string {
	noun := map[string]string{
		"": "", segmentIdentity: "professional identity", segmentLocation: "location", segmentDepartment: "department",
		segmentAddress: "address", segmentOption: "option", segmentPhone: "phone", segmentEmail: "email", segmentWebAddress: "web address",
		segmentOptionType: "option type", segmentOptionSubType: "option sub-type", roleCustomer: "customer role", roleAlternativePayer: "alternative payer role", roleSupplier: "supplier role",
	}
	segment, id, _ := strings.Cut(t.part, "#")
	switch {
	case t.part == "":
		return "contact " + t.contact.String()
	case t.contact == 0:
		return fmt.Sprintf("the %s %s", noun[segment], Item{"sk": str(id)}.id())
	case segment == segmentRole:
		return fmt.Sprintf("the %s of contact %s", noun[id], t.contact)
	}
	return fmt.Sprintf("%s %s of contact %s", noun[segment], Item{"sk": str(id)}.id(), t.contact)
}

// referencePrefix begins the sort keys of what refers to a target; they lie in the partition of its contact's parts.
func referencePrefix(to target) string {
	part := to.part
	if part == "" {
		part = "CONTACT"
	}
	return segmentReference + "#" + part + "#"
}

func referenceKey(org string, to, by target) Key {
	return Key{partsOf(org, to.contact), referencePrefix(to) + by.String()}
}

// tie brings what stands beside a resource in line with its change from stored to next. A side where it isn't is nil.
func (tx *transaction) tie(org string, by target, stored, next Item, t ties) {
	tx.tieClaims(org, by, stored, next, t.claims)
	tx.tieFinds(org, by, stored, next, t.finds)
	tx.tieReferences(org, by, stored, next, t.refers)
}

func (tx *transaction) tieClaims(org string, by target, stored, next Item, claims []claim) {
	before, after := stored.texts(attrClaims), claimed(claims)
	for _, held := range missing(before, after) {
		space, value, _ := strings.Cut(held, "#")
		tx.remove(claimKey(org, space, value))
	}
	for _, c := range claims {
		if c.value != "" && !slices.Contains(before, c.space+"#"+c.value) {
			tx.claim(claimKey(org, c.space, c.value), by.contact, c.field)
		}
	}
	next.keepTexts(attrClaims, after)
}

// claim makes a value the contact's own.
func (tx *transaction) claim(key Key, owner contact.ID, field string) {
	item := key.entry()
	item[attrOwner] = num(int64(owner))
	free := absent(func(stored Item) error {
		holder := contact.ID(stored.number(attrOwner))
		if holder == owner {
			return errChanged // another change of the same contact claimed it meanwhile
		}
		return &contact.Error{Reason: contact.Taken, Existing: holder,
			Detail: field + " is taken by another contact",
			Faults: []contact.Fault{{Pointer: "/" + field, Detail: "taken by " + holder.String()}}}
	})
	free.unlessFreed = true // by the one that held it: it changes hands
	tx.put(item, free)
}

func (tx *transaction) tieFinds(org string, by target, stored, next Item, after []string) {
	before := stored.texts(attrFinds)
	for _, f := range missing(before, after) {
		tx.remove(findEntry(org, f, by).key())
	}
	for _, f := range missing(after, before) {
		if entry := findEntry(org, f, by); isOption(f) {
			free := absent(func(Item) error { return errChanged }) // another option has the id: this one takes another
			free.unlessFreed = true                                // by itself: it becomes a part of another kind
			tx.put(entry, free)
		} else {
			tx.put(entry)
		}
	}
	next.keepTexts(attrFinds, after)
}

// findEntry is the entry of a find. That of an option's id says by attributes where it leads; the others lead there by their keys.
func findEntry(org, find string, by target) Item {
	if !isOption(find) {
		return findKey(org, find, by).entry()
	}
	entry := optionKey(org, lastID(by.part)).entry()
	entry[attrOwner], entry[attrPart] = num(int64(by.contact)), str(by.part)
	return entry
}

// attrPart is the sort key of the option that an id leads to, S; attrOwner is the contact.
const attrPart = "part"

// optionOf is where the entry of an option's id leads.
func optionOf(entry Item) target {
	return target{contact.ID(entry.number(attrOwner)), entry.text(attrPart)}
}

// maxReferences bounds how many lasting references a resource can have: so many that one transaction can let all of them
// go, each being two items of it.
const maxReferences = 45

// mayGo marks a target that a reference doesn't keep from being deleted.
const mayGo = "~"

func (tx *transaction) tieReferences(org string, by target, stored, next Item, refers []reference) {
	before := stored.texts(attrRefers)
	var after []string
	if tx.refused = boundReferences(refers); tx.refused != nil {
		return
	}
	for _, r := range refers {
		name := r.name()
		if !slices.Contains(before, name) {
			if r.lasting || !slices.Contains(before, r.to.String()) { // one that lasts no longer named it already
				tx.refer(org, r)
			}
			if r.lasting && !slices.Contains(after, name) {
				tx.step(r.to.guard(org)).update.count(attrReferrers, 1)
				tx.put(referenceKey(org, r.to, by).entry())
			}
		}
		if !slices.Contains(after, name) {
			after = append(after, name)
		}
	}
	for _, name := range missing(before, after) {
		if !strings.HasPrefix(name, mayGo) {
			to := parseTarget(name)
			tx.require(to.guard(org), present(fmt.Errorf("dynamo: %s refers to %s, which is not there", by, to)))
			tx.step(to.guard(org)).update.count(attrReferrers, -1)
			tx.remove(referenceKey(org, to, by))
		}
	}
	next.keepTexts(attrRefers, after)
}

// name is how an item keeps a reference.
func (r reference) name() string {
	if r.lasting {
		return r.to.String()
	}
	return mayGo + r.to.String()
}

func boundReferences(refers []reference) error {
	lasting := map[target]bool{}
	for _, r := range refers {
		lasting[r.to] = lasting[r.to] || r.lasting
	}
	n := 0
	for _, l := range lasting {
		if l {
			n++
		}
	}
	if n > maxReferences {
		return contact.Refuse(contact.Impossible, "it refers to %d other records; at most %d can be kept together", n, maxReferences)
	}
	return nil
}

// refer holds that what a new reference names is there, and the contact that it is or belongs to not deleted.
func (tx *transaction) refer(org string, r reference) {
	missing := contact.RefuseAt(contact.Impossible, r.pointer, "it does not exist")
	tx.require(r.to.guard(org), present(missing))
	if r.to.contact == 0 {
		return // the tenant's own
	}
	tx.require(guardKey(org, r.to.contact), present(missing), unburied(contact.RefuseAt(contact.Impossible, r.pointer, "the contact is deleted")))
}

// refuse makes the transaction fail with an error that is known beforehand, beside whatever else is in the way: so all
// faults are told at once. partition is one that the transaction writes to.
func (tx *transaction) refuse(partition string, err error) {
	if err != nil {
		tx.require(Key{partition, "never"}, present(err))
	}
}

// errReferred says that something refers to what was to be deleted.
var errReferred = errors.New("dynamo: it is referred to")

// unreferred holds of an item to which no lasting reference leads, but own ones that go with it.
func unreferred(own int64) condition {
	return condition{text: "attribute_not_exists(referrers) OR referrers = :own", values: values{":own": num(own)}, explain: func(stored Item) error {
		if n := stored.number(attrReferrers); n != 0 && n != own {
			return errReferred
		}
		return nil
	}}
}

// asFew holds of an item under which nothing was made since it was read.
func asFew(read Item) condition {
	n := read.number(attrChildren)
	c := condition{text: "children = :children", values: values{":children": num(n)}, explain: func(stored Item) error {
		if stored.number(attrChildren) != n {
			return errChanged
		}
		return nil
	}}
	if n == 0 {
		c.text, c.values = "attribute_not_exists(children)", nil
	}
	return c
}

// maxNamed bounds how many referrers a refusal names.
const maxNamed = 10

// inTheWay explains errReferred: it names what refers to the target. If that went meanwhile, it is errChanged.
func (t *Table) inTheWay(ctx context.Context, org string, to target, err error) error {
	if !errors.Is(err, errReferred) {
		return err
	}
	prefix := referencePrefix(to)
	var faults []contact.Fault
	if err := t.prefixed(partsOf(org, to.contact)).read(ctx, prefix, maxNamed, func(i Item) {
		by := parseTarget(strings.TrimPrefix(i.text("sk"), prefix))
		faults = append(faults, contact.Fault{Detail: by.describe() + " refers to it"})
	}); err != nil {
		return err
	}
	if len(faults) == 0 {
		return errChanged
	}
	return &contact.Error{Reason: contact.Impossible, Detail: to.describe() + " is in use: " + faults[0].Detail, Faults: faults}
}

// missing returns those of a that are not in b.
func missing(a, b []string) []string {
	var rest []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			rest = append(rest, s)
		}
	}
	return rest
}
