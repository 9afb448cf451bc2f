package tests

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestOfTwentyThatAddOnePairOneDoes(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	answers := together(t, 20, func(i int) (*answer, error) {
		return x.tryRest("POST", optionsOf(erika), []object{phoneOption(fmt.Sprint("030 ", i+10))})
	})
	if got := statuses(answers); !maps.Equal(got, map[int]int{200: 1, 422: 19}) {
		t.Errorf("statuses %v, want one 200 and 19 times 422", got)
	}
	for _, a := range answers {
		if a.status == 200 {
			x.has(erika, pairs(a.array())...)
		} else {
			a.envelope(422, "0.typeId")
		}
	}
}

func TestDifferentPairsThatAreAddedAtOnceAreAllThere(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika, want := x.individual("Erika"), []string{}
	for i, a := range together(t, 12, func(i int) (*answer, error) {
		return x.tryRest("POST", optionsOf(erika), []object{anOption(5, i+1, "a"), anOption(1, i+1, "030 1")})
	}) {
		a.want(200)
		want = append(want, fmt.Sprintf("5.%d=a", i+1), fmt.Sprintf("1.%d=030 1", i+1))
	}
	got := pairs(x.options(erika))
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("options %q, want %q", got, want)
	}
}

func TestOneKeyAtOnceAddsOptionsOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	answers := together(t, 20, func(int) (*answer, error) {
		return x.tryRest("POST", optionsOf(erika), []object{phoneOption("030 1"), anOption(5, 1, "a")}, "Idempotency-Key", "k")
	})
	for _, a := range answers {
		if a.want(200); string(a.body) != string(answers[0].body) {
			t.Errorf("answered %s and %s", a.body, answers[0].body)
		}
	}
	x.has(erika, "1.4=030 1", "5.1=a")
}

// Both dialects change one record, each what it has to say of it: neither loses what the other said.
func TestWritesOfBothDialectsLoseNothing(t *testing.T) {
	t.Parallel()
	for range 3 {
		x := newTenant(t)
		erika := x.individual("Erika")
		main := with(phoneSample, "type", "MAIN", "usage_context", "PROFESSIONAL", "number", "030 1", "description", "before")
		phone := x.create(erika+"/phones", main)
		for i, a := range together(t, 24, func(i int) (*answer, error) {
			switch i % 4 {
			case 0:
				return x.tryAs("PUT", phone, with(main, "description", fmt.Sprint("after ", i), "usages", []any{"SMS"}))
			case 1:
				return x.tryRest("PUT", "/options/"+tail(phone), anOption(1, 1, "030 1", "priority", i))
			case 2:
				return x.tryAs("POST", erika+"/emails", address(fmt.Sprintf("e%d@example.com", i)))
			}
			return x.tryRest("POST", optionsOf(erika), anOption(4, i/4+1, fmt.Sprint("https://example.com/", i)))
		}) {
			a.want(map[int]int{0: 200, 1: 200, 2: 201, 3: 200}[i%4])
		}
		p, o := x.get(phone).want(200).object(), x.rest("GET", "/options/"+tail(phone), nil).want(200).object()
		if !strings.HasPrefix(p["description"].(string), "after ") || fmt.Sprint(p["usages"]) != "[SMS]" || p["type"] != "MAIN" || o["priority"] == 0.0 {
			t.Errorf("the phone is %v, the option %v", p, o)
		}
		if emails, pages := len(x.get(erika+"/emails").page().Items), len(x.get(erika+"/web-addresses").page().Items); emails != 6 || pages != 6 {
			t.Errorf("%d emails and %d web addresses, want 6 and 6", emails, pages)
		}
		if n := len(x.options(erika)); n != 13 {
			t.Errorf("%d options, want 13", n)
		}
		x.isSound()
	}
}

func TestSwapsAtOnceLeaveTwoPairs(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	made := x.newOptions(erika, phoneOption("030 1"), anOption(2, 1, "a@b"))
	phone, email := phoneOption("030 1"), anOption(2, 1, "a@b")
	for _, a := range together(t, 12, func(i int) (*answer, error) {
		if i%2 == 0 {
			return x.tryRest("PUT", optionsOf(erika), []object{with(phone, "id", made[1]["id"]), with(email, "id", made[0]["id"])})
		}
		return x.tryRest("PUT", optionsOf(erika), []object{with(phone, "id", made[0]["id"]), with(email, "id", made[1]["id"])})
	}) {
		a.want(200)
	}
	got := pairs(x.options(erika))
	if slices.Sort(got); !slices.Equal(got, []string{"1.4=030 1", "2.1=a@b"}) {
		t.Errorf("options %q", got)
	}
	x.leads("email", "a@b", erika)
}

func TestAnOptionIsFoundWhileItBecomesAnotherKind(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	one := x.newOptions(x.individual("Erika"), phoneOption("030 1"))[0]
	for _, a := range together(t, 60, func(i int) (*answer, error) {
		switch i % 6 {
		case 0:
			return x.tryRest("PUT", optionAt(one), phoneOption("030 1"))
		case 1:
			return x.tryRest("PUT", optionAt(one), anOption(2, 4, "a@b"))
		case 2:
			return x.tryRest("PUT", optionAt(one), anOption(5, 4, "a"))
		}
		return x.tryRest("GET", optionAt(one), nil)
	}) {
		a.want(200)
	}
}

func TestAChannelIsDeletedOrBecomesAnotherKind(t *testing.T) {
	t.Parallel()
	for range 5 {
		x := newTenant(t)
		erika := x.individual("Erika")
		phone := x.create(erika+"/phones", number("030 901820"))
		answers := together(t, 2, func(i int) (*answer, error) {
			if i == 0 {
				return x.tryAs("DELETE", phone, nil)
			}
			return x.tryRest("PUT", "/options/"+tail(phone), anOption(2, 1, "a@b"))
		})
		if answers[0].status == 204 {
			answers[1].envelope(404)
			x.has(erika)
			x.leads("email", "a@b")
		} else {
			answers[0].problem(404)
			answers[1].want(200)
			x.has(erika, "2.1=a@b")
			x.leads("email", "a@b", erika)
		}
		x.leads("phone", "+4930901820")
	}
}

func TestATypeIsDeletedOrUsed(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(x *tenant, erika string, one object, own any) (*answer, error){
		"by a new option": func(x *tenant, erika string, _ object, own any) (*answer, error) {
			return x.tryRest("POST", optionsOf(erika), anOption(5, own, "a"))
		},
		"by a new phone that remembers it": func(x *tenant, erika string, _ object, own any) (*answer, error) {
			return x.tryRest("POST", optionsOf(erika), []object{anOption(1, own, "030 2"), anOption(5, 1, "b")})
		},
		"by a phone": func(x *tenant, _ string, one object, own any) (*answer, error) {
			return x.tryRest("PUT", optionAt(one), anOption(3, own, "030 2"))
		},
		"by what was a phone": func(x *tenant, erika string, one object, own any) (*answer, error) {
			return x.tryRest("PUT", optionsOf(erika), anOption(7, own, "c", "id", one["id"]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 6 {
				x := newTenant(t)
				erika := x.individual("Erika")
				one, own := x.newOptions(erika, phoneOption("030 1"))[0], x.newType("option_sub_types", object{"names": names("en", "Own")})
				answers := together(t, 2, func(i int) (*answer, error) {
					if i == 0 {
						return x.tryRest("DELETE", "/option_sub_types/"+own.String(), nil)
					}
					return use(x, erika, one, own)
				})
				if deleted, used := answers[0], answers[1]; used.status == 200 {
					deleted.envelope(422, "request")
					x.rest("GET", "/option_sub_types/"+own.String(), nil).want(200)
					x.rest("DELETE", optionsOf(erika), nil).want(200)
					x.rest("DELETE", "/option_sub_types/"+own.String(), nil).want(200)
				} else {
					used.envelope(422, map[bool]string{true: "0.subTypeId", false: "subTypeId"}[strings.Contains(name, "remembers")])
					deleted.want(200)
					x.has(erika, "1.4=030 1")
				}
			}
		})
	}
}

func TestAContactThatIsDeletedHoldsNoTypeThatItGotMeanwhile(t *testing.T) {
	t.Parallel()
	for range 8 {
		x := newTenant(t)
		erika := x.individual("Erika")
		own := x.newType("option_types", object{"names": names("en", "Own")})
		answers := together(t, 2, func(i int) (*answer, error) {
			if i == 0 {
				return x.tryAs("DELETE", erika, nil)
			}
			return x.tryRest("POST", optionsOf(erika), anOption(own, 1, "a"))
		})
		answers[0].want(204)
		if answers[1].status != 200 {
			answers[1].envelope(404)
		}
		x.rest("DELETE", "/option_types/"+own.String(), nil).want(200)
	}
}
