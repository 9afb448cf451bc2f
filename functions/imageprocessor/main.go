// Command imageprocessor is the Lambda function that S3 tells of pictures that have come in.
package main

import "contacts/pkg/wiring/pictures"

func main() { pictures.Start() }
