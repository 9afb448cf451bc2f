package lists

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestAnAnswerThatCompressesBadlyStaysWithinTheLimit(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	random := rand.New(rand.NewPCG(1, 2))
	name := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			for b[i] = '"'; b[i] == '"' || b[i] == '\\'; {
				b[i] = byte(' ' + random.IntN(95))
			}
		}
		return string(b)
	}
	ids := x.CreateIndividuals(17)
	for _, id := range ids {
		harness.Damage(t, "T#"+x.Org+"#I", fmt.Sprintf("%016s", id), fmt.Sprintf(`{"id":%q,"name":"%s","deleted":false}`, id, name(345_000)))
	}
	a := x.Get("/individual", "Accept-Encoding", "gzip").Want(200)
	if a.Header.Get("Content-Encoding") == "" && !strings.HasPrefix(string(a.Body), `{"items":`) {
		t.Errorf("%.100q", a.Body)
	}
}
