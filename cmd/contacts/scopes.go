package main

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"contacts/pkg/auth"
)

// scoped adds the flag that names scopes.
func scoped(flags *pflag.FlagSet, scopes *[]string, unnamed string) {
	flags.StringArrayVar(scopes, "scope", nil, "`scope` that tokens may carry, one of "+strings.Join(auth.AllScopes(), ", ")+
		"; can be repeated, and none implies another"+unnamed)
}

// ofNewcomer is what the flag says of a new application or user.
const ofNewcomer = " (default " + auth.ReadScope + ", " + auth.WriteScope + ")"

// newcomerScopes returns the scopes of a new application or user: the plain ones where none are named.
func newcomerScopes(names []string) ([]string, error) {
	if len(names) == 0 {
		return auth.PlainScopes(), nil
	}
	return auth.ParseScopes(names)
}

// namedScopes returns scopes of which at least one has to be named: without any, nothing would be allowed.
func namedScopes(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, errors.New("say which scopes: --scope " + auth.ReadScope + " …; an application that shall have none is revoked, a user disabled")
	}
	return auth.ParseScopes(names)
}

// scopesIn are stored scopes in the order in which tokens carry them.
func scopesIn(stored []string) []string { return auth.Both(auth.AllScopes(), stored) }
