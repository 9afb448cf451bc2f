// Command openapi prints the description of the API, OpenAPI 3.1. It is checked in as api/openapi.yaml.
//
// What the routes declare (parameters, bodies, bounds) comes from pkg/rest, the types of answers from answers.go, and all prose and
// examples from the files in texts.
package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/api"
	"contacts/pkg/rest"
)

func main() {
	text, err := describe()
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

// groups returns all groups of routes, in the order in which they are described.
func groups() []rest.Group {
	c := api.Config{Config: rest.Config{Now: time.Now}}
	all := append(api.Auth(c, nil, nil), api.Images(c, nil, nil), api.Webhooks(c, nil, nil), api.Exports(c, nil))
	for _, group := range api.Groups() {
		all = append(all, group(c))
	}
	byName := map[string]rest.Group{}
	for _, g := range all {
		byName[g.Name] = g
	}
	var sorted []rest.Group
	for _, t := range tags {
		sorted = append(sorted, byName[t.group])
		delete(byName, t.group)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		panic("openapi: the group " + name + " has no tag")
	}
	return sorted
}

// A tag groups operations in the description.
type tag struct{ group, name, description string }

var tags = []tag{
	{"auth", "Authorization", "Access tokens of applications."},
	{"individuals", "Individual contacts", "Human persons, how they are reached, and what they are to each other."},
	{"identities", "Professional identities", "Individuals in the capacity of representing organizations."},
	{"organizations", "Organization contacts", "Businesses and other organizations, how they are reached, and what they consist of."},
	{"roles", "Roles", "What contacts are to the organization: customers, alternative payers, suppliers."},
	{"tags", "Tags", "Labels of contacts, shared by all contacts of the organization."},
	{"images", "Images", "Pictures of contacts. The newest comes first, and is the default."},
	{"idmappings", "ID mappings", "External ids of contacts, in one list. They are the same as the `external_id` of the contacts."},
	{"placeholders", "Placeholder customers", "Stand-ins for customers who aren't known by name."},
	{"customerlists", "Customer lists", "Named lists of customers and placeholder customers."},
	{"configuration", "Configuration", "Whether another system manages the contacts."},
	{"lookup", "Lookup", "Contacts of all kinds by what is known of them."},
	{"changes", "Changes", "What happens to contacts of all kinds, for whoever keeps a copy of them, and what they were before."},
	{"exports", "Exports", "Files with the contacts of the organization, and the vCard of a contact."},
	{"webhooks", "Webhooks", "Addresses that the changes of contacts are sent to, as Standard Webhooks specifies it."},
	{"login", "Login", "Access tokens of users, in the plentymarkets dialect."},
	{"logout", "Logout", "The end of a user's session, in the plentymarkets dialect."},
	{"options", "Contact options", "Individual contacts and their options in the plentymarkets dialect. Options are phones, emails, web addresses and other identifiers; the records are the same as in the other dialect."},
	{"health", "Health", "Whether the platform works, for monitors."},
}

// describe returns the description as YAML.
func describe() ([]byte, error) {
	all := groups()
	b, err := newBuilder(rest.OpenAPI(all...))
	if err != nil {
		return nil, err
	}
	paths, webhooks := b.paths(all), b.webhooks()
	if err := b.err(); err != nil {
		return nil, err
	}
	return encode(b.document(paths, webhooks))
}

// operationOf returns the operation of a method.
func operationOf(path *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{"GET": path.Get, "POST": path.Post, "PUT": path.Put, "PATCH": path.Patch, "DELETE": path.Delete}[method]
}
