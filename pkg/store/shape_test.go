package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// addConversion appends a conversion until the end of the test, which must not be parallel.
func addConversion(t *testing.T, convert func(sk string, doc []byte) ([]byte, error)) {
	t.Helper()
	before := conversions
	conversions = append(before[:len(before):len(before)], conversion{"test", convert})
	t.Cleanup(func() { conversions = before })
}

// upperDescription is a conversion of the descriptions of emails to upper case.
func upperDescription(sk string, doc []byte) ([]byte, error) {
	if !strings.HasPrefix(sk, keys.SegmentEmail+"#") {
		return doc, nil
	}
	var fields map[string]any
	if err := json.Unmarshal(doc, &fields); err != nil {
		return nil, err
	}
	fields["description"] = strings.ToUpper(fmt.Sprint(fields["description"]))
	return json.Marshal(fields)
}

func TestOlderDocumentsAreConvertedWhereverTheyAreRead(t *testing.T) {
	table := newTable(t)
	s := New(table, time.Now, contact.NewSequence(time.Now))
	person, err := Individuals(s).Create(t.Context(), contact.Owner{Org: "acme"}, idempotency.Write{}, &contact.IndividualContact{Name: "Zoe"})
	if err != nil {
		t.Fatal(err)
	}
	o := contact.Owner{Org: "acme", Contact: person.ID}
	email := contact.Email{Type: "WORK_EMAIL", Address: "zoe@a.example", Description: "old", UsageContext: "PERSONAL"}
	old, err := Emails(s).Create(t.Context(), o, idempotency.Write{}, &email)
	if err != nil {
		t.Fatal(err)
	}
	key := Emails(s).at(o, old.ID).key
	if item, err := table.Get(t.Context(), key); err != nil || item[AttrShape] != nil {
		t.Fatalf("an item of version 1 has a shape: %v, %v", item, err)
	}

	addConversion(t, upperDescription)
	description := func(doc []byte) string {
		var e contact.Email
		if err := json.Unmarshal(doc, &e); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		return e.Description
	}
	reads := map[string]func() ([]byte, error){
		"get": func() ([]byte, error) {
			r, err := Emails(s).Get(t.Context(), o, old.ID)
			return r.Doc, err
		},
		"list": func() ([]byte, error) {
			rows, err := Emails(s).List(t.Context(), o)
			return rows[0].Doc, err
		},
		"details": func() ([]byte, error) {
			d, err := Individuals(s).Details(t.Context(), contact.Owner{Org: "acme"}, person.ID)
			return d.Emails[0].Doc, err
		},
		"values": func() ([]byte, error) {
			values, err := Emails(s).Values(t.Context(), o)
			if err != nil {
				return nil, err
			}
			return json.Marshal(values[0])
		},
		"options": func() ([]byte, error) {
			options, err := ContactOptions(s).List(t.Context(), o)
			if err != nil {
				return nil, err
			}
			return json.Marshal(options[0].Record)
		},
	}
	for name, read := range reads {
		if doc, err := read(); err != nil || description(doc) != "OLD" {
			t.Errorf("%s shows %s, %v, want it converted", name, doc, err)
		}
	}

	email.Description = "new"
	if _, err := Emails(s).Replace(t.Context(), o, old.ID, idempotency.Write{}, &email); err != nil {
		t.Fatal(err)
	}
	if item, err := table.Get(t.Context(), key); err != nil || item.Number(AttrShape) != 2 {
		t.Errorf("a new version has shape %d, %v, want 2", item.Number(AttrShape), err)
	}
	for name, read := range reads {
		if doc, err := read(); err != nil || description(doc) != "new" {
			t.Errorf("%s shows %s, %v, want the new version, which needs no conversion", name, doc, err)
		}
	}
}

func TestADocumentWithoutConversionIsUnreadable(t *testing.T) {
	item := NewItem(keys.Contact("acme", 8192), []byte(`{"id":"8192","name":"Zoe"}`), time.Now())
	item[AttrShape] = dynamo.Number(2)
	if _, err := Decode[contact.IndividualContact](item); err == nil {
		t.Error("a document of a later shape is decoded")
	}
	if r := RecordOf(item); r.Doc != nil {
		t.Errorf("a document of a later shape is shown: %s", r.Doc)
	}
	cause := errors.New("no name")
	addConversion(t, func(string, []byte) ([]byte, error) { return nil, cause })
	delete(item, AttrShape)
	if _, err := Decode[contact.IndividualContact](item); !errors.Is(err, cause) {
		t.Errorf("a failed conversion: %v, want its cause", err)
	}
}
