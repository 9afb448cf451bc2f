package tests

import (
	"reflect"
	"testing"
)

// API Gateway cuts a path at the first question mark that it decodes: an external id that has one would be taken for another.
func TestNoWayInTakesAnExternalIDWithAQuestionMark(t *testing.T) {
	t.Parallel()
	const external = "crm?4711"
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		path := x.contactOf(kind, object{"external_id": "crm-1"})
		x.do("POST", kind, object{"name": "Erika", "external_id": external}).faults(400, "/external_id")
		x.do("PUT", path, object{"name": "Erika", "external_id": external}).faults(400, "/external_id")
		x.do("PUT", upsertPath(kind, external), object{"name": "Erika"}).faults(400, "?external_id")
		x.do("PUT", upsertPath(kind, "crm-1"), object{"name": "Erika", "external_id": external}).faults(400, "/external_id")
		for _, method := range []string{"PUT", "PATCH"} {
			x.do(method, kind+"-id-mapping", mapping(path, external)).faults(400, "/items/0/external")
		}
		p := x.do("POST", kind+"/batch", object{"items": []object{{"name": "Erika", "external_id": external}}}).page()
		if len(p.Items) != 0 || len(p.Problems) != 1 || p.Problems[0]["status"] != 400.0 || p.Problems[0]["index"] != 0.0 {
			t.Errorf("the batch took it: %v", p)
		}
		if got := x.get(path).want(200).text("external_id"); got != "crm-1" {
			t.Errorf("the contact has the external id %q", got)
		}
	})
	x := newTenant(t)
	x.do("POST", "/placeholder-customers", with(placeholderMinimal, "external_id", external)).faults(400, "/external_id")
}

func TestAnExternalIDLeadsToItsMappingWhateverItReadsLike(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		for _, external := range append([]string{"tags", "tags/1", "images", "images/1/2", "roles/customer", "roles/alternative-payer", "roles/supplier", "roles",
			"roles/customer/delivery-and-invoicing", "professional-identities", "professional-identities/full", "full", "emails", "8123"}, awkward...) {
			path := x.contactOf(kind, object{"external_id": external})
			at := kind + "/id-from-external-id/" + externalPath("", external)[len("-id-mapping/external/"):]
			a := x.get(at).want(200)
			if want := (object{"internal": tail(path), "external": external}); !reflect.DeepEqual(a.object(), want) {
				t.Errorf("%q leads to %s, want %v", external, a.body, want)
			}
			if got := x.get(path).header.Get("ETag"); got != a.header.Get("ETag") {
				t.Errorf("%q: the ETag is %s, the contact's %s", external, a.header.Get("ETag"), got)
			}
			x.do("POST", at, object{}).problem(405)
		}
		for _, unknown := range []string{"/id-from-external-id/crm-0", "/id-from-external-id/", "/id-from-external-id"} {
			x.get(kind + unknown).problem(404)
		}
	})
}
