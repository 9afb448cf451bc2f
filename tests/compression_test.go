package tests

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestAnAnswerThatCompressesBadlyStaysWithinTheLimit(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
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
	ids := x.individuals(17)
	for _, id := range ids {
		damage(t, "T#"+x.org+"#I", fmt.Sprintf("%016s", id), fmt.Sprintf(`{"id":%q,"name":"%s","deleted":false}`, id, name(345_000)))
	}
	a := x.get("/individual", "Accept-Encoding", "gzip").want(200)
	if a.header.Get("Content-Encoding") == "" && !strings.HasPrefix(string(a.body), `{"items":`) {
		t.Errorf("%.100q", a.body)
	}
}
