// Command webhookdeliverer is the Lambda function that sends changes to webhooks. The table's stream and a schedule call it.
package main

import "contacts/pkg/wiring/webhookdeliverer"

func main() { webhookdeliverer.Start() }
