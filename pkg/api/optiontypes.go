package api

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/option"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// optionTypes are the types or the sub-types of options: the defaults of every tenant, followed by its own.
type optionTypes struct {
	noun      string
	defaults  func() []contact.OptionType
	isDefault func(id int64) bool
	own       store.Parts[*contact.OptionType]
	// children are the sub-types that with=subTypes adds to each type, nil for sub-types.
	children *optionTypes
}

func optionTypesOf(t *store.Store) optionTypes {
	subTypes := optionSubTypesOf(t)
	return optionTypes{"type", option.Types, option.IsType, store.OptionTypes(t), &subTypes}
}

func optionSubTypesOf(t *store.Store) optionTypes {
	return optionTypes{"sub-type", option.SubTypes, option.IsSubType, store.OptionSubTypes(t), nil}
}

func (t optionTypes) routes(noun, path, id string) []rest.Route {
	item := path + "/" + id
	takes := func(r rest.Route) rest.Route {
		return rest.WithRequestBody[contact.OptionType](r).WithStatus(http.StatusOK)
	}
	return []rest.Route{
		rest.Get("list"+noun+"s", path, t.list),
		takes(rest.Post("create"+noun, path, t.create)),
		rest.Get("get"+noun, item, t.get),
		takes(rest.Put("update"+noun, item, t.replace)),
		rest.Delete("delete"+noun, item, t.delete).WithStatus(http.StatusOK),
	}
}

// has reports whether a tenant has the type.
func (t optionTypes) has(ctx context.Context, org string, id int64) (bool, error) {
	if t.isDefault(id) {
		return true, nil
	}
	_, err := t.own.Get(ctx, contact.Owner{Org: org}, contact.ID(id))
	if contact.IsRefused(err, contact.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// all returns the types of a tenant, sorted by position and id.
func (t optionTypes) all(ctx context.Context, org string) ([]contact.OptionType, error) {
	own, err := t.own.Values(ctx, contact.Owner{Org: org})
	all := t.defaults()
	for _, o := range own {
		all = append(all, *o)
	}
	slices.SortStableFunc(all, func(a, b contact.OptionType) int {
		return cmp.Or(cmp.Compare(*a.Position, *b.Position), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// An optionTypesInput selects types of options, or one.
type optionTypesInput struct {
	rest.KnownParams
	Path rest.Path
	With []string `query:"with,explode"`
}

// subTypes returns the sub-types that the request includes, nil if it doesn't.
func (t optionTypes) subTypes(ctx context.Context, in *optionTypesInput) ([]contact.OptionType, error) {
	var relations []string
	if t.children != nil {
		relations = []string{"subTypes"}
	}
	asked, err := parseWith(in.With, relations...)
	if err != nil || !asked["subTypes"] {
		return nil, err
	}
	return t.children.all(ctx, in.Path.Org)
}

func (t optionTypes) list(ctx context.Context, in *optionTypesInput) (*rest.Response, error) {
	subTypes, err := t.subTypes(ctx, in)
	if err != nil {
		return nil, err
	}
	all, err := t.all(ctx, in.Path.Org)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].SubTypes = subTypes
	}
	return rest.JSON(all)
}

func (t optionTypes) get(ctx context.Context, in *optionTypesInput) (*rest.ResourceResponse, error) {
	subTypes, err := t.subTypes(ctx, in)
	if err != nil {
		return nil, err
	}
	id := in.Path.Last()
	for _, d := range t.defaults() {
		if d.ID == int64(id) {
			d.SubTypes = subTypes
			return rest.ShowComposed(d)
		}
	}
	record, err := t.own.Get(ctx, contact.Owner{Org: in.Path.Org}, id)
	if err != nil || subTypes == nil {
		return rest.Show(record, err)
	}
	var own contact.OptionType
	if err := json.Unmarshal(record.Doc, &own); err != nil {
		return nil, err
	}
	own.SubTypes = subTypes
	record.Doc, err = json.Marshal(own)
	return rest.Show(record, err)
}

// parseWith returns the relations that a request includes, separated by commas or repeated. It refuses unknown ones.
func parseWith(values []string, known ...string) (map[string]bool, error) {
	asked := map[string]bool{}
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			if asked[name] = true; !slices.Contains(known, name) {
				return nil, &contact.Error{Reason: contact.Impossible, Detail: "with names an unknown relation",
					Faults: []contact.Fault{{Parameter: "with", Detail: "may only be " + cmp.Or(strings.Join(known, ", "), "empty")}}}
			}
		}
	}
	return asked, nil
}

// decodeOptionType returns a valid body.
func decodeOptionType(body *rest.RequestBody) (*contact.OptionType, error) {
	value, err := rest.Decode[*contact.OptionType](body)
	if err == nil {
		err = value.Validate(nil)
	}
	return value, err
}

// create creates a type. Its default position is after all others.
func (t optionTypes) create(ctx context.Context, in *createInput) (*rest.ResourceResponse, error) {
	value, err := decodeOptionType(&in.RequestBody)
	if err != nil {
		return nil, err
	}
	if value.Position == nil {
		all, err := t.all(ctx, in.Path.Org)
		if err != nil {
			return nil, err
		}
		last := min(*all[len(all)-1].Position+1, math.MaxInt32) // within the schema, so that clients can send it back
		value.Position = &last
	}
	return rest.Replace(ctx, contact.Precondition{}, func(w idempotency.Write) (contact.Record, error) {
		return t.own.Create(ctx, contact.Owner{Org: in.Path.Org}, w, value)
	})
}

func (t optionTypes) replace(ctx context.Context, in *replaceInput) (*rest.ResourceResponse, error) {
	value, err := decodeOptionType(&in.RequestBody)
	if err == nil {
		err = t.requireChangeable(in.Path.Last())
	}
	if err != nil {
		return nil, err
	}
	return rest.Replace(ctx, in.Precondition, func(w idempotency.Write) (contact.Record, error) {
		return t.own.Replace(ctx, contact.Owner{Org: in.Path.Org}, in.Path.Last(), w, value)
	})
}

func (t optionTypes) delete(ctx context.Context, in *deleteInput) (*struct{}, error) {
	if err := t.requireChangeable(in.Path.Last()); err != nil {
		return nil, err
	}
	return rest.Done(ctx, in.Precondition, func(w idempotency.Write) error {
		return t.own.Delete(ctx, contact.Owner{Org: in.Path.Org}, in.Path.Last(), w)
	})
}

// requireChangeable refuses changes of the types that every tenant has.
func (t optionTypes) requireChangeable(id contact.ID) error {
	if t.isDefault(int64(id)) {
		return contact.Refuse(contact.Impossible, "the %s %s is one of those that every organization has: it can't be changed or deleted", t.noun, id)
	}
	return nil
}
