package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"contacts/pkg/auth"
)

// scopeFlag adds the flag for scopes.
func (a *administration) scopeFlag(c *cobra.Command, unnamed string) {
	c.Flags().StringArrayVar(&a.scopes, "scope", nil, "`scope` that tokens may carry, one of "+strings.Join(auth.AllScopes(), ", ")+
		"; can be repeated, and none implies another"+unnamed)
}

// defaultScopes describes the defaults of new applications and users.
const defaultScopes = " (default " + auth.ReadScope + ", " + auth.WriteScope + ")"

// scopesOrDefault returns the scopes of a new application or user, by default the plain ones.
func scopesOrDefault(names []string) ([]string, error) {
	if len(names) == 0 {
		return auth.PlainScopes(), nil
	}
	return auth.ParseScopes(names)
}

// requiredScopes returns at least one scope, or an error.
func requiredScopes(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, errors.New("say which scopes: --scope " + auth.ReadScope + " …; to take all away, revoke the application or disable the user")
	}
	return auth.ParseScopes(names)
}

// scopesIn returns scopes in the order of tokens.
func scopesIn(stored []string) []string { return auth.Both(auth.AllScopes(), stored) }
