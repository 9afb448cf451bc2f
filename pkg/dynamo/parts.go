package dynamo

import (
	"context"

	"contacts/pkg/contact"
)

// An Owner is what parts belong to: a contact, one of its professional identities, or the tenant itself.
type Owner struct {
	Org      string
	Contact  contact.ID // 0 for the tenant itself
	Identity contact.ID // 0 for the contact itself
	// Region is the organization's default region (ISO 3166-1 alpha-2), by which its telephone numbers are read.
	Region string
}

// A Part is a resource under an owner: a pointer to one of the types of package contact.
type Part interface {
	SetID(contact.ID)
	// Normalize brings a value that was sent into the form that is kept.
	Normalize()
}

// Parts is a collection of one kind of resource, in the order of creation, under any owner. Where a field is nil there is
// nothing of the kind.
type Parts struct {
	table   *Table
	segment string
	noun    string
	ties    func(Part, Owner) ties
	// binds tells that its ties have to be let go when the contact is deleted.
	binds bool
	// derived are the fields that other resources' writes fill in, as a new part has them.
	derived Item
	// settle completes a value from the part that it replaces, nil for a new one; or refuses it.
	settle func(stored Item, value Part) error
	// beside writes what else changes with the part: from stored to next, which holds value. A side where there is no
	// part is nil.
	beside func(tx *transaction, o Owner, id contact.ID, stored, next Item, value Part)
	// under is where the resources lie that go with the part: a partition, and how their sort keys begin.
	under func(o Owner, id contact.ID) (partition, prefix string)
	// marked tells that what lies there has marks, which go too.
	marked bool
	// keep refuses the deletion of a part that shall stay.
	keep func(stored Item) error
	// list is the partition of a collection that has one to itself.
	list func(org string) string
	// blank is a value to read a part into.
	blank func() Part
}

func (p Parts) partition(o Owner) string {
	if p.list != nil {
		return p.list(o.Org)
	}
	return o.partition()
}

// prefix begins the sort keys of the collection.
func (p Parts) prefix(o Owner) string {
	if p.list != nil {
		return ""
	}
	return o.prefix(p.segment)
}

// List returns all of an owner's parts. NotFound if there is no such owner, ErrTooMuch if an answer can't carry them.
func (p Parts) List(ctx context.Context, o Owner) ([]contact.Record, error) {
	var rows []contact.Record
	prefix := p.prefix(o)
	err := p.table.prefixed(p.partition(o)).show(ctx, prefix, 0, func(r row) int {
		if len(r.sk) != len(prefix)+idDigits { // longer ones lie under a part
			return 0
		}
		rows = append(rows, r.Record)
		return len(r.Doc)
	})
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	return nil, p.table.requireThere(ctx, o) // parts prove their owner; an empty collection proves nothing
}

// Values returns those of an owner's parts that can be read, as the type they are.
func Values[T any](ctx context.Context, p Parts, o Owner) ([]T, error) {
	var values []T
	err := p.table.prefixed(p.partition(o)).read(ctx, p.prefix(o), 0, func(i Item) {
		if value, err := decode[T](i); err == nil {
			values = append(values, value)
		}
	})
	return values, err
}

// requireThere returns NotFound if there is no such owner.
func (t *Table) requireThere(ctx context.Context, o Owner) error {
	if o.Contact == 0 {
		return nil
	}
	there, err := t.exists(ctx, o.key())
	if err == nil && !there {
		err = notFound(o.noun())
	}
	return err
}

func (o Owner) noun() string {
	if o.Identity != 0 {
		return "professional identity"
	}
	return "contact"
}

// Get returns a part.
func (p Parts) Get(ctx context.Context, o Owner, id contact.ID) (contact.Record, error) {
	item, err := p.read(ctx, o, id, contact.Precondition{})
	if err != nil {
		return contact.Record{}, err
	}
	return item.readable()
}

func (p Parts) key(o Owner, id contact.ID) Key {
	return Key{p.partition(o), p.prefix(o) + digits(id)}
}

func (p Parts) target(o Owner, id contact.ID) target {
	return target{o.Contact, p.key(o, id).SK}
}

func (p Parts) read(ctx context.Context, o Owner, id contact.ID, match contact.Precondition) (Item, error) {
	item, err := p.table.get(ctx, p.key(o, id))
	switch {
	case err != nil:
		return nil, err
	case item == nil:
		return nil, notFound(p.noun)
	}
	return item, item.meets(match)
}

// Create adds a part under a new id. NotFound if there is no such owner, Impossible if its contact is deleted or the
// part refers to what doesn't exist.
func (p Parts) Create(ctx context.Context, o Owner, value Part) (contact.Record, error) {
	ids := p.table.partIDs()
	return untilUnchanged(ctx, func() (contact.Record, error) {
		tx := p.table.begin()
		tx.requireOwner(o)
		if o.Identity != 0 {
			tx.step(o.key()).update.count(attrChildren, 1) // a deletion of the identity that has not seen the part fails
		}
		if p.binds {
			tx.bind(o)
		}
		made, err := p.add(tx, o, ids.next(tx, o), value)
		if err != nil {
			return made, err
		}
		return made, tx.commit(ctx, made)
	})
}

// A NewPart is a part that is made together with its contact.
type NewPart func(tx *transaction, o Owner, ids *partIDs) error

// New is a part to be made together with its contact; telephone numbers are read as they are dialled in region.
func (p Parts) New(value Part, region string) NewPart {
	return func(tx *transaction, o Owner, ids *partIDs) error {
		o.Region = region
		if p.binds {
			tx.step(o.key()).put[attrChildren] = num(1) // as if it had been made behind the contact
		}
		_, err := p.add(tx, o, ids.next(tx, o), value)
		return err
	}
}

func (p Parts) add(tx *transaction, o Owner, id contact.ID, value Part) (contact.Record, error) {
	value.Normalize()
	value.SetID(id)
	item, err := p.compose(o, id, nil, value)
	if err != nil {
		return contact.Record{}, err
	}
	p.relate(tx, o, id, nil, item, value)
	tx.put(item, absent(func(Item) error { return errChanged }))
	return item.record(), nil
}

// compose is the item of a value, in the place of stored if that isn't nil.
func (p Parts) compose(o Owner, id contact.ID, stored Item, value Part) (Item, error) {
	if p.settle != nil {
		if err := p.settle(stored, value); err != nil {
			return nil, err
		}
	}
	doc, err := encode(value)
	if err != nil {
		return nil, err
	}
	if stored != nil {
		return nextItem(stored, doc, p.table.now()), nil
	}
	item := newItem(p.key(o, id), doc, p.table.now())
	for name, value := range p.derived {
		item[name] = value
	}
	return item, nil
}

// relate brings what stands beside a part in line with its change from stored to next, which holds value.
func (p Parts) relate(tx *transaction, o Owner, id contact.ID, stored, next Item, value Part) {
	t := p.tiesOf(o, next, value)
	if ruled, ok := value.(interface{ Validate() error }); ok {
		tx.refuse(o.partition(), ruled.Validate())
	}
	if p.beside != nil {
		p.beside(tx, o, id, stored, next, value)
	}
	tx.tie(o.Org, p.target(o, id), stored, next, t)
}

// tiesOf are those of an item that holds value; none for nil.
func (p Parts) tiesOf(o Owner, item Item, value Part) (t ties) {
	if p.ties != nil && value != nil {
		t = p.ties(value, o)
	}
	t.refers = append(t.refers, uses(item)...)
	return t
}

// Replace puts value in the place of the part.
func (p Parts) Replace(ctx context.Context, o Owner, id contact.ID, match contact.Precondition, value Part) (contact.Record, error) {
	return untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := p.read(ctx, o, id, match)
		if err != nil {
			return contact.Record{}, err
		}
		value.Normalize()
		value.SetID(id)
		next, err := p.compose(o, id, stored, value)
		if err != nil {
			return contact.Record{}, err
		}
		tx := p.table.begin()
		tx.requireOwner(o)
		if p.binds {
			tx.bind(o) // it may hold something now that it didn't before
		}
		p.relate(tx, o, id, stored, next, value)
		tx.replace(stored, next, unchanged(stored))
		made := next.record()
		return made, tx.commit(ctx, made)
	})
}

// Delete removes the part, with what lies under it. Impossible while something refers to it.
func (p Parts) Delete(ctx context.Context, o Owner, id contact.ID, match contact.Precondition) error {
	_, err := untilUnchanged(ctx, func() (contact.Record, error) {
		stored, err := p.read(ctx, o, id, match)
		if err != nil {
			return contact.Record{}, err
		}
		if p.keep != nil {
			if err := p.keep(stored); err != nil {
				return contact.Record{}, err
			}
		}
		tx := p.table.begin()
		tx.requireOwner(o)
		p.relate(tx, o, id, stored, nil, nil)
		tx.remove(p.key(o, id), unchanged(stored), unreferred(0))
		if p.under != nil {
			tx.require(p.key(o, id), asFew(stored))
			if stored[attrChildren] != nil { // else nothing ever lay under it
				if err := p.empty(ctx, tx, o, id); err != nil {
					return contact.Record{}, p.table.inTheWay(ctx, o.Org, p.target(o, id), err)
				}
			}
		}
		return contact.Record{}, p.table.inTheWay(ctx, o.Org, p.target(o, id), tx.commit(ctx, contact.Record{ID: id}))
	})
	return err
}

// maxEmptied bounds how much of what lies under a part is looked at together.
const maxEmptied = 10_000

// empty adds the removal of what lies under a part to its deletion. What one transaction can't hold is removed before, in
// transactions of their own; then all begins anew, with what was added meanwhile.
func (p Parts) empty(ctx context.Context, last *transaction, o Owner, id contact.ID) error {
	partition, prefix := p.under(o, id)
	var contents []Item
	if err := p.table.prefixed(partition).read(ctx, prefix, maxEmptied, func(i Item) { contents = append(contents, i) }); err != nil {
		return err
	}
	if p.marked { // behind the rows: each that was gone by then is noted there
		marks := p.table.prefixed(Key{PK: partition}.directory().PK)
		if err := marks.read(ctx, "", maxEmptied, func(i Item) { contents = append(contents, i) }); err != nil {
			return err
		}
	}
	all := len(contents) < maxEmptied
	for len(contents) > 0 {
		step := p.table.begin()
		step.require(p.key(o, id), unreferred(0)) // nothing goes if the part itself has to stay
		n := 0
		for ; n < len(contents) && len(step.steps)+2 < maxSteps; n++ {
			step.discard(o, contents[n])
		}
		if n == len(contents) && all && len(last.steps)+len(step.steps) < maxSteps {
			for _, item := range contents {
				last.discard(o, item)
			}
			return nil
		}
		if err := step.commit(withoutAttempt(ctx), contact.Record{}); err != nil {
			return err
		}
		contents, all = contents[n:], false
	}
	if !all {
		return errChanged
	}
	return nil
}

// discard removes an item that goes with what it lies under, and its entries for the look-up.
func (tx *transaction) discard(o Owner, item Item) {
	tx.tieFinds(o.Org, target{o.Contact, item.text("sk")}, item, nil, nil)
	tx.remove(item.key())
	if item[attrVersion] != nil {
		tx.require(item.key(), unchanged(item)) // its entries are those that were read
	}
}

// bind counts a change of a part that holds something: a deletion of the contact that has not seen it fails.
func (tx *transaction) bind(o Owner) {
	tx.step(guardKey(o.Org, o.Contact)).update.count(attrChildren, 1)
}

// requireOwner holds that the owner is there and its contact not deleted.
func (tx *transaction) requireOwner(o Owner) {
	if o.Contact == 0 {
		return
	}
	tx.require(guardKey(o.Org, o.Contact), present(notFound("contact")), unburied(errDeleted))
	if o.Identity != 0 {
		tx.require(o.key(), present(notFound("professional identity")))
	}
}
