package harness

import (
	"sync"
	"testing"
)

// Together runs n requests at once and returns their answers.
func Together(t testing.TB, n int, request func(i int) (*Answer, error)) []*Answer {
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

// Statuses counts the answers of each status.
func Statuses(answers []*Answer) map[int]int {
	counts := map[int]int{}
	for _, a := range answers {
		counts[a.Status]++
	}
	return counts
}
