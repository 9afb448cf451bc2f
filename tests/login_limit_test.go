package tests

import (
	"fmt"
	"testing"
)

// What one address is refused costs no comparison of a password, however much of it comes at once.
func TestWhatIsRefusedToAnAddressIsNotCompared(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	if failed := l.fail(l.user+"-else", l.address, 4) + l.fail(l.user+"-other", l.address, 4); failed != 8 {
		t.Fatalf("%d failures", failed)
	}
	for i := range 18 {
		l.fail(fmt.Sprint(l.user, "-before-", i), l.address, 4)
	}
	// 80 of its 100 are used up.
	answers := together(t, 120, func(i int) (*answer, error) { return l.login(fmt.Sprint(l.user, "-", i), "wrong"), nil })
	got := statuses(answers)
	if got[401]+got[429] != 120 || got[401] == 0 || got[401] > 20 || l.compared.Load() != int64(got[401]) {
		t.Errorf("answers %v, %d passwords compared, want up to 20 of 401, and as many compared", got, l.compared.Load())
	}
	for got[401] < 20 { // what was refused because others were open is looked at later
		l.login(fmt.Sprint(l.user, "-later-", got[401]), "wrong").denied(incorrect)
		got[401]++
	}
	before := l.compared.Load()
	for _, a := range together(t, 50, func(int) (*answer, error) { return l.login(l.user, l.password), nil }) {
		a.slowed()
	}
	if l.compared.Load() != before {
		t.Errorf("%d passwords were compared in tries that are refused", l.compared.Load()-before)
	}
	l.at("10.96.0.1").enter()
}
