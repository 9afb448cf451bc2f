// Package secret reads the secrets that keys are derived from. Only the functions that derive keys link it.
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
	return api.Auth(c, Source(getenv, "SIGNING_SECRET"), password.Check)
}

// Source reads a variable of the environment: the ARN of a secret in Secrets Manager, or, locally, the secret itself.
func Source(getenv func(string) string, variable string) func(context.Context) ([]byte, error) {
	value := getenv(variable)
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
			return nil, errors.New(variable + " is not set: it names the secret that keys are derived from")
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
