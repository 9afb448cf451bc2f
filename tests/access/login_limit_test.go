package access

import (
	"fmt"
	"testing"

	"contacts/tests/harness"
)

// Logins that are throttled for their address cost no comparison of passwords, even when they are concurrent.
func TestThrottledLoginsCompareNoPassword(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	if failed := failLogins(l, l.User+"-else", l.Address, 4) + failLogins(l, l.User+"-other", l.Address, 4); failed != 8 {
		t.Fatalf("%d failures", failed)
	}
	for i := range 18 {
		failLogins(l, fmt.Sprint(l.User, "-before-", i), l.Address, 4)
	}
	// 80 of the 100 failures of an address are used up.
	answers := harness.Concurrently(t, 120, func(i int) (*harness.Answer, error) { return l.Login(fmt.Sprint(l.User, "-", i), "wrong"), nil })
	got := harness.CountStatuses(answers)
	if got[401]+got[429] != 120 || got[401] == 0 || got[401] > 20 || l.Compared.Load() != int64(got[401]) {
		t.Errorf("answers %v, %d passwords compared, want up to 20 of 401, and as many compared", got, l.Compared.Load())
	}
	for got[401] < 20 { // what was refused because others were open is looked at later
		wantDenied(l.Login(fmt.Sprint(l.User, "-later-", got[401]), "wrong"), incorrect)
		got[401]++
	}
	before := l.Compared.Load()
	for _, a := range harness.Concurrently(t, 50, func(int) (*harness.Answer, error) { return l.Login(l.User, l.Password), nil }) {
		wantThrottled(a)
	}
	if l.Compared.Load() != before {
		t.Errorf("%d passwords were compared in tries that are refused", l.Compared.Load()-before)
	}
	fromAddress(l, "10.96.0.1").LogIn()
}
