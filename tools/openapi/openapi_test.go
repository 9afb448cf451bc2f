package main

import (
	"bytes"
	"testing"

	"contacts"
)

func TestTheDescriptionIsWhatTheCodeSays(t *testing.T) {
	t.Parallel()
	want, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(contacts.OpenAPI, want) {
		t.Error("api/openapi.yaml is stale: run make openapi")
	}
}
