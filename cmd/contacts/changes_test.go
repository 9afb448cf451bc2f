package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

func TestTheToolPrintsTheFeedAndFollowsIt(t *testing.T) {
	h := newPlatform(t)
	create := func(list string) string {
		path := h.create(list, map[string]any{"name": "Erika"})
		return path[len(list)+1:]
	}
	id := create("/individual")
	printed := h.run("changes --org demo")
	for _, want := range []string{"created  individual", id, "[contact] app:demo-app createIndividual "} {
		if !strings.Contains(printed, want) {
			t.Errorf("it prints %q, without %q", printed, want)
		}
	}
	if strings.Contains(printed, "Erika") {
		t.Errorf("it prints a name: %s", printed)
	}
	if printed := h.run("changes --org demo --since 0s --json"); printed != "" {
		t.Errorf("it prints what was before: %s", printed)
	}
	for line, want := range map[string]string{
		"changes": "--org", "changes --org nobody": "no organization nobody", "changes --org demo --since 3000h": "90 days",
	} {
		if _, err := h.tries("%s", line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, without %q", line, err, want)
		}
	}

	if out := h.run("org resync demo --json"); out != `{"changes":"resync","org":"demo"}`+"\n" {
		t.Errorf("org resync prints %s", out)
	}
	if out := h.run("org resync --all"); !strings.Contains(out, "readers of the changes of demo are shown all contacts again") {
		t.Errorf("org resync prints %s", out)
	}

	follower, out := io.Pipe()
	lines := bufio.NewScanner(follower)
	waitFor := func(text string) {
		for lines.Scan() {
			if strings.Contains(lines.Text(), text) {
				return
			}
		}
		t.Errorf("the follower ended before it printed %s", text)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	a := &administration{data: h.data, out: out}
	go func() { ended <- a.changes(ctx, "demo", time.Hour, true) }()
	waitFor(id)
	waitFor(create("/organization"))
	stop()
	if err := <-ended; err != nil {
		t.Errorf("an interrupted follower: %v", err)
	}
}
