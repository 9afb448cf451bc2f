package harness

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A Workload is a set of contacts that refer to each other in every way.
type Workload struct {
	*Tenant
	People, Firms, Identities, Departments, Locations []string
}

func NewWorkload(t *testing.T) Workload {
	w := Workload{Tenant: NewTenant(t)}
	for i := range 2 {
		firm := w.CreateOrganization(fmt.Sprint("F", i))
		w.Firms = append(w.Firms, firm)
		w.Departments = append(w.Departments, w.CreateMany(2, firm+"/departments", DepartmentSample)...)
		w.Locations = append(w.Locations, w.CreateMany(2, firm+"/locations", LocationSample)...)
	}
	for i := range 3 {
		person := w.CreateIndividual(fmt.Sprint("P", i))
		w.People = append(w.People, person)
		for _, firm := range w.Firms {
			w.Identities = append(w.Identities, w.CreateMany(2, person+"/professional-identities", Object{"organization_contact": LastSegment(firm), "is_active": i == 0})...)
		}
	}
	for _, owner := range slices.Concat(w.People, w.Firms) {
		w.Do("PUT", owner+"/roles/customer", With(CustomerMinimal, "customer_id", owner)).Want(200)
	}
	return w
}

// Change returns a random change.
func (w Workload) Change(r *rand.Rand) (method, path string, body any) {
	one := func(paths []string) string { return paths[r.IntN(len(paths))] }
	some := func(ref func(string) Object, paths []string) []any {
		return ReferencesTo(ref, slices.DeleteFunc(slices.Clone(paths), func(string) bool { return r.IntN(3) > 0 }))
	}
	switch n := r.IntN(40); {
	case n < 16:
		identity := r.IntN(len(w.Identities))
		at := identity / 2 % 2 * 2 // where the places of its firm begin
		return "PUT", w.Identities[identity], Object{"is_active": r.IntN(2) == 0, "departments": some(DepartmentRef, w.Departments[at:at+2]),
			"locations": some(LocationRef, w.Locations[at:at+2])}
	case n < 22:
		return "PUT", one(w.Firms), Object{"name": "A", "founders": some(IdentityRef, w.Identities), "leaders": some(IdentityRef, w.Identities)}
	case n < 26:
		return "PUT", one(w.Locations), Object{"name": "A", "leaders": some(IdentityRef, w.Identities)}
	case n < 32:
		owner, payer := one(slices.Concat(w.People, w.Firms)), one(slices.Concat(w.People, w.Firms))
		return "PUT", owner + "/roles/customer", With(CustomerMinimal, "customer_id", owner, "managed_by", IdentityRef(one(w.Identities)),
			"alternative_payer", Object{"id": LastSegment(payer)})
	case n < 36:
		return "DELETE", one(slices.Concat(w.Departments, w.Locations)), nil
	case n < 38:
		return "DELETE", one(w.Identities), nil
	}
	return "DELETE", one(slices.Concat(w.People, w.Firms)), nil
}
