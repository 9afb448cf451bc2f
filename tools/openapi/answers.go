package main

import (
	"reflect"
	"strings"

	"contacts/pkg/api"
	"contacts/pkg/contact"
	"contacts/pkg/rest"
)

// Types that the platform reads or writes in another way: answers that it puts together from stored JSON, and credentials.
type (
	// Page is a page of a list.
	Page[T any] struct {
		Items    []T                `json:"items"`
		Problems []rest.ListProblem `json:"problems"`
		Next     string             `json:"next,omitempty" maxLength:"6144"`
	}
	// HistoryEntry is a change of a contact with what was there before.
	HistoryEntry struct {
		At        string          `json:"at" format:"date-time"`
		Type      string          `json:"type" enum:"created,changed,deleted,merged,erased"`
		By        *api.ChangedBy  `json:"by,omitempty"`
		Operation string          `json:"operation,omitempty"`
		RequestID string          `json:"request_id,omitempty"`
		Changes   []HistoryChange `json:"changes"`
	}
	// HistoryChange is a part of a contact that changed.
	HistoryChange struct {
		Part       string         `json:"part" enum:"contact,address,email,phone,web_address,professional_identity,personal_relationship,department,location,membership,representative,customer,alternative_payer,supplier,tag,image,option"`
		ID         contact.ID     `json:"id,omitzero"`
		IdentityID contact.ID     `json:"identity_id,omitzero"`
		Before     map[string]any `json:"before,omitzero"`
	}
	// IndividualContactDetails is an individual contact with everything that belongs to it.
	IndividualContactDetails struct {
		IndividualContact contact.IndividualContact `json:"individual_contact"`
		Channels
		ProfessionalIdentities []ProfessionalIdentityDetails  `json:"professional_identities"`
		PersonalRelationships  []contact.PersonalRelationship `json:"personal_relationships"`
		Roles
	}
	// OrganizationContactDetails is an organization contact with everything that belongs to it.
	OrganizationContactDetails struct {
		OrganizationContact contact.OrganizationContact `json:"organization_contact"`
		Channels
		Departments []contact.Department `json:"departments"`
		Locations   []contact.Location   `json:"locations"`
		Memberships []contact.Membership `json:"memberships"`
		Roles
	}
	// ProfessionalIdentityDetails is a professional identity with its channels.
	ProfessionalIdentityDetails struct {
		ProfessionalIdentity contact.ProfessionalIdentity `json:"professional_identity"`
		Channels
	}
	// Channels are the ways to reach a contact or a professional identity.
	Channels struct {
		Addresses    []contact.Address    `json:"addresses"`
		Emails       []contact.Email      `json:"emails"`
		Phones       []contact.Phone      `json:"phones"`
		WebAddresses []contact.WebAddress `json:"web_addresses"`
	}
	// Roles are the roles that a contact has.
	Roles struct {
		CustomerRole         *contact.CustomerRole         `json:"customer_role,omitempty"`
		SupplierRole         *contact.SupplierRole         `json:"supplier_role,omitempty"`
		AlternativePayerRole *contact.AlternativePayerRole `json:"alternative_payer_role,omitempty"`
	}
	// UserCredentials are the name and the password of a user.
	UserCredentials struct {
		Username string `json:"username" maxLength:"256"`
		Password string `json:"password" format:"password" maxLength:"1024"`
	}
	// RefreshCredentials are a refresh token.
	RefreshCredentials struct {
		RefreshToken string `json:"refresh_token" maxLength:"1024"`
	}
	// ContactPage is a page of contacts in the plentymarkets dialect.
	ContactPage struct {
		Page           int                 `json:"page"`
		TotalsCount    int                 `json:"totalsCount"`
		IsLastPage     bool                `json:"isLastPage"`
		LastPageNumber int                 `json:"lastPageNumber"`
		FirstOnPage    int                 `json:"firstOnPage"`
		LastOnPage     int                 `json:"lastOnPage"`
		ItemsPerPage   int                 `json:"itemsPerPage"`
		Entries        []api.PlentyContact `json:"entries"`
	}
)

// A kind is a kind of contact: its part of operation ids, and its words.
type kind struct{ noun, one, many string }

var kinds = []kind{
	{"Individual", "an individual contact", "individual contacts"},
	{"Organization", "an organization contact", "organization contacts"},
	{"PlaceholderCustomer", "a placeholder customer", "placeholder customers"},
}

// A resource is the type of the resources in a collection, by the last segment of its path.
type resource struct {
	segment, one, many string
	item, list         reflect.Type
}

func resourceOf[T any](segment, one, many string) resource {
	return resource{segment, one, many, reflect.TypeFor[T](), reflect.TypeFor[rest.List[T]]()}
}

// resources are the collections with the five operations of pkg/api's collection.
var resources = []resource{
	resourceOf[contact.Address]("addresses", "an address", "addresses"),
	resourceOf[contact.Email]("emails", "an email address", "email addresses"),
	resourceOf[contact.Phone]("phones", "a phone number", "phone numbers"),
	resourceOf[contact.WebAddress]("web-addresses", "a web address", "web addresses"),
	resourceOf[contact.ProfessionalIdentity]("professional-identities", "a professional identity", "professional identities"),
	resourceOf[contact.PersonalRelationship]("personal-relationships", "a personal relationship", "personal relationships"),
	resourceOf[contact.Department]("departments", "a department", "departments"),
	resourceOf[contact.Location]("locations", "a location", "locations"),
	resourceOf[contact.Membership]("memberships", "a membership", "memberships"),
	resourceOf[contact.CustomerList]("customer-lists", "a customer list", "customer lists"),
	resourceOf[api.Webhook]("webhooks", "a webhook", "webhooks"),
}

// collectionOf returns the collection that a path ends in, or that the resource at the path is in.
func collectionOf(path string) (r resource, found bool) {
	segments := strings.Split(path, "/")
	last := segments[len(segments)-1]
	if strings.HasPrefix(last, "{") {
		last = segments[len(segments)-2]
	}
	for _, r := range resources {
		if r.segment == last {
			return r, true
		}
	}
	return r, false
}

// answers are the types of the answers of all other operations.
var answers = func() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	set := func(t reflect.Type, operations ...string) {
		for _, id := range operations {
			all[id] = t
		}
	}
	for _, k := range kinds {
		n := k.noun
		set(reflect.TypeFor[rest.Items[contact.Tag]](), "list"+n+"Tags")
		set(reflect.TypeFor[contact.Tag](), "add"+n+"Tag")
		set(reflect.TypeFor[rest.Items[contact.Image]](), "list"+n+"Images")
		set(reflect.TypeFor[contact.Image](), "add"+n+"Image")
		set(reflect.TypeFor[api.PresignedPost](), "create"+n+"ImageUpload")
		set(reflect.TypeFor[contact.CustomerRole](), "get"+n+"Customer", "put"+n+"Customer")
		set(reflect.TypeFor[contact.SupplierRole](), "get"+n+"Supplier", "put"+n+"Supplier")
		set(reflect.TypeFor[contact.AlternativePayerRole](), "get"+n+"AlternativePayer", "put"+n+"AlternativePayer")
		set(reflect.TypeFor[Page[HistoryEntry]](), "list"+n+"History")
		set(reflect.TypeFor[api.ResolvedDeliveryAndInvoicing](), "resolve"+n+"DeliveryAndInvoicing")
		set(reflect.TypeFor[api.IDMappingList](), "list"+n+"IDMappings", "replace"+n+"IDMappings", "merge"+n+"IDMappings")
		set(reflect.TypeFor[contact.IDMapping](), "get"+n+"IDMappingByExternal", "get"+n+"IDMappingByInternal", "find"+n+"IDByExternalID")
	}
	addContacts[contact.IndividualContact](set, "Individual")
	addContacts[contact.OrganizationContact](set, "Organization")
	addContacts[contact.PlaceholderCustomer](set, "PlaceholderCustomer")
	set(reflect.TypeFor[IndividualContactDetails](), "getIndividualDetails")
	set(reflect.TypeFor[OrganizationContactDetails](), "getOrganizationDetails")
	set(reflect.TypeFor[ProfessionalIdentityDetails](), "getProfessionalIdentityDetails")
	set(reflect.TypeFor[rest.List[ProfessionalIdentityDetails]](), "listProfessionalIdentityDetails")
	set(reflect.TypeFor[Page[contact.ContactRef]](), "listCustomerListItems")
	set(reflect.TypeFor[rest.List[contact.ContactRef]](), "addCustomerListItems")
	set(reflect.TypeFor[contact.ContactsConfiguration](), "getConfiguration", "replaceConfiguration")
	set(reflect.TypeFor[Page[api.ContactMatch]](), "lookupContacts")
	set(reflect.TypeFor[Page[api.SearchMatch]](), "searchContacts")
	set(reflect.TypeFor[api.ChangePage](), "listChanges")
	set(reflect.TypeFor[Page[api.Export]](), "listExports")
	set(reflect.TypeFor[api.Export](), "createExport", "getExport")
	set(reflect.TypeFor[api.WebhookWithSecret](), "createWebhook")
	set(reflect.TypeFor[api.WebhookSecret](), "rotateWebhookSecret")
	set(reflect.TypeFor[api.Webhook](), "replayWebhook")
	set(reflect.TypeFor[api.DeliveryRef](), "testWebhook")
	set(reflect.TypeFor[Page[api.Delivery]](), "listWebhookDeliveries")

	set(reflect.TypeFor[api.AccessToken](), "authorize")
	set(reflect.TypeFor[api.Health](), "getHealth")
	set(reflect.TypeFor[api.UserTokens](), "login", "refreshLogin")
	set(reflect.TypeFor[ContactPage](), "listContacts")
	set(reflect.TypeFor[api.PlentyContact](), "createContact", "getContact", "updateContact")
	set(reflect.TypeFor[[]api.ContactOption](), "listContactOptions", "createContactOptions", "updateContactOptions")
	set(reflect.TypeFor[api.ContactOption](), "getContactOption", "updateContactOption")
	set(reflect.TypeFor[api.SimpleRestResponse](), "validateContactOption")
	set(reflect.TypeFor[[]contact.OptionType](), "listOptionTypes", "listOptionSubTypes")
	set(reflect.TypeFor[contact.OptionType](), "createOptionType", "getOptionType", "updateOptionType",
		"createOptionSubType", "getOptionSubType", "updateOptionSubType")
	return all
}()

// addContacts adds the answers of the operations on contacts of one kind.
func addContacts[T any](set func(reflect.Type, ...string), noun string) {
	set(reflect.TypeFor[T](), "create"+noun, "get"+noun, "replace"+noun, "upsert"+noun+"ByExternalID")
	set(reflect.TypeFor[Page[T]](), "list"+noun+"s")
	set(reflect.TypeFor[rest.List[T]](), "batchUpsert"+noun+"s")
}

// credentials are the types of the bodies of operations that take a user's credentials. They ignore further fields.
var credentials = map[string]reflect.Type{"login": reflect.TypeFor[UserCredentials](), "refreshLogin": reflect.TypeFor[RefreshCredentials]()}

// answerOf returns the type of the answer of an operation, nil for none.
func answerOf(r rest.Route) reflect.Type {
	if t := answers[r.OperationID]; t != nil {
		return t
	}
	c, ok := collectionOf(r.Path)
	switch {
	case !ok || r.Method == "DELETE":
		return nil
	case r.Method == "GET" && !strings.HasSuffix(r.Path, "}"):
		return c.list
	}
	return c.item
}
