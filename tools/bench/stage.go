package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/local"
	"contacts/pkg/store"
	"contacts/pkg/wiring"
	"contacts/tools/runtime"
)

// A stage is an engine in memory with a table, a tenant, and a token for it.
type stage struct {
	options
	engine      *local.Engine
	database    *wiring.Database
	environment map[string]string
	token       string
	sample      sample
	crowds      map[int]*crowd // by number of contacts
}

const (
	org       = "bench"
	tableName = "contacts-bench"
	// listed is the number of contacts of the tenant: those of the largest page.
	listed = 5000

	individuals = "individuals"
)

func newStage(ctx context.Context, o options) (_ *stage, err error) {
	s := &stage{options: o, crowds: map[int]*crowd{}}
	if s.sample, err = readSample("events/individual-get.json"); err != nil {
		return nil, err
	}
	if s.engine, err = local.StartEngine(ctx, local.EngineOptions{}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	s.database = wiring.Open(dynamo.Options{
		Name: tableName, Region: "us-east-1", Endpoint: s.engine.Endpoint(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: dynamo.Parallel, DisableCompression: true}},
	})
	if err := s.database.Table.Create(ctx); err != nil {
		return nil, err
	}
	secret, _ := auth.NewSecret()
	s.environment = map[string]string{
		"TABLE_NAME": tableName, "BUCKET_NAME": "contacts-bench", "SIGNING_SECRET": secret, "LOG_LEVEL": "INFO",
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_ENDPOINT_URL_DYNAMODB": s.engine.Endpoint(), "AWS_ENDPOINT_URL_S3": s.engine.Endpoint(), // S3 is not used
	}
	s.token, err = s.authorize(ctx, org)
	return s, err
}

func (s *stage) close() { s.engine.Stop() }

// authorize adds a tenant and an application, and requests a token from the auth function.
func (s *stage) authorize(ctx context.Context, tenant string) (string, error) {
	secret, hash := auth.NewSecret()
	if err := s.database.AddOrganization(ctx, accounts.Organization{ID: tenant, Region: "DE"}); err != nil {
		return "", err
	}
	a := accounts.Application{Name: "bench-" + tenant, SecretHash: hash, Organizations: []string{tenant}, Scopes: auth.PlainScopes()}
	if err := s.database.AddApplication(ctx, a); err != nil {
		return "", err
	}
	p, err := s.start(ctx, "auth", nil)
	if err != nil {
		return "", err
	}
	defer p.Stop()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(a.Name+":"+secret))
	body, _, err := ask(ctx, p, s.sample.event(request{method: "GET", path: "/auth/authorize/" + tenant, authorization: basic}))
	if err != nil {
		return "", err
	}
	var given struct{ AccessToken string }
	err = json.Unmarshal(body, &given)
	return given.AccessToken, err
}

// binary returns the binary of a function or baseline.
func (s *stage) binary(name string) string {
	folder := s.functions
	if isBaseline(name) {
		folder = s.baselines
	}
	return filepath.Join(folder, name, "bootstrap")
}

// start starts a function or baseline. Its log is written to log, which may be nil.
func (s *stage) start(ctx context.Context, name string, log io.Writer) (*runtime.Process, error) {
	return runtime.Start(ctx, runtime.Options{Binary: s.binary(name), Env: s.environment, Output: log})
}

// fill adds the contacts of the lists: for the platform, and the same ones for the conventional function.
func (s *stage) fill(ctx context.Context) error {
	list := store.Individuals(s.database.Store)
	if err := dynamo.EachParallel(ctx, listed, func(ctx context.Context, i int) error {
		_, err := list.Create(ctx, contact.Owner{Org: org}, idempotency.Write{}, &contact.IndividualContact{
			ExternalID: contact.ExternalID(externalID(i)), Name: fullName(i), DateOfBirth: dateOfBirth, Anniversary: anniversary})
		return err
	}); err != nil {
		return err
	}
	p, err := s.start(ctx, conventional, nil)
	if err != nil {
		return err
	}
	defer p.Stop()
	for i := range listed {
		if _, _, err := ask(ctx, p, s.create(org, i)); err != nil {
			return err
		}
	}
	return nil
}

// What the contacts are like.
const dateOfBirth, anniversary = "1985-03-25", "2010-06-05"

func externalID(i int) string { return fmt.Sprintf("crm-%06d", i) }

func fullName(i int) string { return fmt.Sprintf("Erika Mustermann-%d", i) }
