package references

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// identityPaths returns the paths of the professional identities in a list of references.
func identityPaths(list any) (paths []string) {
	all, _ := list.([]any)
	for _, r := range all {
		ref := r.(object)
		paths = append(paths, fmt.Sprintf("/individual/%s/professional-identities/%s", ref["contact_id"], ref["professional_identity_id"]))
	}
	return paths
}

// isLiving reports whether a contact is not deleted.
func isLiving(w harness.Workload, contact string) bool {
	return w.Get(contact).Want(200).Object()["deleted"] == false
}

// wantConsistent requires each reference of a living contact to have a target, and organizations and locations to show their identities as
// they are.
func wantConsistent(w harness.Workload) {
	active, members := map[string]bool{}, map[string]float64{}
	number := map[string]int{}
	for _, person := range w.People {
		living := isLiving(w, person)
		for _, identity := range w.Get(person + "/professional-identities").Page().Items {
			firm := "/organization/" + identity["organization_contact"].(string)
			active[identity["id"].(string)] = living && identity["is_active"] == true
			number[firm]++
			for _, field := range []string{"department", "location"} {
				places, _ := identity[field+"s"].([]any)
				for _, p := range places {
					place := fmt.Sprintf("%s/%ss/%s", firm, field, p.(object)[field+"_id"])
					if living {
						w.Get(place).Want(200)
					}
					if active[identity["id"].(string)] {
						members[place]++
					}
				}
			}
		}
	}
	for _, firm := range w.Firms {
		ids, entries := w.Representatives(firm)
		if len(ids) != number[firm] {
			w.T.Errorf("%s has %d representatives, want %d", firm, len(ids), number[firm])
		}
		for id, entry := range entries {
			if entry["is_active"] != active[id] {
				w.T.Errorf("%s has the representative %v; its identity is active: %v", firm, entry, active[id])
			}
		}
		held := append(identityPaths(w.Get(firm).Object()["founders"]), identityPaths(w.Get(firm).Object()["leaders"])...)
		for _, location := range w.Get(firm + "/locations").Page().Items {
			if path := firm + "/locations/" + location["id"].(string); location["member_count"] != members[path] {
				w.T.Errorf("%s has %v members, want %v", path, location["member_count"], members[path])
			}
			held = append(held, identityPaths(location["leaders"])...)
		}
		if isLiving(w, firm) {
			for _, identity := range held {
				w.Get(identity).Want(200)
			}
		}
	}
	for _, owner := range slices.Concat(w.People, w.Firms) {
		role := w.Get(owner + "/roles/customer").Want(200).Object()
		manager, managed := role["managed_by"].(object)
		if managed && isLiving(w, owner) {
			w.Get(identityPaths([]any{manager})[0]).Want(200)
			payer := role["alternative_payer"].(object)["id"]
			kind := "/organization/"
			if slices.Contains(w.People, fmt.Sprint("/individual/", payer)) {
				kind = "/individual/"
			}
			if !isLiving(w, "/individual/"+manager["contact_id"].(string)) || !isLiving(w, kind+payer.(string)) {
				w.T.Errorf("the customer role of %s names a deleted contact: %v", owner, role)
			}
		}
	}
}

// deleteAll removes all references and then deletes everything.
func deleteAll(w harness.Workload) {
	free := func(owner, path string, body object) {
		if a := w.Get(path); a.Status == 200 && isLiving(w, owner) {
			w.Do("PUT", path, body).Want(200)
		}
	}
	for _, owner := range slices.Concat(w.People, w.Firms) {
		free(owner, owner+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", owner))
	}
	parts := slices.Concat(w.Identities, w.Locations, w.Departments)
	for _, path := range slices.Concat(w.Firms, parts) {
		owner := strings.Join(strings.Split(path, "/")[:3], "/")
		if strings.Contains(path, "/professional-identities/") {
			free(owner, path, object{"is_active": false})
		} else {
			free(owner, path, object{"name": "A"})
		}
	}
	for _, path := range slices.Concat(parts, w.People, w.Firms) {
		if owner := strings.Join(strings.Split(path, "/")[:3], "/"); isLiving(w, owner) && w.Get(path).Status == 200 {
			if a := w.Do("DELETE", path, nil); a.Status != 204 {
				w.T.Errorf("%s = %d %s", a.What, a.Status, a.Body)
			}
		}
	}
}

func TestReferencesAreConsistentAfterManyConcurrentChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		w := harness.NewWorkload(t)
		for round := range uint64(2) {
			for _, a := range harness.Concurrently(t, 60, func(i int) (*harness.Answer, error) {
				return w.TryDo(w.Change(rand.New(rand.NewPCG(seed, round<<32|uint64(i)))))
			}) {
				if !slices.Contains([]int{200, 204, 404, 422}, a.Status) {
					t.Errorf("%s = %d %s because of %s", a.What, a.Status, a.Body, a.Log().Cause)
				}
			}
			wantConsistent(w)
			w.IsSound()
		}
		deleteAll(w)
		w.IsSound()
	}
}
