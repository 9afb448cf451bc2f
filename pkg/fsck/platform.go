package fsck

import (
	"context"
	"fmt"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// The rules of the platform's own records, which a check of all organizations looks at.

// checkPlatform holds that a record of the platform has what it is read for.
func (j *judgement) checkPlatform() {
	key := j.item.Key()
	switch {
	case key.PK == keys.Organizations():
		j.has("region", j.item.String("region") != "", "find out which it was, from the telephone numbers of its contacts, and set the attribute")
	case key.PK == keys.Applications():
		j.has("secret", len(j.item.Bytes("secret")) > 0, "contacts app rotate gives it another")
		for _, org := range j.item.Strings("orgs") {
			j.names(org, "contacts org add makes it again, or contacts app revoke takes the application its access")
		}
	case key.PK == keys.Users():
		j.has("password", j.item.String("password") != "", "contacts user password gives it another")
		if j.has("org", j.item.String("org") != "", "remove the record, and make the user again: contacts user create") {
			j.names(j.item.String("org"), "contacts org add makes it again, or contacts user disable locks the user out")
		}
	case key.PK == keys.SigningKeys():
		const advice = "contacts key rotate makes the next one; remove this record when no token of it is valid any more, a day later"
		for _, part := range []string{"public", "cursor"} {
			j.has(part, len(j.item.Bytes(part)) > 0, advice)
		}
		j.has("kid", j.item.String("kid") != "", advice)
		j.has("generation", keys.SigningKey(int(j.item.Number("generation"))) == key, advice)
	case key.SK == keys.FailedLogins().SK, key.SK == keys.Session("").SK:
		if !j.item.IsNumber(dynamo.AttrExpires) {
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
	if j.at(keys.Organization(org)) == nil {
		j.byHand(FoundPlatform, fmt.Sprintf("it names organization %s, which is not there", org), advice)
	}
}

// neighboursOfPlatform are the organizations that a record of the platform names.
func neighboursOfPlatform(i dynamo.Item) (others []dynamo.Key) {
	switch i.String("pk") {
	case keys.Applications():
		for _, org := range i.Strings("orgs") {
			others = append(others, keys.Organization(org))
		}
	case keys.Users():
		if org := i.String("org"); org != "" {
			others = append(others, keys.Organization(org))
		}
	}
	return others
}

// organizations holds that there is an organization for each tenant of which something was seen.
func (c *Check) organizations(ctx context.Context) error {
	for org := range c.tenants {
		there, err := c.store.Exists(ctx, keys.Organization(org))
		if err != nil {
			return err
		}
		if key := keys.Organization(org); !there {
			c.Told(Finding{Kind: FoundPlatform, Org: org, Key: key.PK + " " + key.SK, Detail: "there are records of the organization, and it is not there",
				Repair: "contacts org add " + org + " makes it again: say the --region that it had"})
		}
	}
	return nil
}

// versioned holds that a resource counts its versions: without a number no change of it ever finds it as it was read. It gets one
// that no client has seen an ETag of.
func (j *judgement) versioned() {
	if j.item.Number(dynamo.AttrVersion) > 0 {
		return
	}
	j.find(FoundVersion, "it has no version", "give it one that it never had", func(tx *dynamo.Tx) {
		tx.Update(j.item.Key()).Set(dynamo.AttrVersion, dynamo.Number(j.check.now().UnixMilli()))
	})
}

// isCustomer tells whether a customer list can have a contact.
func (j *judgement) isCustomer(id contact.ID) bool {
	if id.Kind() == contact.Part || j.at(keys.Contact(j.key.Org, id)) == nil {
		return false
	}
	return id.Kind() == contact.Placeholder || j.at(keys.Role(contact.Owner{Org: j.key.Org, Contact: id}, keys.RoleCustomer)) != nil
}
