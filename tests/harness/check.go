package harness

import (
	"contacts/pkg/fsck"
	"contacts/pkg/wiring"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func Repair(t testing.TB, found []fsck.Finding) {
	t.Helper()
	for _, f := range found {
		if f.Fix == nil {
			continue
		}
		if err := f.Fix(context.Background()); err != nil && !errors.Is(err, fsck.ErrOutdated) {
			t.Errorf("%s: %s: %v", f.Key, f.Repair, err)
		}
	}
}

// CheckFindings returns what a check of an organization finds in a table.
func CheckFindings(t testing.TB, table *wiring.Database, now func() time.Time, org string, objects fsck.ImageObjects) (found []fsck.Finding) {
	t.Helper()
	check := fsck.NewCheck(table.Store, now, org, func(f fsck.Finding) { found = append(found, f) })
	check.Objects = objects
	if err := check.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return found
}

// IsSound requires a check of the tenant to find nothing.
func (x *Tenant) IsSound() {
	x.T.Helper()
	for _, f := range CheckFindings(x.T, Platform.Database, time.Now, x.Org, nil) {
		x.T.Errorf("%s: %s: %s", f.Kind, f.Key, f.Detail)
	}
}

// Findings checks the sandbox.
func (s *Sandbox) Findings() []fsck.Finding {
	s.T.Helper()
	return CheckFindings(s.T, s.Database, time.Now, s.Org, nil)
}

// IsSound requires a check of the sandbox to find nothing.
func (s *Sandbox) IsSound() {
	s.T.Helper()
	for _, f := range s.Findings() {
		s.T.Errorf("%s: %s: %s", f.Kind, f.Key, f.Detail)
	}
}

// Padded returns an id as keys have it.
func Padded(id string) string { return strings.Repeat("0", 16-len(id)) + id }

func NumberAttribute(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

func TextAttribute(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// IDNumber returns an id as a number.
func IDNumber(t testing.TB, id string) int {
	t.Helper()
	n, err := strconv.Atoi(id)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
