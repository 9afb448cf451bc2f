// Command imageprocessor is the Lambda function that S3 invokes for uploaded pictures.
package main

import "contacts/pkg/wiring/images"

func main() { images.StartProcessor() }
