package tests

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

	"contacts/pkg/api"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	store "contacts/pkg/image/bucket"
	"contacts/pkg/local"
	"contacts/pkg/rest"
	"contacts/pkg/wiring"
	wired "contacts/pkg/wiring/images"
)

// A stage is the whole platform on a table and a bucket of its own, which it speaks to over a wire where accidents happen.
// What it holds can be compared with what another stage holds.
type stage struct {
	*tenant
	name    string // of the table
	table   *wiring.Database
	objects string
	server  *rest.Server
	wire    *accidentalWire
	time    time.Duration // that a request has
	ahead   atomic.Int64  // of the platform's clock, in ns
	log     lines
	names   naming
}

// stageOptions say how a stage differs from others.
type stageOptions struct {
	pictures bool              // it has a bucket
	endpoint string            // of its engine; "": that of the platform
	time     time.Duration     // that a request has; 0: so long that no machine is too slow for it
	on       *stage            // whose table and bucket it has too; nil: it has its own
	ids      *contact.Sequence // that it makes its ids by; nil: that of a clock of its own
}

const plentyOfTime = 10 * time.Minute

// newStage sets up a stage for the tenant, whose token it takes.
func newStage(t *testing.T, x *tenant, o stageOptions) *stage {
	t.Helper()
	s := &stage{wire: &accidentalWire{}, name: fmt.Sprint(platform.name, "-stage-", platform.orgs.Add(1)), names: naming{},
		time: cmp.Or(o.time, plentyOfTime)}
	if o.on != nil {
		s.name, s.objects = o.on.name, o.on.objects
	}
	mine := *x
	mine.t, mine.carry = t, s.carry
	s.tenant = &mine
	keys, client := credentials.NewStaticCredentialsProvider("local", "local", ""), &http.Client{Transport: s.wire}
	now := func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
	s.table = wiring.NewDatabase(dynamo.Open(dynamo.Options{Name: s.name, Region: "us-east-1", Endpoint: cmp.Or(o.endpoint, *platform.store.Options().BaseEndpoint),
		Credentials: keys, HTTPClient: client}), now, cmp.Or(o.ids, contact.NewSequence(now)))
	if o.on == nil {
		if err := s.table.Table.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, _ = platform.store.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &s.name}) // the engine ends anyway
		})
	}
	if o.pictures {
		objects, err := local.StartObjects(t.Context(), local.ObjectsOptions{Bucket: bucket, Keys: map[string]string{"local": "local"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { objects.Stop(context.Background()) })
		s.objects = objects.Endpoint()
	}
	c := s.table.Config(time.Now)
	c.Log = slog.New(slog.NewJSONHandler(&s.log, nil))
	c.Metrics = "contacts"
	c.Keys = stageKeys()
	groups := []rest.Group{api.Images(c, store.Open(store.Options{Name: bucket, Region: "us-east-1", Endpoint: s.objects, Credentials: keys,
		HTTPClient: client}), wired.Inspect)}
	for _, group := range api.Groups() {
		groups = append(groups, group(c))
	}
	s.server = rest.NewServer(c.Config, groups...)
	return s
}

// stageKeys are those that the tokens of all stages are signed with.
var stageKeys = sync.OnceValue(func() *auth.Keyring { return auth.NewKeyring(rest.PublishedKeys(platform.table.Accounts), time.Now) })

// carry sends a request to the stage.
func (s *stage) carry(method, target string, body any, headers ...string) (*answer, error) {
	content, err := payload(body)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.wire.process(), s.time) // a process that is killed ends its requests
	defer cancel()
	end, _ := ctx.Deadline()
	ctx = context.WithValue(ctx, endOfFunction{}, end)
	request := httptest.NewRequestWithContext(ctx, method, target, bytes.NewReader(content))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Request-Id", rand.Text())
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorded := httptest.NewRecorder()
	s.server.ServeHTTP(recorded, request)
	return &answer{t: s.t, what: method + " " + target, status: recorded.Code, header: recorded.Header(), body: recorded.Body.Bytes()}, nil
}

// state is what the stage holds, each item and each object a line, as it is the same on every stage. Counters are left out:
// a number that was given out and not used stays out.
func (s *stage) state() []string {
	s.t.Helper()
	var items []map[string]any
	for pages := dynamodb.NewScanPaginator(platform.store, &dynamodb.ScanInput{TableName: &s.name, ConsistentRead: aws.Bool(true)}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, item := range page.Items {
			if i := plain(item); !strings.HasSuffix(fmt.Sprint(i["pk"]), "#COUNTER") {
				items = append(items, i)
			}
		}
	}
	lines := s.names.lines(items)
	if s.objects != "" {
		for _, key := range s.objectsIn(s.objects) {
			lines = append(lines, "object "+s.names.text(key))
		}
	}
	return lines
}
