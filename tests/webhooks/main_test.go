// Package webhooks tests the resources of webhooks through real requests.
package webhooks

import (
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }

const receiver = "https://receiver.example/contacts"

// created returns the path of a new webhook below the tenant's.
func created(admin *harness.Tenant, fields ...any) string {
	admin.T.Helper()
	return "/webhooks/" + admin.Do("POST", "/webhooks", harness.With(object{"url": receiver}, fields...)).Want(201).Text("id")
}
