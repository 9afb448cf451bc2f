package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

const (
	personsPath = "/rest/accounts/contacts"
	personPath  = personsPath + "/{contactId}"
)

// persons has the handlers of contacts in the plentymarkets dialect: individual contacts with their options.
type persons struct {
	options
	store store.Persons
}

func (p persons) routes() []rest.Route {
	takes := func(r rest.Route) rest.Route {
		return rest.WithRequestBody[PlentyContact](r).WithStatus(http.StatusOK)
	}
	return []rest.Route{
		rest.Get("listContacts", personsPath, p.list),
		takes(rest.Post("createContact", personsPath, p.create)),
		rest.Get("getContact", personPath, p.get),
		takes(rest.Put("updateContact", personPath, p.update)),
		rest.Delete("deleteContact", personPath, p.delete).WithStatus(http.StatusOK),
	}
}

// A personInput identifies a contact.
type personInput struct {
	rest.KnownParams
	Path rest.Path
	With []string `query:"with,explode"`
}

func (p persons) get(ctx context.Context, in *personInput) (*rest.ResourceResponse, error) {
	asked, err := parseWith(in.With, "options")
	if err != nil {
		return nil, err
	}
	owner, err := optionOwner(ctx, &in.Path)
	if err != nil {
		return nil, err
	}
	read, err := p.store.Get(ctx, owner)
	if err != nil {
		return nil, err
	}
	whole, err := showPerson(read, true)
	if err != nil || asked["options"] {
		return rest.ShowPart(whole, whole, err)
	}
	part, err := showPerson(read, false)
	return rest.ShowPart(part, whole, err)
}

// fields are the fields of a body by name.
type fields = map[string]jsontext.Value

// sentOptions returns the options in a body.
func sentOptions(f fields) (options []ContactOption, err error) {
	if f["options"] != nil {
		err = json.Unmarshal(f["options"], &options)
	}
	return options, err
}

// atOption returns the pointer of an option in a contact's body.
func atOption(i int) string { return "/options" + (&rest.OneOrMany[ContactOption]{}).Pointer(i) }

func (p persons) create(ctx context.Context, in *createInput) (*rest.ResourceResponse, error) {
	sent, err := rest.Decode[fields](&in.RequestBody)
	if err != nil {
		return nil, err
	}
	options, err := sentOptions(sent)
	if err != nil {
		return nil, err
	}
	var made store.Person
	faults := applyFields(&made, sent)
	unknown, err := p.findUnknown(ctx, in.Path.Org, options, atOption)
	if err != nil {
		return nil, err
	}
	records, places, _, _ := placeNew(nil, options, atOption)
	faults = slices.Concat(faults, unknown, p.set(records, places, options, atOption))
	if err := faultsError(faults); err != nil {
		return nil, err
	}
	made.Options = records
	owner := contact.Owner{Org: in.Path.Org, Region: rest.Caller(ctx).Region}
	return rest.ChangeComposed(ctx, contact.Precondition{}, func(w idempotency.Write) ([]byte, error) {
		body, err := p.store.Create(ctx, owner, w, made, showWithOptions)
		return body, externalTaken(err)
	})
}

func (p persons) update(ctx context.Context, in *replaceInput) (*rest.ResourceResponse, error) {
	owner, sent, err := readInput[fields](ctx, optionOwner, &in.Path, &in.RequestBody)
	if err != nil {
		return nil, err
	}
	options, err := sentOptions(sent)
	if err != nil {
		return nil, err
	}
	return rest.ChangeComposed(ctx, contact.Precondition{}, func(w idempotency.Write) ([]byte, error) {
		body, err := p.store.Change(ctx, owner, w, sent["options"] != nil, func(now *store.Person) error {
			if err := matchPerson(&in.ConditionalHeaders, *now); err != nil {
				return err
			}
			faults := applyFields(now, sent)
			unknown, err := p.findUnknown(ctx, owner.Org, options, atOption)
			if err != nil {
				return err
			}
			byPriority(now.Options)
			_, places, named, err := placeExisting(now.Options, options, atOption)
			if err != nil {
				return cmp.Or(faultsError(slices.Concat(faults, unknown)), err)
			}
			return faultsError(slices.Concat(faults, unknown, named, p.set(now.Options, places, options, atOption)))
		}, showWithOptions)
		return body, externalTaken(err)
	})
}

func (p persons) delete(ctx context.Context, in *deleteInput) (*struct{}, error) {
	owner, err := optionOwner(ctx, &in.Path)
	if err != nil {
		return nil, err
	}
	var allowed func(store.Person) error
	if in.Precondition.Given() {
		allowed = func(now store.Person) error { return matchPerson(&in.ConditionalHeaders, now) }
	}
	return rest.Done(ctx, contact.Precondition{}, func(w idempotency.Write) error { return p.store.Delete(ctx, owner, w, allowed) })
}

// matchPerson checks the precondition. A contact's ETag is the same with and without options.
func matchPerson(match *rest.ConditionalHeaders, now store.Person) error {
	whole, err := showPerson(now, true)
	if err != nil {
		return err
	}
	return match.MatchComposed(rest.RawJSON(whole))
}

func showWithOptions(p store.Person) ([]byte, error) { return showPerson(p, true) }

// externalTaken turns Taken into this dialect's 422.
func externalTaken(err error) error {
	if !contact.IsRefused(err, contact.Taken) {
		return err
	}
	return contact.RefuseAt(contact.Impossible, "/externalId", "is taken by another contact")
}
