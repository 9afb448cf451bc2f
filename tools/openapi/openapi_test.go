package main

import (
	"bytes"
	"testing"

	description "contacts/api"
)

func TestTheDescriptionIsWhatTheCodeSays(t *testing.T) {
	t.Parallel()
	want, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(description.Description, want) {
		t.Error("api/openapi.yaml is stale: run make openapi")
	}
}
