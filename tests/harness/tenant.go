package harness

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
)

// A Tenant is an organization for one test, with an application and its token.
type Tenant struct {
	T                       testing.TB
	Org, App, Secret, Token string
	Carry                   func(method, target string, body any, headers ...string) (*Answer, error) // nil: Try
}

func NewTenant(t testing.TB) *Tenant {
	t.Helper()
	n := Platform.Orgs.Add(1)
	x := &Tenant{T: t, Org: fmt.Sprintf("org-%d", n), App: fmt.Sprintf("app-%d", n)}
	x.Secret, _ = auth.NewSecret()
	ctx := context.Background()
	if err := Platform.Database.AddOrganization(ctx, accounts.Organization{ID: x.Org, Region: "DE"}); err != nil {
		t.Fatal(err)
	}
	if err := Platform.Database.AddApplication(ctx, accounts.Application{Name: x.App, SecretHash: auth.HashSecret(x.Secret), Scopes: auth.PlainScopes()}); err != nil {
		t.Fatal(err)
	}
	if err := Platform.Database.GrantApplication(ctx, x.App, x.Org); err != nil {
		t.Fatal(err)
	}
	x.Token = x.Authorize("")
	return x
}

// NewBulkTenant returns a tenant whose records are removed when the test ends: checks scan the table, and many records would slow all of them down.
func NewBulkTenant(t testing.TB) *Tenant {
	t.Helper()
	x := NewTenant(t)
	t.Cleanup(func() {
		ctx := context.Background()
		pages := dynamodb.NewScanPaginator(Platform.Store, &dynamodb.ScanInput{TableName: &Platform.Name, ProjectionExpression: aws.String("pk, sk"),
			FilterExpression:          aws.String("begins_with(pk, :pk)"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "T#" + x.Org + "#"}}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			for items := range slices.Chunk(page.Items, 25) {
				var writes []types.WriteRequest
				for _, i := range items {
					writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: i}})
				}
				if _, err := Platform.Store.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{Platform.Name: writes}}); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	return x
}

func BasicAuth(name, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+secret))
}

// Authorize returns a token; query narrows it.
func (x *Tenant) Authorize(query string) string {
	x.T.Helper()
	a := Send(x.T, "GET", "/auth/authorize/"+x.Org+query, nil, "Authorization", BasicAuth(x.App, x.Secret)).Want(200)
	return a.Text("accessToken")
}

// Admin returns the tenant with a token of all scopes.
func (x *Tenant) Admin() *Tenant {
	x.T.Helper()
	if err := Platform.Database.SetApplicationScopes(context.Background(), x.App, auth.AllScopes()); err != nil {
		x.T.Fatal(err)
	}
	admin := *x
	admin.Token = x.Authorize("?scope=" + strings.Join(auth.AllScopes(), "%20"))
	return &admin
}

// Do sends a request below the tenant's path. See [Payload] for the body.
func (x *Tenant) Do(method, path string, body any, headers ...string) *Answer {
	x.T.Helper()
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Authorization" {
			return Send(x.T, method, x.Path(path), body, headers...)
		}
	}
	return x.Ask(method, x.Path(path), body, headers...)
}

// Ask sends a request with the tenant's token.
func (x *Tenant) Ask(method, target string, body any, headers ...string) *Answer {
	x.T.Helper()
	a, err := x.tryAsk(method, target, body, headers...)
	if err != nil {
		x.T.Fatal(err)
	}
	a.T = x.T
	return a
}

// tryAsk is Ask for goroutines other than the test's.
func (x *Tenant) tryAsk(method, target string, body any, headers ...string) (*Answer, error) {
	carry := Try
	if x.Carry != nil {
		carry = x.Carry
	}
	return carry(method, target, body, append([]string{"Authorization", "Bearer " + x.Token}, headers...)...)
}

func (x *Tenant) Path(path string) string { return "/contacts/org/" + x.Org + path }

func (x *Tenant) Get(path string, headers ...string) *Answer {
	x.T.Helper()
	return x.Do("GET", path, nil, headers...)
}

// CreateIndividual adds an individual and returns its path below the tenant's.
func (x *Tenant) CreateIndividual(name string) string {
	x.T.Helper()
	return "/individual/" + x.Do("POST", "/individual", Object{"name": name}).Want(201).Text("id")
}
