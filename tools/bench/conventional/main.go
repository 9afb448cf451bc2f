// Command conventional is the conventional function with the client of DynamoDB alone.
package main

import "contacts/tools/bench/conventional/function"

func main() { function.Start() }
