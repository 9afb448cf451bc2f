package tests

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"contacts/pkg/contact"
)

// rawItems are all items of a tenant as they are stored.
func (x *tenant) rawItems() string {
	x.t.Helper()
	var raw strings.Builder
	pages := dynamodb.NewScanPaginator(platform.store, &dynamodb.ScanInput{TableName: &platform.name, ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String("begins_with(pk, :pk)"), ExpressionAttributeValues: map[string]types.AttributeValue{":pk": asText("T#" + x.org + "#")}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(x.t.Context())
		if err != nil {
			x.t.Fatal(err)
		}
		for _, item := range page.Items {
			text, err := json.Marshal(item)
			if err != nil {
				x.t.Fatal(err)
			}
			raw.Write(text)
			raw.WriteByte('\n')
		}
	}
	return raw.String()
}

// rawVersions are all versions of a bucket's objects, and what marks them as deleted, by their keys.
func rawVersions(t testing.TB, endpoint string) (keys []string) {
	t.Helper()
	client := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: aws.String(bucket)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Versions {
			keys = append(keys, *v.Key)
		}
		for _, v := range page.DeleteMarkers {
			keys = append(keys, *v.Key)
		}
	}
	return keys
}

// A subject is a contact with a value of its own in every place that takes one.
type subject struct {
	studio
	firm, identity, customer string // the organization it represents, its identity there, a customer that the identity manages
	values                   []string
}

func newSubject(t *testing.T) subject {
	t.Helper()
	s := subject{studio: newStudio(t)}
	value := func(text string) string { s.values = append(s.values, text); return text }
	s.do("PUT", s.owner, object{"name": value("Geheimrat Erika"), "external_id": value("crm-geheim"), "date_of_birth": value("1961-02-03")}).want(200)
	s.firm = s.create("/organization", object{"name": "ACME"})
	department := s.create(s.firm+"/departments", departmentSample)
	s.identity = s.create(s.owner+"/professional-identities", object{"organization_contact": tail(s.firm), "is_active": true, "job_title": value("Geheimagentin"),
		"departments": []any{departmentRef(department)}})
	for i, owner := range []string{s.owner, s.identity} {
		s.create(owner+"/emails", address(value(fmt.Sprint("geheim", i, "@example.com"))))
		s.create(owner+"/phones", number(value(fmt.Sprint("+49 221 77712", i))))
		s.values = append(s.values, fmt.Sprint("+4922177712", i))
		s.create(owner+"/web-addresses", with(webSample, "url", value(fmt.Sprint("https://geheim", i, ".example.com"))))
		s.create(owner+"/addresses", with(addressSample, "full_address", value(fmt.Sprint("Geheimweg ", i))))
	}
	for i := range 40 { // more than one transaction holds
		s.create(s.owner+"/emails", address(value(fmt.Sprint("viele", i, "@example.com"))))
	}
	s.newOptions(s.owner, anOption(5, 1, value("geheime-option")))
	s.do("PUT", s.owner+"/roles/customer", with(customerMinimal, "customer_id", value("geheim-c"))).want(200)
	s.do("PUT", s.owner+"/roles/supplier", with(supplierMinimal, "supplier_id", value("geheim-s"))).want(200)
	s.do("POST", s.owner+"/tags", object{"name": value("Geheimbund")}).want(201)
	s.do("POST", s.owner+"/tags", object{"name": "VIP"}).want(201)
	s.customer = s.create("/individual", object{"name": "Kunde"})
	s.do("PUT", s.customer+"/roles/customer", with(customerMinimal, "customer_id", "k", "managed_by",
		object{"contact_id": tail(s.owner), "professional_identity_id": tail(s.identity)})).want(200)
	for range 2 { // one processed, one still to be
		_, event := s.sent(studioPicture)
		if len(rawVersions(t, s.endpoint)) < 2 {
			if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

// erase erases the contact over a wire.
func (s subject) erase(ctx context.Context, w http.RoundTripper) error {
	table, objects := s.works(w, 0)
	id, err := contact.ParseID(tail(s.owner))
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = table.Store.Erase(ctx, s.org, id, func(ctx context.Context) (int, error) { return objects.ClearContact(ctx, s.org, id) })
	return err
}

// isErased holds that nothing is left of the contact but its id, and that what refers to it leads there.
func (s subject) isErased() {
	s.t.Helper()
	s.isBlank(s.values)
	if got, want := string(s.get(s.owner).want(200).body), `{"id":"`+tail(s.owner)+`","name":"erased","deleted":true,"erased":true}`; got != want {
		s.t.Errorf("the contact shows %s, want %s", got, want)
	}
	for _, parts := range []string{"/emails", "/phones", "/addresses", "/web-addresses", "/tags", "/images"} {
		var left struct{ Items []object }
		if s.get(s.owner + parts).want(200).decode(&left); len(left.Items) != 0 {
			s.t.Errorf("%s has %v", parts, left.Items)
		}
	}
	s.leads("email", "geheim0@example.com")
	if n := len(s.get(s.firm).object()["representatives"].([]any)); n != 0 {
		s.t.Errorf("%d represent the organization", n)
	}
	if got := fmt.Sprint(s.get(s.customer + "/roles/customer").want(200).object()["managed_by"]); !strings.Contains(got, tail(s.owner)) {
		s.t.Errorf("the customer is managed by %s", got)
	}
	s.isSound()
	// What refers to it can let go of it, and what it referred to is free.
	s.do("PUT", s.customer+"/roles/customer", with(customerMinimal, "customer_id", "k")).want(200)
	s.create("/individual", object{"name": "Max", "external_id": "crm-geheim"})
	s.do("DELETE", s.firm, nil).want(204)
	s.do("PUT", s.owner, object{"name": "Erika"}).problem(422)
	s.do("DELETE", s.owner, nil).want(204)
	s.isSound()
}

func TestAnErasureLeavesNoValueOfAContactInTableOrBucket(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(s subject){
		"living": func(subject) {},
		"deleted": func(s subject) {
			s.do("PUT", s.customer+"/roles/customer", with(customerMinimal, "customer_id", "k")).want(200)
			s.do("DELETE", s.owner, nil).want(204)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSubject(t)
			before(s)
			raw := s.rawItems()
			for _, v := range s.values {
				if !strings.Contains(raw, v) && name == "living" {
					t.Errorf("the table has no %q to erase", v)
				}
			}
			for range 2 { // and again, which changes nothing
				if err := s.erase(t.Context(), http.DefaultTransport); err != nil {
					t.Fatal(err)
				}
			}
			if name == "deleted" { // nobody is managed by it any more
				s.customer = s.create("/individual", object{"name": "Kunde"})
				s.do("PUT", s.customer+"/roles/customer", with(customerMinimal, "customer_id", "k2")).want(200)
				if got := s.rawItems(); strings.Contains(got, "geheim") {
					t.Error("the table has a value of the contact")
				}
				return
			}
			s.isErased()
		})
	}
}

func TestAnErasureThatIsKilledAtAnyRequestIsFinishedByItsRepeat(t *testing.T) {
	t.Parallel()
	for _, arrives := range []bool{false, true} {
		t.Run(fmt.Sprint("the request arrives: ", arrives), func(t *testing.T) {
			t.Parallel()
			s := newSubject(t)
			for n := 1; ; n++ {
				run, stop := context.WithCancel(t.Context())
				err := s.erase(run, &wire{at: n, do: func(carry func() (*http.Response, error)) (*http.Response, error) {
					if arrives {
						if response, err := carry(); err == nil {
							_ = response.Body.Close() // nobody waits for it
						}
					}
					stop()
					return nil, errCut
				}})
				stop()
				if err == nil {
					break
				}
			}
			s.isErased()
		})
	}
}

// isBlank holds that table and bucket have none of the values that a contact was given.
func (s studio) isBlank(values []string) {
	s.t.Helper()
	raw := s.rawItems()
	for _, v := range values {
		if at := strings.Index(raw, v); at >= 0 {
			line := raw[:at+strings.IndexByte(raw[at:], '\n')]
			s.t.Errorf("the table has %q: %s", v, line[strings.LastIndexByte(line, '\n')+1:])
		}
	}
	if left := rawVersions(s.t, s.endpoint); left != nil {
		s.t.Errorf("the bucket has %q", left)
	}
}

// An organization goes though others represent it, lie in its departments and locations, and are members of it.
func TestAnErasureOfAnOrganizationLeavesNoValueOfIt(t *testing.T) {
	t.Parallel()
	for _, many := range []bool{false, true} { // representatives in items of their own
		t.Run(fmt.Sprint("many: ", many), func(t *testing.T) {
			t.Parallel()
			s := subject{studio: newStudio(t)}
			value := func(text string) string { s.values = append(s.values, text); return text }
			erika := s.owner
			s.owner = s.secretFirm(value)
			department := s.create(s.owner+"/departments", with(departmentSample, "name", value("Geheimabteilung"), "description", value("geheimes Tun"), "code", value("GEH-1")))
			location := s.create(s.owner+"/locations", with(locationSample, "name", value("Geheimversteck")))
			if many {
				s.represented(s.owner, 50)
			}
			identity := s.tenant.identity(erika, s.owner, "departments", []any{departmentRef(department)}, "locations", []any{locationRef(location)})
			s.do("PUT", s.owner, with(s.get(s.owner).want(200).object(), "leaders", []any{identityRef(identity)})).want(200)
			sister := s.tenant.firm("Schwester")
			s.create(sister+"/memberships", object{"type": "SUBSIDIARY", "name": "Konzern", "organization_contact": tail(s.owner)})
			if err := s.erase(t.Context(), http.DefaultTransport); err != nil {
				t.Fatal(err)
			}
			s.isBlank(s.values)
			shown := s.get(s.owner).want(200).object()
			if shown["name"] != "erased" || shown["erased"] != true || shown["deleted"] != true || shown["leaders"] != nil || shown["founded"] != nil {
				t.Errorf("it shows %v", shown)
			}
			if many {
				return // made past the platform: no check is due
			}
			s.isSound()
			// Who represented it can let go of it.
			s.do("PUT", identity, object{"is_active": false}).want(200)
			s.do("PUT", identity, object{"is_active": true}).problem(422)
			s.isSound()
			s.do("DELETE", identity, nil).want(204)
			s.isSound()
			s.do("DELETE", sister, nil).want(204)
			s.isBlank(s.values)
		})
	}
}

// secretFirm is an organization with a value of its own in every place that takes one.
func (s *subject) secretFirm(value func(string) string) string {
	s.t.Helper()
	firm := s.tenant.firm(value("Geheimbund GmbH"), "external_id", value("crm-geheim"), "founded", value("1961-02-03"), "external_organization_id", value("HRB-geheim"))
	s.create(firm+"/emails", address(value("geheim@example.com")))
	s.create(firm+"/phones", number(value("+49 221 777120")))
	s.values = append(s.values, "+49221777120")
	s.create(firm+"/web-addresses", with(webSample, "url", value("https://geheim.example.com")))
	s.create(firm+"/addresses", with(addressSample, "full_address", value("Geheimweg 1")))
	s.create(firm+"/memberships", object{"type": "CLUB", "name": value("Geheimclub"), "reference": value("Nr. geheim")})
	s.do("PUT", firm+"/roles/customer", with(customerMinimal, "customer_id", value("geheim-c"))).want(200)
	s.do("PUT", firm+"/roles/supplier", with(supplierMinimal, "supplier_id", value("geheim-s"))).want(200)
	s.do("PUT", firm+"/roles/alternative-payer", object{"alternative_payer_id": value("geheim-p"), "is_active": true, "since": "2025-03-25"}).want(200)
	s.do("POST", firm+"/tags", object{"name": value("Geheimtag")}).want(201)
	s.owner = firm
	s.sent(studioPicture)
	return firm
}

func TestAnErasureOfAPlaceholderCustomerLeavesNoValueOfIt(t *testing.T) {
	t.Parallel()
	for name, deleted := range map[string]bool{"living": false, "deleted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := subject{studio: newStudio(t)}
			s.owner = s.create("/placeholder-customers", with(placeholderMinimal, "customer_id", "geheim-c", "name", "Geheimkasse", "external_id", "crm-geheim"))
			list := s.newList()
			s.do("POST", list+"/items", listOf(tail(s.owner))).want(200)
			s.sent(studioPicture)
			s.create(s.owner+"/images", dataOf(studioPicture))
			if deleted {
				s.do("DELETE", s.owner, nil).want(204)
			}
			if err := s.erase(t.Context(), http.DefaultTransport); err != nil {
				t.Fatal(err)
			}
			s.isBlank([]string{"geheim-c", "Geheimkasse", "crm-geheim"})
			if shown := s.get(s.owner).want(200).object(); shown["name"] != "erased" || shown["erased"] != true || shown["customer_id"] != "erased" {
				t.Errorf("it shows %v", shown)
			}
			s.isSound()
			s.do("DELETE", list+"/items/"+tail(s.owner), nil).want(204)
			s.create("/placeholder-customers", with(placeholderMinimal, "customer_id", "geheim-c", "external_id", "crm-geheim"))
			s.isSound()
		})
	}
}

// A tag is the organization's as long as a contact has it. The name of one that nobody has goes; who adds it again gets the id that it had.
func TestTheNameOfATagGoesWithTheErasureOfTheLastThatHasIt(t *testing.T) {
	t.Parallel()
	s := subject{studio: newStudio(t)}
	max := s.individual("Max")
	own := s.do("POST", s.owner+"/tags", object{"name": "Geheimbund"}).want(201).text("id")
	common := s.do("POST", s.owner+"/tags", object{"name": "VIP"}).want(201).text("id")
	s.do("POST", max+"/tags", object{"name": "vip"}).want(201)
	if err := s.erase(t.Context(), http.DefaultTransport); err != nil {
		t.Fatal(err)
	}
	s.isBlank([]string{"Geheimbund"})
	s.isSound()
	for name, id := range map[string]string{"Geheimbund": own, "vip": common} {
		if again := s.do("POST", max+"/tags", object{"name": name}).want(201); again.text("id") != id || !strings.EqualFold(again.text("name"), name) {
			t.Errorf("the tag %q is %s, want the id %s", name, again.body, id)
		}
	}
	s.isSound()
}
