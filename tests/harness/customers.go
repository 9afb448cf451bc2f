package harness

import (
	"testing"
)

var APIAccessDefaults = Object{"timeout_in_millis": 2000.0, "max_retries": 3.0, "retry_interval_in_millis": 250.0}

var ConfigurationSample = Object{"use_external_contact_management": true,
	"custom_workflow_config": Object{"provider_id": "string", "provide_contact_start_url": "string", "provide_contact_address_start_url": "string",
		"show_contact_details_start_url": "string"},
	"api_access_configuration": With(APIAccessDefaults, "url", "string", "credentials_key", "string")}

// NewList adds a customer list and returns its path.
func (x *Tenant) NewList() string {
	x.T.Helper()
	return "/customer-lists/" + x.Do("POST", "/customer-lists", Object{"name": "List"}).Want(201).Text("id")
}

// ListOf returns a body that names customers.
func ListOf(ids ...string) Object {
	items := make([]any, len(ids))
	for i, id := range ids {
		items[i] = Object{"id": id}
	}
	return Object{"items": items}
}

var PlaceholderMinimal = Object{"customer_id": "string", "name": "string", "is_active": true, "customer_since": "2025-03-25",
	"requires_formal_invoice": true, "track_revenue": true}

// NewPlaceholder adds a placeholder customer and returns its path.
func (x *Tenant) NewPlaceholder(customerID string) string {
	x.T.Helper()
	return "/placeholder-customers/" + x.Do("POST", "/placeholder-customers", With(PlaceholderMinimal, "customer_id", customerID)).Want(201).Text("id")
}

// RoleOwner adds a contact of a kind and returns its path below the tenant's.
func (x *Tenant) RoleOwner(kind string) string {
	x.T.Helper()
	return "/" + kind + "/" + x.Do("POST", "/"+kind, Object{"name": "Contact"}).Want(201).Text("id")
}

// NewManager adds an individual that represents an organization, and returns its path, that of its professional
// identity, and the reference to it.
func (x *Tenant) NewManager() (person, identity string, ref Object) {
	x.T.Helper()
	person = x.RoleOwner("individual")
	identity = person + "/professional-identities/" + x.Do("POST", person+"/professional-identities",
		Object{"organization_contact": LastSegment(x.RoleOwner("organization")), "is_active": true}).Want(201).Text("id")
	return person, identity, Object{"contact_id": LastSegment(person), "professional_identity_id": LastSegment(identity)}
}

// TryDo is Do for goroutines other than the test's.
func (x *Tenant) TryDo(method, path string, body any, headers ...string) (*Answer, error) {
	return x.tryAsk(method, x.Path(path), body, headers...)
}

// ForSubtest returns the tenant for a subtest: failures there fail the subtest alone.
func (x *Tenant) ForSubtest(t testing.TB) *Tenant {
	y := *x
	y.T = t
	return &y
}

var CustomerMinimal = Object{"customer_id": "c-1", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"}

var PayerMinimal = Object{"alternative_payer_id": "p-1", "is_active": true, "since": "2025-03-25"}

var SupplierMinimal = Object{"supplier_id": "s-1", "is_active": true, "supplier_since": "2025-03-25"}
