package main

import (
	"context"
	"fmt"
	"strconv"

	"contacts/tools/platform"
)

// A kind of write is that of a request or of each row in it.
type kind struct {
	name     string
	required float64 // a second, for one tenant; 0 if there is no requirement
	rows     float64 // in a request; 0 if it makes one write
	consumes bool    // each write needs its own contact, else they use contacts in turns
	// ready prepares such a contact for the write. It may be nil.
	ready   func(ctx context.Context, b *bench, id string, i int) error
	request func(b *bench, i int) platform.Request
}

// person returns the contact of the nth write; own is its own one.
func (b *bench) person(i int) string           { return b.people[i%len(b.people)] }
func (b *bench) own(name string, i int) string { return b.made[name][i] }

// email returns an email address that differs from the others in its first letters too: a partition has those with the same three.
func email(i int) body {
	return body{"type": "WORK_EMAIL", "address": fmt.Sprintf("%03d-erika-%d@example.com", i%1000, i), "usage_context": "PROFESSIONAL"}
}

func customer(id string) body {
	return body{"customer_id": id, "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"}
}

const batchRows = 5

// kinds are the kinds of write whose partitions differ. Other writes behave like one of them.
var kinds = []kind{
	{name: "new contact", required: 450, request: func(b *bench, i int) platform.Request {
		return b.ask("createIndividual", body{"name": "Erika " + strconv.Itoa(i)})
	}},
	{name: "new contact with an external id", request: func(b *bench, i int) platform.Request {
		return b.ask("createIndividual", body{"name": "Erika", "external_id": "new-" + strconv.Itoa(i)})
	}},
	{name: "new contact, row of a batch", rows: batchRows, request: func(b *bench, i int) platform.Request {
		rows := make([]body, batchRows)
		for n := range rows {
			rows[n] = body{"name": "Erika", "external_id": fmt.Sprintf("row-%d-%d", i, n)}
		}
		return b.ask("batchUpsertIndividuals", body{"items": rows})
	}},
	{name: "change of a contact", request: func(b *bench, i int) platform.Request {
		return b.ask("replaceIndividual", body{"name": "Erika " + strconv.Itoa(i)}, b.person(i))
	}},
	{name: "deletion of a contact", consumes: true, request: func(b *bench, i int) platform.Request {
		return b.ask("deleteIndividual", nil, b.own("deletion of a contact", i))
	}},
	{name: "email of different contacts", required: 2000, request: func(b *bench, i int) platform.Request {
		return b.ask("createIndividualEmail", email(i), b.person(i))
	}},
	{name: "address of different contacts", required: 2000, request: func(b *bench, i int) platform.Request {
		return b.ask("createIndividualAddress", body{"type": "NOT_QUALIFIED", "full_address": strconv.Itoa(i) + " Domkloster, Cologne",
			"usages": []string{"EVERYTHING"}, "usage_context": "PROFESSIONAL"}, b.person(i))
	}},
	{name: "option of different contacts (plentymarkets)", required: 2000, request: func(b *bench, i int) platform.Request {
		method := "createContactOptions"
		if i >= len(b.people) {
			method = "updateContactOptions"
		}
		return b.ask(method, body{"typeId": 5, "subTypeId": 6, "value": "v" + strconv.Itoa(i)}, b.person(i))
	}},
	{name: "email of one contact", request: func(b *bench, i int) platform.Request {
		return b.ask("createIndividualEmail", email(i), b.people[0])
	}},
	{name: "same email address on different contacts", request: func(b *bench, i int) platform.Request {
		return b.ask("createIndividualEmail", email(0), b.person(i))
	}},
	{name: "same tag on different contacts", consumes: true, request: func(b *bench, i int) platform.Request {
		return b.ask("addIndividualTag", body{"name": "VIP"}, b.own("same tag on different contacts", i))
	}},
	{name: "first customer role", consumes: true, request: func(b *bench, i int) platform.Request {
		return b.ask("putIndividualCustomer", customer("c-"+strconv.Itoa(i)), b.own("first customer role", i))
	}},
	{name: "active identity at one organization", consumes: true, request: func(b *bench, i int) platform.Request {
		return b.ask("createProfessionalIdentity", body{"organization_contact": b.firm, "is_active": true}, b.own("active identity at one organization", i))
	}},
	{name: "customer into one list", consumes: true, ready: func(ctx context.Context, b *bench, id string, i int) error {
		_, err := b.do(ctx, b.ask("putIndividualCustomer", customer("l-"+strconv.Itoa(i)), id))
		return err
	}, request: func(b *bench, i int) platform.Request {
		return b.ask("addCustomerListItems", body{"items": []body{{"id": b.own("customer into one list", i)}}}, b.list)
	}},
	{name: "new placeholder customer", request: func(b *bench, i int) platform.Request {
		return b.ask("createPlaceholderCustomer", body{"customer_id": "p-" + strconv.Itoa(i), "name": "Till", "is_active": true, "customer_since": "2025-03-25",
			"requires_formal_invoice": true, "track_revenue": true})
	}},
	{name: "mapping of one contact", request: func(b *bench, i int) platform.Request {
		return b.ask("mergeIndividualIDMappings", body{"items": []body{{"internal": b.person(i), "external": "m-" + strconv.Itoa(i)}}})
	}},
}
