package exports

import (
	"context"
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/image/object"
	"contacts/pkg/store"
)

// Pictures are the objects of images.
type Pictures interface {
	// Get returns an object; object.ErrMissing if there is none.
	Get(ctx context.Context, key string) ([]byte, error)
}

// A Reader reads contacts as files have them.
type Reader struct {
	Store *store.Store
	// Pictures are nil for contacts without pictures.
	Pictures Pictures
}

// A Full is a contact with everything that a file has of it.
type Full struct {
	store.Details
	Tags []string
	// Deleted reports whether the contact is deleted.
	Deleted bool
	// Photo is nil for none.
	Photo *exchange.Photo
}

// Read returns a contact, by two Queries and a GetItem at the same time, and another Query and GetObject with Pictures. The error is NotFound
// if it doesn't exist, contact.ErrAnswerTooLarge if it is larger than an answer.
func (r *Reader) Read(ctx context.Context, org string, id contact.ID) (f Full, err error) {
	o := contact.Owner{Org: org, Contact: id}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		switch id.Kind() {
		case contact.Individual:
			f.Details, err = store.Individuals(r.Store).Details(ctx, o, id)
		case contact.Organization:
			f.Details, err = store.Organizations(r.Store).Details(ctx, o, id)
		default:
			err = contact.Refuse(contact.NotFound, "contact not found")
		}
		return err
	})
	group.Go(func() (err error) {
		f.Tags, err = store.TagsOf(r.Store).Names(ctx, o)
		return err
	})
	if r.Pictures != nil {
		group.Go(func() (err error) {
			f.Photo, err = r.photo(ctx, o)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return f, err
	}
	var state struct {
		Deleted bool `json:"deleted"`
	}
	err = json.Unmarshal(f.Resource.Doc, &state)
	f.Deleted = state.Deleted
	return f, err
}

// photo returns the contact's default image, in the largest rendition that fits into a file of contacts.
func (r *Reader) photo(ctx context.Context, o contact.Owner) (*exchange.Photo, error) {
	shown, found, err := store.ImagesOf(r.Store).Default(ctx, o)
	if err != nil || !found {
		return nil, err
	}
	size := object.Full
	if slices.ContainsFunc(shown.Renditions, func(r contact.Rendition) bool { return r.Size == largest }) {
		size = largest
	}
	image := object.Image{Org: o.Org, Contact: o.Contact, ID: shown.ID}
	data, err := r.Pictures.Get(ctx, image.Rendition(shown.Version, size))
	if errors.Is(err, object.ErrMissing) { // deleted meanwhile
		return nil, nil
	}
	return &exchange.Photo{ContentType: string(shown.ContentType), Data: data}, err
}

// largest is the longest side of pictures in files, in pixels.
var largest = slices.Max(object.Sizes)

// Contacts returns contacts in the form from which cards and rows are made, with the names of what their professional identities name, which
// are read by BatchGetItem.
func (r *Reader) Contacts(ctx context.Context, org string, all []Full) ([]exchange.Contact, error) {
	var identities []contact.ProfessionalIdentity
	for _, f := range all {
		for _, i := range f.Identities {
			identities = append(identities, decode[contact.ProfessionalIdentity]([]contact.Record{i.Resource})...)
		}
	}
	names, err := r.Store.Represented(ctx, org, identities)
	if err != nil {
		return nil, err
	}
	contacts := make([]exchange.Contact, len(all))
	for n, f := range all {
		if contacts[n], err = f.contact(org, names); err != nil {
			return nil, err
		}
	}
	return contacts, nil
}

func (f Full) contact(org string, names store.Represented) (exchange.Contact, error) {
	c := exchange.Contact{Org: org, Channels: channelsOf(f.Details), Tags: f.Tags, Photo: f.Photo}
	if f.Resource.ID.Kind() == contact.Organization {
		c.Organization = &contact.OrganizationContact{}
		return c, json.Unmarshal(f.Resource.Doc, c.Organization)
	}
	for _, d := range f.Identities {
		for _, i := range decode[contact.ProfessionalIdentity]([]contact.Record{d.Resource}) {
			if !i.IsActive {
				continue
			}
			identity := exchange.Identity{ID: i.ID, Organization: names.Organizations[i.OrganizationContact], JobTitle: i.JobTitle, Channels: channelsOf(d)}
			for _, department := range i.Departments {
				if name := names.Departments[department]; name != "" {
					identity.Departments = append(identity.Departments, name)
				}
			}
			c.Identities = append(c.Identities, identity)
		}
	}
	c.Individual = &contact.IndividualContact{}
	return c, json.Unmarshal(f.Resource.Doc, c.Individual)
}

func channelsOf(d store.Details) exchange.Channels {
	return exchange.Channels{Emails: decode[contact.Email](d.Emails), Phones: decode[contact.Phone](d.Phones),
		Addresses: decode[contact.Address](d.Addresses), WebAddresses: decode[contact.WebAddress](d.WebAddresses)}
}

// decode returns the values of records. It leaves out those that can't be decoded.
func decode[T any](records []contact.Record) (values []T) {
	for _, r := range records {
		var value T
		if r.Doc != nil && json.Unmarshal(r.Doc, &value) == nil {
			values = append(values, value)
		}
	}
	return values
}
