package main

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"contacts/pkg/auth"
)

// scopeFlag adds the flag for scopes.
func scopeFlag(flags *pflag.FlagSet, scopes *[]string, unnamed string) {
	flags.StringArrayVar(scopes, "scope", nil, "`scope` that tokens may carry, one of "+strings.Join(auth.AllScopes(), ", ")+
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
		return nil, errors.New("say which scopes: --scope " + auth.ReadScope + " …; an application that shall have none is revoked, a user disabled")
	}
	return auth.ParseScopes(names)
}

// scopesIn returns scopes in the order of tokens.
func scopesIn(stored []string) []string { return auth.Both(auth.AllScopes(), stored) }
