package main

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"contacts/pkg/auth"
)

// scoped adds the flag for scopes.
func scoped(flags *pflag.FlagSet, scopes *[]string, unnamed string) {
	flags.StringArrayVar(scopes, "scope", nil, "`scope` that tokens may carry, one of "+strings.Join(auth.AllScopes(), ", ")+
		"; can be repeated, and none implies another"+unnamed)
}

// ofNewcomer describes the defaults of new applications and users.
const ofNewcomer = " (default " + auth.ReadScope + ", " + auth.WriteScope + ")"

// newcomerScopes returns the scopes of a new application or user, by default the plain ones.
func newcomerScopes(names []string) ([]string, error) {
	if len(names) == 0 {
		return auth.PlainScopes(), nil
	}
	return auth.ParseScopes(names)
}

// namedScopes returns at least one scope, or an error.
func namedScopes(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, errors.New("say which scopes: --scope " + auth.ReadScope + " …; an application that shall have none is revoked, a user disabled")
	}
	return auth.ParseScopes(names)
}

// scopesIn returns scopes in the order of tokens.
func scopesIn(stored []string) []string { return auth.Both(auth.AllScopes(), stored) }
