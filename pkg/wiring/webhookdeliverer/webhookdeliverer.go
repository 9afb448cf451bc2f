// Package webhookdeliverer builds the function that sends changes to webhooks. Only this function sends to addresses that others choose.
package webhookdeliverer

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"contacts/pkg/changes"
	"contacts/pkg/webhook/deliverer"
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/webhooks"
)

// linger is how long a call waits for the next try of an event: the first pause of the schedule is shorter than the time to the next call.
const linger = 6 * time.Second

// Handler returns the Lambda handler of the events of the table's stream and of the schedule. It logs to log.
func Handler(getenv func(string) string, log io.Writer) (lambda.Handler, error) {
	if getenv("WEBHOOK_SECRET") == "" {
		return nil, errors.New("WEBHOOK_SECRET is not set: it names the secret that the secrets of webhooks are derived from")
	}
	c, err := wiring.Config(getenv, log)
	if err != nil {
		return nil, err
	}
	d := &deliverer.Deliverer{
		Table: c.Store.Table, Webhooks: c.Webhooks, Feed: changes.NewFeed(c.Store.Table, c.Now), Accounts: c.Accounts,
		Key: webhooks.Key(getenv), Sender: deliverer.NewSender(webhooks.Rule(getenv)), Now: c.Now, Log: c.Log, Linger: linger,
	}
	return lambda.NewHandler(func(ctx context.Context, e deliverer.Event) error { return d.Handle(ctx, e) }), nil
}

// Start runs the deliverer as this process's Lambda function. It does not return.
func Start() { wiring.StartHandler(Handler(os.Getenv, os.Stdout)) }
