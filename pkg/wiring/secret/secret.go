// Package secret reads the secret from which signing keys are derived. Only the function auth links it.
package secret

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go/middleware"

	"contacts/pkg/api"
	"contacts/pkg/auth/password"
	"contacts/pkg/rest"
	"contacts/pkg/retries"
	"contacts/pkg/wiring"
)

// Auth returns the groups of the function auth, with the secret in SIGNING_SECRET.
func Auth(c api.Config, getenv func(string) string) []rest.Group {
	return api.Auth(c, Source(getenv), password.Check)
}

// Source reads SIGNING_SECRET: the ARN of a secret in Secrets Manager, or, locally, the secret itself.
func Source(getenv func(string) string) func(context.Context) ([]byte, error) {
	value := getenv("SIGNING_SECRET")
	client := secretsmanager.New(secretsmanager.Options{
		Region: wiring.Region(getenv), Credentials: wiring.Credentials(getenv), HTTPClient: wiring.HTTPClient(), Retryer: retries.Retryer(),
		APIOptions: []func(*middleware.Stack) error{retries.AddLastError},
	}, func(o *secretsmanager.Options) {
		if endpoint := getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"); endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
	})
	return func(ctx context.Context) ([]byte, error) {
		switch {
		case value == "":
			return nil, errors.New("SIGNING_SECRET is not set: it names the secret that signing keys are derived from")
		case !strings.HasPrefix(value, "arn:"):
			return []byte(value), nil
		}
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &value})
		if err != nil {
			return nil, err
		}
		return []byte(aws.ToString(out.SecretString)), nil
	}
}
