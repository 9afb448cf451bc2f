package functions

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// The log line of a request has its cost, in CloudWatch's embedded metric format:
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func TestALogLineHasTheMetricsOfItsOperation(t *testing.T) {
	t.Parallel()
	s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{})
	s.Transport.Inject(&harness.StoreFault{Respond: harness.Refusing(400, "ThrottlingException")}, 1)
	s.CreateIndividual("Erika")
	var line map[string]any
	if err := json.Unmarshal([]byte(strings.TrimSpace(s.Log.All())), &line); err != nil {
		t.Fatalf("%s: %v", s.Log.All(), err)
	}
	for name, want := range map[string]any{"operation": "createIndividual", "status": 201.0, "retries": 1.0, "conflicts": 0.0, "failures": 0.0} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	var embedded struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal([]byte(s.Log.All()), &embedded); err != nil {
		t.Fatal(err)
	}
	if embedded.AWS.Timestamp < 1e12 {
		t.Errorf("at %d", embedded.AWS.Timestamp)
	}
	for i, dimensions := range [][]string{{"operation"}, {}} {
		d := embedded.AWS.CloudWatchMetrics[i]
		if d.Namespace != "contacts" || len(d.Dimensions) != 1 || !slices.Equal(d.Dimensions[0], dimensions) || len(d.Metrics) == 0 {
			t.Errorf("directive %+v", d)
		}
		for _, m := range d.Metrics {
			if _, number := line[m.Name].(float64); !number {
				t.Errorf("%s is no number: %v", m.Name, line[m.Name])
			}
		}
	}
	// Requests that match no operation have none.
	s.Ask("GET", "/nowhere", nil).Problem(404)
	if lines := strings.Split(strings.TrimSpace(s.Log.All()), "\n"); strings.Contains(lines[1], "_aws") || !strings.Contains(lines[1], `"failures":0`) {
		t.Errorf("metrics of no operation, or no count of failures: %s", lines[1])
	}
}

// API Gateway's request id is in the problem and in the log line.
func TestAProblemNamesTheGatewaysRequest(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, a := range []*harness.Answer{x.Get("/individual/4"), x.Do("POST", "/individual", object{}), x.Get("/individual", "Authorization", "Bearer x")} {
		id := a.Header.Get("Apigw-Requestid")
		var p struct{ Instance string }
		if err := json.Unmarshal(a.Body, &p); err != nil || id == "" || p.Instance != "urn:request:"+url.PathEscape(id) {
			t.Errorf("%s: the problem is of %q, want the request %q; %v", a.What, p.Instance, id, err)
		}
		a.Log() // which is found by that id
	}
}
