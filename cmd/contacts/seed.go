package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"contacts/pkg/accounts"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/store"
	"contacts/pkg/wiring"
)

// A seeding fills an organization with generated contacts. They depend only on the seed and on the number of contacts,
// except for ids and dates of creation.
type seeding struct {
	database      *wiring.Database
	org           accounts.Organization
	seed          uint64
	organizations []contact.ID // that individuals can represent
	bar           *progressbar.ProgressBar
}

// organizationInterval is the interval of organizations among the contacts.
const organizationInterval = 5

func seed(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var contacts int
	var number uint64
	var orgs []string
	c := command("seed --contacts N --org ORG", "Fill an organization with generated contacts", cobra.ArbitraryArgs, func(ctx context.Context, words []string) error {
		if contacts < 1 || len(orgs) != 1 || len(words) > 0 {
			return errors.New("say how many and where: contacts seed --contacts 1000 --org NAME --data DIR")
		}
		return a.seed(ctx, orgs[0], contacts, number)
	})
	c.Flags().IntVar(&contacts, "contacts", 0, "`number` of contacts to create")
	c.Flags().Uint64Var(&number, "seed", 1, "the same `number` makes the same contacts")
	c.Flags().StringArrayVar(&orgs, "org", nil, "the `organization`")
	a.tableFlags(c.Flags())
	return c
}

func (a *administration) seed(ctx context.Context, name string, contacts int, number uint64) error {
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	org, err := organization(ctx, t, name)
	if err != nil {
		return err
	}
	s := &seeding{database: t, org: org, seed: number, bar: progress("contacts", int64(contacts))}
	started := time.Now()
	if err := s.run(ctx, contacts); err != nil {
		return unfinished(ctx, "not all contacts are created", err)
	}
	return a.show(map[string]any{"org": org.ID, "contacts": contacts, "seconds": int(time.Since(started).Seconds())},
		"%d contacts are in %s", contacts, org.ID)
}

// run creates n contacts, unless they exist: organizations first, because individuals represent them.
func (s *seeding) run(ctx context.Context, n int) error {
	organizations := (n + organizationInterval - 1) / organizationInterval
	s.organizations = make([]contact.ID, organizations)
	if err := dynamo.EachParallel(ctx, organizations, func(ctx context.Context, i int) (err error) {
		s.organizations[i], err = s.organization(ctx, i)
		return errors.Join(err, s.bar.Add(1))
	}); err != nil {
		return err
	}
	return dynamo.EachParallel(ctx, n-organizations, func(ctx context.Context, i int) error {
		return errors.Join(s.individual(ctx, i), s.bar.Add(1))
	})
}

// organization creates the organization contact with a number, its channels, departments, locations, roles and tags.
func (s *seeding) organization(ctx context.Context, i int) (contact.ID, error) {
	m := sample{rand.New(rand.NewPCG(s.seed, uint64(i)<<1)), fmt.Sprintf("%d-%d", s.seed, i)}
	value := m.organization()
	list := store.Organizations(s.database.Store)
	parts := s.channels(m, value.Name, "ORGANIZATION")
	for range m.Intn(3) {
		parts = append(parts, store.Departments(s.database.Store).New(m.department()))
	}
	parts = append(parts, store.Locations(s.database.Store).New(&contact.Location{Name: m.city()}))
	made, err := list.Create(ctx, s.owner(0), idempotency.Write{}, value, parts...)
	if existing, ok := taken(err); ok {
		return existing, nil
	}
	if err != nil {
		return 0, err
	}
	owner := s.owner(made.ID)
	if m.chance(10) {
		if _, err := store.SupplierRoles(s.database.Store).Put(ctx, owner, idempotency.Write{}, m.supplier()); err != nil {
			return 0, err
		}
	}
	return made.ID, s.addRoleAndTags(ctx, m, owner)
}

// individual creates the individual contact with a number, its channels, identity, roles and tags.
func (s *seeding) individual(ctx context.Context, i int) error {
	m := sample{rand.New(rand.NewPCG(s.seed, uint64(i)<<1|1)), fmt.Sprintf("%d-%d", s.seed, i)}
	value := m.individual()
	made, err := store.Individuals(s.database.Store).Create(ctx, s.owner(0), idempotency.Write{}, value, s.channels(m, value.Name, "PERSONAL")...)
	if _, ok := taken(err); ok {
		return nil
	}
	if err != nil {
		return err
	}
	owner := s.owner(made.ID)
	if m.chance(40) {
		represented := s.organizations[m.Intn(len(s.organizations))]
		identity, err := store.Identities(s.database.Store).Create(ctx, owner, idempotency.Write{}, m.identity(represented))
		if err != nil {
			return err
		}
		at := owner
		at.Identity = identity.ID
		if _, err := store.Emails(s.database.Store).Create(ctx, at, idempotency.Write{}, m.email(value.Name, "WORK_EMAIL", "PROFESSIONAL")); err != nil {
			return err
		}
	}
	return s.addRoleAndTags(ctx, m, owner)
}

// owner returns a contact of the organization as an owner; the organization itself for 0.
func (s *seeding) owner(id contact.ID) contact.Owner {
	return contact.Owner{Org: s.org.ID, Contact: id, Region: s.org.Region}
}

// channels creates the channels of a contact.
func (s *seeding) channels(m sample, name string, use contact.UsageContext) []store.NewPart {
	var parts []store.NewPart
	if m.chance(80) {
		parts = append(parts, store.Addresses(s.database.Store).New(m.address(name, use)))
	}
	if m.chance(90) {
		parts = append(parts, store.Emails(s.database.Store).New(m.email(name, "NOT_QUALIFIED", use)))
	}
	for range m.Intn(3) {
		parts = append(parts, store.Phones(s.database.Store).New(m.phone(use)))
	}
	if m.chance(30) {
		parts = append(parts, store.WebAddresses(s.database.Store).New(m.web(name, use)))
	}
	return parts
}

// addRoleAndTags adds tags to a contact, and possibly the role of a customer.
func (s *seeding) addRoleAndTags(ctx context.Context, m sample, o contact.Owner) error {
	if m.chance(30) {
		if _, err := store.CustomerRoles(s.database.Store).Put(ctx, o, idempotency.Write{}, m.customer(o.Contact.Kind())); err != nil {
			return err
		}
	}
	if m.chance(5) {
		if _, err := store.AlternativePayerRoles(s.database.Store).Put(ctx, o, idempotency.Write{}, m.payer(o.Contact.Kind())); err != nil {
			return err
		}
	}
	for range max(m.Intn(5)-2, 0) {
		if _, err := store.TagsOf(s.database.Store).Add(ctx, o, idempotency.Write{}, m.tag()); err != nil {
			return err
		}
	}
	return nil
}

// taken reports whether a contact exists from an earlier run.
func taken(err error) (contact.ID, bool) {
	var refusal *contact.Error
	if errors.As(err, &refusal) && refusal.Reason == contact.Taken {
		return refusal.Existing, true
	}
	return 0, false
}
