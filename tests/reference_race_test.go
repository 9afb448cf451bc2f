package tests

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestAReferenceAndTheDeletionOfItsTargetNeverBothSucceed(t *testing.T) {
	t.Parallel()
	for name, bond := range bonds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 5 {
				x := newTenant(t)
				b := bond(x)
				x.do("PUT", b.at, b.free).want(200)
				answers := together(t, 2, func(i int) (*answer, error) {
					if i == 0 {
						return x.tryAs("PUT", b.at, b.bound)
					}
					return x.tryAs("DELETE", b.target, nil)
				})
				if put, deleted := answers[0], answers[1]; put.status == 200 {
					deleted.problem(422)
					x.inUse(b.target, b.named)
					x.do("PUT", b.at, b.free).want(200)
					x.do("DELETE", b.target, nil).want(204)
				} else {
					put.problem(422)
					deleted.want(204)
					if a := x.get(b.target); a.status != 404 && a.object()["deleted"] != true {
						t.Errorf("deleted, it is %s", a.body)
					}
				}
			}
		})
	}
}

// Whoever takes a reference back and makes it again leaves the count of them right: when it is gone, its target can go.
func TestReferencesThatComeAndGoAtOnceAddUp(t *testing.T) {
	t.Parallel()
	for name, bond := range bonds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			b := bond(x)
			x.do("PUT", b.at, b.free).want(200)
			for _, a := range together(t, 12, func(i int) (*answer, error) {
				if i%2 == 0 {
					return x.tryAs("PUT", b.at, b.bound)
				}
				return x.tryAs("PUT", b.at, b.free)
			}) {
				a.want(200)
			}
			x.do("PUT", b.at, b.bound).want(200)
			x.inUse(b.target, b.named)
			x.do("PUT", b.at, b.free).want(200)
			x.do("DELETE", b.target, nil).want(204)
		})
	}
}

func TestAReferenceThatIsTakenBackAsItsTargetGoesIsNoFailure(t *testing.T) {
	t.Parallel()
	for name, bond := range bonds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 3 {
				x := newTenant(t)
				b := bond(x)
				x.do("PUT", b.at, b.bound).want(200)
				for i, a := range together(t, 12, func(i int) (*answer, error) {
					if i%2 == 0 {
						return x.tryAs("PUT", b.at, b.free)
					}
					return x.tryAs("DELETE", b.target, nil)
				}) {
					switch {
					case i%2 == 0:
						a.want(200)
					case a.status == 422, a.status == 404: // still referred to, or gone already
						a.problem(a.status)
					default:
						a.want(204)
					}
				}
			}
		})
	}
}

func TestThirtyIdentitiesMadeAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm := x.firm("ACME")
	location, department := x.create(firm+"/locations", locationSample), x.create(firm+"/departments", departmentSample)
	body := func(active bool) object {
		return object{"organization_contact": tail(firm), "is_active": active, "locations": []any{locationRef(location)},
			"departments": []any{departmentRef(department)}}
	}
	paths := make([]string, 30)
	for i := range paths {
		paths[i] = x.individual(fmt.Sprint(i))
	}
	at := func(what string, active int) {
		t.Helper()
		ids, entries := x.representatives(firm)
		n := 0
		for _, entry := range entries {
			if entry["is_active"] == true {
				n++
			}
		}
		if got := x.members(location); got != float64(active) || n != active || what != "deleted" && len(ids) != 30 {
			t.Errorf("%s: %d representatives, %d of them active, and %v members; want 30, %d and %d", what, len(ids), n, got, active, active)
		}
	}
	for i, a := range together(t, 30, func(i int) (*answer, error) { return x.tryAs("POST", paths[i]+"/professional-identities", body(true)) }) {
		paths[i] += "/professional-identities/" + a.want(201).text("id")
	}
	at("made", 30)
	// Each is set to the same twice at once, half of them to inactive.
	for _, a := range together(t, 60, func(i int) (*answer, error) { return x.tryAs("PUT", paths[i/2], body(i/2%2 == 0)) }) {
		a.want(200)
	}
	at("half of them stopped", 15)
	for _, a := range together(t, 30, func(i int) (*answer, error) {
		if i%3 == 0 {
			return x.tryAs("DELETE", "/individual/"+ownerID(paths[i]), nil)
		}
		return x.tryAs("DELETE", paths[i], nil)
	}) {
		a.want(204)
	}
	at("deleted", 0)
	if ids, _ := x.representatives(firm); len(ids) != 10 {
		t.Errorf("%d representatives, want the 10 of deleted individuals", len(ids))
	}
	for _, path := range []string{location, department, firm} {
		x.do("DELETE", path, nil).want(204)
	}
}

func TestNothingIsLostWhereAnOrganizationChangesAsItsRepresentativesDo(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	location := x.create(firm+"/locations", locationSample)
	leader := identityRef(x.identity(person, firm))
	names := map[string]bool{}
	for _, a := range together(t, 40, func(i int) (*answer, error) {
		changed := object{"name": fmt.Sprint(i), "leaders": []any{leader}, "representatives": []any{}, "member_count": 0}
		switch i % 4 {
		case 0:
			return x.tryAs("PUT", firm, with(changed, "member_count", nil))
		case 1:
			return x.tryAs("PUT", location, with(changed, "representatives", nil))
		}
		return x.tryAs("POST", person+"/professional-identities", object{"organization_contact": tail(firm), "is_active": true,
			"locations": []any{locationRef(location)}})
	}) {
		if a.status == 200 {
			names[a.text("name")] = true
			continue
		}
		a.want(201)
	}
	ids, _ := x.representatives(firm)
	if len(ids) != 21 || x.members(location) != 20 {
		t.Errorf("%d representatives and %v members, want 21 and 20", len(ids), x.members(location))
	}
	for _, path := range []string{firm, location} {
		if got := x.get(path).object(); !names[got["name"].(string)] || fmt.Sprint(got["leaders"]) != fmt.Sprint([]any{leader}) {
			t.Errorf("%v is none of those that were put", got)
		}
	}
}

func TestNothingIsLeftOfAnIdentityThatIsDeletedWhileItsChannelsChange(t *testing.T) {
	t.Parallel()
	changed := func(address string) object { return with(emailSample, "address", address+"@example.com") }
	for name, request := range map[string]func(x *tenant, path, email string) (*answer, error){
		"made": func(x *tenant, path, _ string) (*answer, error) {
			return x.tryAs("POST", path+"/emails", changed("second"))
		},
		"replaced": func(x *tenant, _, email string) (*answer, error) { return x.tryAs("PUT", email, changed("second")) },
		"deleted":  func(x *tenant, _, email string) (*answer, error) { return x.tryAs("DELETE", email, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 12 {
				x := newTenant(t)
				path := x.identity(x.individual("Erika"), x.firm("ACME"))
				emails := x.many(8, path+"/emails", changed("first"))
				for i, a := range together(t, 9, func(i int) (*answer, error) {
					if i == 8 {
						return x.tryAs("DELETE", path, nil)
					}
					return request(x, path, emails[i])
				}) {
					if i == 8 || a.status == 204 {
						a.want(204)
					} else if a.status != 200 && a.status != 201 {
						a.problem(404)
					}
				}
				x.get(path + "/emails").problem(404)
				for _, email := range emails {
					x.get(email).problem(404)
				}
				for _, address := range []string{"first", "second"} {
					if got := x.found("email", address+"@example.com").Items; len(got) != 0 {
						t.Fatalf("the look-up finds %v by the %s address of an email that is gone", got, address)
					}
				}
			}
		})
	}
}

// A change of a part meets the deletion of its contact. Where both succeed the change came first, and the deletion lets go
// of what it made.
func TestADeletedContactHoldsNothingThatWasChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, setUp := range map[string]func(x *tenant) (doomed, at string, change object, targets []string){
		"an identity becomes active": func(x *tenant) (string, string, object, []string) {
			person, firm := x.individual("Erika"), x.firm("ACME")
			return person, x.identity(person, firm, "is_active", false), object{"is_active": true}, []string{firm}
		},
		"an identity is in a department": func(x *tenant) (string, string, object, []string) {
			person, firm := x.individual("Erika"), x.firm("ACME")
			department := x.create(firm+"/departments", departmentSample)
			return person, x.identity(person, firm, "is_active", false),
				object{"is_active": false, "departments": []any{departmentRef(department)}}, []string{department, firm}
		},
		"an identity moves": func(x *tenant) (string, string, object, []string) {
			person, firm := x.individual("Erika"), x.firm("ACME")
			from, to := x.create(firm+"/locations", locationSample), x.create(firm+"/locations", locationSample)
			return person, x.identity(person, firm, "locations", []any{locationRef(from)}),
				object{"is_active": true, "locations": []any{locationRef(to)}}, []string{from, to, firm}
		},
		"a location gets a leader": func(x *tenant) (string, string, object, []string) {
			firm, leader := x.firm("ACME"), x.identity(x.individual("Erika"), x.firm("Other"))
			return firm, x.create(firm+"/locations", locationSample), object{"name": "A", "leaders": []any{identityRef(leader)}}, []string{leader}
		},
		"an organization gets a founder": func(x *tenant) (string, string, object, []string) {
			firm, founder := x.firm("ACME"), x.identity(x.individual("Erika"), x.firm("Other"))
			return firm, firm, object{"name": "A", "founders": []any{identityRef(founder)}}, []string{founder}
		},
		"a supplier gets a manager": func(x *tenant) (string, string, object, []string) {
			firm, person := x.firm("ACME"), x.individual("Erika")
			manager := x.identity(person, x.firm("Other"))
			x.do("PUT", firm+"/roles/supplier", supplierMinimal).want(200)
			return firm, firm + "/roles/supplier", with(supplierMinimal, "managed_by", identityRef(manager)), []string{manager, person}
		},
		"a customer pays for itself": func(x *tenant) (string, string, object, []string) {
			firm := x.firm("ACME")
			x.do("PUT", firm+"/roles/customer", customerMinimal).want(200)
			return firm, firm + "/roles/customer", with(customerMinimal, "alternative_payer", object{"id": tail(firm)}), nil
		},
		"an identity is made": func(x *tenant) (string, string, object, []string) {
			person, firm := x.individual("Erika"), x.firm("ACME")
			location := x.create(firm+"/locations", locationSample)
			return person, person + "/professional-identities", object{"organization_contact": tail(firm), "is_active": true,
				"locations": []any{locationRef(location)}}, []string{location, firm}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				x := newTenant(t)
				doomed, at, change, targets := setUp(x)
				method := "PUT"
				if strings.HasSuffix(at, "/professional-identities") {
					method = "POST"
				}
				answers := together(t, 2, func(i int) (*answer, error) {
					if i == 0 {
						return x.tryAs(method, at, change)
					}
					return x.tryAs("DELETE", doomed, nil)
				})
				if changed := answers[0]; changed.status != 200 && changed.status != 201 {
					changed.problem(422)
				}
				answers[1].want(204)
				for _, target := range targets {
					if strings.Contains(target, "/locations/") && x.members(target) != 0 {
						t.Errorf("the change was answered %d; %v members are left", answers[0].status, x.members(target))
					}
					if a := x.do("DELETE", target, nil); a.status != 204 {
						t.Fatalf("the change was answered %d; then %s = %d %s", answers[0].status, a.what, a.status, a.body)
					}
				}
			}
		})
	}
}

func TestDeletionsOfOneContactInManyStepsCountOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	departments, location := x.many(4, firm+"/departments", departmentSample), x.create(firm+"/locations", locationSample)
	body := object{"organization_contact": tail(firm), "is_active": true, "departments": refs(departmentRef, departments),
		"locations": []any{locationRef(location)}}
	x.many(20, person+"/professional-identities", body)
	other := x.create(x.individual("Max")+"/professional-identities", body)
	for _, a := range together(t, 8, func(int) (*answer, error) { return x.tryAs("DELETE", person, nil) }) {
		a.want(204)
	}
	if got := x.members(location); got != 1 {
		t.Errorf("%v members, want the one that is left", got)
	}
	for _, path := range append(departments, location, firm) {
		x.inUse(path, other)
	}
	x.do("DELETE", other, nil).want(204)
	for _, path := range append(departments, location, firm) {
		x.do("DELETE", path, nil).want(204)
	}
}

func TestAnOrganizationIsDeletedOrRepresented(t *testing.T) {
	t.Parallel()
	for range 5 {
		x := newTenant(t)
		firm, person := x.firm("ACME"), x.individual("Erika")
		answers := together(t, 9, func(i int) (*answer, error) {
			if i == 4 {
				return x.tryAs("DELETE", firm, nil)
			}
			return x.tryAs("POST", person+"/professional-identities", object{"organization_contact": tail(firm), "is_active": true})
		})
		want := map[int]int{201: 8, 422: 1}
		if answers[4].status == 204 {
			want = map[int]int{204: 1, 422: 8}
		}
		ids, _ := x.representatives(firm)
		if got := statuses(answers); !maps.Equal(got, want) || len(ids) != want[201] {
			t.Errorf("statuses %v and %d representatives, want %v", got, len(ids), want)
		}
	}
}
