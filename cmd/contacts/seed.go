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

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// A seeding fills an organization with generated contacts. They depend only on the seed and on the number of contacts,
// except for ids and dates of creation.
type seeding struct {
	table         *dynamo.Table
	org           dynamo.Organization
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
	c := command("seed --contacts N --org ORG", "Fill an organization with made-up contacts", cobra.ArbitraryArgs, func(ctx context.Context, words []string) error {
		if contacts < 1 || len(orgs) != 1 || len(words) > 0 {
			return errors.New("say how many and where: contacts seed --contacts 1000 --org NAME --data DIR")
		}
		return a.seed(ctx, orgs[0], contacts, number)
	})
	c.Flags().IntVar(&contacts, "contacts", 0, "how `many` contacts to make")
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
	s := &seeding{table: t, org: org, seed: number, bar: progress("contacts", int64(contacts))}
	started := time.Now()
	if err := s.run(ctx, contacts); err != nil {
		return unfinished(ctx, "not all contacts are made", err)
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
	list := dynamo.Organizations(s.table)
	parts := s.channels(m, value.Name, "ORGANIZATION")
	for range m.Intn(3) {
		parts = append(parts, dynamo.Departments(s.table).New(m.department(), s.org.Region))
	}
	parts = append(parts, dynamo.Locations(s.table).New(&contact.Location{Name: m.city()}, s.org.Region))
	made, err := list.Create(ctx, s.org.ID, value, parts...)
	if existing, ok := taken(err); ok {
		return existing, nil
	}
	if err != nil {
		return 0, err
	}
	owner := dynamo.Owner{Org: s.org.ID, Contact: made.ID, Region: s.org.Region}
	if m.chance(10) {
		if _, err := dynamo.SupplierRoles(s.table).Put(ctx, owner, contact.Precondition{}, m.supplier()); err != nil {
			return 0, err
		}
	}
	return made.ID, s.addRoleAndTags(ctx, m, owner)
}

// individual creates the individual contact with a number, its channels, identity, roles and tags.
func (s *seeding) individual(ctx context.Context, i int) error {
	m := sample{rand.New(rand.NewPCG(s.seed, uint64(i)<<1|1)), fmt.Sprintf("%d-%d", s.seed, i)}
	value := m.individual()
	made, err := dynamo.Individuals(s.table).Create(ctx, s.org.ID, value, s.channels(m, value.Name, "PERSONAL")...)
	if _, ok := taken(err); ok {
		return nil
	}
	if err != nil {
		return err
	}
	owner := dynamo.Owner{Org: s.org.ID, Contact: made.ID, Region: s.org.Region}
	if m.chance(40) {
		represented := s.organizations[m.Intn(len(s.organizations))]
		identity, err := dynamo.Identities(s.table).Create(ctx, owner, m.identity(represented))
		if err != nil {
			return err
		}
		at := owner
		at.Identity = identity.ID
		if _, err := dynamo.Emails(s.table).Create(ctx, at, m.email(value.Name, "WORK_EMAIL", "PROFESSIONAL")); err != nil {
			return err
		}
	}
	return s.addRoleAndTags(ctx, m, owner)
}

// channels creates the channels of a contact.
func (s *seeding) channels(m sample, name string, use contact.UsageContext) []dynamo.NewPart {
	var parts []dynamo.NewPart
	if m.chance(80) {
		parts = append(parts, dynamo.Addresses(s.table).New(m.address(name, use), s.org.Region))
	}
	if m.chance(90) {
		parts = append(parts, dynamo.Emails(s.table).New(m.email(name, "NOT_QUALIFIED", use), s.org.Region))
	}
	for range m.Intn(3) {
		parts = append(parts, dynamo.Phones(s.table).New(m.phone(use), s.org.Region))
	}
	if m.chance(30) {
		parts = append(parts, dynamo.WebAddresses(s.table).New(m.web(name, use), s.org.Region))
	}
	return parts
}

// addRoleAndTags adds tags to a contact, and possibly the role of a customer.
func (s *seeding) addRoleAndTags(ctx context.Context, m sample, o dynamo.Owner) error {
	if m.chance(30) {
		if _, err := dynamo.CustomerRoles(s.table).Put(ctx, o, contact.Precondition{}, m.customer(o.Contact.Kind())); err != nil {
			return err
		}
	}
	if m.chance(5) {
		if _, err := dynamo.AlternativePayerRoles(s.table).Put(ctx, o, contact.Precondition{}, m.payer(o.Contact.Kind())); err != nil {
			return err
		}
	}
	for range max(m.Intn(5)-2, 0) {
		if _, err := dynamo.TagsOf(s.table).Add(ctx, o, m.tag()); err != nil {
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
