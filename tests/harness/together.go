package harness

import (
	"sync"
	"testing"
)

// Concurrently sends n requests at the same time and returns their answers.
func Concurrently(t testing.TB, n int, request func(i int) (*Answer, error)) []*Answer {
	t.Helper()
	answers := make([]*Answer, n)
	errs := make([]error, n)
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-start
			answers[i], errs[i] = request(i)
		})
	}
	close(start)
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
		answers[i].T = t
	}
	return answers
}

// CountStatuses counts the answers by status.
func CountStatuses(answers []*Answer) map[int]int {
	counts := map[int]int{}
	for _, a := range answers {
		counts[a.Status]++
	}
	return counts
}

// DeletionHeaders are the ways in which a deletion is requested: by name, the headers for the ETag of what is deleted.
var DeletionHeaders = map[string]func(etag string) []string{
	"plain":                   func(string) []string { return nil },
	"with an If-Match":        func(etag string) []string { return []string{"If-Match", etag} },
	"with an Idempotency-Key": func(string) []string { return []string{"Idempotency-Key", "k"} },
}
