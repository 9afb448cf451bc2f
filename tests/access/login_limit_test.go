package access

import (
	"fmt"
	"testing"

	"contacts/tests/harness"
)

// What one address is refused costs no comparison of a password, however much of it comes at once.
func TestWhatIsRefusedToAnAddressIsNotCompared(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	if failed := fail(l, l.User+"-else", l.Address, 4) + fail(l, l.User+"-other", l.Address, 4); failed != 8 {
		t.Fatalf("%d failures", failed)
	}
	for i := range 18 {
		fail(l, fmt.Sprint(l.User, "-before-", i), l.Address, 4)
	}
	// 80 of its 100 are used up.
	answers := harness.Together(t, 120, func(i int) (*harness.Answer, error) { return l.Login(fmt.Sprint(l.User, "-", i), "wrong"), nil })
	got := harness.Statuses(answers)
	if got[401]+got[429] != 120 || got[401] == 0 || got[401] > 20 || l.Compared.Load() != int64(got[401]) {
		t.Errorf("answers %v, %d passwords compared, want up to 20 of 401, and as many compared", got, l.Compared.Load())
	}
	for got[401] < 20 { // what was refused because others were open is looked at later
		denied(l.Login(fmt.Sprint(l.User, "-later-", got[401]), "wrong"), incorrect)
		got[401]++
	}
	before := l.Compared.Load()
	for _, a := range harness.Together(t, 50, func(int) (*harness.Answer, error) { return l.Login(l.User, l.Password), nil }) {
		slowed(a)
	}
	if l.Compared.Load() != before {
		t.Errorf("%d passwords were compared in tries that are refused", l.Compared.Load()-before)
	}
	at(l, "10.96.0.1").LogIn()
}
