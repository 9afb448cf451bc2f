// Command docs is the Lambda function of the documentation. It reads no table and needs no credentials.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"contacts/pkg/apigw"
	"contacts/pkg/docs"
)

func main() { lambda.Start(apigw.New(docs.New())) }
