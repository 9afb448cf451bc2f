// Command raw is the least that a Lambda function can do for an operation of the individual contacts: it reads the event,
// makes the one call of DynamoDB that the operation needs, on the items that the platform itself keeps, and answers with
// the JSON in them. It checks nothing: neither who asks, nor what.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	f := function{
		table: aws.String(os.Getenv("TABLE_NAME")),
		client: dynamodb.New(dynamodb.Options{
			Region: os.Getenv("AWS_REGION"), BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")),
			Credentials: credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
			HTTPClient:  &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}},
		}),
	}
	lambda.Start(f.handle)
}

type function struct {
	client *dynamodb.Client
	table  *string
}

type (
	event  = events.APIGatewayV2HTTPRequest
	answer = events.APIGatewayV2HTTPResponse
	item   = map[string]types.AttributeValue
)

// handle serves /contacts/org/ORG/individual: GET and POST on the list, GET on a contact and on its details.
func (f function) handle(ctx context.Context, e event) (answer, error) {
	path := strings.Split(e.RawPath, "/")[3:] // ORG individual ID details
	var body string
	var err error
	switch status := http.StatusOK; {
	case len(path) == 2 && e.RequestContext.HTTP.Method == http.MethodPost:
		body, err = f.create(ctx, path[0], e.Body)
		return answer{StatusCode: http.StatusCreated, Body: body}, err
	case len(path) == 2:
		body, err = f.list(ctx, path[0], e.QueryStringParameters["limit"])
		return answer{StatusCode: status, Body: body}, err
	case len(path) == 3:
		body, err = f.get(ctx, path[0], path[2])
		return answer{StatusCode: status, Body: body}, err
	default:
		body, err = f.details(ctx, path[0], path[2])
		return answer{StatusCode: status, Body: body}, err
	}
}

func (f function) get(ctx context.Context, org, id string) (string, error) {
	out, err := f.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: f.table, Key: item{"pk": str("T#" + org + "#I"), "sk": str(digits(id))}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return "", err
	}
	return doc(out.Item), nil
}

func (f function) list(ctx context.Context, org, limit string) (string, error) {
	n, err := strconv.ParseInt(limit, 10, 32)
	if err != nil {
		return "", err
	}
	var docs []string
	input := &dynamodb.QueryInput{
		TableName: f.table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str("T#" + org + "#I")},
	}
	for len(docs) < int(n) {
		input.Limit = aws.Int32(int32(n) - int32(len(docs)))
		out, err := f.client.Query(ctx, input)
		if err != nil {
			return "", err
		}
		for _, i := range out.Items {
			docs = append(docs, doc(i))
		}
		if input.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil {
			break
		}
	}
	return `{"items":[` + strings.Join(docs, ",") + `],"problems":[]}`, nil
}

// details asks for the contact and for its parts side by side.
func (f function) details(ctx context.Context, org, id string) (string, error) {
	type parts struct {
		docs []string
		err  error
	}
	queried := make(chan parts, 1)
	go func() {
		out, err := f.client.Query(ctx, &dynamodb.QueryInput{
			TableName: f.table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :first AND :last"),
			ExpressionAttributeValues: item{":pk": str("T#" + org + "#C#" + digits(id)), ":first": str("A"), ":last": str("a")},
		})
		var p parts
		if p.err = err; err == nil {
			for _, i := range out.Items {
				p.docs = append(p.docs, doc(i))
			}
		}
		queried <- p
	}()
	contact, err := f.get(ctx, org, id)
	p := <-queried
	if err != nil {
		return "", err
	}
	return `{"individual_contact":` + contact + `,"parts":[` + strings.Join(p.docs, ",") + `]}`, p.err
}

// before is the size of what the history of a new contact says: that there was none.
var before = &types.AttributeValueMemberB{Value: make([]byte, 16)}

// create puts a contact, its guard item, the unique value of its external id, the words of its name and the entries of the change, with the
// conditions that all are new.
func (f function) create(ctx context.Context, org, body string) (string, error) {
	var sent struct {
		ExternalID string `json:"external_id"`
		Name       string `json:"name"`
	}
	if err := json.Unmarshal([]byte(body), &sent); err != nil {
		return "", err
	}
	now := time.Now()
	id := strconv.FormatInt(now.UnixMicro(), 10)
	made := `{"id":"` + id + `",` + strings.TrimSuffix(body[1:], "}") + `,"deleted":false}`
	ms := number(now.UnixMilli())
	put := func(i item) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{TableName: f.table, Item: i, ConditionExpression: aws.String("attribute_not_exists(pk)")}}
	}
	writes := []types.TransactWriteItem{
		put(item{"pk": str("T#" + org + "#U#INDIVIDUAL"), "sk": str(strings.ToUpper(sent.ExternalID) + "\x00\x01"), "owner": &types.AttributeValueMemberN{Value: id}}),
		put(item{"pk": str("T#" + org + "#I"), "sk": str(digits(id)), "doc": str(made), "v": number(1), "created": ms, "updated": ms,
			"uniques": &types.AttributeValueMemberSS{Value: []string{"INDIVIDUAL#" + sent.ExternalID}}, "lookups": &types.AttributeValueMemberSS{Value: []string{"NAME#" + sent.Name}}}),
		put(item{"pk": str("T#" + org + "#C#" + digits(id)), "sk": str("guard"), "changed": number(now.UnixMicro())}),
		put(item{"pk": str("T#" + org + "#LOG#0"), "sk": str(digits(id) + "#" + digits(id)), "type": str("created"),
			"parts": &types.AttributeValueMemberSS{Value: []string{"contact"}}, "by": str("app:bench"), "op": str("createIndividual"),
			"req": str("JKJaXmPLvHcESHA="), "expires": number(now.AddDate(0, 0, 91).Unix())}),
		put(item{"pk": str("T#" + org + "#C#" + digits(id)), "sk": str(fmt.Sprintf("hist#%016d", now.UnixMicro())), "type": str("created"),
			"by": str("app:bench"), "op": str("createIndividual"), "req": str("JKJaXmPLvHcESHA="), "was": before, "expires": number(now.AddDate(1, 0, 0).Unix())}),
	}
	words := strings.FieldsFunc(strings.ToLower(sent.Name), func(r rune) bool { return r == ' ' || r == '-' })
	for _, word := range words {
		writes = append(writes, put(item{"pk": str("T#" + org + "#WORD#" + word[:1]), "sk": str(word + "#" + strings.Join(words, "$") + "#" + digits(id)), "name": str(sent.Name)}))
	}
	_, err := f.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return made, err
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func digits(id string) string { return fmt.Sprintf("%016s", id) }

// doc is the JSON that the platform keeps in an item.
func doc(i item) string {
	if v, ok := i["doc"].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return "null"
}
