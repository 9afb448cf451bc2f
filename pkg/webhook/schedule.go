package webhook

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// waits are the pauses after the first failed tries of an event; the last one is that after each later try.
var waits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, LongestWait}

const (
	// LongestWait is the longest pause of the schedule.
	LongestWait   = 12 * time.Hour
	maxRetryAfter = 24 * time.Hour
)

// Wait returns how long to wait after some failed tries, at least 1. The receiver's Retry-After, 0 for none, can make it longer.
func Wait(tries int, retryAfter time.Duration) time.Duration {
	return max(waits[min(tries, len(waits))-1], min(retryAfter, maxRetryAfter))
}

// RetryAfter returns the value of a Retry-After as a duration from now (RFC 9110, section 10.2.3), at most a day. It is 0 if there is none, or
// one that can't be read.
func RetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), maxRetryAfter)
}
