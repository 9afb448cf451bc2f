package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// helperRole makes the test binary play a part of its own: a process that can be killed.
const helperRole = "CONTACTS_LOCAL_TEST_HELPER"

func TestMain(m *testing.M) {
	switch role, file, _ := strings.Cut(os.Getenv(helperRole), ":"); role {
	case "engine":
		holdEngine(file)
	case "objects":
		holdObjects(file)
	default:
		os.Exit(m.Run())
	}
}

// holdObjects starts an S3 server, prints its URL, and waits to be killed.
func holdObjects(file string) {
	objects, err := StartObjects(context.Background(), ObjectsOptions{File: file, Bucket: testBucket})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(objects.Endpoint())
	select {}
}

// holdEngine starts an engine, prints its address and process id, and waits to be killed.
func holdEngine(file string) {
	engine, err := StartEngine(context.Background(), EngineOptions{DataFile: file})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(engine.address, engine.process.Pid)
	select {}
}

func startEngine(t *testing.T, o EngineOptions) *Engine {
	t.Helper()
	engine, err := StartEngine(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	return engine
}

func dynamoClient(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		RetryMaxAttempts: 1,
	})
}

func createTable(t *testing.T, db *dynamodb.Client) {
	t.Helper()
	_, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("contacts"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func put(ctx context.Context, db *dynamodb.Client, n int) error {
	_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("contacts"), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: strconv.Itoa(n)},
	}})
	return err
}

// stored returns which numbers are in the table.
func stored(t *testing.T, db *dynamodb.Client) map[int]bool {
	t.Helper()
	got := map[int]bool{}
	pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String("contacts"), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			n, err := strconv.Atoi(item["pk"].(*types.AttributeValueMemberS).Value)
			if err != nil {
				t.Fatal(err)
			}
			got[n] = true
		}
	}
	return got
}

func TestAnEngineStartedAgainOnItsFileHasItsData(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dynamodb.sqlite")
	first := startEngine(t, EngineOptions{DataFile: file})
	db := dynamoClient(first.Endpoint())
	createTable(t, db)
	if err := put(t.Context(), db, 1); err != nil {
		t.Fatal(err)
	}
	first.Stop()
	first.Stop() // once more is no harm
	select {
	case <-first.Exited():
	default:
		t.Error("the engine lives on after Stop")
	}
	second := startEngine(t, EngineOptions{DataFile: file})
	if got := stored(t, dynamoClient(second.Endpoint())); len(got) != 1 || !got[1] {
		t.Errorf("got %v", got)
	}
}

func TestEnginesInMemoryRunSideBySideOnLoopbackAlone(t *testing.T) {
	a, b := startEngine(t, EngineOptions{}), startEngine(t, EngineOptions{})
	createTable(t, dynamoClient(a.Endpoint()))
	createTable(t, dynamoClient(b.Endpoint())) // an error if they were one
	for _, engine := range []*Engine{a, b} {
		if !strings.HasPrefix(engine.Endpoint(), "http://127.0.0.1:") {
			t.Error(engine.Endpoint())
		}
	}
}

// kill -9 in the middle of writing, of the parent alone (the kernel then ends the engine) and of both.
func TestNoAnsweredWriteIsLostBySIGKILL(t *testing.T) {
	cases := map[string]bool{"engine and parent": true}
	if runtime.GOOS == "linux" { // no other kernel ends a child with its parent
		cases["parent"] = false
	}
	for name, killEngine := range cases {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "dynamodb.sqlite")
			parent := exec.Command(os.Args[0])
			parent.Env = append(os.Environ(), helperRole+"=engine:"+file)
			output, err := parent.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := parent.Start(); err != nil {
				t.Fatal(err)
			}
			defer parent.Wait()
			defer parent.Process.Kill()
			var address string
			var pid int
			line, _ := bufio.NewReader(output).ReadString('\n')
			if _, err := fmt.Sscan(line, &address, &pid); err != nil {
				t.Fatalf("the helper says %s", line)
			}
			watch, err := net.Dial("tcp", address) // open until the engine is dead
			if err != nil {
				t.Fatal(err)
			}
			defer watch.Close()
			db := dynamoClient("http://" + address)
			createTable(t, db)

			answered := make(chan int)
			go func() {
				defer close(answered)
				for n := 0; put(t.Context(), db, n) == nil; n++ {
					answered <- n
				}
			}()
			var want []int
			for n := range answered {
				if want = append(want, n); n == 100 {
					if killEngine {
						engine, err := os.FindProcess(pid)
						if err != nil {
							t.Fatal(err)
						}
						if err := engine.Kill(); err != nil {
							t.Fatal(err)
						}
					}
					if err := parent.Process.Kill(); err != nil {
						t.Fatal(err)
					}
				}
			}
			_, _ = watch.Read(make([]byte, 1)) // blocks for as long as the engine lives
			if len(want) < 101 {
				t.Fatalf("only %d writes were answered", len(want))
			}

			again := startEngine(t, EngineOptions{DataFile: file})
			got := stored(t, dynamoClient(again.Endpoint()))
			for _, n := range want {
				if !got[n] {
					t.Errorf("write %d of %d was answered and is lost", n, len(want))
				}
			}
		})
	}
}

func TestASecondEngineOnTheSameDataIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dynamodb.sqlite")
	first := startEngine(t, EngineOptions{DataFile: file})
	_, err := StartEngine(t.Context(), EngineOptions{DataFile: file})
	var inUse *InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("got %v", err)
	}
	if want := "the data in " + filepath.Dir(file) + " is in use by another process; stop that one first"; err.Error() != want {
		t.Errorf("got %s", err)
	}
	first.Stop()
	startEngine(t, EngineOptions{DataFile: file})
}

func TestAnEngineThatCannotStartSaysWhyInOneSentence(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("this is no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for name, c := range map[string]struct {
		o    EngineOptions
		want string
	}{
		"a file for a folder": {EngineOptions{DataFile: filepath.Join(plain, "x")}, "the data folder " + plain + " can't be written: not a directory"},
		"no database":         {EngineOptions{DataFile: plain}, "the DynamoDB engine did not start: "},
		"no program":          {EngineOptions{Binary: plain + "2"}, "the DynamoDB engine " + plain + "2 can't be started: no such file or directory"},
		"port in use":         {EngineOptions{Port: port}, fmt.Sprintf("the DynamoDB engine did not start: its port is in use (127.0.0.1:%d)", port)},
	} {
		t.Run(name, func(t *testing.T) {
			engine, err := StartEngine(t.Context(), c.o)
			if err == nil {
				engine.Stop()
				t.Fatal("it started")
			}
			if !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got  %q\nwant %q", err, c.want)
			}
			t.Log(err)
		})
	}
}

func TestAMissingEngineSaysWhatToRun(t *testing.T) {
	t.Chdir("/")
	_, err := findEngine()
	want := "the DynamoDB engine is not installed: run `npm ci --prefix tools` in the repository (it needs Node)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func BenchmarkEngineStart(b *testing.B) {
	for b.Loop() {
		engine, err := StartEngine(b.Context(), EngineOptions{DataFile: filepath.Join(b.TempDir(), "dynamodb.sqlite")})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		engine.Stop()
		b.StartTimer()
	}
}
