package dynamo

import (
	"context"
	"fmt"

	"contacts/pkg/contact"
)

// The rules of the platform's own records, which a check of all organizations looks at.

// ofPlatform holds that a record of the platform has what it is read for.
func (j *judgement) ofPlatform() {
	key := j.item.key()
	switch {
	case key.PK == platformOrganizations():
		j.has("region", j.item.text("region") != "", "find out which it was, from the telephone numbers of its contacts, and set the attribute")
	case key.PK == platformApplications():
		j.has("secret", len(j.item.bytes("secret")) > 0, "contacts app rotate gives it another")
		for _, org := range j.item.texts("orgs") {
			j.names(org, "contacts org add makes it again, or contacts app revoke takes the application its access")
		}
	case key.PK == platformUsers():
		j.has("password", j.item.text("password") != "", "contacts user password gives it another")
		if j.has("org", j.item.text("org") != "", "remove the record, and make the user again: contacts user create") {
			j.names(j.item.text("org"), "contacts org add makes it again, or contacts user disable locks the user out")
		}
	case key.PK == platformKeys():
		const advice = "contacts key rotate makes the next one; remove this record when no token of it is valid any more, a day later"
		for _, part := range []string{"public", "cursor"} {
			j.has(part, len(j.item.bytes(part)) > 0, advice)
		}
		j.has("kid", j.item.text("kid") != "", advice)
		j.has("generation", signingKeyKey(int(j.item.number("generation"))) == key, advice)
	case key.SK == guessesKey().SK, key.SK == sessionKey("").SK:
		if !j.item.isNumber(attrExpires) {
			j.remove(FoundPlatform, "it never expires")
		}
	}
}

// has holds that a record has an attribute as it is read.
func (j *judgement) has(attribute string, there bool, advice string) bool {
	if !there {
		j.byHand(FoundPlatform, "its "+attribute+" is not there, or not one", advice)
	}
	return there
}

// names holds that there is an organization that a record names.
func (j *judgement) names(org, advice string) {
	if j.at(organizationKey(org)) == nil {
		j.byHand(FoundPlatform, fmt.Sprintf("it names organization %s, which is not there", org), advice)
	}
}

// seesOfPlatform are the organizations that a record of the platform names.
func seesOfPlatform(i Item) (keys []Key) {
	switch i.text("pk") {
	case platformApplications():
		for _, org := range i.texts("orgs") {
			keys = append(keys, organizationKey(org))
		}
	case platformUsers():
		if org := i.text("org"); org != "" {
			keys = append(keys, organizationKey(org))
		}
	}
	return keys
}

// organizations holds that there is an organization for each tenant of which something was seen.
func (c *Check) organizations(ctx context.Context) error {
	for org := range c.tenants {
		there, err := c.table.exists(ctx, organizationKey(org))
		if err != nil {
			return err
		}
		if key := organizationKey(org); !there {
			c.Told(Finding{Kind: FoundPlatform, Org: org, Key: key.PK + " " + key.SK, Detail: "there are records of the organization, and it is not there",
				Repair: "contacts org add " + org + " makes it again: say the --region that it had"})
		}
	}
	return nil
}

// versioned holds that a resource counts its versions: without a number no change of it ever finds it as it was read. It gets one
// that no client has seen an ETag of.
func (j *judgement) versioned() {
	if j.item.number(attrVersion) > 0 {
		return
	}
	j.find(FoundVersion, "it has no version", "give it one that it never had", func(tx *transaction) {
		tx.step(j.item.key()).update.set(attrVersion, num(j.check.table.now().UnixMilli()))
	})
}

// isCustomer tells whether a customer list can have a contact.
func (j *judgement) isCustomer(id contact.ID) bool {
	if id.Kind() == contact.Part || j.at(contactKey(j.place.org, id)) == nil {
		return false
	}
	return id.Kind() == contact.Placeholder || j.at(roleKey(roleCustomer)(Owner{Org: j.place.org, Contact: id})) != nil
}
