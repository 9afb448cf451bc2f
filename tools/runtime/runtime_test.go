package runtime_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"contacts/tools/runtime"
)

// role makes the test binary a function of its own: one of those below.
const role = "RUNTIME_TEST_FUNCTION"

var functions = map[string]func(){
	"echo": func() {
		lambda.Start(func(ctx context.Context, event json.RawMessage) (map[string]any, error) {
			fmt.Println("a line of the log")
			c, _ := lambdacontext.FromContext(ctx)
			deadline, _ := ctx.Deadline()
			return map[string]any{
				"event": event, "id": c.AwsRequestID, "arn": c.InvokedFunctionArn, "left": time.Until(deadline).Seconds(),
				"trace": os.Getenv("_X_AMZN_TRACE_ID"), "given": os.Getenv("GIVEN"), "home": os.Getenv("HOME"),
			}, nil
		})
	},
	"fails":  func() { lambda.Start(func() error { return errors.New("the table is gone") }) },
	"panics": func() { lambda.Start(func() error { panic("no such thing") }) },
	"large":  func() { lambda.Start(func() (string, error) { return strings.Repeat("x", 7<<20), nil }) },
	"hangs":  func() { lambda.Start(func() { time.Sleep(time.Hour) }) },
	"dies":   func() { lambda.Start(func() { complain() }) },
	"works": func() {
		lambda.Start(func() {
			for block := make([]byte, 1<<20); block[0] < 100; block[0]++ { // some 100 ms of CPU, however long they take
				sha256.Sum256(block)
			}
		})
	},
	"ends":  complain,
	"sleep": func() { time.Sleep(time.Hour) },
	"refuses": func() {
		body := strings.NewReader(`{"errorType":"Runtime.NoSecret","errorMessage":"there is no secret"}`)
		_, _ = http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", "application/json", body)
	},
}

func complain() {
	fmt.Fprintln(os.Stderr, "TABLE_NAME is not set")
	os.Exit(3)
}

func TestMain(m *testing.M) {
	if function, ok := functions[os.Getenv(role)]; ok {
		function()
		return
	}
	os.Exit(m.Run())
}

// generous ends a wait that would never end; that a machine is slow is no reason for a test to fail.
const generous = 5 * time.Minute

func options(function string) runtime.Options {
	return runtime.Options{Binary: os.Args[0], Env: map[string]string{role: function, "GIVEN": "yes"}, StartTimeout: generous, Timeout: generous}
}

func start(t *testing.T, o runtime.Options) *runtime.Process {
	t.Helper()
	p, err := runtime.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func TestAFunctionIsGivenWhatLambdaGives(t *testing.T) {
	t.Parallel()
	o := options("echo")
	var log bytes.Buffer
	o.Output = &log
	begun := time.Now()
	p := start(t, o)
	if most := time.Since(begun); p.StartUp() <= 0 || p.StartUp() > most {
		t.Errorf("started in %s, of %s that it took", p.StartUp(), most)
	}
	ids := map[string]bool{}
	for n := range 3 {
		begun := time.Now()
		answer, err := p.Invoke(t.Context(), fmt.Appendf(nil, `{"n":%d}`, n))
		took := time.Since(begun)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Event                       struct{ N int }
			ID, ARN, Trace, Given, Home string
			Left                        float64
		}
		if err := json.Unmarshal(answer.Payload, &got); err != nil {
			t.Fatal(err)
		}
		ids[got.ID] = true
		if got.Event.N != n || !strings.HasPrefix(got.ARN, "arn:aws:lambda:") || !strings.HasPrefix(got.Trace, "Root=1-") || got.Left <= 0 || got.Left > o.Timeout.Seconds() {
			t.Errorf("%s", answer.Payload)
		}
		if got.Given != "yes" || got.Home != "" {
			t.Errorf("its environment is not the one given: %s", answer.Payload)
		}
		if answer.Took <= 0 || answer.Took > took {
			t.Errorf("took %s of %s", answer.Took, took)
		}
	}
	if len(ids) != 3 {
		t.Errorf("request ids %v", ids)
	}
	p.Stop()
	p.Stop() // once more is no harm
	if got := strings.Count(log.String(), "a line of the log\n"); got != 3 {
		t.Errorf("%d lines in the log", got)
	}
	if _, err := p.Invoke(t.Context(), []byte("{}")); err == nil || !strings.Contains(err.Error(), "ended before it asked for the next event") {
		t.Errorf("a function that was stopped: %v", err)
	}
}

func TestAFunctionThatReportsAnErrorLivesOn(t *testing.T) {
	t.Parallel()
	p := start(t, options("fails"))
	for range 2 {
		_, err := p.Invoke(t.Context(), []byte("{}"))
		var reported *runtime.FunctionError
		if !errors.As(err, &reported) || reported.Message != "the table is gone" {
			t.Errorf("got %v", err)
		}
	}
}

func TestAFunctionThatPanicsReportsItAndIsGone(t *testing.T) {
	t.Parallel()
	p := start(t, options("panics"))
	_, err := p.Invoke(t.Context(), []byte("{}"))
	var reported *runtime.FunctionError
	if !errors.As(err, &reported) || reported.Message != "no such thing" {
		t.Errorf("got %v", err)
	}
	if _, err = p.Invoke(t.Context(), []byte("{}")); err == nil || !strings.Contains(err.Error(), "exit status") {
		t.Errorf("the next event: %v", err)
	}
}

func TestAFunctionThatFailsIsAClearError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ atStart, atEvent string }{
		"ends":    {"ended before it asked for an event, with exit status 3: TABLE_NAME is not set", ""},
		"refuses": {"can't start: Runtime.NoSecret there is no secret", ""},
		"sleep":   {"did not ask for an event within 2s; it wrote nothing to its standard error", ""},
		"dies":    {"", "ended in place of answering, with exit status 3: TABLE_NAME is not set"},
		"hangs":   {"", "did not answer within its time"},
		"large":   {"", "the answer is larger than the 6 MB that Lambda takes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(name)
			switch name {
			case "sleep":
				o.StartTimeout = 2 * time.Second
			case "hangs":
				o.Timeout = 300 * time.Millisecond
			}
			p, err := runtime.Start(t.Context(), o)
			if c.atStart == "" && err == nil {
				defer p.Stop()
				_, err = p.Invoke(t.Context(), []byte("{}"))
			}
			if err == nil || !strings.Contains(err.Error(), c.atStart+c.atEvent) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := runtime.Start(t.Context(), runtime.Options{Binary: "no/such/binary"}); err == nil {
		t.Error("a binary that is not there")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runtime.Start(ctx, options("sleep")); !errors.Is(err, context.Canceled) {
		t.Errorf("a start that was broken off: %v", err)
	}
}

func TestUsageIsThatOfTheFunction(t *testing.T) {
	t.Parallel()
	p := start(t, options("works"))
	before, err := p.Usage()
	if err != nil {
		t.Skip(err) // says why
	}
	if _, err := p.Invoke(t.Context(), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	after, err := p.Usage()
	if err != nil {
		t.Fatal(err)
	}
	if took := after.CPU - before.CPU; took < 5*time.Millisecond || took > 5*time.Second {
		t.Errorf("the hashes of 100 MB took %s of CPU", took)
	}
	if after.Peak < after.Resident || after.Resident < 1<<20 || after.Peak > 1<<30 {
		t.Errorf("memory %+v", after)
	}
}

func TestAFunctionHasNoMoreCPUThanItsQuota(t *testing.T) {
	t.Parallel()
	quota, err := runtime.NewQuota(0.1)
	if err != nil {
		t.Skip(err) // says why
	}
	t.Cleanup(quota.Close) // after the function's end
	o := options("works")
	o.Quota = quota
	p := start(t, o)
	begun := time.Now()
	var used time.Duration
	for range 5 {
		if _, err := p.Invoke(t.Context(), []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	u, err := p.Usage()
	if err != nil {
		t.Fatal(err)
	}
	used = u.CPU
	if most := time.Since(begun)/10 + 100*time.Millisecond; used > most {
		t.Errorf("%s of CPU within %s", used, time.Since(begun))
	}
}
