// Package secret finds what the signing keys are derived from. Only the authorizing function links it.
package secret

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"contacts/pkg/api"
	"contacts/pkg/auth/password"
	"contacts/pkg/rest"
	"contacts/pkg/signed"
	"contacts/pkg/wiring"
)

// Auth are the groups of the authorizing function, with the secret that SIGNING_SECRET names.
func Auth(c rest.Config, getenv func(string) string) []rest.Group {
	return api.Auth(c, Source(getenv), password.Check)
}

// Source reads SIGNING_SECRET: the ARN of a secret in Secrets Manager, or, on a laptop, the secret itself.
func Source(getenv func(string) string) func(context.Context) ([]byte, error) {
	value := getenv("SIGNING_SECRET")
	manager := &signed.Service{
		Name: "secretsmanager", Region: wiring.Region(getenv), Credentials: wiring.Credentials(getenv), HTTPClient: wiring.HTTPClient(),
		Refusal: refusal,
	}
	address := cmp.Or(getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"), "https://"+signed.Host(manager.Name, manager.Region))
	return func(ctx context.Context) ([]byte, error) {
		switch {
		case value == "":
			return nil, errors.New("SIGNING_SECRET is not set: it names the secret that signing keys are derived from")
		case !strings.HasPrefix(value, "arn:"):
			return []byte(value), nil
		}
		return ask(ctx, manager, address, value)
	}
}

// ask asks for the value of a secret.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func ask(ctx context.Context, manager *signed.Service, address, arn string) ([]byte, error) {
	question, err := json.Marshal(map[string]string{"SecretId": arn})
	if err != nil {
		return nil, err
	}
	var secret struct{ SecretString string }
	err = manager.Read(ctx, signed.Request{Method: http.MethodPost, URL: address + "/", Body: bytes.NewReader(question), Header: http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"secretsmanager.GetSecretValue"},
	}}, func(answer *http.Response) error { return json.NewDecoder(answer.Body).Decode(&secret) })
	return []byte(secret.SecretString), err
}

func refusal(body []byte) (code, message string) {
	var e struct {
		Type    string `json:"__type"`
		Message string // in either case
	}
	_ = json.Unmarshal(body, &e) // without one, the status tells
	return e.Type[strings.LastIndexByte(e.Type, '#')+1:], e.Message
}
