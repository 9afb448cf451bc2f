// Command conventional-secretsmanager is the conventional function that reads a secret, too: it links the SDK's client of Secrets Manager, as
// the platform's function auth does.
package main

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/go-chi/chi/v5"

	"contacts/tools/bench/conventional/function"
)

func main() {
	function.Start(func(router chi.Router, c aws.Config) {
		client := secretsmanager.NewFromConfig(c)
		router.Get("/contacts/org/{org}/secret/{id}", func(w http.ResponseWriter, r *http.Request) {
			secret, err := client.GetSecretValue(r.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(chi.URLParam(r, "id"))})
			if err != nil {
				function.Fail(w, err)
				return
			}
			function.Answer(w, http.StatusOK, aws.ToString(secret.SecretString))
		})
	})
}
