package references

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestAReferenceAndTheDeletionOfItsTargetNeverBothSucceed(t *testing.T) {
	t.Parallel()
	for name, newLink := range links {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 5 {
				x := harness.NewTenant(t)
				b := newLink(x)
				x.Do("PUT", b.at, b.free).Want(200)
				answers := harness.Concurrently(t, 2, func(i int) (*harness.Answer, error) {
					if i == 0 {
						return x.TryDo("PUT", b.at, b.bound)
					}
					return x.TryDo("DELETE", b.target, nil)
				})
				if put, deleted := answers[0], answers[1]; put.Status == 200 {
					deleted.Problem(422)
					wantInUse(x, b.target, b.named)
					x.Do("PUT", b.at, b.free).Want(200)
					x.Do("DELETE", b.target, nil).Want(204)
				} else {
					put.Problem(422)
					deleted.Want(204)
					if a := x.Get(b.target); a.Status != 404 && a.Object()["deleted"] != true {
						t.Errorf("deleted, it is %s", a.Body)
					}
				}
			}
		})
	}
}

// Concurrent removals and additions keep the count of references right: without references, the target can be deleted.
func TestConcurrentAdditionsAndRemovalsOfReferencesAddUp(t *testing.T) {
	t.Parallel()
	for name, newLink := range links {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			b := newLink(x)
			x.Do("PUT", b.at, b.free).Want(200)
			for _, a := range harness.Concurrently(t, 12, func(i int) (*harness.Answer, error) {
				if i%2 == 0 {
					return x.TryDo("PUT", b.at, b.bound)
				}
				return x.TryDo("PUT", b.at, b.free)
			}) {
				a.Want(200)
			}
			x.Do("PUT", b.at, b.bound).Want(200)
			wantInUse(x, b.target, b.named)
			x.Do("PUT", b.at, b.free).Want(200)
			x.Do("DELETE", b.target, nil).Want(204)
		})
	}
}

func TestRemovingAReferenceDuringTheDeletionOfItsTargetSucceeds(t *testing.T) {
	t.Parallel()
	for name, newLink := range links {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 3 {
				x := harness.NewTenant(t)
				b := newLink(x)
				x.Do("PUT", b.at, b.bound).Want(200)
				for i, a := range harness.Concurrently(t, 12, func(i int) (*harness.Answer, error) {
					if i%2 == 0 {
						return x.TryDo("PUT", b.at, b.free)
					}
					return x.TryDo("DELETE", b.target, nil)
				}) {
					switch {
					case i%2 == 0:
						a.Want(200)
					case a.Status == 422, a.Status == 404: // still referred to, or gone already
						a.Problem(a.Status)
					default:
						a.Want(204)
					}
				}
			}
		})
	}
}

func TestThirtyConcurrentIdentitiesAreAllCounted(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm := x.CreateOrganization("ACME")
	location, department := x.Create(firm+"/locations", harness.LocationSample), x.Create(firm+"/departments", harness.DepartmentSample)
	body := func(active bool) object {
		return object{"organization_contact": harness.LastSegment(firm), "is_active": active, "locations": []any{harness.LocationRef(location)},
			"departments": []any{harness.DepartmentRef(department)}}
	}
	paths := make([]string, 30)
	for i := range paths {
		paths[i] = x.CreateIndividual(fmt.Sprint(i))
	}
	at := func(what string, active int) {
		t.Helper()
		ids, entries := x.Representatives(firm)
		n := 0
		for _, entry := range entries {
			if entry["is_active"] == true {
				n++
			}
		}
		if got := x.MemberCount(location); got != float64(active) || n != active || what != "deleted" && len(ids) != 30 {
			t.Errorf("%s: %d representatives, %d of them active, and %v members; want 30, %d and %d", what, len(ids), n, got, active, active)
		}
	}
	for i, a := range harness.Concurrently(t, 30, func(i int) (*harness.Answer, error) {
		return x.TryDo("POST", paths[i]+"/professional-identities", body(true))
	}) {
		paths[i] += "/professional-identities/" + a.Want(201).Text("id")
	}
	at("made", 30)
	// Each gets the same value twice concurrently, half of them inactive.
	for _, a := range harness.Concurrently(t, 60, func(i int) (*harness.Answer, error) { return x.TryDo("PUT", paths[i/2], body(i/2%2 == 0)) }) {
		a.Want(200)
	}
	at("half of them stopped", 15)
	for _, a := range harness.Concurrently(t, 30, func(i int) (*harness.Answer, error) {
		if i%3 == 0 {
			return x.TryDo("DELETE", "/individual/"+harness.OwnerID(paths[i]), nil)
		}
		return x.TryDo("DELETE", paths[i], nil)
	}) {
		a.Want(204)
	}
	at("deleted", 0)
	if ids, _ := x.Representatives(firm); len(ids) != 10 {
		t.Errorf("%d representatives, want the 10 of deleted individuals", len(ids))
	}
	for _, path := range []string{location, department, firm} {
		x.Do("DELETE", path, nil).Want(204)
	}
}

func TestConcurrentChangesOfAnOrganizationAndItsRepresentativesLoseNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	location := x.Create(firm+"/locations", harness.LocationSample)
	leader := harness.IdentityRef(x.CreateIdentity(person, firm))
	names := map[string]bool{}
	for _, a := range harness.Concurrently(t, 40, func(i int) (*harness.Answer, error) {
		changed := object{"name": fmt.Sprint(i), "leaders": []any{leader}, "representatives": []any{}, "member_count": 0}
		switch i % 4 {
		case 0:
			return x.TryDo("PUT", firm, harness.With(changed, "member_count", nil))
		case 1:
			return x.TryDo("PUT", location, harness.With(changed, "representatives", nil))
		}
		return x.TryDo("POST", person+"/professional-identities", object{"organization_contact": harness.LastSegment(firm), "is_active": true,
			"locations": []any{harness.LocationRef(location)}})
	}) {
		if a.Status == 200 {
			names[a.Text("name")] = true
			continue
		}
		a.Want(201)
	}
	ids, _ := x.Representatives(firm)
	if len(ids) != 21 || x.MemberCount(location) != 20 {
		t.Errorf("%d representatives and %v members, want 21 and 20", len(ids), x.MemberCount(location))
	}
	for _, path := range []string{firm, location} {
		if got := x.Get(path).Object(); !names[got["name"].(string)] || fmt.Sprint(got["leaders"]) != fmt.Sprint([]any{leader}) {
			t.Errorf("%v is none of those that were put", got)
		}
	}
}

func TestNothingIsLeftOfAnIdentityThatIsDeletedDuringChangesOfItsChannels(t *testing.T) {
	t.Parallel()
	changed := func(address string) object {
		return harness.With(harness.EmailSample, "address", address+"@example.com")
	}
	for name, request := range map[string]func(x *harness.Tenant, path, email string) (*harness.Answer, error){
		"made": func(x *harness.Tenant, path, _ string) (*harness.Answer, error) {
			return x.TryDo("POST", path+"/emails", changed("second"))
		},
		"replaced": func(x *harness.Tenant, _, email string) (*harness.Answer, error) {
			return x.TryDo("PUT", email, changed("second"))
		},
		"deleted": func(x *harness.Tenant, _, email string) (*harness.Answer, error) {
			return x.TryDo("DELETE", email, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 12 {
				x := harness.NewTenant(t)
				path := x.CreateIdentity(x.CreateIndividual("Erika"), x.CreateOrganization("ACME"))
				emails := x.CreateMany(8, path+"/emails", changed("first"))
				for i, a := range harness.Concurrently(t, 9, func(i int) (*harness.Answer, error) {
					if i == 8 {
						return x.TryDo("DELETE", path, nil)
					}
					return request(x, path, emails[i])
				}) {
					if i == 8 || a.Status == 204 {
						a.Want(204)
					} else if a.Status != 200 && a.Status != 201 {
						a.Problem(404)
					}
				}
				x.Get(path + "/emails").Problem(404)
				for _, email := range emails {
					x.Get(email).Problem(404)
				}
				for _, address := range []string{"first", "second"} {
					if got := x.Lookup("email", address+"@example.com").Items; len(got) != 0 {
						t.Fatalf("the look-up finds %v by the %s address of an email that is gone", got, address)
					}
				}
			}
		})
	}
}

// A change of a part is concurrent with the deletion of its contact. If both succeed, the change came first, and the deletion frees its
// values and references.
func TestADeletedContactKeepsNoValueOfAConcurrentChange(t *testing.T) {
	t.Parallel()
	for name, setUp := range map[string]func(x *harness.Tenant) (doomed, at string, change object, targets []string){
		"an identity becomes active": func(x *harness.Tenant) (string, string, object, []string) {
			person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
			return person, x.CreateIdentity(person, firm, "is_active", false), object{"is_active": true}, []string{firm}
		},
		"an identity is in a department": func(x *harness.Tenant) (string, string, object, []string) {
			person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
			department := x.Create(firm+"/departments", harness.DepartmentSample)
			return person, x.CreateIdentity(person, firm, "is_active", false),
				object{"is_active": false, "departments": []any{harness.DepartmentRef(department)}}, []string{department, firm}
		},
		"an identity moves": func(x *harness.Tenant) (string, string, object, []string) {
			person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
			from, to := x.Create(firm+"/locations", harness.LocationSample), x.Create(firm+"/locations", harness.LocationSample)
			return person, x.CreateIdentity(person, firm, "locations", []any{harness.LocationRef(from)}),
				object{"is_active": true, "locations": []any{harness.LocationRef(to)}}, []string{from, to, firm}
		},
		"a location gets a leader": func(x *harness.Tenant) (string, string, object, []string) {
			firm, leader := x.CreateOrganization("ACME"), x.CreateIdentity(x.CreateIndividual("Erika"), x.CreateOrganization("Other"))
			return firm, x.Create(firm+"/locations", harness.LocationSample), object{"name": "A", "leaders": []any{harness.IdentityRef(leader)}}, []string{leader}
		},
		"an organization gets a founder": func(x *harness.Tenant) (string, string, object, []string) {
			firm, founder := x.CreateOrganization("ACME"), x.CreateIdentity(x.CreateIndividual("Erika"), x.CreateOrganization("Other"))
			return firm, firm, object{"name": "A", "founders": []any{harness.IdentityRef(founder)}}, []string{founder}
		},
		"a supplier gets a manager": func(x *harness.Tenant) (string, string, object, []string) {
			firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
			manager := x.CreateIdentity(person, x.CreateOrganization("Other"))
			x.Do("PUT", firm+"/roles/supplier", harness.SupplierMinimal).Want(200)
			return firm, firm + "/roles/supplier", harness.With(harness.SupplierMinimal, "managed_by", harness.IdentityRef(manager)), []string{manager, person}
		},
		"a customer pays for itself": func(x *harness.Tenant) (string, string, object, []string) {
			firm := x.CreateOrganization("ACME")
			x.Do("PUT", firm+"/roles/customer", harness.CustomerMinimal).Want(200)
			return firm, firm + "/roles/customer", harness.With(harness.CustomerMinimal, "alternative_payer", object{"id": harness.LastSegment(firm)}), nil
		},
		"an identity is made": func(x *harness.Tenant) (string, string, object, []string) {
			person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
			location := x.Create(firm+"/locations", harness.LocationSample)
			return person, person + "/professional-identities", object{"organization_contact": harness.LastSegment(firm), "is_active": true,
				"locations": []any{harness.LocationRef(location)}}, []string{location, firm}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				x := harness.NewTenant(t)
				doomed, at, change, targets := setUp(x)
				method := "PUT"
				if strings.HasSuffix(at, "/professional-identities") {
					method = "POST"
				}
				answers := harness.Concurrently(t, 2, func(i int) (*harness.Answer, error) {
					if i == 0 {
						return x.TryDo(method, at, change)
					}
					return x.TryDo("DELETE", doomed, nil)
				})
				if changed := answers[0]; changed.Status != 200 && changed.Status != 201 {
					changed.Problem(422)
				}
				answers[1].Want(204)
				for _, target := range targets {
					if strings.Contains(target, "/locations/") && x.MemberCount(target) != 0 {
						t.Errorf("the change was answered %d; %v members are left", answers[0].Status, x.MemberCount(target))
					}
					if a := x.Do("DELETE", target, nil); a.Status != 204 {
						t.Fatalf("the change was answered %d; then %s = %d %s", answers[0].Status, a.What, a.Status, a.Body)
					}
				}
			}
		})
	}
}

func TestDeletionsOfOneContactInManyStepsCountOnce(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	departments, location := x.CreateMany(4, firm+"/departments", harness.DepartmentSample), x.Create(firm+"/locations", harness.LocationSample)
	body := object{"organization_contact": harness.LastSegment(firm), "is_active": true, "departments": harness.ReferencesTo(harness.DepartmentRef, departments),
		"locations": []any{harness.LocationRef(location)}}
	x.CreateMany(20, person+"/professional-identities", body)
	other := x.Create(x.CreateIndividual("Max")+"/professional-identities", body)
	for _, a := range harness.Concurrently(t, 8, func(int) (*harness.Answer, error) { return x.TryDo("DELETE", person, nil) }) {
		a.Want(204)
	}
	if got := x.MemberCount(location); got != 1 {
		t.Errorf("%v members, want the one that is left", got)
	}
	for _, path := range append(departments, location, firm) {
		wantInUse(x, path, other)
	}
	x.Do("DELETE", other, nil).Want(204)
	for _, path := range append(departments, location, firm) {
		x.Do("DELETE", path, nil).Want(204)
	}
}

func TestAnOrganizationIsDeletedOrRepresented(t *testing.T) {
	t.Parallel()
	for range 5 {
		x := harness.NewTenant(t)
		firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
		answers := harness.Concurrently(t, 9, func(i int) (*harness.Answer, error) {
			if i == 4 {
				return x.TryDo("DELETE", firm, nil)
			}
			return x.TryDo("POST", person+"/professional-identities", object{"organization_contact": harness.LastSegment(firm), "is_active": true})
		})
		want := map[int]int{201: 8, 422: 1}
		if answers[4].Status == 204 {
			want = map[int]int{204: 1, 422: 8}
		}
		ids, _ := x.Representatives(firm)
		if got := harness.CountStatuses(answers); !maps.Equal(got, want) || len(ids) != want[201] {
			t.Errorf("statuses %v and %d representatives, want %v", got, len(ids), want)
		}
	}
}
