package faults

import (
	"sync/atomic"
	"testing"

	"contacts/tests/harness"
)

// A fault of the store is nothing that a user sees; a process that is killed leaves nothing that is in the way of the next
// try. A refresh token whose answer went with the process is used up: its user logs in again.
func TestEveryFaultOfALoginLeavesTheNextTryWell(t *testing.T) {
	t.Parallel()
	var happened atomic.Int64
	t.Run("faults", func(t *testing.T) {
		for _, a := range storeFaults {
			if !*allFaults && !inShort(a, true) {
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
