package contact

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// exampleConfigurations are those of the API document, with four limitations, La > Lb > Lc > Ld. Each is named by the
// limitations that it has set.
var exampleConfigurations = map[string]string{"1": "", "2": "a", "3": "b", "4": "ad", "5": "bcd"}

// pickOf asks which of some of the example's configurations applies in a context that matches the limitations in matching.
func pickOf(names []string, matching string) string {
	valuesOf := func(set string) []string {
		values := make([]string, 4)
		for _, letter := range set {
			values[letter-'a'] = "set"
		}
		return values
	}
	limitations := make([][]string, len(names))
	for i, name := range names {
		limitations[i] = valuesOf(exampleConfigurations[name])
	}
	i := pick(limitations, valuesOf(matching))
	if i < 0 {
		return ""
	}
	return names[i]
}

func TestTheDocumentsExampleIsPickedInItsOrder(t *testing.T) {
	t.Parallel()
	// The one that is picked is taken away, so that the next one comes up: "4" > "2" > "5" > "3", then "1".
	left := []string{"1", "2", "3", "4", "5"}
	for _, want := range []string{"4", "2", "5", "3", "1", ""} {
		if got := pickOf(left, "abcd"); got != want {
			t.Fatalf("of %q: %q, want %q", left, got, want)
		}
		left = slices.DeleteFunc(left, func(name string) bool { return name == want })
	}
}

func TestTheDocumentsExampleInOtherContexts(t *testing.T) {
	t.Parallel()
	for matching, want := range map[string]string{
		"": "1", "a": "2", "b": "3", "c": "1", "d": "1", "ab": "2", "ac": "2", "ad": "4", "bc": "3", "bd": "3", "cd": "1",
		"abc": "2", "abd": "4", "acd": "4", "bcd": "5",
	} {
		if got := pickOf([]string{"1", "2", "3", "4", "5"}, matching); got != want {
			t.Errorf("where %q match: %q, want %q", matching, got, want)
		}
		without := pickOf([]string{"2", "3", "4", "5"}, matching)
		if want == "1" {
			want = ""
		}
		if without != want {
			t.Errorf("where %q match, without %q: %q, want %q", matching, "1", without, want)
		}
	}
}

// plainPick says in the API document's words which of some configurations applies. A configuration is the values of its
// limitations, "" for one that it has not; a context the values that are asked for.
func plainPick(configurations [][]string, context []string) int {
	// "From the set of configuration, we first determine the configuration without limitations. There may be zero or one
	// of those."
	unlimited, remaining := -1, []int{}
	for i, c := range configurations {
		if slices.Max(c) == "" {
			unlimited = i
		} else {
			remaining = append(remaining, i)
		}
	}
	// "From the remaining configurations, we remove all that have at least one non-matching limitation."
	remaining = slices.DeleteFunc(remaining, func(i int) bool {
		for l, value := range configurations[i] {
			if value != "" && value != context[l] {
				return true
			}
		}
		return false
	})
	// "If there are no configurations remaining, use the configuration without limitations when available."
	if len(remaining) == 0 {
		return unlimited
	}
	// "Otherwise, the remaining configurations are ordered by the priority of their limitations and the first one in that
	// ordering is used": a limitation outweighs all of lower priority together, so they order as binary numbers do.
	weight := func(i int) (w int) {
		for _, value := range configurations[i] {
			w *= 2
			if value != "" {
				w++
			}
		}
		return w
	}
	return slices.MaxFunc(remaining, func(a, b int) int { return weight(a) - weight(b) })
}

func TestPickFollowsTheDocumentsRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.IntRange(1, 5).Draw(t, "limitations")
		one := rapid.SliceOfN(rapid.SampledFrom([]string{"", "1", "2"}), kinds, kinds)
		// No two configurations have the same limitations.
		configurations := rapid.SliceOfNDistinct(one, 0, 12, func(c []string) string {
			return strings.Join(c, ",")
		}).Draw(t, "configurations")
		context := one.Draw(t, "context")
		picked := pick(configurations, context)
		if want := plainPick(configurations, context); picked != want {
			t.Fatalf("picked %d, want %d", picked, want)
		}
	})
}

func TestPickAsksNothingOfWhereAConfigurationStands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.Permutation([]string{"1", "2", "3", "4", "5"}).Draw(t, "order")
		names = names[:rapid.IntRange(0, 5).Draw(t, "n")]
		matching := rapid.SampledFrom([]string{"", "a", "b", "d", "ad", "bcd", "bd", "abcd"}).Draw(t, "matching")
		if got, want := pickOf(names, matching), pickOf(slices.Sorted(slices.Values(names)), matching); got != want {
			t.Fatalf("of %q %q, sorted %q", names, got, want)
		}
	})
}

func TestPickOfABrand(t *testing.T) {
	t.Parallel()
	brand := func(id string) *Limitations { return &Limitations{BrandID: id} }
	everywhere, empty := DeliveryAndInvoicing{InvoiceAddressID: 1}, DeliveryAndInvoicing{Limitations: &Limitations{}, InvoiceAddressID: 2}
	acme, other := DeliveryAndInvoicing{Limitations: brand("acme"), InvoiceAddressID: 3}, DeliveryAndInvoicing{Limitations: brand("other"), InvoiceAddressID: 4}
	for name, c := range map[string]struct {
		configurations []DeliveryAndInvoicing
		brand          string
		want           ID
	}{
		"none at all":                        {nil, "acme", 0},
		"of the brand":                       {[]DeliveryAndInvoicing{other, everywhere, acme}, "acme", 3},
		"of no brand that is asked for":      {[]DeliveryAndInvoicing{other, everywhere, acme}, "third", 1},
		"without a brand in the context":     {[]DeliveryAndInvoicing{other, acme, everywhere}, "", 1},
		"none that matches":                  {[]DeliveryAndInvoicing{other, acme}, "third", 0},
		"none for a context without a brand": {[]DeliveryAndInvoicing{other, acme}, "", 0},
		"empty limitations are none":         {[]DeliveryAndInvoicing{empty, acme}, "third", 2},
		"a brand in another case":            {[]DeliveryAndInvoicing{acme}, "Acme", 0},
	} {
		t.Run(name, func(t *testing.T) {
			picked := ApplicableDelivery(c.configurations, Limitations{BrandID: c.brand})
			switch {
			case picked == nil && c.want != 0:
				t.Errorf("none, want that of address %d", c.want)
			case picked != nil && picked.InvoiceAddressID != c.want:
				t.Errorf("that of address %d, want %d", picked.InvoiceAddressID, c.want)
			}
		})
	}
}

func TestOldestForTakesTheUsageBeforeEverything(t *testing.T) {
	t.Parallel()
	usages := rapid.SliceOfNDistinct(rapid.SampledFrom([]AddressUsage{"EVERYTHING", "CORRESPONDENCE", "INVOICES", "SHIPPING"}), 0, 4, rapid.ID[AddressUsage])
	rapid.Check(t, func(t *rapid.T) {
		addresses := make([]*Address, rapid.IntRange(0, 6).Draw(t, "n"))
		for i := range addresses {
			addresses[i] = &Address{ID: ID(i + 1), Usages: usages.Draw(t, "usages")}
		}
		usage := rapid.SampledFrom([]AddressUsage{"INVOICES", "SHIPPING"}).Draw(t, "usage")
		got := DefaultAddress(addresses, usage)

		has := func(id ID, u AddressUsage) bool { return id > 0 && slices.Contains(addresses[id-1].Usages, u) }
		for id := ID(1); int(id) <= len(addresses); id++ {
			switch {
			case id < got && has(got, usage) && has(id, usage):
				t.Fatalf("%d, but %d has %s and is older", got, id, usage)
			case !has(got, usage) && has(id, usage):
				t.Fatalf("%d has not %s, %d has", got, usage, id)
			case id < got && !has(got, usage) && has(id, "EVERYTHING"):
				t.Fatalf("%d, but %d has EVERYTHING and is older", got, id)
			case got == 0 && has(id, "EVERYTHING"):
				t.Fatalf("none, but %d has EVERYTHING", id)
			}
		}
		if got != 0 && !has(got, usage) && !has(got, "EVERYTHING") {
			t.Fatalf("%d has neither %s nor EVERYTHING", got, usage)
		}
	})
}
