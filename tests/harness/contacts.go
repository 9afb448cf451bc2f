package harness

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// BatchBody returns the body of a batch.
func BatchBody(rows ...any) Object {
	if rows == nil {
		rows = []any{}
	}
	return Object{"items": rows}
}

// BatchRow returns a row of a batch: a contact with an external id, "" for none.
func BatchRow(external, name string) Object {
	if external == "" {
		return Object{"name": name}
	}
	return Object{"name": name, "external_id": external}
}

// RowWithLongProblem returns a row whose problem is twice as long: JSON pointers escape each slash with two characters.
func RowWithLongProblem() string {
	var fields []string
	for i := range 16 {
		fields = append(fields, fmt.Sprintf(`"%d%s":1`, i, strings.Repeat("/", 500)))
	}
	return "{" + strings.Join(fields, ",") + "}"
}

func ItemKey(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
}

// Representatives returns those that an organization shows, by the ids of their professional identities.
func (x *Tenant) Representatives(firm string) (ids []string, entries map[string]Object) {
	x.T.Helper()
	entries = map[string]Object{}
	for _, r := range x.Get(firm).Want(200).Object()["representatives"].([]any) {
		entry := r.(Object)
		id := entry["professional_identity"].(Object)["professional_identity_id"].(string)
		ids, entries[id] = append(ids, id), entry
	}
	return ids, entries
}

// MemberCount returns the member_count of a location.
func (x *Tenant) MemberCount(location string) float64 {
	x.T.Helper()
	return x.Get(location).Want(200).Object()["member_count"].(float64)
}

// CreateContacts adds n contacts of a kind concurrently and returns their paths.
func (x *Tenant) CreateContacts(kind string, n int) []string {
	x.T.Helper()
	paths := make([]string, n)
	for i, a := range Concurrently(x.T, n, func(int) (*Answer, error) {
		return x.TryDo("POST", kind, Object{"name": "Erika"})
	}) {
		paths[i] = kind + "/" + a.Want(201).Text("id")
	}
	return paths
}

// Mapping returns the body of a mapping from pairs: a contact's path or id, and its external id.
func Mapping(pairs ...string) Object {
	items := []Object{}
	for i := 0; i < len(pairs); i += 2 {
		items = append(items, Object{"internal": LastSegment(pairs[i]), "external": pairs[i+1]})
	}
	return Object{"items": items}
}

// Pairs returns the rows of a mapping as "internal external", sorted.
func (a *Answer) Pairs() []string {
	a.T.Helper()
	body := a.Want(200).Object()
	items, ok := body["items"].([]any)
	if !ok || len(body) != 1 {
		a.T.Fatalf("%s answered %s, want items alone", a.What, a.Body)
	}
	var pairs []string
	for _, item := range items {
		m := item.(Object)
		if len(m) != 2 {
			a.T.Fatalf("%s: %v, want internal and external alone", a.What, m)
		}
		pairs = append(pairs, fmt.Sprint(m["internal"], " ", m["external"]))
	}
	slices.Sort(pairs)
	return pairs
}

func InternalPath(path string) string {
	return path[:strings.LastIndexByte(path, '/')] + "-id-mapping/internal/" + LastSegment(path)
}

// A channel is a kind of part, with the sample of the API's documentation, the values of its enumerations, and invalid bodies by the pointer
// of their fault.
type channel struct {
	Segment, Details string
	Sample, Minimal  Object
	Enums            map[string][]string
	Bad              map[string]Object
}

func ChannelOf(segment string) *channel {
	for i := range Channels {
		if Channels[i].Segment == segment {
			return &Channels[i]
		}
	}
	return nil
}

func With(o Object, changes ...any) Object {
	changed := Object{}
	for name, value := range o {
		changed[name] = value
	}
	for i := 0; i < len(changes); i += 2 {
		if name := changes[i].(string); changes[i+1] == nil {
			delete(changed, name)
		} else {
			changed[name] = changes[i+1]
		}
	}
	return changed
}

var AddressSample = Object{"type": "NOT_QUALIFIED", "full_address": "string", "recipient_name": "string", "care_of": "string",
	"street_name": "string", "street_number": "string", "additional": "string", "city": "string", "zip": "string",
	"country_code": "AF", "description": "string", "usages": []any{"EVERYTHING"}, "usage_context": "ORGANIZATION"}

var EmailSample = Object{"type": "NOT_QUALIFIED", "address": "user@example.com", "description": "string", "usage_context": "ORGANIZATION"}

var PhoneSample = Object{"type": "NOT_QUALIFIED", "number": "string", "description": "string", "usages": []any{"EVERYTHING"}, "usage_context": "ORGANIZATION"}

var WebSample = Object{"type": "NOT_QUALIFIED", "url": "https://www.example.com/erika", "description": "string", "usage_context": "ORGANIZATION"}

var UsageContexts = []string{"ORGANIZATION", "PERSONAL", "PROFESSIONAL"}

var Channels = []channel{
	{"addresses", "addresses", AddressSample, Object{"type": "OFFICE", "full_address": "a", "usage_context": "PERSONAL"},
		map[string][]string{
			"type": strings.Fields(`NOT_QUALIFIED FACTORY HEADQUARTERS HOME_OFFICE OFFICE OFFICE_CENTER PACKSTATION PO_BOX POST_OFFICE
				RESIDENTIAL_HOME SECOND_HOME SERVICE_POINT STORE SUBSIDIARY VACATION_HOME WAREHOUSE`),
			"country_code": {"AF", "DE", "AN", "WG", "NO"}, "usage_context": UsageContexts},
		map[string]Object{
			"/country_code": With(AddressSample, "country_code", "XX"), "/full_address": With(AddressSample, "full_address", " "),
			"/usages/1": With(AddressSample, "usages", []any{"SHIPPING", "CALL"}), "/usages": With(AddressSample, "usages", "SHIPPING"),
			"/city": With(AddressSample, "city", 5), "/type": With(AddressSample, "type", "office"), "/usage_context": With(AddressSample, "usage_context", nil)}},
	{"emails", "emails", EmailSample, Object{"type": "WORK_EMAIL", "address": "Erika.M@Example.COM", "usage_context": "PERSONAL"},
		map[string][]string{"type": {"NOT_QUALIFIED", "EMAIL_ALIAS", "MAILING_LIST", "PERSONAL_EMAIL", "WORK_EMAIL"}, "usage_context": UsageContexts},
		map[string]Object{"/address": With(EmailSample, "address", "no mailbox"), "/type": With(EmailSample, "type", "X"),
			"/usage_context": With(EmailSample, "usage_context", "X"), "/usages": With(EmailSample, "usages", []any{}), "/description": With(EmailSample, "description", true)}},
	{"phones", "phones", PhoneSample, Object{"type": "HOTLINE", "number": "110", "usage_context": "PERSONAL"},
		map[string][]string{
			"type": strings.Fields(`NOT_QUALIFIED DIRECT_EXTENSION DIRECT_FAX DIRECT_LINE FAX_LINE FIXED_LINE HOME_FAX HOME_PHONE HOTLINE MAIN MAIN_FAX
				MOBILE PAGER PERSONAL_MOBILE SAT VIRTUAL_LINE VOIP_LINE WORK_MOBILE`), "usage_context": UsageContexts},
		map[string]Object{"/number": With(PhoneSample, "number", "  "), "/usages/0": With(PhoneSample, "usages", []any{"SHIPPING"}), "/type": With(PhoneSample, "type", nil)}},
	{"web-addresses", "web_addresses", WebSample, Object{"type": "BLOG", "url": "http://example.com", "usage_context": "PERSONAL"},
		map[string][]string{
			"type": strings.Fields(`NOT_QUALIFIED BLOG FACEBOOK_PAGE_OR_PROFILE GOOGLE_PLUS_PROFILE HOMEPAGE_OR_WEBSITE LINKEDIN_PROFILE ONLINE_STORE
				ORGANIZATION_BLOG ORGANIZATION_PROFILE ORGANIZATION_WEBSITE OTHER PERSONAL_BLOG PERSONAL_PROFILE PERSONAL_WEBSITE PROFESSIONAL_BLOG
				PROFESSIONAL_PROFILE PROFESSIONAL_WEBSITE TWITTER_PROFILE TWITTER_STREAM XING_PROFILE YELP_IMAGE INSTAGRAM_PROFILE YOUTUBE`),
			"usage_context": UsageContexts},
		map[string]Object{"/url": With(WebSample, "url", "ftp://example.com"), "/type": With(WebSample, "type", "X")}},
}

// Lookup looks contacts up by one parameter.
func (x *Tenant) Lookup(by, value string) page {
	x.T.Helper()
	return x.Get("/lookup?" + by + "=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")).Page()
}

// FindsOnly requires the lookup by one parameter to find exactly these contacts, in the order of their creation.
func (x *Tenant) FindsOnly(by, value string, paths ...string) {
	x.T.Helper()
	ids := []string{}
	for _, path := range paths {
		ids = append(ids, LastSegment(path))
	}
	if p := x.Lookup(by, value); !slices.Equal(p.Texts("id"), ids) || len(p.Problems) != 0 {
		x.T.Errorf("%s=%s leads to %q and %v, want %q", by, value, p.Texts("id"), p.Problems, ids)
	}
}

// PhoneWithNumber returns a phone with a number, EmailWithAddress an email with an address.
func PhoneWithNumber(n string) Object { return With(PhoneSample, "number", n) }

func EmailWithAddress(a string) Object { return With(EmailSample, "address", a) }

// CreateOrganization adds an organization and returns its path below the tenant's.
func (x *Tenant) CreateOrganization(name string, changes ...any) string {
	x.T.Helper()
	return x.Create("/organization", With(Object{"name": name}, changes...))
}

// Create adds a resource to a collection and returns its path below the tenant's.
func (x *Tenant) Create(list string, body any) string {
	x.T.Helper()
	return list + "/" + x.Do("POST", list, body).Want(201).Text("id")
}

// LastSegment is the id at the end of a path.
func LastSegment(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// OwnerID returns the id of the contact in a path.
func OwnerID(path string) string { return strings.Split(path, "/")[2] }

// IdentityRef, DepartmentRef and LocationRef return the references to a part by its path.
func IdentityRef(path string) Object {
	return Object{"contact_id": OwnerID(path), "professional_identity_id": LastSegment(path)}
}

func DepartmentRef(path string) Object {
	return Object{"contact_id": OwnerID(path), "department_id": LastSegment(path)}
}

func LocationRef(path string) Object {
	return Object{"contact_id": OwnerID(path), "location_id": LastSegment(path)}
}

// CreateIdentity adds a professional identity of an individual at an organization and returns its path.
func (x *Tenant) CreateIdentity(individual, firm string, changes ...any) string {
	x.T.Helper()
	return x.Create(individual+"/professional-identities", With(Object{"organization_contact": LastSegment(firm), "is_active": true}, changes...))
}

var DepartmentSample = Object{"name": "Sales", "description": "sells", "area": "SALES", "code": "S1"}

var LocationSample = Object{"name": "Cologne"}

var MembershipSample = Object{"type": "CLUB", "name": "The Club", "reference": "No. 5"}

// CreateIndividuals adds contacts and returns their ids, in the order of their creation.
func (x *Tenant) CreateIndividuals(n int) []string {
	x.T.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = x.Do("POST", "/individual", Object{"name": fmt.Sprint(i)}).Want(201).Text("id")
	}
	return ids
}

var nextLink = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

// Next returns the target of the page's Link below the tenant's path, or "". It requires the body's next to be the Link's cursor.
func (x *Tenant) Next(a *Answer) string {
	x.T.Helper()
	link, next := a.Header.Get("Link"), a.Page().Next
	if link == "" {
		if next != nil {
			x.T.Fatalf("%s: next %q without a Link", a.What, *next)
		}
		return ""
	}
	m := nextLink.FindStringSubmatch(link)
	if m == nil || !strings.HasPrefix(m[1], x.Path("/")) {
		x.T.Fatalf("Link %q", link)
	}
	if target, err := url.Parse(m[1]); err != nil || next == nil || *next != target.Query().Get("cursor") {
		x.T.Fatalf("%s: the body %s has not the cursor of the Link %q", a.What, a.Body, link)
	}
	return strings.TrimPrefix(m[1], x.Path(""))
}

// Damage overwrites the stored document of a resource.
func Damage(t *testing.T, pk, sk, doc string) {
	t.Helper()
	_, err := Platform.Store.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &Platform.Name, UpdateExpression: aws.String("SET doc = :doc"), ConditionExpression: aws.String("attribute_exists(pk)"),
		Key:                       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}},
		ExpressionAttributeValues: map[string]types.AttributeValue{":doc": &types.AttributeValueMemberS{Value: doc}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// CreateMany adds n resources to a collection concurrently and returns their paths, in the order of creation.
func (x *Tenant) CreateMany(n int, list string, body Object) []string {
	x.T.Helper()
	paths := make([]string, n)
	for i, a := range Concurrently(x.T, n, func(int) (*Answer, error) { return x.TryDo("POST", list, body) }) {
		paths[i] = list + "/" + a.Want(201).Text("id")
	}
	slices.Sort(paths)
	return paths
}

// ReferencesTo returns the references to paths, made by ref.
func ReferencesTo(ref func(string) Object, paths []string) []any {
	all := []any{}
	for _, p := range paths {
		all = append(all, ref(p))
	}
	return all
}

// AddRepresentatives writes n representatives of an organization to the table, without their identities, which nobody reads here.
func (x *Tenant) AddRepresentatives(firm string, n int) {
	x.T.Helper()
	inline, own := map[string]types.AttributeValue{}, []types.WriteRequest{}
	for i := range n {
		name, text := fmt.Sprintf("%016d#%016d", 4*i+7, 4*i+4), TextAttribute("true 1732828866000 1732828867000")
		if i < 40 {
			inline[name] = text
			continue
		}
		item := ItemKey("T#"+x.Org+"#C#"+Padded(LastSegment(firm)), "rep#"+name)
		item["representative"] = text
		own = append(own, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
	}
	for batch := range slices.Chunk(own, 25) {
		if _, err := Platform.Store.BatchWriteItem(x.T.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{Platform.Name: batch}}); err != nil {
			x.T.Fatal(err)
		}
	}
	if _, err := Platform.Store.UpdateItem(x.T.Context(), &dynamodb.UpdateItemInput{TableName: &Platform.Name, Key: ItemKey("T#"+x.Org+"#O", Padded(LastSegment(firm))),
		UpdateExpression: aws.String("SET representatives = :all, represented = :n ADD v :one"), ExpressionAttributeValues: map[string]types.AttributeValue{
			":all": &types.AttributeValueMemberM{Value: inline}, ":n": NumberAttribute(int64(n)), ":one": NumberAttribute(1)}}); err != nil {
		x.T.Fatal(err)
	}
}

// ContactKinds are the two collections of contacts.
var ContactKinds = []string{"/individual", "/organization"}

// EachKind runs a test for both kinds of contact, each in a tenant of its own.
func EachKind(t *testing.T, test func(t *testing.T, x *Tenant, kind string)) {
	t.Helper()
	for _, kind := range ContactKinds {
		t.Run(kind[1:], func(t *testing.T) {
			t.Parallel()
			test(t, NewTenant(t), kind)
		})
	}
}

// CreateContact adds a contact of a kind and returns its path below the tenant's.
func (x *Tenant) CreateContact(kind string, body Object) string {
	x.T.Helper()
	whole := Object{"name": "Erika"}
	maps.Copy(whole, body)
	return x.Create(kind, whole)
}

// Tags lists a contact's tags as "id name". It requires the answer to have items alone, as the API document shows it.
func (x *Tenant) Tags(path string) []string {
	x.T.Helper()
	a := x.Get(path + "/tags").Want(200)
	list := a.Object()
	items, ok := list["items"].([]any)
	if !ok || len(list) != 1 {
		x.T.Fatalf("%s: %s, want items alone", a.What, a.Body)
	}
	tags := []string{}
	for _, item := range items {
		if tag := item.(Object); len(tag) == 2 {
			tags = append(tags, fmt.Sprint(tag["id"], " ", tag["name"]))
		} else {
			x.T.Fatalf("%s: %v, want id and name alone", a.What, tag)
		}
	}
	return tags
}

// AddTag adds a tag to a contact and returns the tag's id.
func (x *Tenant) AddTag(path, name string) string {
	x.T.Helper()
	return x.Do("POST", path+"/tags", Object{"name": name}).Want(201).Text("id")
}

// WithDefaults returns a contact without the empty list of representatives that an organization shows.
func WithDefaults(contact Object) Object {
	if list, ok := contact["representatives"].([]any); ok && len(list) == 0 {
		return With(contact, "representatives", nil)
	}
	return contact
}
