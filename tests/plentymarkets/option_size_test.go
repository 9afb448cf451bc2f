package plentymarkets

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// numberedOptions returns up to 112 options that are no channels, with different pairs.
func numberedOptions(n int) (all []object) {
	for i := range n {
		all = append(all, harness.OptionBody([]int{5, 6, 7, 8, 9, 10, 11, 13}[i/14], []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15}[i%14], fmt.Sprint("value ", i)))
	}
	return all
}

func TestMoreOptionsThanFitIntoOneTransactionAreRefused(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	erika := x.CreateIndividual("Erika")
	for _, c := range []struct {
		options int
		says    string
	}{{100, "at most 100"}, {101, "at most 100 items"}, {112, "at most 100 items"}} {
		for _, headers := range [][]string{nil, {"Idempotency-Key", fmt.Sprint(c.options)}} {
			said := x.Rest("POST", harness.OptionsPath(erika), numberedOptions(c.options), headers...).Envelope(422, "request")["request"]
			if !strings.Contains(said[0], c.says) {
				t.Errorf("%d options are refused as %q, want %q", c.options, said, c.says)
			}
			wantOptions(x, erika)
		}
	}
	x.Rest("POST", harness.OptionsPath(erika), numberedOptions(45), "Idempotency-Key", "k").Want(200)
	x.NewOptions(erika, numberedOptions(90)[45:]...)
	all := listOptions(x, erika)
	if len(all) != 90 {
		t.Fatalf("%d options", len(all))
	}
	for i, o := range all {
		o["value"], o["priority"] = fmt.Sprint("changed ", i), 90-i
	}
	changed := x.Rest("PUT", harness.OptionsPath(erika), all).Want(200).Array()
	if got := pairs(changed); fmt.Sprint(got) != fmt.Sprint(pairs(all)) {
		t.Errorf("changed to %q, want %q", got, pairs(all))
	}
	if first := listOptions(x, erika)[0]; harness.OptionID(first) != harness.OptionID(all[89]) || first["value"] != "changed 89" {
		t.Errorf("the first is %v", first)
	}
	x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200)

	// Of the hundred items a phone or email takes three, the contact, its counter of changes and the two entries of the change four, and the key one.
	numbers := []object{}
	for _, o := range numberedOptions(33) {
		typeID, value := map[any]int{5: 1, 6: 3, 7: 2}[o["typeId"]], "030 901820"
		if typeID == 2 {
			value = "a@example.com"
		}
		numbers = append(numbers, harness.With(o, "typeId", typeID, "value", value))
	}
	x.Rest("POST", harness.OptionsPath(erika), numbers).Envelope(422, "request")
	x.Rest("POST", harness.OptionsPath(erika), numbers[:31], "Idempotency-Key", "numbers").Want(200)
	x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200)

	// Unchanged options take no items.
	x.CreateMany(100, erika+"/phones", harness.PhoneSample)
	all = listOptions(x, erika)
	x.Rest("PUT", harness.OptionsPath(erika), all).Want(200)
	for _, o := range all {
		o["priority"] = 5
	}
	x.Rest("PUT", harness.OptionsPath(erika), all).Envelope(422, "request")
	for _, o := range listOptions(x, erika) {
		if o["priority"] != 0.0 {
			t.Fatalf("a refused change left %v", o)
		}
	}
}

// The answer is longer than the largest item, and is stored in the transaction of the change.
func TestTheLongestAnswerOfOneTransactionIsReplayed(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	erika := x.CreateIndividual("Erika")
	all := numberedOptions(95)
	for i := range all {
		value := make([]rune, 1024)
		for at := range value {
			value[at] = 0x20000 + rand.N(rune(0xa000)) // four bytes each
		}
		all[i]["value"] = string(value)
	}
	for few := range slices.Chunk(all, 45) {
		x.NewOptions(erika, few...)
	}
	all = listOptions(x, erika)
	for _, o := range all {
		o["priority"] = 1
	}
	first := x.Rest("PUT", harness.OptionsPath(erika), all, "Idempotency-Key", "k").Want(200)
	if len(first.Body) < 400_000 {
		t.Errorf("an answer of %d bytes has room in an item next to its other attributes", len(first.Body))
	}
	harness.SameAnswer(t, first, x.Rest("PUT", harness.OptionsPath(erika), all, "Idempotency-Key", "k"))
}

func TestAllOfTwoHundredOptionsAreDeleted(t *testing.T) {
	t.Parallel()
	for name, headers := range harness.DeletionHeaders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := harness.NewBulkTenant(t)
			erika := x.CreateIndividual("Erika")
			x.CreateMany(200, erika+"/phones", harness.PhoneWithNumber("030 901820"))
			own := x.NewType("option_types", object{"names": harness.TypeNames("en", "Own")})
			x.NewOptions(erika, harness.OptionBody(own, 1, "a"), harness.OptionBody(2, 1, "a@b"))
			list := x.Rest("GET", harness.OptionsPath(erika), nil).Want(200)
			if n := len(list.Array()); n != 202 {
				t.Fatalf("%d options", n)
			}
			with := headers(list.Header.Get("ETag"))
			gone := x.Rest("DELETE", harness.OptionsPath(erika), nil, with...).Want(200)
			wantOptions(x, erika)
			for _, segment := range []string{"phones", "emails"} {
				if n := len(x.Get(erika + "/" + segment).Page().Items); n != 0 {
					t.Errorf("%d of %s are left", n, segment)
				}
			}
			x.FindsOnly("phone", "+4930901820")
			x.Rest("GET", harness.OptionPath(list.Array()[0]), nil).Envelope(404)
			x.Rest("DELETE", "/option_types/"+own.String(), nil).Want(200)
			switch name {
			case "plain":
				if read, once := gone.Log().ReadUnits, list.Log().ReadUnits-1; read != once { // plus the contact
					t.Errorf("%v units were read to delete what is read with %v", read, once)
				}
				x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200)
			case "with an If-Match":
				x.Rest("DELETE", harness.OptionsPath(erika), nil, with...).Envelope(412)
			default:
				x.NewOptions(erika, harness.PhoneOptionBody("030 1"))
				harness.SameAnswer(t, gone, x.Rest("DELETE", harness.OptionsPath(erika), nil, with...))
				wantOptions(x, erika, "1.4=030 1")
			}
		})
	}
}

// A deletion in several transactions checks its If-Match once: concurrent changes do not end it halfway.
func TestADeletionOfAllOptionsThatHasBegunIsCompleted(t *testing.T) {
	t.Parallel()
	for range 3 {
		x := harness.NewBulkTenant(t)
		erika := x.CreateIndividual("Erika")
		phones := x.CreateMany(100, erika+"/phones", harness.PhoneWithNumber("030 901820"))
		etag := x.Rest("GET", harness.OptionsPath(erika), nil).Want(200).Header.Get("ETag")
		answers := harness.Concurrently(t, 9, func(i int) (*harness.Answer, error) {
			if i == 0 {
				return x.TryRest("DELETE", harness.OptionsPath(erika), nil, "If-Match", etag)
			}
			return x.TryDo("PUT", phones[100-i], harness.PhoneWithNumber("030 1")) // among the last that go
		})
		if left := len(listOptions(x, erika)); answers[0].Status == 412 && left != 100 || answers[0].Status != 412 && left != 0 {
			t.Errorf("DELETE = %d, and %d of 100 are left", answers[0].Status, left)
		} else if answers[0].Status != 412 {
			answers[0].Want(200)
		}
		for _, a := range answers[1:] {
			if a.Status != 200 {
				a.Problem(404)
			}
		}
	}
}

func TestAContactIsDeletedWithMoreTypesInUseThanFitIntoOneTransaction(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	erika, types := x.CreateIndividual("Erika"), []string{}
	x.NewOptions(erika, numberedOptions(1)...) // the function has read for how long history is kept
	x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200)
	for range 3 {
		own := x.NewType("option_types", object{"names": harness.TypeNames("en", "Own")})
		types = append(types, "/option_types/"+own.String())
		all := numberedOptions(14)
		for i := range all {
			all[i]["typeId"] = own
		}
		if calls := x.Rest("POST", harness.OptionsPath(erika), all).Want(200).Log().StoreCalls; calls != 3 { // the options, their type, the transaction
			t.Errorf("%d calls of the store for %d options of one type", calls, len(all))
		}
	}
	x.Do("DELETE", erika, nil).Want(204)
	for _, own := range types {
		x.Rest("DELETE", own, nil).Want(200)
	}
}
