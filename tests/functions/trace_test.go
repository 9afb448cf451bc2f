package functions

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net"
	"slices"
	"testing"
	"time"

	"contacts/pkg/samtemplate"
	"contacts/pkg/wiring/all"
	"contacts/tests/harness"
)

// A function that Lambda traces tells X-Ray of each call of the table, as part of the invocation that it is made for.
func TestATracedInvocationTellsOfItsCallsOfTheTable(t *testing.T) {
	t.Parallel()
	daemon, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = daemon.Close() })
	functions := templateFunctions(t)
	f := functions[slices.IndexFunc(functions, func(f samtemplate.Function) bool { return f.Group == "individuals" })]
	s := harness.NewImageSandbox(t)
	environment := maps.Clone(s.Environment(f))
	environment["AWS_XRAY_DAEMON_ADDRESS"] = daemon.LocalAddr().String()
	handler, err := all.Functions()[f.Group](func(name string) string { return environment[name] }, &harness.Platform.Log)
	if err != nil {
		t.Fatal(err)
	}
	event := sampleEvents(t)[f.Group]["individual-get.json"]
	for _, c := range []struct{ parent, sampled string }{{"53995c3f42cd8ad7", "0"}, {"53995c3f42cd8ad8", "1"}} {
		s.Invoke(event, func(event []byte) ([]byte, error) {
			header := "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=" + c.parent + ";Sampled=" + c.sampled
			return handler.Invoke(context.WithValue(t.Context(), "x-amzn-trace-id", header), event) //nolint:staticcheck // aws-lambda-go's key
		})
	}
	if err := daemon.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for text := make([]byte, 1<<16); ; { // the keys of tokens were read by the first invocation, which is not traced
		n, err := daemon.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Parent string `json:"parent_id"`
			AWS    struct {
				Operation string
				Table     string `json:"table_name"`
			}
		}
		_, document, _ := bytes.Cut(text[:n], []byte("\n"))
		if err := json.Unmarshal(document, &got); err != nil || got.Parent != "53995c3f42cd8ad8" || got.AWS.Table != harness.Platform.Name {
			t.Fatalf("sent %s, %v", text[:n], err)
		}
		if got.AWS.Operation == "GetItem" {
			return
		}
	}
}
