package plentymarkets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestOneOfTwentyConcurrentAdditionsOfAPairSucceeds(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	answers := harness.Concurrently(t, 20, func(i int) (*harness.Answer, error) {
		return x.TryRest("POST", harness.OptionsPath(erika), []object{harness.PhoneOptionBody(fmt.Sprint("030 ", i+10))})
	})
	if got := harness.CountStatuses(answers); !maps.Equal(got, map[int]int{200: 1, 422: 19}) {
		t.Errorf("statuses %v, want one 200 and 19 times 422", got)
	}
	for _, a := range answers {
		if a.Status == 200 {
			wantOptions(x, erika, pairs(a.Array())...)
		} else {
			a.Envelope(422, "0.typeId")
		}
	}
}

func TestConcurrentlyAddedPairsAreAllStored(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika, want := x.CreateIndividual("Erika"), []string{}
	for i, a := range harness.Concurrently(t, 12, func(i int) (*harness.Answer, error) {
		return x.TryRest("POST", harness.OptionsPath(erika), []object{harness.OptionBody(5, i+1, "a"), harness.OptionBody(1, i+1, "030 1")})
	}) {
		a.Want(200)
		want = append(want, fmt.Sprintf("5.%d=a", i+1), fmt.Sprintf("1.%d=030 1", i+1))
	}
	got := pairs(listOptions(x, erika))
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("options %q, want %q", got, want)
	}
}

func TestConcurrentRequestsWithOneKeyAddOptionsOnce(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	answers := harness.Concurrently(t, 20, func(int) (*harness.Answer, error) {
		return x.TryRest("POST", harness.OptionsPath(erika), []object{harness.PhoneOptionBody("030 1"), harness.OptionBody(5, 1, "a")}, "Idempotency-Key", "k")
	})
	for _, a := range answers {
		if a.Want(200); string(a.Body) != string(answers[0].Body) {
			t.Errorf("answered %s and %s", a.Body, answers[0].Body)
		}
	}
	wantOptions(x, erika, "1.4=030 1", "5.1=a")
}

// Both dialects change one record, and neither loses fields of the other.
func TestWritesOfBothDialectsLoseNothing(t *testing.T) {
	t.Parallel()
	for range 3 {
		x := harness.NewTenant(t)
		erika := x.CreateIndividual("Erika")
		main := harness.With(harness.PhoneSample, "type", "MAIN", "usage_context", "PROFESSIONAL", "number", "030 1", "description", "before")
		phone := x.Create(erika+"/phones", main)
		for i, a := range harness.Concurrently(t, 24, func(i int) (*harness.Answer, error) {
			switch i % 4 {
			case 0:
				return x.TryDo("PUT", phone, harness.With(main, "description", fmt.Sprint("after ", i), "usages", []any{"SMS"}))
			case 1:
				return x.TryRest("PUT", "/options/"+harness.LastSegment(phone), harness.OptionBody(1, 1, "030 1", "priority", i))
			case 2:
				return x.TryDo("POST", erika+"/emails", harness.EmailWithAddress(fmt.Sprintf("e%d@example.com", i)))
			}
			return x.TryRest("POST", harness.OptionsPath(erika), harness.OptionBody(4, i/4+1, fmt.Sprint("https://example.com/", i)))
		}) {
			a.Want(map[int]int{0: 200, 1: 200, 2: 201, 3: 200}[i%4])
		}
		p, o := x.Get(phone).Want(200).Object(), x.Rest("GET", "/options/"+harness.LastSegment(phone), nil).Want(200).Object()
		if !strings.HasPrefix(p["description"].(string), "after ") || fmt.Sprint(p["usages"]) != "[SMS]" || p["type"] != "MAIN" || o["priority"] == 0.0 {
			t.Errorf("the phone is %v, the option %v", p, o)
		}
		if emails, pages := len(x.Get(erika+"/emails").Page().Items), len(x.Get(erika+"/web-addresses").Page().Items); emails != 6 || pages != 6 {
			t.Errorf("%d emails and %d web addresses, want 6 and 6", emails, pages)
		}
		if n := len(listOptions(x, erika)); n != 13 {
			t.Errorf("%d options, want 13", n)
		}
		x.IsSound()
	}
}

func TestConcurrentSwapsLeaveTwoPairs(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	made := x.NewOptions(erika, harness.PhoneOptionBody("030 1"), harness.OptionBody(2, 1, "a@b"))
	phone, email := harness.PhoneOptionBody("030 1"), harness.OptionBody(2, 1, "a@b")
	for _, a := range harness.Concurrently(t, 12, func(i int) (*harness.Answer, error) {
		if i%2 == 0 {
			return x.TryRest("PUT", harness.OptionsPath(erika), []object{harness.With(phone, "id", made[1]["id"]), harness.With(email, "id", made[0]["id"])})
		}
		return x.TryRest("PUT", harness.OptionsPath(erika), []object{harness.With(phone, "id", made[0]["id"]), harness.With(email, "id", made[1]["id"])})
	}) {
		a.Want(200)
	}
	got := pairs(listOptions(x, erika))
	if slices.Sort(got); !slices.Equal(got, []string{"1.4=030 1", "2.1=a@b"}) {
		t.Errorf("options %q", got)
	}
	x.FindsOnly("email", "a@b", erika)
}

func TestAnOptionIsFoundWhileItBecomesAnotherKind(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	one := x.NewOptions(x.CreateIndividual("Erika"), harness.PhoneOptionBody("030 1"))[0]
	for _, a := range harness.Concurrently(t, 60, func(i int) (*harness.Answer, error) {
		switch i % 6 {
		case 0:
			return x.TryRest("PUT", harness.OptionPath(one), harness.PhoneOptionBody("030 1"))
		case 1:
			return x.TryRest("PUT", harness.OptionPath(one), harness.OptionBody(2, 4, "a@b"))
		case 2:
			return x.TryRest("PUT", harness.OptionPath(one), harness.OptionBody(5, 4, "a"))
		}
		return x.TryRest("GET", harness.OptionPath(one), nil)
	}) {
		a.Want(200)
	}
}

func TestAChannelIsDeletedOrBecomesAnotherKind(t *testing.T) {
	t.Parallel()
	for range 5 {
		x := harness.NewTenant(t)
		erika := x.CreateIndividual("Erika")
		phone := x.Create(erika+"/phones", harness.PhoneWithNumber("030 901820"))
		answers := harness.Concurrently(t, 2, func(i int) (*harness.Answer, error) {
			if i == 0 {
				return x.TryDo("DELETE", phone, nil)
			}
			return x.TryRest("PUT", "/options/"+harness.LastSegment(phone), harness.OptionBody(2, 1, "a@b"))
		})
		if answers[0].Status == 204 {
			answers[1].Envelope(404)
			wantOptions(x, erika)
			x.FindsOnly("email", "a@b")
		} else {
			answers[0].Problem(404)
			answers[1].Want(200)
			wantOptions(x, erika, "2.1=a@b")
			x.FindsOnly("email", "a@b", erika)
		}
		x.FindsOnly("phone", "+4930901820")
	}
}

func TestATypeIsDeletedOrUsed(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(x *harness.Tenant, erika string, one object, own any) (*harness.Answer, error){
		"by a new option": func(x *harness.Tenant, erika string, _ object, own any) (*harness.Answer, error) {
			return x.TryRest("POST", harness.OptionsPath(erika), harness.OptionBody(5, own, "a"))
		},
		"by a new phone that remembers it": func(x *harness.Tenant, erika string, _ object, own any) (*harness.Answer, error) {
			return x.TryRest("POST", harness.OptionsPath(erika), []object{harness.OptionBody(1, own, "030 2"), harness.OptionBody(5, 1, "b")})
		},
		"by a phone": func(x *harness.Tenant, _ string, one object, own any) (*harness.Answer, error) {
			return x.TryRest("PUT", harness.OptionPath(one), harness.OptionBody(3, own, "030 2"))
		},
		"by what was a phone": func(x *harness.Tenant, erika string, one object, own any) (*harness.Answer, error) {
			return x.TryRest("PUT", harness.OptionsPath(erika), harness.OptionBody(7, own, "c", "id", one["id"]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 6 {
				x := harness.NewTenant(t)
				erika := x.CreateIndividual("Erika")
				one, own := x.NewOptions(erika, harness.PhoneOptionBody("030 1"))[0], x.NewType("option_sub_types", object{"names": harness.TypeNames("en", "Own")})
				answers := harness.Concurrently(t, 2, func(i int) (*harness.Answer, error) {
					if i == 0 {
						return x.TryRest("DELETE", "/option_sub_types/"+own.String(), nil)
					}
					return use(x, erika, one, own)
				})
				if deleted, used := answers[0], answers[1]; used.Status == 200 {
					deleted.Envelope(422, "request")
					x.Rest("GET", "/option_sub_types/"+own.String(), nil).Want(200)
					x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200)
					x.Rest("DELETE", "/option_sub_types/"+own.String(), nil).Want(200)
				} else {
					used.Envelope(422, map[bool]string{true: "0.subTypeId", false: "subTypeId"}[strings.Contains(name, "remembers")])
					deleted.Want(200)
					wantOptions(x, erika, "1.4=030 1")
				}
			}
		})
	}
}

func TestADeletedContactDoesNotRestrictATypeThatWasAddedConcurrently(t *testing.T) {
	t.Parallel()
	for range 8 {
		x := harness.NewTenant(t)
		erika := x.CreateIndividual("Erika")
		own := x.NewType("option_types", object{"names": harness.TypeNames("en", "Own")})
		answers := harness.Concurrently(t, 2, func(i int) (*harness.Answer, error) {
			if i == 0 {
				return x.TryDo("DELETE", erika, nil)
			}
			return x.TryRest("POST", harness.OptionsPath(erika), harness.OptionBody(own, 1, "a"))
		})
		answers[0].Want(204)
		if answers[1].Status != 200 {
			answers[1].Envelope(404)
		}
		x.Rest("DELETE", "/option_types/"+own.String(), nil).Want(200)
	}
}
