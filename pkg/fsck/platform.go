package fsck

import (
	"context"
	"fmt"

	"contacts/pkg/accounts"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Checks of the platform's own records, which only a check of all organizations includes.

// checkPlatform checks that a record of the platform is complete.
func (c *itemCheck) checkPlatform() {
	key := c.item.Key()
	switch {
	case key.PK == keys.Organizations():
		c.checkAttribute("region", c.item.String("region") != "", "infer it from the telephone numbers of its contacts, and set the attribute")
	case key.PK == keys.Applications():
		c.checkAttribute("secret", len(c.item.Bytes("secret")) > 0, "run contacts app rotate")
		for _, org := range c.item.Strings("orgs") {
			c.checkOrganization(org, "run contacts org create to create it again, or contacts app revoke to revoke the access")
		}
	case key.PK == keys.Users():
		c.checkAttribute("password", c.item.String("password") != "", "run contacts user password")
		if c.checkAttribute("org", c.item.String("org") != "", "delete the record, then run contacts user create") {
			c.checkOrganization(c.item.String("org"), "run contacts org create to create it again, or contacts user delete")
		}
		c.checkUserName()
	case key.PK == keys.UserNames():
		user := c.get(keys.User(c.item.String(accounts.AttrUserName)))
		if user == nil || keys.UserName(user.Number("number")) != key {
			c.reportRemoval(FoundOrphan, "its user does not exist")
		}
	case key.PK == keys.SigningKeys():
		const advice = "run contacts key rotate; delete this record a day later, when no token of it is valid"
		for _, part := range []string{"public", "cursor"} {
			c.checkAttribute(part, len(c.item.Bytes(part)) > 0, advice)
		}
		c.checkAttribute("kid", c.item.String("kid") != "", advice)
		c.checkAttribute("generation", keys.SigningKey(int(c.item.Number("generation"))) == key, advice)
	}
}

// checkUserName checks that a user is found by its number.
func (c *itemCheck) checkUserName() {
	name, of := c.item.Key().SK, keys.UserName(c.item.Number("number"))
	if found := c.get(of); found.String(accounts.AttrUserName) != name {
		c.report(FoundPlatform, "its number does not lead to it", "let it lead there", func(tx *dynamo.Tx) {
			tx.Update(of).Set(accounts.AttrUserName, dynamo.String(name))
		})
	}
}

// checkExpiry checks that a record of the platform that is valid for a time expires.
func (c *itemCheck) checkExpiry() {
	if !c.item.IsNumber(dynamo.AttrExpires) {
		c.reportRemoval(FoundPlatform, "it never expires")
	}
}

// checkSession checks that a session expires, and that its user exists.
func (c *itemCheck) checkSession() {
	if c.collecting {
		return
	}
	there, err := c.check.hasUser(c.ctx, c.item.Key().PK)
	c.keepError(err)
	if !there {
		c.reportRemoval(FoundOrphan, "its user does not exist")
		return
	}
	c.checkExpiry()
}

// hasUser reports whether a user's sessions lie in a partition. It reads all users at first, and again for a partition that it doesn't
// know: the user may be new.
func (c *Check) hasUser(ctx context.Context, sessions string) (bool, error) {
	c.usersMu.Lock()
	defer c.usersMu.Unlock()
	if c.users[sessions] {
		return true, nil
	}
	c.users = map[string]bool{}
	err := c.store.Query(keys.Users()).Project("sk").Read(ctx, 0, func(i dynamo.Item) { c.users[keys.Sessions(i.String("sk"))] = true })
	return c.users[sessions], err
}

// checkAttribute reports a missing or invalid attribute, and returns valid.
func (c *itemCheck) checkAttribute(attribute string, valid bool, advice string) bool {
	if !valid {
		c.reportManual(FoundPlatform, "its "+attribute+" is missing or invalid", advice)
	}
	return valid
}

// checkOrganization checks that an organization that the record names exists.
func (c *itemCheck) checkOrganization(org, advice string) {
	if c.get(keys.Organization(org)) == nil {
		c.reportManual(FoundPlatform, fmt.Sprintf("it names organization %s, which does not exist", org), advice)
	}
}

// checkOrganizations checks that each tenant with records has an organization.
func (c *Check) checkOrganizations(ctx context.Context) error {
	for org := range c.tenants {
		there, err := c.store.Exists(ctx, keys.Organization(org))
		if err != nil {
			return err
		}
		if key := keys.Organization(org); !there {
			c.Report(Finding{Kind: FoundPlatform, Org: org, Key: key.PK + " " + key.SK, Detail: "the organization has records but does not exist",
				Repair: "run contacts org create " + org + " with its former --region"})
		}
	}
	return nil
}

// checkVersion checks that a resource has a version, without which every change of it conflicts. A repair sets one that no client has
// an ETag of.
func (c *itemCheck) checkVersion() {
	if c.item.Number(dynamo.AttrVersion) > 0 {
		return
	}
	c.report(FoundVersion, "it has no version", "set one that it never had", func(tx *dynamo.Tx) {
		tx.Update(c.item.Key()).Set(dynamo.AttrVersion, dynamo.Number(c.check.now().UnixMilli()))
	})
}

// isCustomer reports whether a contact may be in a customer list.
func (c *itemCheck) isCustomer(id contact.ID) bool {
	if id.Kind() == contact.Part || c.get(keys.Contact(c.key.Org, id)) == nil {
		return false
	}
	return id.Kind() == contact.Placeholder || c.get(keys.Role(contact.Owner{Org: c.key.Org, Contact: id}, keys.RoleCustomer)) != nil
}
