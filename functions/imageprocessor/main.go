// Command imageprocessor is the Lambda function that S3 invokes for uploaded pictures.
package main

import "contacts/pkg/wiring/imageprocessor"

func main() { imageprocessor.Start() }
