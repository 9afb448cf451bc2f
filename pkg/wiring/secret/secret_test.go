package secret_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"contacts/pkg/wiring/secret"
)

const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:contacts-AbCdEf"

// manager is a fake Secrets Manager that is busy at first.
func manager(t *testing.T) (address string) {
	t.Helper()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		var question map[string]string
		_ = json.NewDecoder(r.Body).Decode(&question)
		signed := strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/secretsmanager/aws4_request")
		switch {
		case asked == 1:
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"__type": "com.amazonaws#ThrottlingException", "message": "Rate exceeded"}`)
		case r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || r.Header.Get("Content-Type") != "application/x-amz-json-1.1" || !signed:
			w.WriteHeader(403)
		case question["SecretId"] != arn:
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"__type": "ResourceNotFoundException", "Message": "Secrets Manager can't find the specified secret."}`)
		default:
			_, _ = io.WriteString(w, `{"ARN": "`+arn+`", "SecretString": "what keys are derived from"}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func environment(address, value string) func(string) string {
	return func(name string) string {
		return map[string]string{"SIGNING_SECRET": value, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "key",
			"AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL_SECRETS_MANAGER": address}[name]
	}
}

func TestTheSecretOfAnARNIsAskedOfSecretsManager(t *testing.T) {
	t.Parallel()
	got, err := secret.Source(environment(manager(t), arn), "SIGNING_SECRET")(t.Context())
	if err != nil || string(got) != "what keys are derived from" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestASecretThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	_, err := secret.Source(environment(manager(t), arn+"x"), "SIGNING_SECRET")(t.Context())
	if err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException: Secrets Manager can't find") {
		t.Errorf("%v", err)
	}
}

func TestASecretThatIsNoARNIsTheSecret(t *testing.T) {
	t.Parallel()
	if got, err := secret.Source(environment("", "itself"), "SIGNING_SECRET")(t.Context()); err != nil || string(got) != "itself" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := secret.Source(environment("", ""), "SIGNING_SECRET")(t.Context()); err == nil {
		t.Error("no secret is no error")
	}
}
