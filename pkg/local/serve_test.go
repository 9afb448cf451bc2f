package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"contacts/pkg/samtemplate"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const platformTemplate = `
Resources:
  EchoFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/echo/
      Timeout: 29
      Environment: {Variables: {TABLE_NAME: !Ref Table}}
      Events:
        All: {Type: HttpApi, Properties: {Method: ANY, Path: "/echo/{proxy+}"}}
  ImageprocessorFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/imageprocessor/
      Events:
        Uploaded: {Type: S3, Properties: {Bucket: !Ref Images, Events: "s3:ObjectCreated:*"}}
  Table: {Type: AWS::DynamoDB::Table}
  Images: {Type: AWS::S3::Bucket}
`

// platform runs Serve with the example's functions until end is called, which returns what Serve did.
func platform(t *testing.T, o ServeOptions, handlers map[string]Handler) (running Running, end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready := make(chan Running, 1)
	done := make(chan error, 1)
	o.Bucket = testBucket
	o.Functions = func(_ context.Context, s Services) (samtemplate.Template, map[string]Handler, error) {
		template, err := samtemplate.Read([]byte(platformTemplate), map[string]string{"Table": "contacts", "Images": s.Bucket})
		return template, handlers, err
	}
	o.Ready = func(_ context.Context, r Running) error {
		ready <- r
		return nil
	}
	go func() { done <- Serve(ctx, o) }()
	end = func() error {
		cancel()
		return <-done
	}
	select {
	case running = <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	t.Cleanup(cancel)
	return running, end
}

// answers reports whether a server listens at a URL.
func answers(url string) bool {
	connection, err := net.DialTimeout("tcp", strings.TrimPrefix(url, "http://"), time.Second)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

func echoHandlers() map[string]Handler {
	return map[string]Handler{
		"echo":           handlerFunc(echo),
		"imageprocessor": handlerFunc(func(context.Context, []byte) ([]byte, error) { return nil, nil }),
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestTheTimesOfAnOrderlyEndAreFiveSecondsAtMost(t *testing.T) {
	if sum := drainTime + deliverTime + objectsTime + engineStop; sum > 5*time.Second {
		t.Errorf("an orderly end takes up to %s", sum)
	}
}

func TestThePlatformAnswersWhenItIsReadyAndNothingAnswersAfterItsEnd(t *testing.T) {
	for name, data := range map[string]string{"in memory": "", "in a folder": filepath.Join(t.TempDir(), "new", ".data")} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			running, end := platform(t, ServeOptions{Data: data}, echoHandlers())
			started := time.Since(begun)
			if status, _ := get(t, running.URL+"/echo/a"); status != 200 {
				t.Error(status)
			}
			if status, _ := get(t, running.URL+"/other"); status != 404 {
				t.Error(status)
			}
			createTable(t, dynamoClient(running.Services.DynamoDB))
			begun = time.Now()
			if err := end(); err != nil {
				t.Error(err)
			}
			stopped := time.Since(begun)
			t.Logf("ready after %s, gone after %s", started, stopped)
			for _, url := range []string{running.URL, running.Services.DynamoDB, running.Services.S3} {
				if answers(url) {
					t.Errorf("somebody still answers at %s", url)
				}
			}
		})
	}
}

func TestAPlatformStartedAgainHasItsItemsAndObjects(t *testing.T) {
	data := t.TempDir()
	running, end := platform(t, ServeOptions{Data: data}, echoHandlers())
	createTable(t, dynamoClient(running.Services.DynamoDB))
	if err := put(t.Context(), dynamoClient(running.Services.DynamoDB), 7); err != nil {
		t.Fatal(err)
	}
	putObject(t, s3Client(running.Services.S3), "a", "content")
	if err := end(); err != nil {
		t.Fatal(err)
	}
	running, _ = platform(t, ServeOptions{Data: data}, echoHandlers())
	if got := stored(t, dynamoClient(running.Services.DynamoDB)); !got[7] {
		t.Errorf("got %v", got)
	}
	if body, _, _ := getObject(t, s3Client(running.Services.S3), "a", s3.GetObjectInput{}); body != "content" {
		t.Errorf("got %q", body)
	}
}

func TestAnUploadReachesTheFunctionThatWaitsForIt(t *testing.T) {
	payloads := make(chan string, 1)
	handlers := echoHandlers()
	handlers["imageprocessor"] = handlerFunc(func(_ context.Context, payload []byte) ([]byte, error) {
		payloads <- string(payload)
		return nil, nil
	})
	running, _ := platform(t, ServeOptions{}, handlers)
	putObject(t, s3Client(running.Services.S3), "incoming/1.jpg", "content")
	if got := <-payloads; !strings.Contains(got, `"key":"incoming/1.jpg"`) || !strings.Contains(got, `"eventName":"ObjectCreated:Put"`) {
		t.Error(got)
	}
}

func TestRequestsUnderWayAreAnsweredBeforeTheEnd(t *testing.T) {
	entered, leave := make(chan bool), make(chan bool)
	handlers := echoHandlers()
	handlers["echo"] = handlerFunc(func(context.Context, []byte) ([]byte, error) {
		close(entered)
		<-leave
		return []byte(`{"statusCode":202}`), nil
	})
	running, end := platform(t, ServeOptions{}, handlers)
	status := make(chan int)
	go func() {
		response, err := http.Get(running.URL + "/echo/a")
		if err != nil {
			status <- 0
			return
		}
		_ = response.Body.Close()
		status <- response.StatusCode
	}()
	<-entered
	ended := make(chan error)
	go func() { ended <- end() }()
	for answers(running.URL) { // until the gateway takes no more
	}
	close(leave)
	if got := <-status; got != 202 {
		t.Errorf("the request under way got %d", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAFunctionThatHangsDoesNotHoldTheEndUp(t *testing.T) {
	entered := make(chan bool, 1)
	handlers := echoHandlers()
	handlers["echo"] = handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		entered <- true
		<-ctx.Done()
		return nil, ctx.Err()
	})
	running, end := platform(t, ServeOptions{}, handlers)
	go func() {
		if response, err := http.Get(running.URL + "/echo/a"); err == nil {
			_ = response.Body.Close()
		}
	}()
	<-entered
	if err := end(); err != nil { // that it comes at all is what this is about
		t.Error(err)
	}
}

func TestWhatKeepsThePlatformFromStartingIsOneSentence(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	used := t.TempDir()
	startEngine(t, EngineOptions{DataFile: filepath.Join(used, "dynamodb.sqlite")})
	functions := func(context.Context, Services) (samtemplate.Template, map[string]Handler, error) {
		return samtemplate.Template{}, nil, errors.New("the functions have something to say")
	}
	for name, c := range map[string]struct {
		o    ServeOptions
		want string
	}{
		"port in use":   {ServeOptions{Port: port}, fmt.Sprintf("port %d is in use by another program; stop that one or choose another port", port)},
		"no folder":     {ServeOptions{Data: filepath.Join(plain, "x")}, "the data folder " + plain + "/x can't be written: not a directory"},
		"folder in use": {ServeOptions{Data: used}, "the data in " + used + " is in use by another process; stop that one first"},
		"functions":     {ServeOptions{}, "the functions have something to say"},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Bucket, c.o.Functions = testBucket, functions
			if err := Serve(t.Context(), c.o); err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestAnEngineThatDiesEndsThePlatformWithAWord(t *testing.T) {
	s := &server{}
	s.o = ServeOptions{Bucket: testBucket, Data: t.TempDir(), Ready: func(_ context.Context, r Running) error {
		if r.URL != "" || !answers(r.Services.DynamoDB) || !answers(r.Services.S3) {
			t.Errorf("without functions there are the services alone: %+v", r)
		}
		return s.engine.process.Kill()
	}}
	err := s.run(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "the DynamoDB engine ended by itself: signal: killed, its last words: ") {
		t.Error(err)
	}
}
