// Command exporter is the Lambda function that writes the files of exports. The table's stream and a schedule call it.
package main

import "contacts/pkg/wiring/exporter"

func main() { exporter.Start() }
