package tests

import (
	"sync/atomic"
	"testing"
)

// A fault of the store is nothing that a user sees; a process that is killed leaves nothing that is in the way of the next
// try. A refresh token whose answer went with the process is used up: its user logs in again.
func TestEveryFaultOfALoginLeavesTheNextTryWell(t *testing.T) {
	t.Parallel()
	var happened atomic.Int64
	t.Run("faults", func(t *testing.T) {
		for _, a := range accidentsOfStore {
			if !*allFaults && !a.inShort(true) {
				continue
			}
			t.Run(a.name, func(t *testing.T) {
				t.Parallel()
				l := newLobby(t)
				for n := 1; ; n++ {
					l.wire.arm(&a, n)
					entered := l.login(l.user, l.password)
					one := l.wire.arm(nil, 0)
					if one && a.kills {
						entered = l.login(l.user, l.password)
					}
					l.wire.arm(&a, n)
					refreshed := l.refresh(entered.want(200).tokens().refresh)
					two := l.wire.arm(nil, 0)
					if two && a.kills {
						if refreshed = l.refresh(entered.tokens().refresh); refreshed.status == 401 {
							refreshed = l.login(l.user, l.password)
						}
					}
					l.refresh(refreshed.want(200).tokens().refresh).want(200)
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
