// Command console is the Lambda function of the console. It reads no table and needs no credentials. PICTURES_ORIGIN is where its pages
// read pictures from.
package main

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"contacts/pkg/apigw"
	"contacts/pkg/console"
)

func main() { lambda.Start(apigw.New(console.New(os.Getenv("PICTURES_ORIGIN")))) }
