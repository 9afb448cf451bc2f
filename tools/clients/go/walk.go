// Command walk is the quick start with a client that oapi-codegen generates from api/openapi.yaml.
package main

import (
	"context"
	"crypto/rand"
	"log"
	"net/http"
	"os"
	"slices"
	"strconv"

	"contacts.example/walk/contacts"
)

var (
	url, org           = os.Getenv("URL"), os.Getenv("ORG")
	app, secret        = os.Getenv("APP"), os.Getenv("SECRET")
	username, password = os.Getenv("USER_NAME"), os.Getenv("PASSWORD")
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("go: ")
	ctx := context.Background()

	// Authorize: the application's name and secret give a token that is valid for an hour.
	open := must(contacts.NewClientWithResponses(url))
	authorized := must(open.AuthorizeWithResponse(ctx, org, nil, basic(app, secret)))
	expect(authorized.JSON200 != nil, "authorize", authorized.Body)
	client := must(contacts.NewClientWithResponses(url, contacts.WithRequestEditorFn(bearer(authorized.JSON200.AccessToken))))

	// Create a contact. Repeated with its idempotency key, the request is answered the same and creates nothing.
	once := &contacts.CreateIndividualParams{IdempotencyKey: new(rand.Text())}
	erika := contacts.IndividualContactInput{Name: "Erika Mustermann", ExternalId: new("go-4711")}
	created := must(client.CreateIndividualWithResponse(ctx, org, once, erika))
	expect(created.JSON201 != nil, "create", created.Body)
	id, etag := created.JSON201.Id, created.Headers201.ETag
	repeated := must(client.CreateIndividualWithResponse(ctx, org, once, erika))
	expect(repeated.JSON201 != nil && repeated.JSON201.Id == id, "a repeated create", repeated.Body)

	// Without the key it is a conflict: the problem names the contact that has the external id.
	taken := must(client.CreateIndividualWithResponse(ctx, org, nil, erika))
	conflict := taken.ApplicationproblemJSON409
	expect(conflict != nil && *conflict.ExistingId == id, "a taken external id", taken.Body)

	// Add an email address, and read the contact with all that belongs to it.
	email := must(client.CreateIndividualEmailWithResponse(ctx, org, id, nil, contacts.EmailInput{
		Address: "erika@example.com", Type: contacts.EmailTypeWORKEMAIL, UsageContext: contacts.UsageContextPROFESSIONAL,
	}))
	expect(email.JSON201 != nil, "an email address", email.Body)
	details := must(client.GetIndividualDetailsWithResponse(ctx, org, id, nil))
	expect(details.JSON200 != nil && details.JSON200.Emails[0].Address == "erika@example.com", "the details", details.Body)

	// Page through all contacts.
	found := false
	next := &contacts.ListIndividualsParams{Limit: new(int64(1))}
	for {
		page := must(client.ListIndividualsWithResponse(ctx, org, next))
		expect(page.JSON200 != nil, "a page", page.Body)
		found = found || slices.ContainsFunc(page.JSON200.Items, func(c contacts.IndividualContact) bool { return c.Id == id })
		if next.Cursor = page.JSON200.Next; next.Cursor == nil {
			break
		}
	}
	expect(found, "the pages lack the contact", nil)

	// Replace it only as it was read: a second change with the same ETag is refused.
	seen := &contacts.ReplaceIndividualParams{IfMatch: etag}
	erika.Name = "Erika Gabler"
	replaced := must(client.ReplaceIndividualWithResponse(ctx, org, id, seen, erika))
	expect(replaced.JSON200 != nil && replaced.JSON200.Name == "Erika Gabler", "a replacement", replaced.Body)
	stale := must(client.ReplaceIndividualWithResponse(ctx, org, id, seen, erika))
	expect(stale.ApplicationproblemJSON412 != nil, "a stale ETag", stale.Body)

	// The plentymarkets dialect has the same contact: log in, find it, add an option, which is a phone of the other dialect.
	tokens := must(open.LoginWithResponse(ctx, contacts.UserCredentials{Username: username, Password: password}))
	expect(tokens.JSON200 != nil, "a login", tokens.Body)
	plenty := must(contacts.NewClientWithResponses(url, contacts.WithRequestEditorFn(bearer(tokens.JSON200.AccessToken))))
	matches := must(plenty.ListContactsWithResponse(ctx, &contacts.ListContactsParams{ExternalId: new("go-4711")}))
	expect(matches.JSON200 != nil && strconv.FormatInt(matches.JSON200.Entries[0].Id, 10) == id, "a list", matches.Body)
	added := must(plenty.CreateContactOptionsWithResponse(ctx, matches.JSON200.Entries[0].Id, nil, []contacts.ContactOptionInput{
		{TypeId: 1, SubTypeId: 4, Value: "+49 30 901820"},
	}))
	expect(added.JSON200 != nil && len(*added.JSON200) == 1, "an option", added.Body)
	phones := must(client.ListIndividualPhonesWithResponse(ctx, org, id, nil))
	expect(phones.JSON200 != nil && phones.JSON200.Items[0].Number == "+49 30 901820", "the phones", phones.Body)

	// Delete it. It stays readable, marked as deleted.
	deleted := must(client.DeleteIndividualWithResponse(ctx, org, id, nil))
	expect(deleted.StatusCode() == http.StatusNoContent, "a deletion", deleted.Body)
	read := must(client.GetIndividualWithResponse(ctx, org, id, nil))
	expect(read.JSON200 != nil && read.JSON200.Deleted, "a deleted contact", read.Body)
	log.Println("the quick start, by oapi-codegen")
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func expect(holds bool, what string, answer []byte) {
	if !holds {
		log.Fatalf("%s: unexpected answer %s", what, answer)
	}
}

func basic(name, secret string) contacts.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		r.SetBasicAuth(name, secret)
		return nil
	}
}

func bearer(token string) contacts.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
}
