package webhooks

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The receiver that docs/webhooks.md shows takes what is signed with the secret, and nothing else.
func TestTheDocumentedReceiverVerifies(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(filepath.Join("..", "..", "docs", "webhooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(document), "```go\n")
	program, _, _ = strings.Cut(program, "```")
	file, binary := filepath.Join(t.TempDir(), "receiver.go"), filepath.Join(t.TempDir(), "receiver")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfgHw4AxM8="
	receiver := exec.CommandContext(t.Context(), binary)
	receiver.Env = append(os.Environ(), "SECRET="+secret, "ADDRESS="+address)
	receiver.Stderr = io.Discard
	if err := receiver.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = receiver.Process.Kill(); _ = receiver.Wait() })

	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	const body = `{"type":"webhook.test"}`
	now := time.Now()
	signature, err := signer.Sign("test-1", now, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	for sent, want := range map[string]int{body: 200, body + " ": 400} {
		send := func() (int, error) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/", strings.NewReader(sent))
			if err != nil {
				return 0, err
			}
			request.Header = http.Header{"Webhook-Id": {"test-1"}, "Webhook-Timestamp": {fmt.Sprint(now.Unix())}, "Webhook-Signature": {signature}}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return 0, err
			}
			return response.StatusCode, response.Body.Close()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		status, err := send()
		for err != nil && ctx.Err() == nil { // until it listens
			time.Sleep(10 * time.Millisecond)
			status, err = send()
		}
		cancel()
		if err != nil || status != want {
			t.Errorf("%q is answered %d, %v, want %d", sent, status, err, want)
		}
	}
}
