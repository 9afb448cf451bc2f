package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A platform is `contacts serve` as a child process, and again after each of its deaths, on the same data.
type platform struct {
	binary string
	folder string // of the ready file; data is in it
	data   string

	mu      sync.Mutex
	life    *life
	deaths  int
	changed chan struct{} // closed when there is another life
}

// A life is one run of the process.
type life struct {
	number  int
	command *exec.Cmd
	exited  chan struct{}
	words   bytes.Buffer // what it wrote to standard error; to be read after exited
	url     string
	token   string
}

const startTime = 30 * time.Second

// start starts the platform, and returns when it answers.
func (p *platform) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	ready := filepath.Join(p.folder, "ready.json")
	if err := os.RemoveAll(ready); err != nil {
		return err
	}
	l := &life{exited: make(chan struct{})}
	l.command = exec.Command(p.binary, "serve", "--port", "0", "--data", p.data, "--ready-file", ready)
	l.command.Stderr = &tail{to: &l.words}
	if err := l.command.Start(); err != nil {
		return err
	}
	go func() {
		_ = l.command.Wait()
		close(l.exited)
	}()
	text, err := l.await(ctx, ready)
	if err != nil {
		_ = l.command.Process.Kill()
		<-l.exited
		return fmt.Errorf("the platform does not start: %w: %s", err, l.words.Bytes())
	}
	if err := l.authorize(ctx, text); err != nil {
		_ = l.command.Process.Kill()
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l.number = p.deaths
	p.life = l
	if p.changed != nil {
		close(p.changed)
	}
	p.changed = make(chan struct{})
	return nil
}

func (l *life) await(ctx context.Context, ready string) ([]byte, error) {
	for {
		if text, err := os.ReadFile(ready); err == nil {
			return text, nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-l.exited:
			return nil, errors.New("it ended")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *life) authorize(ctx context.Context, ready []byte) error {
	var known struct{ URL, App, Secret string }
	if err := json.Unmarshal(ready, &known); err != nil {
		return err
	}
	l.url = known.URL
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, known.URL+"/auth/authorize/demo", nil)
	if err != nil {
		return err
	}
	r.SetBasicAuth(known.App, known.Secret)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // it is read by then
	body, err := io.ReadAll(answer.Body)
	var token struct{ AccessToken string }
	if err == nil {
		err = json.Unmarshal(body, &token)
	}
	if err != nil || token.AccessToken == "" {
		return fmt.Errorf("no access token: %s: %s", answer.Status, body)
	}
	l.token = token.AccessToken
	return nil
}

// now is the present life, and a channel that is closed when there is another. Its life may have ended already.
func (p *platform) now() (*life, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.life, p.changed
}

// dying tells that the life is over, or about to be: what its requests are answered says nothing any more.
func (p *platform) dying(l *life) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return l.number < p.deaths
}

// die kills a process with SIGKILL: the server, by which its engine dies too, or the engine. It returns when the server is gone.
func (p *platform) die(ctx context.Context, victim string) error {
	p.mu.Lock()
	l := p.life
	p.deaths++
	p.mu.Unlock()
	process := l.command.Process
	if victim == "engine" {
		pid, err := childOf(process.Pid)
		if err != nil {
			return err
		}
		if process, err = os.FindProcess(pid); err != nil {
			return err
		}
	}
	if err := process.Kill(); err != nil {
		return err
	}
	select {
	case <-l.exited:
		return nil
	case <-time.After(startTime):
		return fmt.Errorf("the server still runs %s after its %s was killed", startTime, victim)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// kill ends the platform for good.
func (p *platform) kill() {
	l, _ := p.now()
	_ = l.command.Process.Kill()
	<-l.exited
}

// childOf is the engine of a server: its one child.
func childOf(parent int) (int, error) {
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		_, fields, _ := strings.Cut(string(text), ") ") // behind the program's name: state, parent, …
		if f := strings.Fields(fields); len(f) > 1 && f[1] == strconv.Itoa(parent) {
			return strconv.Atoi(filepath.Base(filepath.Dir(name)))
		}
	}
	return 0, fmt.Errorf("process %d has no child: /proc knows them, on Linux", parent)
}

// A tail keeps the last of what is written.
type tail struct{ to *bytes.Buffer }

func (t *tail) Write(text []byte) (int, error) {
	t.to.Write(text)
	if excess := t.to.Len() - 8<<10; excess > 0 {
		t.to.Next(excess)
	}
	return len(text), nil
}
