package contact

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTwoConfigurationsWithEqualLimitationsAreImpossible(t *testing.T) {
	t.Parallel()
	limitations := map[string]*Limitations{"none": nil, "empty": {}, "a": {BrandID: "a"}, "A": {BrandID: "A"}, "b": {BrandID: "b"}}
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"none", "empty", "a", "A", "b"}), 0, 7).Draw(t, "limitations")
		var role CustomerRole
		var want []string
		seen := map[string]bool{}
		for i, name := range names {
			// Other differences than those of the limitations don't count.
			role.DeliveryAndInvoicing = append(role.DeliveryAndInvoicing, DeliveryAndInvoicing{Limitations: limitations[name], InvoiceAddressID: ID(i)})
			if name == "empty" {
				name = "none"
			}
			if seen[name] {
				want = append(want, fmt.Sprintf("/delivery_and_invoicing_configurations/%d/limitations", i))
			}
			seen[name] = true
		}
		err := role.Validate(nil)
		if want == nil {
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			return
		}
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.Reason != Impossible {
			t.Fatalf("error %v, want an Impossible", err)
		}
		var got []string
		for _, f := range refusal.Faults {
			got = append(got, f.Pointer)
			if f.Detail == "" {
				t.Fatalf("the fault at %s says nothing", f.Pointer)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("faults at %q, want %q", got, want)
		}
	})
}

func TestACardIsDatedWhenItsNumberIsSetOrChanged(t *testing.T) {
	t.Parallel()
	const then, now Time = "2017-07-07T13:00:00Z", "2025-03-25T10:00:00Z"
	card := func(number string) *CustomerRole {
		return &CustomerRole{ExternalCard: &CustomerCard{Number: number, Added: then}}
	}
	for name, c := range map[string]struct {
		before *CustomerRole
		number string
		want   Time
	}{
		"a new role":             {nil, "1", now},
		"a role without a card":  {&CustomerRole{}, "1", now},
		"the same number":        {card("1"), "1", then},
		"another number":         {card("1"), "2", now},
		"a number in other case": {card("a"), "A", now},
	} {
		t.Run(name, func(t *testing.T) {
			// What the caller says of the date counts for nothing.
			next := CustomerRole{ExternalCard: &CustomerCard{Number: c.number, Added: "1999-01-01T00:00:00Z"}}
			next.Normalize(c.before, Assigned{Now: now, Account: "10000"})
			if next.ExternalCard.Added != c.want || next.DebtorAccountID != "10000" {
				t.Errorf("added %s with account %q, want %s", next.ExternalCard.Added, next.DebtorAccountID, c.want)
			}
		})
	}
	none := CustomerRole{}
	if none.Normalize(card("1"), Assigned{Now: now}); none.ExternalCard != nil {
		t.Errorf("a card came back: %v", none.ExternalCard)
	}
}

func TestADecimalKeepsEveryDigit(t *testing.T) {
	t.Parallel()
	numbers := rapid.StringMatching(`-?(0|[1-9][0-9]{0,28})(\.[0-9]{1,28})?([eE][+-]?[0-9]{1,3})?`)
	rapid.Check(t, func(t *rapid.T) {
		number := numbers.Draw(t, "number")
		var d Decimal
		if err := json.Unmarshal([]byte(number), &d); err != nil {
			t.Fatalf("%s is refused: %v", number, err)
		}
		if text, err := d.MarshalJSON(); err != nil || string(text) != number {
			t.Fatalf("%s is shown as %s, %v", number, text, err)
		}
	})
}

func TestADecimalIsANumberOfAtMost64Characters(t *testing.T) {
	t.Parallel()
	d := Decimal("7")
	for _, bad := range []string{`"12"`, `null`, `true`, `false`, `[1]`, `{}`, "1" + strings.Repeat("0", 64)} {
		if err := d.UnmarshalJSON([]byte(bad)); err == nil || d != "7" {
			t.Errorf("%s is taken, as %s", bad, d)
		}
	}
	if err := d.UnmarshalJSON([]byte("1" + strings.Repeat("0", 63))); err != nil {
		t.Errorf("64 characters: %v", err)
	}
}

func TestCurrenciesAreCodesOfThreeLettersOnce(t *testing.T) {
	t.Parallel()
	codes := CurrencyCode("").Values()
	for i, code := range codes {
		if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || slices.Contains(codes[:i], code) {
			t.Errorf("code %q", code)
		}
	}
	// The tender of today, by ISO 4217's list one, and what else it has: metals, funds, none.
	today := strings.Fields(`AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
		COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK
		JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
		NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
		THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
		BOV CHE CHW CLF COU MXV USN UYI UYW XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX`)
	for _, code := range today {
		if !slices.Contains(codes, code) {
			t.Errorf("%s is missing", code)
		}
	}
	if codes[0] != "AUD" {
		t.Errorf("the first is %s, the API document's example is AUD", codes[0])
	}
}
