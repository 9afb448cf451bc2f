// Package function is the function that tutorials lead to: the SDK's default configuration, an item with an attribute
// for each field, attributevalue to read and write it, encoding/json, and chi with the API Gateway adapter. It knows
// individual contacts alone: to get, list and add them. It keeps them in the same table, apart from the platform's, and
// does less than the platform does: it neither authenticates nor checks.
package function

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/go-chi/chi/v5"
)

// An individual is both the item and the answer.
type individual struct {
	PK          string `dynamodbav:"pk" json:"-"`
	SK          string `dynamodbav:"sk" json:"-"`
	ID          string `dynamodbav:"id" json:"id"`
	ExternalID  string `dynamodbav:"external_id,omitempty" json:"external_id,omitempty"`
	Name        string `dynamodbav:"name" json:"name"`
	DateOfBirth string `dynamodbav:"date_of_birth,omitempty" json:"date_of_birth,omitempty"`
	Anniversary string `dynamodbav:"anniversary,omitempty" json:"anniversary,omitempty"`
	Deleted     bool   `dynamodbav:"deleted" json:"deleted"`
	Version     int    `dynamodbav:"version" json:"-"`
	Created     int64  `dynamodbav:"created" json:"-"` // Unix milliseconds
	Updated     int64  `dynamodbav:"updated" json:"-"` // likewise
}

type list struct {
	Items    []individual `json:"items"`
	Problems []string     `json:"problems"`
}

type function struct {
	client *dynamodb.Client
	table  *string
	last   atomic.Int64 // id
}

// Start runs the function, with further routes that use other clients of the SDK. It does not return.
func Start(further ...func(chi.Router, aws.Config)) {
	c, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	f := &function{client: dynamodb.NewFromConfig(c), table: aws.String(os.Getenv("TABLE_NAME"))}
	f.last.Store(time.Now().UnixMicro())
	router := chi.NewRouter()
	router.Get("/contacts/org/{org}/individual", f.list)
	router.Post("/contacts/org/{org}/individual", f.create)
	router.Get("/contacts/org/{org}/individual/{id}", f.get)
	for _, add := range further {
		add(router, c)
	}
	lambda.Start(httpadapter.NewV2(router).ProxyWithContext)
}

func partition(r *http.Request) string { return "CONVENTIONAL#" + chi.URLParam(r, "org") }

func (f *function) get(w http.ResponseWriter, r *http.Request) {
	key, err := attributevalue.MarshalMap(map[string]string{"pk": partition(r), "sk": chi.URLParam(r, "id")})
	if err != nil {
		Fail(w, err)
		return
	}
	out, err := f.client.GetItem(r.Context(), &dynamodb.GetItemInput{TableName: f.table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		Fail(w, err)
		return
	}
	if out.Item == nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	var found individual
	if err := attributevalue.UnmarshalMap(out.Item, &found); err != nil {
		Fail(w, err)
		return
	}
	Answer(w, http.StatusOK, found)
}

func (f *function) list(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.ParseInt(r.URL.Query().Get("limit"), 10, 32)
	if err != nil {
		http.Error(w, "limit", http.StatusBadRequest)
		return
	}
	pages := dynamodb.NewQueryPaginator(f.client, &dynamodb.QueryInput{
		TableName: f.table, Limit: aws.Int32(int32(limit)), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: partition(r)}},
	})
	page := list{Items: []individual{}, Problems: []string{}}
	for pages.HasMorePages() && len(page.Items) < int(limit) {
		out, err := pages.NextPage(r.Context())
		if err != nil {
			Fail(w, err)
			return
		}
		var some []individual
		if err := attributevalue.UnmarshalListOfMaps(out.Items, &some); err != nil {
			Fail(w, err)
			return
		}
		page.Items = append(page.Items, some...)
	}
	Answer(w, http.StatusOK, page)
}

func (f *function) create(w http.ResponseWriter, r *http.Request) {
	var made individual
	if err := json.NewDecoder(r.Body).Decode(&made); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	now := time.Now().UnixMilli()
	made.ID = strconv.FormatInt(f.last.Add(1), 10)
	made.PK, made.SK, made.Version, made.Created, made.Updated = partition(r), made.ID, 1, now, now
	item, err := attributevalue.MarshalMap(made)
	if err != nil {
		Fail(w, err)
		return
	}
	if _, err := f.client.PutItem(r.Context(), &dynamodb.PutItemInput{
		TableName: f.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}); err != nil {
		Fail(w, err)
		return
	}
	Answer(w, http.StatusCreated, made)
}

// Answer answers with a body in JSON.
func Answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

// Fail answers 500 and logs the cause.
func Fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}
