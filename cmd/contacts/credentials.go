package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/auth/password"
	"contacts/pkg/contact"
	"contacts/pkg/wiring"
)

// credentials are what a local user needs, as written to the ready file.
type credentials struct {
	URL      string   `json:"url,omitempty"`
	Org      string   `json:"org"`
	Orgs     []string `json:"orgs"`
	App      string   `json:"app"`
	Secret   string   `json:"secret"`
	Username string   `json:"username"`
	Password string   `json:"password"`

	// For sam local only.
	DynamoDB      string `json:"dynamodb,omitempty"`
	S3            string `json:"s3,omitempty"`
	SigningSecret string `json:"signing_secret,omitempty"`
	WebhookSecret string `json:"webhook_secret,omitempty"`

	signingSecret, webhookSecret string
}

// storedSecrets is the part stored in the data folder, so that later starts use the same credentials.
type storedSecrets struct {
	SigningSecret string `json:"signing_secret"`
	WebhookSecret string `json:"webhook_secret"`
	Secret        string `json:"secret"`
	Password      string `json:"password"`
}

const (
	localApp  = "demo-app"
	localUser = "demo-user"
)

// loadCredentials reads the secrets in the data folder. It creates those that are missing, all or what a newer version requires.
func loadCredentials(folder string) (credentials, error) {
	var k storedSecrets
	file := filepath.Join(folder, "secrets.json")
	text, err := os.ReadFile(file)
	switch {
	case folder == "" || errors.Is(err, fs.ErrNotExist):
		err = nil
	case err == nil:
		err = json.Unmarshal(text, &k)
	}
	missing := false
	for _, secret := range []*string{&k.SigningSecret, &k.WebhookSecret, &k.Secret, &k.Password} {
		if *secret == "" {
			*secret, _ = auth.NewSecret()
			missing = true
		}
	}
	if err == nil && missing && folder != "" {
		err = writeAtomically(file, k)
	}
	if err != nil {
		return credentials{}, fmt.Errorf("%s can't be used: %w", file, err)
	}
	return credentials{App: localApp, Secret: k.Secret, Username: localUser, Password: k.Password,
		signingSecret: k.SigningSecret, webhookSecret: k.WebhookSecret}, nil
}

// enroll creates the application and the user with these credentials and all scopes, and then the organizations, unless they
// exist. It grants access only where application or organization are new: what an operator revokes remains revoked.
func (c *credentials) enroll(ctx context.Context, t *wiring.Database) error {
	err := t.AddApplication(ctx, accounts.Application{Name: c.App, SecretHash: auth.HashSecret(c.Secret), Organizations: c.Orgs, Scopes: auth.AllScopes()})
	if err != nil && !contact.IsRefused(err, contact.Taken) {
		return err
	}
	there, err := t.Organizations(ctx)
	if err != nil {
		return err
	}
	for _, org := range c.Orgs {
		if slices.ContainsFunc(there, func(o accounts.Organization) bool { return o.ID == org }) {
			continue
		}
		if err := c.addOrganization(ctx, t, org); err != nil {
			return err
		}
	}
	hash, err := password.Hash(c.Password)
	if err != nil {
		return err
	}
	err = t.AddUser(ctx, accounts.User{Name: c.Username, Organization: c.Org, PasswordHash: hash, Scopes: auth.AllScopes()})
	if contact.IsRefused(err, contact.Taken) {
		err = nil
	}
	return err
}

// addOrganization creates an organization, and grants the application access. The grant comes first, so that a start after a crash
// between the two repeats both.
func (c *credentials) addOrganization(ctx context.Context, t *wiring.Database, org string) error {
	if err := t.GrantApplication(ctx, c.App, org); err != nil {
		return err
	}
	err := t.AddOrganization(ctx, accounts.Organization{ID: org, Region: "DE"})
	if contact.IsRefused(err, contact.Taken) { // a concurrent start was faster
		err = nil
	}
	return err
}

// announce prints what to do next.
func (c *credentials) announce(out io.Writer) {
	fmt.Fprintf(out, `
contacts is ready

  address       %s
  console       %[1]s/console
  reference     %[1]s/docs
  organization  %s
  application   %s
  secret        %s
  user          %s
  password      %s

Try it:

  curl -s -u '%[3]s:%[4]s' '%[1]s/auth/authorize/%[2]s'
  curl -s -d 'username=%[5]s' -d 'password=%[6]s' '%[1]s/rest/login'

`, c.URL, c.Org, c.App, c.Secret, c.Username, c.Password)
}

// writeReady writes the ready file atomically.
func (c *credentials) writeReady(file string) error {
	if file == "" {
		return nil
	}
	if err := writeAtomically(file, c); err != nil {
		return fmt.Errorf("the ready file can't be written: %w", err)
	}
	return nil
}

// writeAtomically writes JSON that only this user can read.
func writeAtomically(file string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	temporary := file + ".new"
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, file)
}
