package faults

import (
	contactstore "contacts/pkg/store"

	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"contacts/pkg/api"
	"contacts/pkg/auth/password"
	"contacts/pkg/image/processor"
	"contacts/pkg/rest"
	"contacts/pkg/retries"
	"contacts/pkg/wiring/secret"
	"contacts/tests/harness"
	"contacts/tests/harness/templateyaml"
)

// A response answers a request instead of the store.
type response = func(*http.Request, func() (*http.Response, error)) (*http.Response, error)

// refusal refuses a request with a code and a message.
func refusal(status int, code, message string) response {
	return func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		if harness.OfBucket(r) {
			return harness.Answering(r, status, fmt.Sprintf("<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)), nil
		}
		return harness.Answering(r, status, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`, code, message)), nil
	}
}

// silence does not answer.
func silence(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// firstThen answers the first request of each outage by one response, and all later ones by another.
func firstThen(first, then response) func() response {
	return func() response {
		var met atomic.Bool
		return func(r *http.Request, carry func() (*http.Response, error)) (*http.Response, error) {
			if met.CompareAndSwap(false, true) {
				return first(r, carry)
			}
			return then(r, carry)
		}
	}
}

// always answers each request by the same response.
func always(h response) func() response { return func() response { return h } }

// The log line alone tells throttling, network, keys and disks apart. The client learns of none of them.
func TestTheCauseOfAFailureIsInTheLogAndNotInTheAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happen func() response
		want   []string // in the cause
		status int
	}{
		"throttling":          {always(refusal(400, "ThrottlingException", "rate of requests exceeded")), []string{"ThrottlingException", "rate of requests exceeded"}, 503},
		"a partition's limit": {always(refusal(400, "ProvisionedThroughputExceededException", "level of throughput")), []string{"ProvisionedThroughputExceededException"}, 503},
		"a cut connection":    {always(requestLost), []string{"connection reset by peer"}, 503},
		"nobody listens": {always(func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}), []string{"connection refused"}, 503},
		"a key out of reach":             {always(refusal(400, "KMSInvalidStateException", "the key is pending deletion")), []string{"KMSInvalidStateException", "pending deletion"}, 500},
		"a full disk":                    {always(refusal(500, "InternalServerError", "database or disk is full")), []string{"database or disk is full"}, 503},
		"silence":                        {always(silence), []string{"deadline exceeded"}, 503},
		"throttling, then silence":       {firstThen(refusal(400, "ThrottlingException", "rate of requests exceeded"), silence), []string{"deadline exceeded", "ThrottlingException", "rate of requests exceeded"}, 503},
		"a cut connection, then silence": {firstThen(requestLost, silence), []string{"deadline exceeded", "connection reset by peer"}, 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{Pictures: true})
			person := s.CreateIndividual("Erika")
			for method, target := range map[string]string{"GET": person, "POST": "/individual", "PUT": person, "DELETE": person} {
				a := duringFault(s, &harness.StoreFault{Respond: c.happen()}, method, target, object{"name": "Max"})
				wantCauseInLogOnly(s, a, c.status, c.want)
			}
			wantCauseInLogOnly(s, duringFault(s, &harness.StoreFault{Matches: ofTarget("BatchGetItem", "Query"), Respond: c.happen()}, "GET", "/lookup?email=a@example.com", nil), c.status, c.want)
			// S3 has errors of its own, and all of them may be temporary.
			wantCauseInLogOnly(s, duringFault(s, &harness.StoreFault{Matches: harness.OfBucket, Respond: c.happen()}, "POST", person+"/images", harness.ImageBody(harness.SmallPicture)), 503, c.want)
		})
	}
}

// A transaction or batch that is refused until the deadline logs the last refusal.
func TestARequestThatIsRetriedUntilItsDeadlineLogsTheLastRefusal(t *testing.T) {
	t.Parallel()
	s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{})
	for code, outage := range map[string]*harness.StoreFault{
		"TransactionConflict":           {Matches: ofTarget("TransactWriteItems"), Respond: cancelling("TransactionConflict")},
		"ThrottlingError":               {Matches: ofTarget("TransactWriteItems"), Respond: cancelling("ThrottlingError")},
		"ProvisionedThroughputExceeded": {Matches: ofTarget("TransactWriteItems"), Respond: cancelling("ProvisionedThroughputExceeded")},
	} {
		wantCauseInLogOnly(s, duringFault(s, outage, "POST", "/individual", object{"name": "Max"}), 503, []string{code, "deadline exceeded"})
	}
	given := &harness.StoreFault{Matches: ofTarget("BatchGetItem"), Respond: unprocessed}
	person := s.CreateIndividual("Erika")
	s.Create(person+"/emails", harness.With(harness.EmailSample, "address", "erika@example.com"))
	wantCauseInLogOnly(s, duringFault(s, given, "GET", "/lookup?email=erika@example.com", nil), 503, []string{"not all keys of a batch were processed", "deadline exceeded"})
}

// duringFault sends a request with little time while a fault happens to all of its requests to table or bucket.
func duringFault(s *harness.Sandbox, outage *harness.StoreFault, method, target string, body any) *harness.Answer {
	s.T.Helper()
	if method == "GET" || method == "DELETE" {
		body = nil
	}
	defer func() { s.Time = harness.PlentyOfTime }()
	for little := 300 * time.Millisecond; ; little *= 2 { // a busy machine may need more until the fault can happen
		s.Time = min(retries.Margin+little, harness.PlentyOfTime)
		s.Transport.Inject(outage, 0)
		a := s.Do(method, target, body)
		if s.Transport.Inject(nil, 0) {
			return a
		}
		if s.Time == harness.PlentyOfTime {
			s.T.Fatalf("%s sent no request that the fault could happen to", a.What)
		}
	}
}

// wantCauseInLogOnly requires the last log line to be an error with these words in its cause, and the answer to have none of them.
func wantCauseInLogOnly(s *harness.Sandbox, a *harness.Answer, status int, want []string) {
	s.T.Helper()
	a.Want(status)
	lines := strings.Split(strings.TrimSpace(s.Log.All()), "\n")
	var line struct {
		Level, Cause string
		Failures     int
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
		s.T.Fatal(err)
	}
	if line.Level != "ERROR" || line.Failures != 1 || line.Cause == "" {
		s.T.Errorf("%s is logged as %s", a.What, lines[len(lines)-1])
	}
	for _, w := range want {
		if !strings.Contains(line.Cause, w) {
			s.T.Errorf("%s: the cause %q lacks %q", a.What, line.Cause, w)
		}
	}
	told := string(a.Body)
	for name := range a.Header {
		told += "\n" + name + ": " + strings.Join(a.Header.Values(name), ", ")
	}
	for _, inner := range append([]string{"Exception", "Error:", "connection re", "deadline", "disk", "operation error", "api error", "https response", "127.0.0.1", s.Name}, want...) {
		if strings.Contains(told, inner) {
			s.T.Errorf("%s: the answer has %q of the cause: %s", a.What, inner, told)
		}
	}
}

// A batch of 20 failed rows counts as 20 failures for the alarm, although it is answered with 200.
func TestFailedRowsCountAsFailuresInTheAlarm(t *testing.T) {
	t.Parallel()
	s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{})
	rows := []any{}
	for i := range 20 {
		rows = append(rows, object{"name": "Max", "external_id": fmt.Sprint("crm-", i)})
	}
	a := duringFault(s, &harness.StoreFault{Respond: refusal(400, "ThrottlingException", "rate of requests exceeded")}, "POST", "/individual/batch", object{"items": rows})
	if p := a.Want(200).Page(); len(p.Problems) != 20 || p.Problems[0]["status"] != 503.0 {
		t.Fatalf("%s", a.Body)
	}
	if strings.Contains(string(a.Body), "Throttling") {
		t.Errorf("the answer has the cause: %s", a.Body)
	}
	var line struct {
		Level, Cause string
		Failures     float64
		AWS          struct {
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal([]byte(strings.TrimSpace(s.Log.All())), &line); err != nil {
		t.Fatal(err)
	}
	if line.Failures != 20 || line.Level != "ERROR" || !strings.Contains(line.Cause, "ThrottlingException") {
		t.Errorf("logged as %s", s.Log.All())
	}
	alarm := templateyaml.At(templateyaml.ReadTemplate(t), "Resources.Failures.Properties").(templateyaml.Tree)
	threshold := fmt.Sprint(alarm["Threshold"])
	var needed float64
	if _, err := fmt.Sscan(threshold, &needed); err != nil || alarm["Statistic"] != "Sum" || alarm["Dimensions"] != nil || line.Failures < needed {
		t.Errorf("the alarm %v does not go off by %v failures", alarm, line.Failures)
	}
	looked := false
	for _, d := range line.AWS.CloudWatchMetrics {
		looked = looked || len(d.Dimensions) == 1 && len(d.Dimensions[0]) == 0 && d.Metrics[0].Name == alarm["MetricName"]
	}
	if !looked {
		t.Errorf("no metric %v without dimensions, which the alarm looks at: %+v", alarm["MetricName"], line.AWS)
	}
}

// The dead letter and the processor's log have the reason why the picture failed.
func TestADeadLetterHasItsCause(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	path, event := s.AddPicture(harness.SmallPicture)
	refusing := harness.Carrier(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPut {
			return refusal(400, "KMS.DisabledException", "the key is disabled")(r, nil)
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	var e events.S3Event
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	table, objects := s.Clients(refusing, 0)
	err := (&processor.Processor{Images: contactstore.ImagesOf(table.Store), Objects: objects, Log: slog.New(slog.NewJSONHandler(&log, nil))}).Handle(t.Context(), e)
	var line struct {
		Level, Cause, Image string
		Failures            int
	}
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%s: %v", log.String(), err)
	}
	for _, want := range []string{"KMS.DisabledException", "the key is disabled"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the dead letter says %v, want %q", err, want)
		}
		if !strings.Contains(line.Cause, want) || line.Level != "ERROR" || line.Failures != 1 || line.Image != harness.LastSegment(path) {
			t.Errorf("the log says %s, want %q", log.String(), want)
		}
	}
}

// The signing secret can be unavailable in many ways.
func TestTheCauseOfAnUnsignedTokenIsInTheLogAlone(t *testing.T) {
	t.Parallel()
	manager := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		fmt.Fprint(w, `{"__type":"DecryptionFailure","Message":"Secrets Manager can't decrypt the secret with its KMS key"}`)
	}))
	t.Cleanup(manager.Close)
	getenv := func(name string) string {
		return map[string]string{"SIGNING_SECRET": "arn:aws:secretsmanager:us-east-1:1:secret:x", "AWS_ENDPOINT_URL_SECRETS_MANAGER": manager.URL}[name]
	}
	x := harness.NewTenant(t)
	var log harness.Lines
	c := harness.Platform.Database.Config(time.Now)
	c.Log = slog.New(slog.NewJSONHandler(&log, nil))
	server := rest.NewServer(c.Config, api.Auth(c, secret.Source(getenv, "SIGNING_SECRET"), password.Check)...)
	request := httptest.NewRequestWithContext(t.Context(), "GET", "/auth/authorize/"+x.Org, nil)
	request.Header.Set("Authorization", harness.BasicAuth(x.App, x.Secret))
	recorded := httptest.NewRecorder()
	server.ServeHTTP(recorded, request)
	if recorded.Code != 500 || strings.Contains(recorded.Body.String(), "KMS") || strings.Contains(recorded.Body.String(), "ecrypt") {
		t.Errorf("answered %d %s", recorded.Code, recorded.Body)
	}
	if text := log.All(); !strings.Contains(text, "DecryptionFailure") || !strings.Contains(text, "KMS key") || !strings.Contains(text, `"failures":1`) {
		t.Errorf("logged as %s", text)
	}
}
