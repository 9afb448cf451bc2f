package dynamo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// The platform's own records: who may use it, and the public keys of its tokens.

// Organization is a tenant.
type Organization struct {
	ID string
	// Region is where its telephone numbers are dialled, ISO 3166-1 alpha-2.
	Region string
	// Restoring tells that a restore of it has not come to its end.
	Restoring bool
}

// Application is a program that may ask for tokens.
type Application struct {
	Name          string
	SecretHash    []byte // SHA-256
	Organizations []string
	Scopes        []string // what its tokens may carry
	Revoked       bool
}

// SigningKey is the public half of a key of the tokens, and the key of the page cursors made beside it.
type SigningKey struct {
	ID         string
	Generation int
	Public     []byte
	Cursor     []byte
	Published  time.Time
	NotAfter   time.Time // zero for the current one
}

// AddOrganization adds a tenant. Taken if it exists.
func (t *Table) AddOrganization(ctx context.Context, o Organization) error {
	item := organizationKey(o.ID).entry()
	item["region"] = str(o.Region)
	return t.add(ctx, item, "organization "+o.ID)
}

// Organizations returns all tenants, by name.
func (t *Table) Organizations(ctx context.Context) ([]Organization, error) {
	return all(ctx, t, platformOrganizations(), organizationOf)
}

// Organization returns a tenant. NotFound if there is none of that name, Unavailable while it is being restored.
func (t *Table) Organization(ctx context.Context, id string) (Organization, error) {
	item, err := t.get(ctx, organizationKey(id))
	if err == nil && item == nil {
		err = notFound("organization")
	}
	o := organizationOf(item)
	if o.Restoring {
		err = halfRestored(id)
	}
	return o, err
}

func organizationOf(i Item) Organization {
	return Organization{ID: i.text("sk"), Region: i.text("region"), Restoring: i.text(attrRestoring) != ""}
}

// AddApplication adds an application. Taken if there is one of that name.
func (t *Table) AddApplication(ctx context.Context, a Application) error {
	item := applicationKey(a.Name).entry()
	item["secret"] = bin(a.SecretHash)
	item.setTexts("orgs", a.Organizations)
	item.setTexts(attrScopes, a.Scopes)
	return t.add(ctx, item, "application "+a.Name)
}

// Applications returns all applications, by name.
func (t *Table) Applications(ctx context.Context) ([]Application, error) {
	return all(ctx, t, platformApplications(), applicationOf)
}

// Application returns an application. NotFound if there is none of that name.
func (t *Table) Application(ctx context.Context, name string) (Application, error) {
	item, err := t.get(ctx, applicationKey(name))
	if err == nil && item == nil {
		err = notFound("application")
	}
	return applicationOf(item), err
}

// RevokeApplication ends an application: it gets no more tokens.
func (t *Table) RevokeApplication(ctx context.Context, name string) error {
	return t.set(ctx, applicationKey(name), "application", func(u *update) { u.set("revoked", yes) })
}

// SetApplicationSecret gives an application another secret. A revoked one works again.
func (t *Table) SetApplicationSecret(ctx context.Context, name string, hash []byte) error {
	return t.set(ctx, applicationKey(name), "application", func(u *update) { u.set("secret", bin(hash)); u.remove("revoked") })
}

// SetApplicationScopes lets an application's tokens carry these scopes, and no others.
func (t *Table) SetApplicationScopes(ctx context.Context, name string, scopes []string) error {
	return t.set(ctx, applicationKey(name), "application", func(u *update) { u.set(attrScopes, strs(scopes)) })
}

// GrantApplication lets an application into an organization.
func (t *Table) GrantApplication(ctx context.Context, name, org string) error {
	return t.set(ctx, applicationKey(name), "application", func(u *update) { u.add("orgs", org) })
}

// RevokeGrants takes organizations away from an application, all of them or none. NotFound if there is no such application,
// Impossible if it has no access to one of them.
func (t *Table) RevokeGrants(ctx context.Context, name string, orgs ...string) error {
	tx := t.begin()
	tx.require(applicationKey(name), present(notFound("application")))
	for i, org := range orgs {
		placeholder := fmt.Sprint(":org", i)
		tx.require(applicationKey(name), condition{
			text: "contains(orgs, " + placeholder + ")", values: values{placeholder: str(org)},
			explain: func(stored Item) error {
				if slices.Contains(stored.texts("orgs"), org) {
					return nil
				}
				return contact.Refuse(contact.Impossible, "application %s has no access to organization %s", name, org)
			},
		})
	}
	tx.step(applicationKey(name)).update.drop("orgs", orgs...)
	return tx.commit(ctx, contact.Record{})
}

func applicationOf(i Item) Application {
	return Application{Name: i.text("sk"), SecretHash: i.bytes("secret"), Organizations: slices.Sorted(slices.Values(i.texts("orgs"))),
		Scopes: i.texts(attrScopes), Revoked: i.is("revoked")}
}

// attrScopes are the scopes that an application or a user was granted, SS. Without it there are none.
const attrScopes = "scopes"

// SigningKeys returns the published keys, the newest first.
func (t *Table) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	keys, err := all(ctx, t, platformKeys(), signingKeyOf)
	slices.Reverse(keys)
	return keys, err
}

// PublishKey adds the key of a new generation. Taken if that generation is there: read the keys again.
func (t *Table) PublishKey(ctx context.Context, k SigningKey) error {
	item := signingKeyKey(k.Generation).entry()
	item["kid"], item["public"], item["cursor"] = str(k.ID), bin(k.Public), bin(k.Cursor)
	item["generation"], item[attrCreated] = num(int64(k.Generation)), num(k.Published.UnixMilli())
	return t.add(ctx, item, "signing key")
}

// RetireKeys lets the keys of all generations end at notAfter, those that end sooner excepted. The authorizing function
// then makes the next one.
func (t *Table) RetireKeys(ctx context.Context, notAfter time.Time) error {
	keys, err := t.SigningKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if !k.NotAfter.IsZero() {
			continue
		}
		ends := func(u *update) { u.set("not_after", num(notAfter.Unix())) }
		if err := t.set(ctx, signingKeyKey(k.Generation), "signing key", ends); err != nil {
			return err
		}
	}
	return nil
}

func signingKeyOf(i Item) SigningKey {
	k := SigningKey{ID: i.text("kid"), Generation: int(i.number("generation")), Public: i.bytes("public"), Cursor: i.bytes("cursor"),
		Published: time.UnixMilli(i.number(attrCreated))}
	if until := i.number("not_after"); until != 0 {
		k.NotAfter = time.Unix(until, 0)
	}
	return k
}

func (t *Table) add(ctx context.Context, item Item, name string) error {
	tx := t.begin()
	tx.put(item, absent(func(Item) error { return contact.Refuse(contact.Taken, "there is already %s", name) }))
	return tx.commit(ctx, contact.Record{})
}

func (t *Table) set(ctx context.Context, key Key, noun string, change func(*update)) error {
	tx := t.begin()
	tx.require(key, present(notFound(noun)))
	change(&tx.step(key).update)
	return tx.commit(ctx, contact.Record{})
}

// all reads a whole partition.
func all[T any](ctx context.Context, t *Table, partition string, convert func(Item) T) ([]T, error) {
	r := &reader{table: t, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk >= :sk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": str(partition)},
	}}
	var records []T
	err := r.read(ctx, " ", 0, func(i Item) { records = append(records, convert(i)) })
	return records, err
}
