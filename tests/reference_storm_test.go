package tests

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A world is some contacts that refer to each other in every way.
type world struct {
	*tenant
	people, firms, identities, departments, locations []string
}

func newWorld(t *testing.T) world {
	w := world{tenant: newTenant(t)}
	for i := range 2 {
		firm := w.firm(fmt.Sprint("F", i))
		w.firms = append(w.firms, firm)
		w.departments = append(w.departments, w.many(2, firm+"/departments", departmentSample)...)
		w.locations = append(w.locations, w.many(2, firm+"/locations", locationSample)...)
	}
	for i := range 3 {
		person := w.individual(fmt.Sprint("P", i))
		w.people = append(w.people, person)
		for _, firm := range w.firms {
			w.identities = append(w.identities, w.many(2, person+"/professional-identities", object{"organization_contact": tail(firm), "is_active": i == 0})...)
		}
	}
	for _, owner := range slices.Concat(w.people, w.firms) {
		w.do("PUT", owner+"/roles/customer", with(customerMinimal, "customer_id", owner)).want(200)
	}
	return w
}

// change is some change of something.
func (w world) change(r *rand.Rand) (method, path string, body any) {
	one := func(paths []string) string { return paths[r.IntN(len(paths))] }
	some := func(ref func(string) object, paths []string) []any {
		return refs(ref, slices.DeleteFunc(slices.Clone(paths), func(string) bool { return r.IntN(3) > 0 }))
	}
	switch n := r.IntN(40); {
	case n < 16:
		identity := r.IntN(len(w.identities))
		at := identity / 2 % 2 * 2 // where the places of its firm begin
		return "PUT", w.identities[identity], object{"is_active": r.IntN(2) == 0, "departments": some(departmentRef, w.departments[at:at+2]),
			"locations": some(locationRef, w.locations[at:at+2])}
	case n < 22:
		return "PUT", one(w.firms), object{"name": "A", "founders": some(identityRef, w.identities), "leaders": some(identityRef, w.identities)}
	case n < 26:
		return "PUT", one(w.locations), object{"name": "A", "leaders": some(identityRef, w.identities)}
	case n < 32:
		owner, payer := one(slices.Concat(w.people, w.firms)), one(slices.Concat(w.people, w.firms))
		return "PUT", owner + "/roles/customer", with(customerMinimal, "customer_id", owner, "managed_by", identityRef(one(w.identities)),
			"alternative_payer", object{"id": tail(payer)})
	case n < 36:
		return "DELETE", one(slices.Concat(w.departments, w.locations)), nil
	case n < 38:
		return "DELETE", one(w.identities), nil
	}
	return "DELETE", one(slices.Concat(w.people, w.firms)), nil
}

// named are the paths of the professional identities that a list of references names.
func named(list any) (paths []string) {
	all, _ := list.([]any)
	for _, r := range all {
		ref := r.(object)
		paths = append(paths, fmt.Sprintf("/individual/%s/professional-identities/%s", ref["contact_id"], ref["professional_identity_id"]))
	}
	return paths
}

// living tells whether a contact is not deleted.
func (w world) living(contact string) bool {
	return w.get(contact).want(200).object()["deleted"] == false
}

// check holds that what is shown adds up: each reference of a living contact leads to what is there, and what
// organizations and locations show of identities is what the identities are.
func (w world) check() {
	active, members := map[string]bool{}, map[string]float64{}
	number := map[string]int{}
	for _, person := range w.people {
		living := w.living(person)
		for _, identity := range w.get(person + "/professional-identities").page().Items {
			firm := "/organization/" + identity["organization_contact"].(string)
			active[identity["id"].(string)] = living && identity["is_active"] == true
			number[firm]++
			for _, field := range []string{"department", "location"} {
				places, _ := identity[field+"s"].([]any)
				for _, p := range places {
					place := fmt.Sprintf("%s/%ss/%s", firm, field, p.(object)[field+"_id"])
					if living {
						w.get(place).want(200)
					}
					if active[identity["id"].(string)] {
						members[place]++
					}
				}
			}
		}
	}
	for _, firm := range w.firms {
		ids, entries := w.representatives(firm)
		if len(ids) != number[firm] {
			w.t.Errorf("%s has %d representatives, want %d", firm, len(ids), number[firm])
		}
		for id, entry := range entries {
			if entry["is_active"] != active[id] {
				w.t.Errorf("%s has the representative %v; its identity is active: %v", firm, entry, active[id])
			}
		}
		held := append(named(w.get(firm).object()["founders"]), named(w.get(firm).object()["leaders"])...)
		for _, location := range w.get(firm + "/locations").page().Items {
			if path := firm + "/locations/" + location["id"].(string); location["member_count"] != members[path] {
				w.t.Errorf("%s has %v members, want %v", path, location["member_count"], members[path])
			}
			held = append(held, named(location["leaders"])...)
		}
		if w.living(firm) {
			for _, identity := range held {
				w.get(identity).want(200)
			}
		}
	}
	for _, owner := range slices.Concat(w.people, w.firms) {
		role := w.get(owner + "/roles/customer").want(200).object()
		manager, managed := role["managed_by"].(object)
		if managed && w.living(owner) {
			w.get(named([]any{manager})[0]).want(200)
			payer := role["alternative_payer"].(object)["id"]
			kind := "/organization/"
			if slices.Contains(w.people, fmt.Sprint("/individual/", payer)) {
				kind = "/individual/"
			}
			if !w.living("/individual/"+manager["contact_id"].(string)) || !w.living(kind+payer.(string)) {
				w.t.Errorf("the customer role of %s names a deleted contact: %v", owner, role)
			}
		}
	}
}

// takeDown takes all references back, and then deletes everything.
func (w world) takeDown() {
	free := func(owner, path string, body object) {
		if a := w.get(path); a.status == 200 && w.living(owner) {
			w.do("PUT", path, body).want(200)
		}
	}
	for _, owner := range slices.Concat(w.people, w.firms) {
		free(owner, owner+"/roles/customer", with(customerMinimal, "customer_id", owner))
	}
	parts := slices.Concat(w.identities, w.locations, w.departments)
	for _, path := range slices.Concat(w.firms, parts) {
		owner := strings.Join(strings.Split(path, "/")[:3], "/")
		if strings.Contains(path, "/professional-identities/") {
			free(owner, path, object{"is_active": false})
		} else {
			free(owner, path, object{"name": "A"})
		}
	}
	for _, path := range slices.Concat(parts, w.people, w.firms) {
		if owner := strings.Join(strings.Split(path, "/")[:3], "/"); w.living(owner) && w.get(path).status == 200 {
			if a := w.do("DELETE", path, nil); a.status != 204 {
				w.t.Errorf("%s = %d %s", a.what, a.status, a.body)
			}
		}
	}
}

func TestAfterManyChangesAtOnceEverythingAddsUpAndCanBeTakenDown(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		w := newWorld(t)
		for round := range uint64(2) {
			for _, a := range together(t, 60, func(i int) (*answer, error) {
				return w.tryAs(w.change(rand.New(rand.NewPCG(seed, round<<32|uint64(i)))))
			}) {
				if !slices.Contains([]int{200, 204, 404, 422}, a.status) {
					t.Errorf("%s = %d %s because of %s", a.what, a.status, a.body, a.log().Cause)
				}
			}
			w.check()
			w.isSound()
		}
		w.takeDown()
		w.isSound()
	}
}
