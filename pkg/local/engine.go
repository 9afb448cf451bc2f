package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// EngineOptions configure the DynamoDB engine. The zero value is an engine in memory on a free loopback port.
type EngineOptions struct {
	Binary   string // the engine's binary; "" finds the one that npm installed below tools/
	DataFile string // the file of the data, in an existing folder; "" keeps the data in memory
	Host     string // the IPv4 address to listen on; "" is 127.0.0.1
	Port     int    // 0 picks a free one
}

// An Engine is a DynamoDB engine that runs as a child process.
//
// With a DataFile each answered write is on the disk (SQLite's write-ahead log, synchronous=FULL), so that no kind of
// death loses one; a start after it recovers.
type Engine struct {
	address string
	process *os.Process
	exited  chan struct{} // closed when the process has ended
	ended   string        // how it ended; read it after exited
	// listening is closed when the engine has reported that it listens.
	listening chan struct{}
	last      atomic.Pointer[string] // the last line of its output
	lock      *flock.Flock
}

// InUseError reports that another process uses the data.
type InUseError struct{ Path string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("the data in %s is in use by another process; stop that one first", filepath.Dir(e.Path))
}

const (
	engineStart = 10 * time.Second // a start takes milliseconds, but longer on a busy machine
	engineStop  = time.Second
)

// StartEngine starts the engine and returns when it answers. ctx bounds only the start; Stop ends the engine. When this process
// dies, the engine dies too (on Linux by the kernel, elsewhere only with its process group).
//
// Errors: the engine is not installed, DataFile can't be written, *InUseError, or an error of the engine.
func StartEngine(ctx context.Context, o EngineOptions) (*Engine, error) {
	binary := o.Binary
	if binary == "" {
		var err error
		if binary, err = findEngine(); err != nil {
			return nil, err
		}
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	lock, err := lockData(ctx, o.DataFile)
	if err != nil {
		return nil, err
	}
	engine, err := startOnPort(ctx, binary, o)
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	engine.lock = lock
	return engine, nil
}

// startOnPort starts the engine. For a free port it tries up to five times, because the engine can't choose a port itself and
// another process may take it meanwhile.
func startOnPort(ctx context.Context, binary string, o EngineOptions) (*Engine, error) {
	for attempt := 1; ; attempt++ {
		port := o.Port
		if port == 0 {
			var err error
			if port, err = freePort(o.Host); err != nil {
				return nil, err
			}
		}
		engine, err := startOnce(ctx, binary, o, port)
		if err == nil {
			return engine, nil
		}
		if o.Port != 0 || attempt == 5 || !errors.Is(err, errPortTaken) {
			return nil, err
		}
	}
}

var errPortTaken = errors.New("its port is in use")

func startOnce(ctx context.Context, binary string, o EngineOptions, port int) (*Engine, error) {
	address := net.JoinHostPort(o.Host, fmt.Sprint(port))
	args := []string{"serve", "--host", o.Host, "--port", fmt.Sprint(port)}
	if o.DataFile != "" {
		args = append(args, "--db-path", o.DataFile)
	}
	command := exec.Command(binary, args...)
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	command.Stderr = command.Stdout
	command.SysProcAttr = dieWithParent()

	e := &Engine{address: address, exited: make(chan struct{}), listening: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel kills the child when the thread that forked it ends, so this thread stays.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			e.read(output)
			_ = command.Wait() // ProcessState says the same
			e.ended = command.ProcessState.String()
			close(e.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("the DynamoDB engine %s can't be started: %w", binary, cause(err))
	}
	e.process = command.Process
	if err := e.waitUntilReady(ctx); err != nil {
		e.kill()
		return nil, err
	}
	return e, nil
}

// waitUntilReady returns when the engine has reported that it listens, and has answered a request.
func (e *Engine) waitUntilReady(start context.Context) error {
	ctx, cancel := context.WithTimeout(start, engineStart)
	defer cancel()
	select {
	case <-e.listening:
	case <-e.exited:
		last := e.lastLine()
		if strings.Contains(last, "already in use") || strings.Contains(last, "failed to bind") {
			return fmt.Errorf("the DynamoDB engine did not start: %w (%s)", errPortTaken, e.address)
		}
		reason, _, _ := strings.Cut(last, ". ") // its advice is about options that are not the user's
		return fmt.Errorf("the DynamoDB engine did not start: %s", strings.TrimSuffix(reason, "."))
	case <-ctx.Done():
		if start.Err() != nil {
			return errors.New("the start of the DynamoDB engine was interrupted")
		}
		return fmt.Errorf("the DynamoDB engine did not start within %s", engineStart)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Endpoint(), nil)
	if err != nil {
		return err
	}
	request.Close = true
	response, err := (&http.Transport{}).RoundTrip(request) // by no proxy
	if err != nil {
		return fmt.Errorf("the DynamoDB engine does not answer: %w", cause(err))
	}
	return response.Body.Close()
}

// Endpoint returns the engine's address for AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:8000".
func (e *Engine) Endpoint() string { return endpoint(e.address) }

// Exited returns a channel that is closed when the engine has ended, for whatever reason.
func (e *Engine) Exited() <-chan struct{} { return e.exited }

// Reason returns how the engine ended and the last line of its output. Call it after Exited is closed.
func (e *Engine) Reason() string { return e.ended + ", its last words: " + e.lastLine() }

// Stop ends the engine, gracefully if that takes less than a second. It may be called again.
func (e *Engine) Stop() {
	if e.process.Signal(syscall.SIGTERM) == nil {
		timer := time.NewTimer(engineStop)
		defer timer.Stop()
		select {
		case <-e.exited:
		case <-timer.C:
		}
	}
	e.kill()
	_ = e.lock.Close()
}

func (e *Engine) kill() {
	_ = e.process.Kill() // it may have ended
	<-e.exited
}

// read reads the engine's output until its end.
func (e *Engine) read(output io.Reader) {
	listens := sync.OnceFunc(func() { close(e.listening) })
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			e.last.Store(&line)
			if strings.Contains(line, "http://"+e.address) {
				listens()
			}
		}
	}
	_, _ = io.Copy(io.Discard, output) // after a line that is too long
}

func (e *Engine) lastLine() string {
	line := e.last.Load()
	if line == nil {
		return "it said nothing"
	}
	return strings.TrimPrefix(*line, "error: ")
}

// findEngine returns the binary that npm installed for this platform in tools/. It searches upwards from the working folder,
// then from the folder of this program.
func findEngine() (string, error) {
	platform := strings.NewReplacer("windows", "win32", "amd64", "x64").Replace(runtime.GOOS + "-" + runtime.GOARCH)
	name := "dynoxide"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	var starts []string
	if folder, err := os.Getwd(); err == nil {
		starts = append(starts, folder)
	}
	if program, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(program); err == nil {
			program = real
		}
		starts = append(starts, filepath.Dir(program))
	}
	for _, start := range starts {
		for folder := start; ; folder = filepath.Dir(folder) {
			tools := filepath.Join(folder, "tools")
			if isFile(filepath.Join(tools, "package.json")) {
				binary := filepath.Join(tools, "node_modules", "@dynoxide", platform, name)
				if isFile(binary) {
					return binary, nil
				}
			}
			if folder == filepath.Dir(folder) {
				break
			}
		}
	}
	return "", errors.New("the DynamoDB engine is not installed: run `npm ci --prefix tools` in the repository (it needs Node)")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// freePort returns a port that is free at the moment.
func freePort(host string) (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, fmt.Errorf("can't listen on %s: %w", host, cause(err))
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// endpoint returns the URL by which this machine reaches a server that listens on address.
func endpoint(address string) string {
	if host, port, err := net.SplitHostPort(address); err == nil && net.ParseIP(host).IsUnspecified() {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + address
}

// cause returns the innermost error, that of the operating system.
func cause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
