package externalids

import (
	"reflect"
	"testing"

	"contacts/tests/harness"
)

// API Gateway cuts a path at the first question mark that it decodes: an external id with one would become another.
func TestNoOperationAcceptsAnExternalIDWithAQuestionMark(t *testing.T) {
	t.Parallel()
	const external = "crm?4711"
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		path := x.CreateContact(kind, object{"external_id": "crm-1"})
		x.Do("POST", kind, object{"name": "Erika", "external_id": external}).Faults(400, "/external_id")
		x.Do("PUT", path, object{"name": "Erika", "external_id": external}).Faults(400, "/external_id")
		x.Do("PUT", upsertPath(kind, external), object{"name": "Erika"}).Faults(400, "?external_id")
		x.Do("PUT", upsertPath(kind, "crm-1"), object{"name": "Erika", "external_id": external}).Faults(400, "/external_id")
		for _, method := range []string{"PUT", "PATCH"} {
			x.Do(method, kind+"-id-mapping", harness.Mapping(path, external)).Faults(400, "/items/0/external")
		}
		p := x.Do("POST", kind+"/batch", object{"items": []object{{"name": "Erika", "external_id": external}}}).Page()
		if len(p.Items) != 0 || len(p.Problems) != 1 || p.Problems[0]["status"] != 400.0 || p.Problems[0]["index"] != 0.0 {
			t.Errorf("the batch took it: %v", p)
		}
		if got := x.Get(path).Want(200).Text("external_id"); got != "crm-1" {
			t.Errorf("the contact has the external id %q", got)
		}
	})
	x := harness.NewTenant(t)
	x.Do("POST", "/placeholder-customers", harness.With(harness.PlaceholderMinimal, "external_id", external)).Faults(400, "/external_id")
}

func TestAnyExternalIDFindsItsMapping(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		for _, external := range append([]string{"tags", "tags/1", "images", "images/1/2", "roles/customer", "roles/alternative-payer", "roles/supplier", "roles",
			"roles/customer/delivery-and-invoicing", "professional-identities", "professional-identities/full", "full", "emails", "8123"}, awkwardExternalIDs...) {
			path := x.CreateContact(kind, object{"external_id": external})
			at := kind + "/id-from-external-id/" + externalPath("", external)[len("-id-mapping/external/"):]
			a := x.Get(at).Want(200)
			if want := (object{"internal": harness.LastSegment(path), "external": external}); !reflect.DeepEqual(a.Object(), want) {
				t.Errorf("%q leads to %s, want %v", external, a.Body, want)
			}
			if got := x.Get(path).Header.Get("ETag"); got != a.Header.Get("ETag") {
				t.Errorf("%q: the ETag is %s, the contact's %s", external, a.Header.Get("ETag"), got)
			}
			x.Do("POST", at, object{}).Problem(405)
		}
		for _, unknown := range []string{"/id-from-external-id/crm-0", "/id-from-external-id/", "/id-from-external-id"} {
			x.Get(kind + unknown).Problem(404)
		}
	})
}
