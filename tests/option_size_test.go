package tests

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// numberedOptions are up to 112 options alone, of different pairs.
func numberedOptions(n int) (all []object) {
	for i := range n {
		all = append(all, anOption([]int{5, 6, 7, 8, 9, 10, 11, 13}[i/14], []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15}[i%14], fmt.Sprint("value ", i)))
	}
	return all
}

func TestMoreThanChangesTogetherIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	erika := x.individual("Erika")
	for _, c := range []struct {
		options int
		says    string
	}{{100, "at most 100"}, {101, "at most 100 items"}, {112, "at most 100 items"}} {
		for _, headers := range [][]string{nil, {"Idempotency-Key", fmt.Sprint(c.options)}} {
			said := x.rest("POST", optionsOf(erika), numberedOptions(c.options), headers...).envelope(422, "request")["request"]
			if !strings.Contains(said[0], c.says) {
				t.Errorf("%d options are refused as %q, want %q", c.options, said, c.says)
			}
			x.has(erika)
		}
	}
	x.rest("POST", optionsOf(erika), numberedOptions(45), "Idempotency-Key", "k").want(200)
	x.newOptions(erika, numberedOptions(90)[45:]...)
	all := x.options(erika)
	if len(all) != 90 {
		t.Fatalf("%d options", len(all))
	}
	for i, o := range all {
		o["value"], o["priority"] = fmt.Sprint("changed ", i), 90-i
	}
	changed := x.rest("PUT", optionsOf(erika), all).want(200).array()
	if got := pairs(changed); fmt.Sprint(got) != fmt.Sprint(pairs(all)) {
		t.Errorf("changed to %q, want %q", got, pairs(all))
	}
	if first := x.options(erika)[0]; idOf(first) != idOf(all[89]) || first["value"] != "changed 89" {
		t.Errorf("the first is %v", first)
	}
	x.rest("DELETE", optionsOf(erika), nil).want(200)

	// A phone, like an email, is three records of the hundred; two are the contact and the counter of its changes, one the key's.
	numbers := []object{}
	for _, o := range numberedOptions(33) {
		typeID, value := map[any]int{5: 1, 6: 3, 7: 2}[o["typeId"]], "030 901820"
		if typeID == 2 {
			value = "a@example.com"
		}
		numbers = append(numbers, with(o, "typeId", typeID, "value", value))
	}
	x.rest("POST", optionsOf(erika), numbers).envelope(422, "request")
	x.rest("POST", optionsOf(erika), numbers[:32], "Idempotency-Key", "numbers").want(200)
	x.rest("DELETE", optionsOf(erika), nil).want(200)

	// What is sent as it is changes nothing, and is no matter of size.
	x.many(100, erika+"/phones", phoneSample)
	all = x.options(erika)
	x.rest("PUT", optionsOf(erika), all).want(200)
	for _, o := range all {
		o["priority"] = 5
	}
	x.rest("PUT", optionsOf(erika), all).envelope(422, "request")
	for _, o := range x.options(erika) {
		if o["priority"] != 0.0 {
			t.Fatalf("a refused change left %v", o)
		}
	}
}

// The answer is longer than an item of the table can be, and goes into the transaction of the change all the same.
func TestTheLongestAnswerOfOneTransactionIsReplayed(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	erika := x.individual("Erika")
	all := numberedOptions(97)
	for i := range all {
		value := make([]rune, 1024)
		for at := range value {
			value[at] = 0x20000 + rand.N(rune(0xa000)) // four bytes each
		}
		all[i]["value"] = string(value)
	}
	for few := range slices.Chunk(all, 45) {
		x.newOptions(erika, few...)
	}
	all = x.options(erika)
	for _, o := range all {
		o["priority"] = 1
	}
	first := x.rest("PUT", optionsOf(erika), all, "Idempotency-Key", "k").want(200)
	if len(first.body) < 400<<10 {
		t.Errorf("an answer of %d bytes has room in an item", len(first.body))
	}
	same(t, first, x.rest("PUT", optionsOf(erika), all, "Idempotency-Key", "k"))
}

func TestAllOfTwoHundredOptionsAreDeleted(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string]func(etag string) []string{
		"plain":                   func(string) []string { return nil },
		"with an If-Match":        func(etag string) []string { return []string{"If-Match", etag} },
		"with an Idempotency-Key": func(string) []string { return []string{"Idempotency-Key", "k"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newBulkTenant(t)
			erika := x.individual("Erika")
			x.many(200, erika+"/phones", number("030 901820"))
			own := x.newType("option_types", object{"names": names("en", "Own")})
			x.newOptions(erika, anOption(own, 1, "a"), anOption(2, 1, "a@b"))
			list := x.rest("GET", optionsOf(erika), nil).want(200)
			if n := len(list.array()); n != 202 {
				t.Fatalf("%d options", n)
			}
			with := headers(list.header.Get("ETag"))
			gone := x.rest("DELETE", optionsOf(erika), nil, with...).want(200)
			x.has(erika)
			for _, segment := range []string{"phones", "emails"} {
				if n := len(x.get(erika + "/" + segment).page().Items); n != 0 {
					t.Errorf("%d of %s are left", n, segment)
				}
			}
			x.leads("phone", "+4930901820")
			x.rest("GET", optionAt(list.array()[0]), nil).envelope(404)
			x.rest("DELETE", "/option_types/"+own.String(), nil).want(200)
			switch name {
			case "plain":
				if read, once := gone.log().ReadUnits, list.log().ReadUnits-1; read != once { // beside which the contact is read
					t.Errorf("%v units were read to delete what is read with %v", read, once)
				}
				x.rest("DELETE", optionsOf(erika), nil).want(200)
			case "with an If-Match":
				x.rest("DELETE", optionsOf(erika), nil, with...).envelope(412)
			default:
				x.newOptions(erika, phoneOption("030 1"))
				same(t, gone, x.rest("DELETE", optionsOf(erika), nil, with...))
				x.has(erika, "1.4=030 1")
			}
		})
	}
}

// A deletion of more than one transaction holds is held to its If-Match once: what others change while it is under way
// doesn't end it in the middle.
func TestADeletionOfAllThatHasBegunEnds(t *testing.T) {
	t.Parallel()
	for range 3 {
		x := newBulkTenant(t)
		erika := x.individual("Erika")
		phones := x.many(100, erika+"/phones", number("030 901820"))
		etag := x.rest("GET", optionsOf(erika), nil).want(200).header.Get("ETag")
		answers := together(t, 9, func(i int) (*answer, error) {
			if i == 0 {
				return x.tryRest("DELETE", optionsOf(erika), nil, "If-Match", etag)
			}
			return x.tryAs("PUT", phones[100-i], number("030 1")) // among the last that go
		})
		if left := len(x.options(erika)); answers[0].status == 412 && left != 100 || answers[0].status != 412 && left != 0 {
			t.Errorf("DELETE = %d, and %d of 100 are left", answers[0].status, left)
		} else if answers[0].status != 412 {
			answers[0].want(200)
		}
		for _, a := range answers[1:] {
			if a.status != 200 {
				a.problem(404)
			}
		}
	}
}

func TestAContactGoesWithMoreTypesInUseThanOneTransactionHolds(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	erika, types := x.individual("Erika"), []string{}
	for range 3 {
		own := x.newType("option_types", object{"names": names("en", "Own")})
		types = append(types, "/option_types/"+own.String())
		all := numberedOptions(14)
		for i := range all {
			all[i]["typeId"] = own
		}
		if calls := x.rest("POST", optionsOf(erika), all).want(200).log().StoreCalls; calls != 3 { // the options, their type, the transaction
			t.Errorf("%d calls of the store for %d options of one type", calls, len(all))
		}
	}
	x.do("DELETE", erika, nil).want(204)
	for _, own := range types {
		x.rest("DELETE", own, nil).want(200)
	}
}
