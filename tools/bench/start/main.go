// Command start measures how long functions take from their start to their first call of the Runtime API's /next. It
// starts the binaries it is given in turn, round after round, and prints the median of each with its ratio to the
// first: times of one run can be compared, those of two runs on a shared machine can't.
//
//	start [-rounds N] NAME=BINARY NAME=BINARY…
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 40, "how often each binary is started")
	flag.Parse()
	if err := run(*rounds, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

func run(rounds int, binaries []string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	next := make(chan time.Time, 1)
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case next <- time.Now():
		default:
		}
		<-r.Context().Done() // there is no event: the function is ended here
	})}
	defer server.Close()      //nolint:errcheck // nothing is left to lose
	go server.Serve(listener) //nolint:errcheck // ends with Close

	times := make([][]time.Duration, len(binaries))
	for range rounds {
		for i, b := range binaries {
			_, path, _ := strings.Cut(b, "=")
			took, err := once(path, listener.Addr().String(), next)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			times[i] = append(times[i], took)
		}
	}
	fmt.Println("| function | median ms | min | max | ratio to the first |\n|---|---|---|---|---|")
	for i, b := range binaries {
		name, _, _ := strings.Cut(b, "=")
		slices.Sort(times[i])
		fmt.Printf("| %s | %.2f | %.2f | %.2f | %.2f |\n", name, ms(median(times[i])), ms(times[i][0]), ms(times[i][rounds-1]),
			float64(median(times[i]))/float64(median(times[0])))
	}
	return nil
}

// once starts a function and ends it at its first call.
func once(path, address string, next chan time.Time) (time.Duration, error) {
	c := exec.Command(path)
	c.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + address, "TABLE_NAME=bench", "AWS_REGION=us-east-1"}
	c.Stderr = os.Stderr
	begun := time.Now()
	if err := c.Start(); err != nil {
		return 0, err
	}
	defer func() {
		c.Process.Kill() //nolint:errcheck // it may have ended
		c.Wait()         //nolint:errcheck // killed
	}()
	select {
	case at := <-next:
		return at.Sub(begun), nil
	case <-time.After(10 * time.Second):
		return 0, fmt.Errorf("did not ask for an event within 10 s")
	}
}

func median(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
