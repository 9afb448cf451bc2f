// Package platform runs `contacts serve` as a child process for tools that load it and kill it, and sends it requests.
package platform

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

// Org is the organization that a platform has by default.
const Org = "demo"

// Options configure a platform.
type Options struct {
	Binary string // the command line tool
	Data   string // the folder of all data
	Ready  string // the file with its address, one for each platform on the same data
	Orgs   []string
	Env    []string // variables in addition to this process's own
}

// A Platform is `contacts serve` as a child process, which can be killed and restarted on the same data.
type Platform struct {
	o Options

	mu      sync.Mutex
	life    *Life
	deaths  int
	changed chan struct{} // closed when the next life begins
}

// New returns a platform, which is not started yet.
func New(o Options) *Platform {
	if len(o.Orgs) == 0 {
		o.Orgs = []string{Org}
	}
	return &Platform{o: o}
}

// A Life is one run of the process.
type Life struct {
	number  int
	command *exec.Cmd
	exited  chan struct{}
	words   bytes.Buffer // its standard error; read it after exited
	url     string
	tokens  map[string]string // by organization
}

// PID is the process.
func (l *Life) PID() int { return l.command.Process.Pid }

const startTime = 30 * time.Second

// Start starts the platform, and returns when it answers.
func (p *Platform) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := os.RemoveAll(p.o.Ready); err != nil {
		return err
	}
	l := &Life{exited: make(chan struct{}), tokens: map[string]string{}}
	l.command = exec.Command(p.o.Binary, "serve", "--port", "0", "--data", p.o.Data, "--ready-file", p.o.Ready)
	for _, org := range p.o.Orgs {
		l.command.Args = append(l.command.Args, "--org", org)
	}
	l.command.Env = append(os.Environ(), p.o.Env...)
	l.command.Stderr = &tail{to: &l.words}
	if err := l.command.Start(); err != nil {
		return err
	}
	go func() {
		_ = l.command.Wait()
		close(l.exited)
	}()
	text, err := l.await(ctx, p.o.Ready)
	if err != nil {
		_ = l.command.Process.Kill()
		<-l.exited
		return fmt.Errorf("the platform does not start: %w: %s", err, l.words.Bytes())
	}
	for _, org := range p.o.Orgs {
		if err := l.authorize(ctx, org, text); err != nil {
			_ = l.command.Process.Kill()
			return err
		}
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

func (l *Life) await(ctx context.Context, ready string) ([]byte, error) {
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

func (l *Life) authorize(ctx context.Context, org string, ready []byte) error {
	var known struct{ URL, App, Secret string }
	if err := json.Unmarshal(ready, &known); err != nil {
		return err
	}
	l.url = known.URL
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, known.URL+"/auth/authorize/"+org, nil)
	if err != nil {
		return err
	}
	r.SetBasicAuth(known.App, known.Secret)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // it has been read
	body, err := io.ReadAll(answer.Body)
	var token struct{ AccessToken string }
	if err == nil {
		err = json.Unmarshal(body, &token)
	}
	if err != nil || token.AccessToken == "" {
		return fmt.Errorf("no access token: %s: %s", answer.Status, body)
	}
	l.tokens[org] = token.AccessToken
	return nil
}

// Now returns the present life, which may have ended, and a channel that is closed when the next one begins.
func (p *Platform) Now() (*Life, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.life, p.changed
}

// Dying reports whether a life has ended or is about to be killed: answers to its requests then mean nothing.
func (p *Platform) Dying(l *Life) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return l.number < p.deaths
}

// Die kills the server, with which its engine dies too, or the engine, by SIGKILL. It returns when the server has ended.
func (p *Platform) Die(ctx context.Context, victim string) error {
	p.mu.Lock()
	l := p.life
	p.deaths++
	p.mu.Unlock()
	process := l.command.Process
	if victim == "engine" {
		pid, err := ChildOf(process.Pid)
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

// Kill ends the platform permanently.
func (p *Platform) Kill() {
	if l, _ := p.Now(); l != nil {
		_ = l.command.Process.Kill()
		<-l.exited
	}
}

// ChildOf returns the process id of a server's engine, its only child.
func ChildOf(parent int) (int, error) {
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		_, fields, _ := strings.Cut(string(text), ") ") // after the name of the program: state, parent, …
		if f := strings.Fields(fields); len(f) > 1 && f[1] == strconv.Itoa(parent) {
			return strconv.Atoi(filepath.Base(filepath.Dir(name)))
		}
	}
	return 0, fmt.Errorf("process %d has no child: /proc knows them, on Linux", parent)
}

// A tail keeps the end of its output.
type tail struct{ to *bytes.Buffer }

func (t *tail) Write(text []byte) (int, error) {
	t.to.Write(text)
	if excess := t.to.Len() - 8<<10; excess > 0 {
		t.to.Next(excess)
	}
	return len(text), nil
}
