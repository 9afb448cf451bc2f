// Package exports tests exports and the vCards of contacts through real requests.
package exports

import (
	"context"
	"io"
	"net/http"
	"testing"

	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }

// runJobs calls the exporter as the schedule does.
func runJobs(t testing.TB) {
	t.Helper()
	if _, err := harness.Platform.Handlers["exporter"].Invoke(context.Background(), []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
}

// exported creates an export, lets it be written, and returns what GET shows of it and its file.
func exported(x *harness.Tenant, order object) (shown object, file string) {
	x.T.Helper()
	shown = ended(x, "/exports/"+x.Do("POST", "/exports", order).Want(201).Text("id"))
	if shown["status"] != "DONE" {
		x.T.Fatalf("the export is %v", shown)
	}
	return shown, download(x.T, shown["url"].(string))
}

// ended lets an export be written, and returns what GET shows of it then. Another test may have called the function that writes it.
func ended(x *harness.Tenant, path string) (shown object) {
	x.T.Helper()
	runJobs(x.T)
	harness.Eventually(x.T, "the export ends", func() bool {
		shown = x.Get(path).Want(200).Object()
		return shown["status"] != "RUNNING"
	})
	return shown
}

// download reads a presigned address.
func download(t testing.TB, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("%s: %d %s, %v", url, response.StatusCode, body, err)
	}
	return string(body)
}
