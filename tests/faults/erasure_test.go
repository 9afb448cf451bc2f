package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"contacts/pkg/contact"
	"contacts/tests/harness"
)

// rawItems returns all stored items of a tenant.
func rawItems(x *harness.Tenant) string {
	x.T.Helper()
	var raw strings.Builder
	pages := dynamodb.NewScanPaginator(harness.Platform.Store, &dynamodb.ScanInput{TableName: &harness.Platform.Name, ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String("begins_with(pk, :pk)"), ExpressionAttributeValues: map[string]types.AttributeValue{":pk": harness.TextAttribute("T#" + x.Org + "#")}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(x.T.Context())
		if err != nil {
			x.T.Fatal(err)
		}
		for _, item := range page.Items {
			text, err := json.Marshal(item)
			if err != nil {
				x.T.Fatal(err)
			}
			raw.Write(text)
			raw.WriteByte('\n')
		}
	}
	return raw.String()
}

// rawVersions returns the keys of all versions of a bucket's objects, and of their delete markers.
func rawVersions(t testing.TB, endpoint string) (keys []string) {
	t.Helper()
	client := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: aws.String(harness.Bucket)})
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

// A subject is a contact with a distinct value in every field.
type subject struct {
	harness.ImageSandbox
	firm, identity, customer string // the organization it represents, its identity there, a customer that the identity manages
	values                   []string
}

func newSubject(t *testing.T) subject {
	t.Helper()
	s := subject{ImageSandbox: harness.NewImageSandbox(t)}
	value := func(text string) string { s.values = append(s.values, text); return text }
	s.Do("PUT", s.Owner, object{"name": value("Geheimrat Erika"), "external_id": value("crm-geheim"), "date_of_birth": value("1961-02-03")}).Want(200)
	s.firm = s.Create("/organization", object{"name": "ACME"})
	department := s.Create(s.firm+"/departments", harness.DepartmentSample)
	s.identity = s.Create(s.Owner+"/professional-identities", object{"organization_contact": harness.LastSegment(s.firm), "is_active": true, "job_title": value("Geheimagentin"),
		"departments": []any{harness.DepartmentRef(department)}})
	for i, owner := range []string{s.Owner, s.identity} {
		s.Create(owner+"/emails", harness.EmailWithAddress(value(fmt.Sprint("geheim", i, "@example.com"))))
		s.Create(owner+"/phones", harness.PhoneWithNumber(value(fmt.Sprint("+49 221 77712", i))))
		s.values = append(s.values, fmt.Sprint("+4922177712", i))
		s.Create(owner+"/web-addresses", harness.With(harness.WebSample, "url", value(fmt.Sprint("https://geheim", i, ".example.com"))))
		s.Create(owner+"/addresses", harness.With(harness.AddressSample, "full_address", value(fmt.Sprint("Geheimweg ", i))))
	}
	for i := range 40 { // more than fit into one transaction
		s.Create(s.Owner+"/emails", harness.EmailWithAddress(value(fmt.Sprint("viele", i, "@example.com"))))
	}
	s.NewOptions(s.Owner, harness.OptionBody(5, 1, value("geheime-option")))
	s.Do("PUT", s.Owner+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", value("geheim-c"))).Want(200)
	s.Do("PUT", s.Owner+"/roles/supplier", harness.With(harness.SupplierMinimal, "supplier_id", value("geheim-s"))).Want(200)
	s.Do("POST", s.Owner+"/tags", object{"name": value("Geheimbund")}).Want(201)
	s.Do("POST", s.Owner+"/tags", object{"name": "VIP"}).Want(201)
	s.customer = s.Create("/individual", object{"name": "Kunde"})
	s.Do("PUT", s.customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "k", "managed_by",
		object{"contact_id": harness.LastSegment(s.Owner), "professional_identity_id": harness.LastSegment(s.identity)})).Want(200)
	for range 2 { // one processed, one still to be
		_, event := s.AddPicture(harness.SmallPicture)
		if len(rawVersions(t, s.Endpoint)) < 2 {
			if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

// erase erases the contact by a transport.
func (s subject) erase(ctx context.Context, w http.RoundTripper) error {
	table, objects := s.Clients(w, 0)
	id, err := contact.ParseID(harness.LastSegment(s.Owner))
	if err != nil {
		s.T.Fatal(err)
	}
	_, err = table.Store.Erase(ctx, s.Org, id, func(ctx context.Context) (int, error) { return objects.ClearContact(ctx, s.Org, id) })
	return err
}

// wantErased requires that only the id is left of the contact, and that references to it stay valid.
func (s subject) wantErased() {
	s.T.Helper()
	wantNoneOf(s.ImageSandbox, s.values)
	if got, want := string(s.Get(s.Owner).Want(200).Body), `{"id":"`+harness.LastSegment(s.Owner)+`","name":"erased","deleted":true,"erased":true}`; got != want {
		s.T.Errorf("the contact shows %s, want %s", got, want)
	}
	for _, parts := range []string{"/emails", "/phones", "/addresses", "/web-addresses", "/tags", "/images"} {
		var left struct{ Items []object }
		if s.Get(s.Owner + parts).Want(200).Decode(&left); len(left.Items) != 0 {
			s.T.Errorf("%s has %v", parts, left.Items)
		}
	}
	s.hasNoHistory()
	s.FindsOnly("email", "geheim0@example.com")
	if n := len(s.Get(s.firm).Object()["representatives"].([]any)); n != 0 {
		s.T.Errorf("%d represent the organization", n)
	}
	if got := fmt.Sprint(s.Get(s.customer + "/roles/customer").Want(200).Object()["managed_by"]); !strings.Contains(got, harness.LastSegment(s.Owner)) {
		s.T.Errorf("the customer is managed by %s", got)
	}
	s.IsSound()
	// References to it can be removed, and what it referred to can be deleted.
	s.Do("PUT", s.customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "k")).Want(200)
	s.Create("/individual", object{"name": "Max", "external_id": "crm-geheim"})
	s.Do("DELETE", s.firm, nil).Want(204)
	s.Do("PUT", s.Owner, object{"name": "Erika"}).Problem(422)
	s.Do("DELETE", s.Owner, nil).Want(204)
	s.IsSound()
}

// hasNoHistory requires that only the erasure is left in the history of the contact, and nothing of it in that of the organization.
func (s subject) hasNoHistory() {
	s.T.Helper()
	page := s.Get(s.Owner + "/history").Want(200).Page()
	if len(page.Items) != 1 || page.Items[0]["type"] != "erased" || len(page.Items[0]["changes"].([]any)) != 0 {
		s.T.Errorf("its history is %v", page.Items)
	}
	if got := string(s.Get(s.firm + "/history?limit=1000").Want(200).Body); strings.Contains(got, harness.LastSegment(s.Owner)) {
		s.T.Errorf("the history of the organization has the contact: %s", got)
	}
	if n := strings.Count(rawItems(s.Tenant), "hist#"); n == 0 {
		s.T.Error("no history is stored")
	}
	at := page.Items[0]["at"].(string)
	if problem := s.Get(s.Owner + "/full?as_of=" + "2026-01-01T00:00:00Z"); problem.Status != 404 {
		s.T.Errorf("before it was made it is %d", problem.Status)
	}
	earlier, err := time.Parse(time.RFC3339, at)
	if err != nil {
		s.T.Fatal(err)
	}
	if problem := s.Get(s.Owner + "/full?as_of=" + earlier.Add(-time.Microsecond).Format(time.RFC3339Nano)).Problem(422); !strings.Contains(problem.Detail, at) {
		s.T.Errorf("before it was erased: %s", problem.Detail)
	}
}

func TestAnErasureLeavesNoValueOfAContactInTableOrBucket(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(s subject){
		"living": func(subject) {},
		"deleted": func(s subject) {
			s.Do("PUT", s.customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "k")).Want(200)
			s.Do("DELETE", s.Owner, nil).Want(204)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSubject(t)
			before(s)
			raw := rawItems(s.Tenant)
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
				s.customer = s.Create("/individual", object{"name": "Kunde"})
				s.Do("PUT", s.customer+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "k2")).Want(200)
				if got := rawItems(s.Tenant); strings.Contains(got, "geheim") {
					t.Error("the table has a value of the contact")
				}
				return
			}
			s.wantErased()
		})
	}
}

func TestARepetitionFinishesAnErasureThatWasKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	for _, arrives := range []bool{false, true} {
		t.Run(fmt.Sprint("the request arrives: ", arrives), func(t *testing.T) {
			t.Parallel()
			s := newSubject(t)
			for n := 1; ; n++ {
				run, stop := context.WithCancel(t.Context())
				err := s.erase(run, &harness.CutTransport{At: n, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
					if arrives {
						if response, err := carry(); err == nil {
							_ = response.Body.Close() // nobody waits for it
						}
					}
					stop()
					return nil, harness.ErrCut
				}})
				stop()
				if err == nil {
					break
				}
			}
			s.wantErased()
		})
	}
}

// wantNoneOf requires table and bucket to have none of a contact's values.
func wantNoneOf(s harness.ImageSandbox, values []string) {
	s.T.Helper()
	raw := rawItems(s.Tenant)
	for _, v := range values {
		if at := strings.Index(raw, v); at >= 0 {
			line := raw[:at+strings.IndexByte(raw[at:], '\n')]
			s.T.Errorf("the table has %q: %s", v, line[strings.LastIndexByte(line, '\n')+1:])
		}
	}
	if left := rawVersions(s.T, s.Endpoint); left != nil {
		s.T.Errorf("the bucket has %q", left)
	}
}

// An organization is erased although others represent it and refer to its departments and locations.
func TestAnErasureOfAnOrganizationLeavesNoValueOfIt(t *testing.T) {
	t.Parallel()
	for _, many := range []bool{false, true} { // representatives in items of their own
		t.Run(fmt.Sprint("many: ", many), func(t *testing.T) {
			t.Parallel()
			s := subject{ImageSandbox: harness.NewImageSandbox(t)}
			value := func(text string) string { s.values = append(s.values, text); return text }
			erika := s.Owner
			s.Owner = s.createSecretOrganization(value)
			department := s.Create(s.Owner+"/departments", harness.With(harness.DepartmentSample, "name", value("Geheimabteilung"), "description", value("geheimes Tun"), "code", value("GEH-1")))
			location := s.Create(s.Owner+"/locations", harness.With(harness.LocationSample, "name", value("Geheimversteck")))
			if many {
				s.AddRepresentatives(s.Owner, 50)
			}
			identity := s.CreateIdentity(erika, s.Owner, "departments", []any{harness.DepartmentRef(department)}, "locations", []any{harness.LocationRef(location)})
			s.Do("PUT", s.Owner, harness.With(s.Get(s.Owner).Want(200).Object(), "leaders", []any{harness.IdentityRef(identity)})).Want(200)
			sister := s.CreateOrganization("Schwester")
			s.Create(sister+"/memberships", object{"type": "SUBSIDIARY", "name": "Konzern", "organization_contact": harness.LastSegment(s.Owner)})
			if err := s.erase(t.Context(), http.DefaultTransport); err != nil {
				t.Fatal(err)
			}
			wantNoneOf(s.ImageSandbox, s.values)
			shown := s.Get(s.Owner).Want(200).Object()
			if shown["name"] != "erased" || shown["erased"] != true || shown["deleted"] != true || shown["leaders"] != nil || shown["founded"] != nil {
				t.Errorf("it shows %v", shown)
			}
			if many {
				return // made past the platform: no check is due
			}
			s.IsSound()
			// Its representatives can remove their references.
			s.Do("PUT", identity, object{"is_active": false}).Want(200)
			s.Do("PUT", identity, object{"is_active": true}).Problem(422)
			s.IsSound()
			s.Do("DELETE", identity, nil).Want(204)
			s.IsSound()
			s.Do("DELETE", sister, nil).Want(204)
			wantNoneOf(s.ImageSandbox, s.values)
		})
	}
}

// createSecretOrganization creates an organization with a distinct value in every field.
func (s *subject) createSecretOrganization(value func(string) string) string {
	s.T.Helper()
	firm := s.CreateOrganization(value("Geheimbund GmbH"), "external_id", value("crm-geheim"), "founded", value("1961-02-03"), "external_organization_id", value("HRB-geheim"))
	s.Create(firm+"/emails", harness.EmailWithAddress(value("geheim@example.com")))
	s.Create(firm+"/phones", harness.PhoneWithNumber(value("+49 221 777120")))
	s.values = append(s.values, "+49221777120")
	s.Create(firm+"/web-addresses", harness.With(harness.WebSample, "url", value("https://geheim.example.com")))
	s.Create(firm+"/addresses", harness.With(harness.AddressSample, "full_address", value("Geheimweg 1")))
	s.Create(firm+"/memberships", object{"type": "CLUB", "name": value("Geheimclub"), "reference": value("Nr. geheim")})
	s.Do("PUT", firm+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", value("geheim-c"))).Want(200)
	s.Do("PUT", firm+"/roles/supplier", harness.With(harness.SupplierMinimal, "supplier_id", value("geheim-s"))).Want(200)
	s.Do("PUT", firm+"/roles/alternative-payer", object{"alternative_payer_id": value("geheim-p"), "is_active": true, "since": "2025-03-25"}).Want(200)
	s.Do("POST", firm+"/tags", object{"name": value("Geheimtag")}).Want(201)
	s.Owner = firm
	s.AddPicture(harness.SmallPicture)
	return firm
}

func TestAnErasureOfAPlaceholderCustomerLeavesNoValueOfIt(t *testing.T) {
	t.Parallel()
	for name, deleted := range map[string]bool{"living": false, "deleted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := subject{ImageSandbox: harness.NewImageSandbox(t)}
			s.Owner = s.Create("/placeholder-customers", harness.With(harness.PlaceholderMinimal, "customer_id", "geheim-c", "name", "Geheimkasse", "external_id", "crm-geheim"))
			list := s.NewList()
			s.Do("POST", list+"/items", harness.ListOf(harness.LastSegment(s.Owner))).Want(200)
			s.AddPicture(harness.SmallPicture)
			s.Create(s.Owner+"/images", harness.ImageBody(harness.SmallPicture))
			if deleted {
				s.Do("DELETE", s.Owner, nil).Want(204)
			}
			if err := s.erase(t.Context(), http.DefaultTransport); err != nil {
				t.Fatal(err)
			}
			wantNoneOf(s.ImageSandbox, []string{"geheim-c", "Geheimkasse", "crm-geheim"})
			if shown := s.Get(s.Owner).Want(200).Object(); shown["name"] != "erased" || shown["erased"] != true || shown["customer_id"] != "erased" {
				t.Errorf("it shows %v", shown)
			}
			s.IsSound()
			s.Do("DELETE", list+"/items/"+harness.LastSegment(s.Owner), nil).Want(204)
			s.Create("/placeholder-customers", harness.With(harness.PlaceholderMinimal, "customer_id", "geheim-c", "external_id", "crm-geheim"))
			s.IsSound()
		})
	}
}

// A tag's name is erased with the last contact that has it. Adding it again gives it the same id.
func TestTheNameOfATagIsErasedWithItsLastContact(t *testing.T) {
	t.Parallel()
	s := subject{ImageSandbox: harness.NewImageSandbox(t)}
	max := s.CreateIndividual("Max")
	own := s.Do("POST", s.Owner+"/tags", object{"name": "Geheimbund"}).Want(201).Text("id")
	common := s.Do("POST", s.Owner+"/tags", object{"name": "VIP"}).Want(201).Text("id")
	s.Do("POST", max+"/tags", object{"name": "vip"}).Want(201)
	if err := s.erase(t.Context(), http.DefaultTransport); err != nil {
		t.Fatal(err)
	}
	wantNoneOf(s.ImageSandbox, []string{"Geheimbund"})
	s.IsSound()
	for name, id := range map[string]string{"Geheimbund": own, "vip": common} {
		if again := s.Do("POST", max+"/tags", object{"name": name}).Want(201); again.Text("id") != id || !strings.EqualFold(again.Text("name"), name) {
			t.Errorf("the tag %q is %s, want the id %s", name, again.Body, id)
		}
	}
	s.IsSound()
}
