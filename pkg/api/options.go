package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/option"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

const (
	optionsPath = "/rest/accounts/contacts/{contactId}/options"
	optionPath  = "/rest/accounts/contacts/options/{optionId}"
)

// Options returns the group of the plentymarkets dialect: the individual contacts and their options, which are their phones,
// emails, web addresses and other identifiers.
func Options(c Config) rest.Group {
	o := options{optionSet: store.ContactOptions(c.Store), types: optionTypesOf(c.Store), subTypes: optionSubTypesOf(c.Store)}
	return rest.Group{
		Name:   "options",
		Access: rest.ByTokenAlone,
		Routes: slices.Concat(persons{o, store.PersonsOf(c.Store)}.routes(), []rest.Route{
			rest.Get("listContactOptions", optionsPath, o.list),
			rest.Get("validateContactOption", optionsPath+"/validate", o.validate).AllowEmptyValue("value"),
			withOptionBodies(rest.Post("createContactOptions", optionsPath, o.create)),
			withOptionBodies(rest.Put("updateContactOptions", optionsPath, o.update)),
			rest.Delete("deleteContactOptions", optionsPath, o.deleteAll).WithStatus(http.StatusOK).MultiTransaction(),
			rest.Get("getContactOption", optionPath, o.get),
			rest.WithRequestBody[ContactOption](rest.Put("updateContactOption", optionPath, o.updateOne)),
			rest.Delete("deleteContactOption", optionPath, o.delete).WithStatus(http.StatusOK),
		}, o.types.routes("OptionType", "/rest/accounts/contacts/option_types", "{optionTypeId}"),
			o.subTypes.routes("OptionSubType", "/rest/accounts/contacts/option_sub_types", "{optionSubTypeId}")),
	}
}

func withOptionBodies(r rest.Route) rest.Route {
	return rest.WithRequestBody[rest.OneOrMany[ContactOption]](r).WithStatus(http.StatusOK)
}

type (
	// ContactOption is a way to reach or identify a contact.
	ContactOption struct {
		ID        int64  `json:"id" required:"false" maximum:"9007199254740991"`
		ContactID int64  `json:"contactId" readOnly:"true"`
		TypeID    int64  `json:"typeId" minimum:"1" maximum:"9007199254740991"`
		SubTypeID int64  `json:"subTypeId" minimum:"1" maximum:"9007199254740991"`
		Value     string `json:"value"`
		Priority  *int64 `json:"priority,omitempty" minimum:"-2147483648" maximum:"2147483647"`
		CreatedAt string `json:"createdAt" readOnly:"true"`
		UpdatedAt string `json:"updatedAt" readOnly:"true"`
	}
	// SimpleRestResponse is a response within a response.
	SimpleRestResponse struct {
		ContentType   string `json:"contentType"`
		ContentLength int    `json:"contentLength"`
		Content       string `json:"content"`
	}
)

// options has the handlers of options.
type options struct {
	optionSet       store.OptionSet
	types, subTypes optionTypes
}

type (
	optionListInput struct {
		Path      rest.Path
		TypeID    int64 `query:"typeId" minimum:"0"`
		SubTypeID int64 `query:"subTypeId" minimum:"0"`
	}
	optionValidateInput struct {
		Path      rest.Path
		TypeID    int64 `query:"typeId" required:"true" minimum:"1"`
		SubTypeID int64 `query:"subTypeId" required:"true" minimum:"1"`
		Value     rest.EmptyableParam
	}
)

var optionOwner = contactOwner(contact.Individual)

func (o options) list(ctx context.Context, in *optionListInput) (*rest.Response, error) {
	owner, err := optionOwner(ctx, &in.Path)
	if err != nil {
		return nil, err
	}
	records, err := o.optionSet.List(ctx, owner)
	if err != nil {
		return nil, err
	}
	shown := slices.DeleteFunc(showAll(owner, records), func(c ContactOption) bool {
		return in.TypeID != 0 && c.TypeID != in.TypeID || in.SubTypeID != 0 && c.SubTypeID != in.SubTypeID
	})
	return rest.JSON(shown)
}

func (o options) get(ctx context.Context, in *itemInput) (*rest.Response, error) {
	owner, member, err := o.optionSet.Find(ctx, in.Path.Org, in.Path.Last())
	if err != nil {
		return nil, err
	}
	return rest.JSON(show(owner, member))
}

func (o options) validate(ctx context.Context, in *optionValidateInput) (*rest.Response, error) {
	owner, err := optionOwner(ctx, &in.Path)
	if err != nil {
		return nil, err
	}
	asked := ContactOption{TypeID: in.TypeID, SubTypeID: in.SubTypeID, Value: in.Value.Text}
	faults, err := o.findUnknown(ctx, in.Path.Org, []ContactOption{asked}, func(int) string { return "" })
	if err != nil || faults != nil {
		return nil, cmp.Or(err, faultsError(faults))
	}
	records, err := o.optionSet.List(ctx, owner)
	if err != nil {
		return nil, err
	}
	verdict := struct {
		Valid  bool   `json:"valid"`
		Reason string `json:"reason,omitzero"`
	}{Reason: invalidReason(asked)}
	for _, c := range showAll(owner, records) {
		if c.pair() == asked.pair() && c.Value != asked.Value && verdict.Reason == "" {
			verdict.Reason = duplicatePair
		}
	}
	verdict.Valid = verdict.Reason == ""
	content, err := json.Marshal(verdict)
	if err != nil {
		return nil, err
	}
	return rest.JSON(SimpleRestResponse{"application/json", len(content), string(content)})
}

// invalidReason returns why an option is invalid for any contact, by the schema of its value and by its type, "" if it is
// valid.
func invalidReason(asked ContactOption) string {
	detail := contact.CheckText(asked.Value)
	switch {
	case detail != "":
		return detail
	case asked.Value == "":
		return "must hold more than blanks"
	case utf8.RuneCountInString(asked.Value) > contact.MaxText:
		return fmt.Sprintf("must have at most %d characters", contact.MaxText)
	}
	return option.CheckValue(asked.TypeID, asked.Value)
}

func (o options) create(ctx context.Context, in *createInput) (*rest.Response, error) {
	return o.change(ctx, &in.Path, &in.RequestBody, rest.ConditionalHeaders{}, placeNew)
}

func (o options) update(ctx context.Context, in *replaceInput) (*rest.Response, error) {
	return o.change(ctx, &in.Path, &in.RequestBody, in.ConditionalHeaders, placeExisting)
}

// A placer returns the records, the index of each sent option among them, and the faults.
type placer func(records []store.Option, sent []ContactOption, at func(int) string) (_ []store.Option, touched []int, faults []contact.Fault, err error)

// placeNew appends a member for each sent option.
func placeNew(records []store.Option, sent []ContactOption, _ func(int) string) (_ []store.Option, touched []int, faults []contact.Fault, err error) {
	for range sent {
		touched = append(touched, len(records))
		records = append(records, store.Option{})
	}
	return records, touched, nil, nil
}

// placeExisting finds the sent options among the records.
func placeExisting(records []store.Option, sent []ContactOption, at func(int) string) (_ []store.Option, touched []int, faults []contact.Fault, err error) {
	byID := func(c ContactOption) bool {
		return slices.ContainsFunc(sent, func(s ContactOption) bool { return s.ID == c.ID })
	}
	for i, s := range sent {
		found := slices.IndexFunc(records, func(m store.Option) bool {
			c := show(0, m)
			return s.ID == c.ID || s.ID == 0 && c.pair() == s.pair() && !byID(c)
		})
		switch {
		case found < 0 && s.ID != 0:
			return nil, nil, nil, contact.Refuse(contact.NotFound, "the contact has no option %d", s.ID)
		case found < 0:
			return nil, nil, nil, contact.Refuse(contact.NotFound, "the contact has no option of type %d and sub-type %d", s.TypeID, s.SubTypeID)
		case slices.Contains(touched, found):
			faults = append(faults, contact.Fault{Pointer: at(i), Detail: "names an option that another element names too"})
		}
		touched = append(touched, found)
	}
	return records, touched, faults, nil
}

// change changes options of a contact, all or none, and responds with them.
func (o options) change(ctx context.Context, p *rest.Path, payload *rest.RequestBody, match rest.ConditionalHeaders, find placer) (*rest.Response, error) {
	owner, body, err := readInput[rest.OneOrMany[ContactOption]](ctx, optionOwner, p, payload)
	if err != nil {
		return nil, err
	}
	return rest.Change(ctx, contact.Precondition{}, func(w idempotency.Write) ([]byte, error) {
		var touched []int
		return o.optionSet.Change(ctx, owner, w, func(records []store.Option) ([]store.Option, error) {
			if err := match.MatchComposed(showAll(owner, records)); err != nil {
				return nil, err
			}
			unknown, err := o.findUnknown(ctx, owner.Org, body.Items, body.Pointer)
			if err != nil {
				return nil, err
			}
			byPriority(records)
			next, found, faults, err := find(records, body.Items, body.Pointer)
			if err != nil {
				return nil, cmp.Or(faultsError(unknown), err) // faults of the body take precedence over NotFound
			}
			touched = found
			return next, faultsError(slices.Concat(unknown, faults, o.set(next, touched, body.Items, body.Pointer)))
		}, func(next []store.Option) ([]byte, error) {
			shown := make([]ContactOption, len(touched))
			for i, at := range touched {
				shown[i] = show(owner.Contact, next[at])
			}
			return json.Marshal(shown)
		})
	})
}

func (o options) updateOne(ctx context.Context, in *replaceInput) (*rest.ResourceResponse, error) {
	sent, err := rest.Decode[ContactOption](&in.RequestBody)
	if err != nil {
		return nil, err
	}
	return rest.ChangeComposed(ctx, contact.Precondition{}, func(w idempotency.Write) ([]byte, error) {
		at := 0
		return o.changeOne(ctx, in.Path, w, in.ConditionalHeaders, func(next []store.Option, found int) ([]store.Option, error) {
			at = found
			unknown, err := o.findUnknown(ctx, in.Path.Org, []ContactOption{sent}, atTop)
			if err != nil {
				return nil, err
			}
			return next, faultsError(slices.Concat(unknown, o.set(next, []int{at}, []ContactOption{sent}, atTop)))
		}, func(owner contact.ID, next []store.Option) ([]byte, error) {
			return json.Marshal(show(owner, next[at]))
		})
	})
}

func (o options) delete(ctx context.Context, in *deleteInput) (*struct{}, error) {
	return rest.Done(ctx, contact.Precondition{}, func(w idempotency.Write) error {
		_, err := o.changeOne(ctx, in.Path, w, in.ConditionalHeaders, func(next []store.Option, at int) ([]store.Option, error) {
			return slices.Delete(next, at, at+1), nil
		}, func(contact.ID, []store.Option) ([]byte, error) { return nil, nil })
		return err
	})
}

// changeOne changes the option that the path identifies.
func (o options) changeOne(ctx context.Context, p rest.Path, w idempotency.Write, match rest.ConditionalHeaders,
	decide func(next []store.Option, at int) ([]store.Option, error), answer func(contact.ID, []store.Option) ([]byte, error)) ([]byte, error) {
	id, err := o.optionSet.Owner(ctx, p.Org, p.Last())
	if err != nil {
		return nil, err
	}
	owner := contact.Owner{Org: p.Org, Contact: id, Region: rest.Caller(ctx).Region}
	return o.optionSet.Change(ctx, owner, w, func(records []store.Option) ([]store.Option, error) {
		at := slices.IndexFunc(records, func(m store.Option) bool { return m.ID == p.Last() })
		if at < 0 {
			return nil, contact.Refuse(contact.NotFound, "option not found")
		}
		if err := match.MatchComposed(show(id, records[at])); err != nil {
			return nil, err
		}
		return decide(records, at)
	}, func(next []store.Option) ([]byte, error) { return answer(id, next) })
}

func (o options) deleteAll(ctx context.Context, in *deleteInput) (*struct{}, error) {
	owner, err := optionOwner(ctx, &in.Path)
	if err != nil {
		return nil, err
	}
	return rest.Done(ctx, contact.Precondition{}, func(w idempotency.Write) error {
		return o.optionSet.DeleteAll(ctx, owner, w, func(records []store.Option) error { return in.MatchComposed(showAll(owner, records)) })
	})
}
