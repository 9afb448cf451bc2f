package functions

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"contacts/pkg/local"
	"contacts/pkg/samtemplate"
	"contacts/pkg/wiring/all"
	"contacts/tests/harness"
	"contacts/tests/harness/templateyaml"
)

// An accessRecorder is a proxy of table and bucket that records the accesses of each function.
type accessRecorder struct {
	mu   sync.Mutex
	seen map[access]bool
}

// An access is what IAM decides on: a function, an action, and its partition keys, or its key or prefix of objects.
type access struct{ group, action, keys string }

// ServeHTTP records a request whose path names the function, and passes it on.
func (c *accessRecorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	engine, err := url.Parse(*harness.Platform.Store.Options().BaseEndpoint)
	if err != nil {
		panic(err) // the engine's own
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.record(strings.Trim(r.URL.Path, "/"), operation, body)
	r.Body, r.URL.Path = io.NopCloser(bytes.NewReader(body)), "/"
	(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(engine) }}).ServeHTTP(w, r)
}

type attribute struct{ S string }

// partitionOf finds the placeholder of the partition in a Query's key condition, which begins with it.
var partitionOf = regexp.MustCompile(`^#\w+ = (:\w+)`)

func (c *accessRecorder) record(group, operation string, body []byte) {
	var request struct {
		Key, Item                 map[string]attribute
		ExpressionAttributeValues map[string]attribute
		KeyConditionExpression    string
		RequestItems              map[string]json.RawMessage
		TransactItems             []map[string]struct{ Key, Item map[string]attribute }
	}
	if err := json.Unmarshal(body, &request); err != nil {
		panic(err) // the SDK's own
	}
	pk := func(keys ...map[string]attribute) string {
		var all []string
		for _, k := range keys {
			if k != nil {
				all = append(all, k["pk"].S)
			}
		}
		slices.Sort(all)
		return strings.Join(slices.Compact(all), "\n")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch operation {
	case "TransactWriteItems":
		for _, item := range request.TransactItems {
			for what, i := range item {
				action := map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}[what]
				c.seen[access{group, action, pk(i.Key, i.Item)}] = true
			}
		}
	case "BatchGetItem":
		for _, text := range request.RequestItems {
			var table struct{ Keys []map[string]attribute }
			if err := json.Unmarshal(text, &table); err != nil {
				panic(err)
			}
			c.seen[access{group, operation, pk(table.Keys...)}] = true
		}
	case "BatchWriteItem":
		for _, text := range request.RequestItems {
			var writes []struct {
				PutRequest struct{ Item map[string]attribute }
			}
			if err := json.Unmarshal(text, &writes); err != nil {
				panic(err)
			}
			for _, w := range writes {
				c.seen[access{group, operation, pk(w.PutRequest.Item)}] = true
			}
		}
	case "Query":
		c.seen[access{group, operation, request.ExpressionAttributeValues[partitionOf.FindStringSubmatch(request.KeyConditionExpression)[1]].S}] = true
	default:
		c.seen[access{group, operation, pk(request.Key, request.Item)}] = true
	}
}

// Each function's role allows what the function does to table and bucket in all scenarios, and no action that none of them needs. Requests
// that a function signs for others count as its own.
func TestRolesAllowWhatFunctionsDoAndNothingElse(t *testing.T) {
	t.Parallel()
	recorder := &accessRecorder{seen: map[access]bool{}}
	server := httptest.NewServer(recorder)
	t.Cleanup(server.Close)
	x := harness.NewTenant(t)
	objects, err := local.StartObjects(t.Context(), local.ObjectsOptions{Bucket: harness.Bucket, Keys: map[string]string{"local": "local"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { objects.Stop(context.Background()) })
	door := httptest.NewServer(recorder.inFrontOf(objects.Endpoint()))
	t.Cleanup(door.Close)
	gateway, handlers := gatewayTo(t, server.URL, door.URL)
	x.Carry = func(method, target string, body any, headers ...string) (*harness.Answer, error) {
		content, err := harness.Payload(body)
		if err != nil {
			return nil, err
		}
		request := httptest.NewRequest(method, target, bytes.NewReader(content))
		request.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		recorded := httptest.NewRecorder()
		gateway.ServeHTTP(recorded, request)
		return &harness.Answer{T: t, What: method + " " + target, Status: recorded.Code, Header: recorded.Header(), Body: recorded.Body.Bytes()}, nil
	}
	for _, keyed := range []bool{false, true} {
		for _, name := range slices.Sorted(maps.Keys(harness.FaultScenarios)) {
			w := &harness.Walker{Tenant: otherTenant(t, x)}
			if keyed {
				n := 0
				w.Disturbed = func(method, target string, body any, _ ...string) *harness.Answer {
					n++
					w.Ask(method, target, body, "Idempotency-Key", fmt.Sprint("k", n))
					return w.Ask(method, target, body, "Idempotency-Key", fmt.Sprint("k", n))
				}
			}
			since := w.Get("/changes").Want(200).Text("next")
			harness.FaultScenarios[name].Walk(w)
			w.Get("/lookup?email=user@example.com&limit=1")
			w.Get("/lookup?external_id=crm-1")
			w.Get("/search?query=erika")
			w.Get(w.Next(w.Get("/search?query=user@&limit=1")))
			w.Get("/changes?since=" + since).Want(200)
			w.Rest("GET", "?externalId=crm-1", nil)
			w.Rest("GET", "?email=user@example.com&number=c-1", nil)
			w.Rest("GET", "?name=Erika&page=2", nil)
		}
	}
	requestTokens(x)
	refusals(x)
	deliverToWebhooks(x, handlers)
	exportContacts(x, handlers, harness.BucketOf(objects.Endpoint()))
	for _, owner := range []string{x.CreateIndividual("Erika"), x.CreateOrganization("Muster AG"), x.NewPlaceholder("till")} {
		added := harness.LastSegment(x.Create(owner+"/images", harness.ImageBody(harness.SmallPicture)))
		sent := x.RequestUpload(owner, harness.UploadJPEG)
		if status, text := sent.Post(t, harness.SmallPicture); status != 204 {
			t.Fatalf("the form is answered %d %s", status, text)
		}
		folder := "incoming/" + x.Org + "/" + harness.OwnerID(owner) + "/"
		if _, err := handlers["imageprocessor"].Invoke(t.Context(), harness.S3Event(folder+added, folder+sent.ID)); err != nil {
			t.Fatal(err)
		}
		lost := x.RequestUpload(owner, harness.UploadJPEG) // an object that is gone when its event comes
		if _, err := handlers["imageprocessor"].Invoke(t.Context(), harness.S3Event(folder+lost.ID)); err != nil {
			t.Fatal(err)
		}
		x.Do("DELETE", owner+"/images/"+lost.ID, nil).Want(204)
		if got := x.ListImages(owner); len(got) != 2 {
			t.Errorf("listed %v, want both pictures", got)
		}
		for _, method := range []string{"GET", "HEAD"} {
			a, err := x.Carry(method, x.Path(owner+"/images/"+added+"?size=64"), nil, "Authorization", "Bearer "+x.Token)
			if err != nil {
				t.Fatal(err)
			}
			request, err := http.NewRequestWithContext(t.Context(), method, x.RedirectOf(a), nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil || response.StatusCode != 200 {
				t.Fatalf("%s of the picture: %v, %v", method, response, err)
			}
			_ = response.Body.Close()
		}
		x.Do("DELETE", owner+"/images/"+added, nil).Want(204)
		left := "images/" + x.Org + "/" + harness.OwnerID(owner) + "/" + added + "/of-a-run-that-was-cut/64"
		if _, err := harness.BucketOf(objects.Endpoint()).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(harness.Bucket), Key: &left}); err != nil {
			t.Fatal(err)
		}
		if _, err := handlers["imageprocessor"].Invoke(t.Context(), harness.S3Event(folder+added)); err != nil {
			t.Fatal(err)
		}
	}
	granted := grants(t)
	used := map[string]bool{}
	for a := range recorder.seen {
		if by := granted.allowing(a); by == "" {
			t.Errorf("%s does %s to %q, which its role doesn't allow", a.group, a.action, a.keys)
		} else {
			used[by+" "+a.action] = true
		}
	}
	n := 0
	for _, g := range granted {
		for _, action := range g.actions {
			if n++; !used[g.name+" "+action] && g.name+" "+action != "AuthFunction Keys PutItem" { // that makes the first key of a table
				t.Errorf("%s allows %s, which no scenario needs", g.name, action)
			}
		}
	}
	t.Logf("%d accesses, %d grants", len(recorder.seen), n)
}

// otherTenant returns another organization that is used in the same way.
func otherTenant(t *testing.T, x *harness.Tenant) *harness.Tenant {
	t.Helper()
	y := harness.NewTenant(t).Admin()
	y.Carry = x.Carry
	return y
}

// requestTokens requests tokens in all ways.
func requestTokens(x *harness.Tenant) {
	x.T.Helper()
	user := x.NewUser()
	ask := func(target string, headers ...string) *harness.Answer {
		a, err := x.Carry("GET", target, nil, headers...)
		if err != nil {
			x.T.Fatal(err)
		}
		return a
	}
	ask("/auth/authorize/"+x.Org, "Authorization", harness.BasicAuth(x.App, x.Secret)).Want(200)
	login := func(password string) *harness.Answer {
		a, err := x.Carry("POST", "/rest/login", object{"username": user, "password": password})
		if err != nil {
			x.T.Fatal(err)
		}
		return a
	}
	login("wrong").Want(401)
	given := login(harness.RightPassword).Want(200).Tokens()
	token, access := given.Refresh, given.Access
	for _, want := range []int{200, 401} {
		a, err := x.Carry("POST", "/rest/login/refresh", object{"refresh_token": token})
		if err != nil {
			x.T.Fatal(err)
		}
		a.Want(want)
	}
	for range 2 { // the second is a replay
		a, err := x.Carry("POST", "/rest/logout", nil, "Authorization", "Bearer "+access, "Idempotency-Key", "k")
		if err != nil {
			x.T.Fatal(err)
		}
		a.Want(200)
	}
}

// gatewayTo returns the gateway of the template, whose functions have addresses of their own for table and bucket.
func gatewayTo(t *testing.T, address, objects string) (http.Handler, map[string]local.Handler) {
	t.Helper()
	handlers := map[string]local.Handler{}
	functions := templateFunctions(t)
	for _, f := range functions {
		around := map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": address + "/" + f.Group, "AWS_ENDPOINT_URL_S3": objects + "/" + f.Group, "BUCKET_NAME": harness.Bucket,
			"WEBHOOKS_ALLOW_LOCAL": "true", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
		handler, err := all.Functions()[f.Group](func(name string) string { return cmp.Or(around[name], f.Environment[name]) }, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		handlers[f.Group] = handler
	}
	gateway, err := local.NewGateway(samtemplate.Template{Functions: functions}, handlers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return gateway, handlers
}

// refusals sends what scenarios lack: values that move between contacts, violations of rules, deletions of what is in use, empty and missing
// resources.
func refusals(x *harness.Tenant) {
	x.T.Helper()
	person, firm := x.CreateIndividual("Max"), x.CreateOrganization("ACME")
	x.Do("PUT", person+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "a")).Want(200)
	x.Do("PUT", person+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "b")).Want(200)
	x.Do("PUT", person+"/roles/customer", harness.With(harness.CustomerMinimal, "delivery_and_invoicing_configurations", []any{object{}, object{}})).Problem(422)
	x.Do("PUT", "/configuration", object{"use_external_contact_management": true}).Problem(422)
	department := x.Create(firm+"/departments", harness.DepartmentSample)
	x.CreateIdentity(person, firm, "departments", []any{harness.DepartmentRef(department)})
	x.Do("DELETE", department, nil).Problem(422)
	x.Do("DELETE", firm, nil).Problem(422)
	own := x.NewType("option_types", object{"names": harness.TypeNames("en", "Own")})
	x.NewOptions(person, harness.OptionBody(own, 1, "a"))
	x.Rest("DELETE", "/option_types/"+own.String(), nil).Want(422)
	for _, owner := range []string{person, firm, "/individual/4", "/organization/4"} {
		for _, segment := range []string{"addresses", "emails", "phones", "web-addresses", "personal-relationships", "professional-identities", "departments", "locations", "memberships",
			"tags", "images", "roles/customer", "roles/alternative-payer", "roles/supplier", "roles/customer/delivery-and-invoicing", "full", "professional-identities/full"} {
			x.Get(owner + "/" + segment)
		}
	}
	for _, path := range []string{"/individual", "/organization", "/placeholder-customers", "/customer-lists", "/individual-id-mapping", "/organization-id-mapping", x.NewList() + "/items",
		"/customer-lists/4/items", "/placeholder-customers/4", "/placeholder-customers/4/images", "/individual?limit=1&offset=1", "/individual?deleted=false",
		"/individual?sort=name", "/organization?sort=name&starts_with=a",
		"/individual?offset=200", "/organization?offset=200", "/placeholder-customers?offset=200", "/customer-lists/4/items?offset=200"} {
		x.Get(path)
	}
}

// A grant is a statement of a function's role about the table or the bucket.
type grant struct {
	name, group   string
	actions, keys []string
}

type grantList []grant

func grants(t *testing.T) (list grantList) {
	t.Helper()
	s := templateyaml.ReadTemplate(t)
	groups := map[string]string{}
	for _, f := range templateFunctions(t) {
		groups[f.LogicalID] = f.Group
	}
	for id, group := range groups {
		for _, v := range templateyaml.Statements(s, id) {
			g := grant{name: id + " " + fmt.Sprint(templateyaml.At(v, "Sid")), group: group}
			resource := fmt.Sprint(templateyaml.At(v, "Resource"))
			_, objects, ofBucket := strings.Cut(resource, ":s3:::")
			if resource != "ContactsTable.Arn" && !ofBucket {
				continue
			}
			actions, many := templateyaml.At(v, "Action").([]any)
			if !many {
				actions = []any{templateyaml.At(v, "Action")}
			}
			for _, a := range actions {
				g.actions = append(g.actions, strings.TrimPrefix(a.(string), "dynamodb:"))
			}
			if ofBucket {
				g.keys = objectsOf(objects, templateyaml.At(v, "Condition.StringLike.s3:prefix"))
				list = append(list, g)
				continue
			}
			for _, k := range templateyaml.At(v, "Condition.ForAllValues:StringLike.dynamodb:LeadingKeys").([]any) {
				g.keys = append(g.keys, k.(string))
			}
			list = append(list, g)
		}
	}
	return list
}

// allowing returns the grant that allows an access: its action on all of its keys.
func (l grantList) allowing(a access) string {
	for _, g := range l {
		if g.group == a.group && slices.Contains(g.actions, a.action) && !slices.ContainsFunc(strings.Split(a.keys, "\n"), func(key string) bool {
			return !slices.ContainsFunc(g.keys, func(pattern string) bool { return matches(pattern, key) })
		}) {
			return g.name
		}
	}
	return ""
}

// matches implements IAM's StringLike: * is any text.
func matches(pattern, text string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "_"), strings.ReplaceAll(strings.ReplaceAll(text, "/", "_"), "\\", "_"))
	return ok && err == nil
}
