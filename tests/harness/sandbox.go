package harness

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"contacts/pkg/accounts"
	"contacts/pkg/api"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	store "contacts/pkg/image/bucket"
	"contacts/pkg/local"
	"contacts/pkg/rest"
	"contacts/pkg/webhook/address"
	"contacts/pkg/wiring"
	wired "contacts/pkg/wiring/images"
)

// A Sandbox is the whole platform with a table and a bucket of its own, and a transport that can fail. Its state can be compared with that of
// another sandbox.
type Sandbox struct {
	*Tenant
	Name      string // of the table
	Database  *wiring.Database
	objects   string
	server    *rest.Server
	Transport *FaultyTransport
	Time      time.Duration // that a request has
	Ahead     atomic.Int64  // of the platform's clock, in ns
	Log       Lines
	Names     naming
}

// SandboxOptions are the options of a sandbox.
type SandboxOptions struct {
	Pictures bool              // it has a bucket
	Endpoint string            // of its engine; "": that of the platform
	On       *Sandbox          // whose table and bucket it has too; nil: it has its own
	IDs      *contact.Sequence // that it makes its ids by; nil: that of a clock of its own
}

// PlentyOfTime is so long that no machine is too slow for it.
const PlentyOfTime = 10 * time.Minute

// NewSandbox starts a sandbox for the tenant, whose token it accepts.
func NewSandbox(t *testing.T, x *Tenant, o SandboxOptions) *Sandbox {
	t.Helper()
	s := &Sandbox{Transport: &FaultyTransport{}, Name: fmt.Sprint(Platform.Name, "-sandbox-", Platform.Orgs.Add(1)), Names: naming{},
		Time: PlentyOfTime}
	if o.On != nil {
		s.Name, s.objects = o.On.Name, o.On.objects
	}
	mine := *x
	mine.T, mine.Carry = t, s.carry
	s.Tenant = &mine
	keys, client := credentials.NewStaticCredentialsProvider("local", "local", ""), &http.Client{Transport: s.Transport}
	now := func() time.Time { return time.Now().Add(time.Duration(s.Ahead.Load())) }
	s.Database = wiring.NewDatabase(dynamo.Open(dynamo.Options{Name: s.Name, Region: "us-east-1", Endpoint: cmp.Or(o.Endpoint, *Platform.Store.Options().BaseEndpoint),
		Credentials: keys, HTTPClient: client}), now, cmp.Or(o.IDs, contact.NewSequence(now)))
	if o.On == nil {
		if err := s.Database.Table.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Database.AddOrganization(t.Context(), accounts.Organization{ID: x.Org, Region: "DE"}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, _ = Platform.Store.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &s.Name}) // the engine ends anyway
		})
	}
	if o.Pictures {
		objects, err := local.StartObjects(t.Context(), local.ObjectsOptions{Bucket: Bucket, Keys: map[string]string{"local": "local"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { objects.Stop(context.Background()) })
		s.objects = objects.Endpoint()
	}
	c := s.Database.Config(time.Now)
	c.Log = slog.New(slog.NewJSONHandler(&s.Log, nil))
	c.Metrics = "contacts"
	c.Keys = SandboxKeys()
	objects := store.Open(store.Options{Name: Bucket, Region: "us-east-1", Endpoint: s.objects, Credentials: keys, HTTPClient: client})
	groups := []rest.Group{api.Images(c, objects, wired.Inspect), api.Exports(c, objects), api.Webhooks(c, func(context.Context) ([]byte, error) { return []byte(WebhookSecret), nil }, address.Rule{}.CheckURL)}
	for _, group := range api.Groups() {
		groups = append(groups, group(c))
	}
	s.server = rest.NewServer(c.Config, groups...)
	return s
}

// SandboxKeys are the signing keys of all sandboxes.
var SandboxKeys = sync.OnceValue(func() *auth.Keyring { return auth.NewKeyring(rest.PublishedKeys(Platform.Database.Accounts), time.Now) })

// carry sends a request to the sandbox.
func (s *Sandbox) carry(method, target string, body any, headers ...string) (*Answer, error) {
	content, err := Payload(body)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.Transport.process(), s.Time) // a process that is killed ends its requests
	defer cancel()
	end, _ := ctx.Deadline()
	ctx = context.WithValue(ctx, endOfFunction{}, end)
	request := httptest.NewRequestWithContext(ctx, method, target, bytes.NewReader(content))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Apigw-Requestid", rand.Text())
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorded := httptest.NewRecorder()
	s.server.ServeHTTP(recorded, request)
	return &Answer{T: s.T, What: method + " " + target, Status: recorded.Code, Header: recorded.Header(), Body: recorded.Body.Bytes()}, nil
}

// State returns a line for each item and each object, without what differs between sandboxes. Counters are left out: a number that was
// reserved and not used is gone.
func (s *Sandbox) State() []string {
	s.T.Helper()
	var items []map[string]any
	for pages := dynamodb.NewScanPaginator(Platform.Store, &dynamodb.ScanInput{TableName: &s.Name, ConsistentRead: aws.Bool(true)}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			s.T.Fatal(err)
		}
		for _, item := range page.Items {
			if i := plain(item); !strings.HasSuffix(fmt.Sprint(i["pk"]), "#COUNTER") {
				items = append(items, i)
			}
		}
	}
	lines := s.Names.lines(items)
	if s.objects != "" {
		for _, key := range s.ObjectsIn(s.objects) {
			lines = append(lines, "object "+s.Names.Text(key))
		}
	}
	return lines
}
