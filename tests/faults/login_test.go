package faults

import (
	"sync/atomic"
	"testing"

	"contacts/tests/harness"
)

// A user notices no single fault of the store, and a killed process does not hinder the next login. A refresh token whose answer was lost with
// its process is used up: the user logs in again.
func TestALoginWorksAfterEveryFaultOfAnEarlierOne(t *testing.T) {
	t.Parallel()
	var happened atomic.Int64
	t.Run("faults", func(t *testing.T) {
		for _, a := range storeFaults {
			if !*allFaults && !inShortForm(a, true) {
				continue
			}
			t.Run(a.Name, func(t *testing.T) {
				t.Parallel()
				l := harness.NewLoginService(t)
				for n := 1; ; n++ {
					l.Transport.Inject(&a, n)
					entered := l.Login(l.User, l.Password)
					one := l.Transport.Inject(nil, 0)
					if one && a.Kills {
						entered = l.Login(l.User, l.Password)
					}
					l.Transport.Inject(&a, n)
					refreshed := l.Refresh(entered.Want(200).Tokens().Refresh)
					two := l.Transport.Inject(nil, 0)
					if two && a.Kills {
						if refreshed = l.Refresh(entered.Tokens().Refresh); refreshed.Status == 401 {
							refreshed = l.Login(l.User, l.Password)
						}
					}
					l.Refresh(refreshed.Want(200).Tokens().Refresh).Want(200)
					if !one && !two {
						return
					}
					happened.Add(1)
				}
			})
		}
	})
	t.Logf("%d faults", happened.Load())
}
