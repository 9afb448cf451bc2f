package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// A person is the state of an individual contact after its last answered write. It belongs to one client.
type person struct {
	id, externalID, name string
	emails               map[string]string // addresses by id
	option               string            // the value of its option of the pair (1, 1), "" for none
	deleted              bool
}

// A write is a request that changes something, with its idempotency key and its effect on the ledger.
type write struct {
	method, path, key, body string
	// enter applies the answer to the ledger.
	enter func(body []byte) error
}

// The paths of the two dialects.
const (
	individuals    = "/contacts/org/demo/individual"
	contactOptions = "/rest/accounts/contacts/"
)

func (c *client) add() write {
	p := &person{externalID: c.unique("external"), name: c.unique("name"), emails: map[string]string{}}
	return c.write(http.MethodPost, individuals, fields{"external_id": p.externalID, "name": p.name}, func(body []byte) (err error) {
		p.id, err = idOf(body)
		c.people = append(c.people, p)
		return err
	})
}

func (c *client) rename(p *person) write {
	name := c.unique("name")
	return c.write(http.MethodPut, individuals+"/"+p.id, fields{"external_id": p.externalID, "name": name}, func([]byte) error {
		p.name = name
		return nil
	})
}

func (c *client) addEmail(p *person) write {
	address := c.unique("email") + "@example.com"
	body := fields{"type": "WORK_EMAIL", "address": address, "usage_context": "PROFESSIONAL"}
	return c.write(http.MethodPost, individuals+"/"+p.id+"/emails", body, func(body []byte) error {
		id, err := idOf(body)
		p.emails[id] = address
		return err
	})
}

func (c *client) removeEmail(p *person, id string) write {
	return c.write(http.MethodDelete, individuals+"/"+p.id+"/emails/"+id, nil, func([]byte) error {
		delete(p.emails, id)
		return nil
	})
}

func (c *client) remove(p *person) write {
	return c.write(http.MethodDelete, individuals+"/"+p.id, nil, func([]byte) error {
		p.deleted = true
		return nil
	})
}

// setOption creates or replaces an option of a pair through the plentymarkets dialect.
func (c *client) setOption(p *person) write {
	method, value := http.MethodPut, fmt.Sprintf("+49 221 %07d", c.next())
	if p.option == "" {
		method = http.MethodPost
	}
	return c.write(method, contactOptions+p.id+"/options", fields{"typeId": 1, "subTypeId": 1, "value": value}, func([]byte) error {
		p.option = value
		return nil
	})
}

type fields map[string]any

func (c *client) write(method, path string, body fields, enter func([]byte) error) write {
	w := write{method: method, path: path, key: c.unique("key"), enter: enter}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			panic(err) // texts and numbers only
		}
		w.body = string(text)
	}
	return w
}

func idOf(body []byte) (string, error) {
	var made struct{ ID string }
	if err := json.Unmarshal(body, &made); err != nil || made.ID == "" {
		return "", fmt.Errorf("an answer without an id: %q", body)
	}
	return made.ID, nil
}

// details are the fields of a contact that the ledger has.
type details struct {
	Contact struct {
		ID         string `json:"id"`
		ExternalID string `json:"external_id"`
		Name       string `json:"name"`
		Deleted    bool   `json:"deleted"`
	} `json:"individual_contact"`
	Emails []struct{ ID, Address string } `json:"emails"`
	Phones []struct{ Number string }      `json:"phones"`
}

// differs returns how a contact differs from the ledger, "" if it does not.
func (p *person) differs(d details) string {
	switch shown := d.Contact; {
	case shown.ID != p.id || shown.ExternalID != p.externalID || shown.Name != p.name || shown.Deleted != p.deleted:
		return fmt.Sprintf("the contact is %+v", shown)
	case len(d.Emails) != len(p.emails):
		return fmt.Sprintf("it has %d emails, not %d", len(d.Emails), len(p.emails))
	case p.option == "" && len(d.Phones) != 0, p.option != "" && (len(d.Phones) != 1 || d.Phones[0].Number != p.option):
		return fmt.Sprintf("its phones are %v, not %q", d.Phones, p.option)
	}
	for _, e := range d.Emails {
		if p.emails[e.ID] != e.Address {
			return fmt.Sprintf("its email %s is %q, not %q", e.ID, e.Address, p.emails[e.ID])
		}
	}
	return ""
}
