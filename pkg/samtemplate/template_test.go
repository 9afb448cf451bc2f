package samtemplate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const exampleTemplate = `
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  LogLevel: {Type: String, Default: info}
  Endpoint: {Type: String, Default: ""}
  Architecture: {Type: String, Default: arm64}
  Origins: {Type: String, Default: "https://example.com,https://*"}
Conditions:
  HasEndpoint: !Not [!Equals [!Ref Endpoint, ""]]
  Never: !And [!Condition HasEndpoint, !Equals [a, b]]
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    Timeout: 29
    MemorySize: 256
    Architectures: [!Ref Architecture]
    Environment:
      Variables:
        TABLE_NAME: !Ref ContactsTable
        LOG_LEVEL: !Ref LogLevel
        AWS_ENDPOINT_URL_DYNAMODB: !If [HasEndpoint, !Ref Endpoint, !Ref AWS::NoValue]
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: !Split [",", !Ref Origins]
        AllowMethods: [GET, PUT]
        AllowHeaders: ["*"]
        ExposeHeaders: [ETag]
        MaxAge: 600
  IndividualsFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/individuals/
      Policies:
        - Statement:
            - Effect: Allow
              Resource: !GetAtt ContactsTable.Arn
              Condition: {StringEquals: {a: b}}
      Events:
        List:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: any, Path: "/contacts/org/{org-id}/individual"}
        Rest:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: "/contacts/org/{org-id}/individual/{proxy+}"}
  ImageprocessorFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      CodeUri: .
      Timeout: "60"
      MemorySize: 1024
      Environment:
        Variables:
          LOG_LEVEL: debug
          TABLE_ARN: !Sub "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ContactsTable}"
          BUCKET_NAME:
            Fn::Join: ["-", [!Ref "AWS::StackName", images]]
      Events:
        Uploaded:
          Type: S3
          Properties:
            Bucket: !Ref ImagesBucket
            Events: s3:ObjectCreated:*
            Filter: {S3Key: {Rules: [{Name: prefix, Value: incoming/}, {Name: suffix, Value: .jpg}]}}
        Nightly:
          Type: Schedule
          Properties: {Schedule: rate(1 day)}
        Stream:
          Type: DynamoDB
          Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST}
  FallbackFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile, Group: fallback}
    Properties:
      CodeUri: ./
      Events:
        Everything: {Type: HttpApi}
  NeverFunction:
    Type: AWS::Serverless::Function
    Condition: Never
    Properties: {CodeUri: functions/never}
  ContactsTable: {Type: AWS::DynamoDB::Table}
  ImagesBucket: {Type: AWS::S3::Bucket}
`

func exampleValues() map[string]string {
	return map[string]string{"ContactsTable": "contacts-local", "ImagesBucket": "images-local"}
}

func TestTheTemplateGivesFunctionsRoutesEnvironmentAndEvents(t *testing.T) {
	got, err := Read([]byte(exampleTemplate), exampleValues())
	if err != nil {
		t.Fatal(err)
	}
	common := map[string]string{"TABLE_NAME": "contacts-local", "LOG_LEVEL": "info"}
	want := Template{
		CORS: &CORS{
			AllowOrigins: []string{"https://example.com", "https://*"}, AllowMethods: []string{"GET", "PUT"},
			AllowHeaders: []string{"*"}, ExposeHeaders: []string{"ETag"}, MaxAge: 600,
		},
		Functions: []Function{
			{
				LogicalID: "FallbackFunction", Group: "fallback", Environment: common,
				Timeout: 29 * time.Second, MemoryMB: 256, Routes: []Route{{Path: "$default"}},
			},
			{
				LogicalID: "ImageprocessorFunction", Group: "imageprocessor",
				Environment: map[string]string{
					"TABLE_NAME": "contacts-local", "LOG_LEVEL": "debug",
					"TABLE_ARN":   "arn:aws:dynamodb:us-east-1:123456789012:table/contacts-local",
					"BUCKET_NAME": "local-images",
				},
				Timeout: time.Minute, MemoryMB: 1024,
				ObjectEvents: []ObjectEvent{{
					Bucket: "images-local", Names: []string{"s3:ObjectCreated:*"}, Prefix: "incoming/", Suffix: ".jpg",
				}},
				Stream: true, Scheduled: true,
			},
			{
				LogicalID: "IndividualsFunction", Group: "individuals", Environment: common,
				Timeout: 29 * time.Second, MemoryMB: 256,
				Routes: []Route{
					{"ANY", "/contacts/org/{org-id}/individual"},
					{"GET", "/contacts/org/{org-id}/individual/{proxy+}"},
				},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGivenValuesWinOverDefaultsAndTurnConditions(t *testing.T) {
	values := exampleValues()
	values["Endpoint"] = "http://127.0.0.1:8000"
	values["LogLevel"] = "warn"
	values["AWS::StackName"] = "demo"
	got, err := Read([]byte(exampleTemplate), values)
	if err != nil {
		t.Fatal(err)
	}
	environment := got.Functions[1].Environment
	if environment["AWS_ENDPOINT_URL_DYNAMODB"] != "http://127.0.0.1:8000" || environment["BUCKET_NAME"] != "demo-images" ||
		got.Functions[0].Environment["LOG_LEVEL"] != "warn" {
		t.Errorf("got %v", environment)
	}
}

func TestWhatOnlyADeploymentKnowsIsAnErrorWhereItIsNeeded(t *testing.T) {
	_, err := Read([]byte(exampleTemplate), map[string]string{"ImagesBucket": "images-local"})
	want := "template: FallbackFunction: Environment.Variables[TABLE_NAME]: needs !Ref ContactsTable, " +
		"which has no value in a local run: pass one"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// functionTemplate returns a template of one function with these lines as its properties.
func functionTemplate(lines ...string) string {
	return "Parameters:\n  Needed: {Type: String}\nConditions:\n  Loop: !Condition Loop\n  Round: !Equals [!If [Round, a, b], a]\n" +
		"Resources:\n  T: {Type: AWS::DynamoDB::Table}\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n" +
		"      CodeUri: functions/f\n      " + strings.Join(lines, "\n      ") + "\n"
}

func TestABadTemplateIsRefusedInOneClearSentence(t *testing.T) {
	event := func(properties string) string {
		return functionTemplate("Events: {E: {Type: HttpApi, Properties: {" + properties + "}}}")
	}
	variable := func(value string) string {
		return functionTemplate("Environment: {Variables: {V: " + value + "}}")
	}
	for name, c := range map[string]struct{ template, want string }{
		"empty":               {"", "is empty"},
		"no YAML":             {"a: [1", "not valid YAML: "},
		"a list":              {"- 1", "not a map with Resources"},
		"no resources":        {"Globals: {}", "has no Resources"},
		"alias of nothing":    {"Resources: *x", "unknown anchor 'x'"},
		"alias in itself":     {"Resources: &x [*x]", "value contains itself"},
		"unknown reference":   {variable("!Ref Nothing"), "[V]: !Ref Nothing names neither a parameter nor a resource"},
		"parameter unset":     {variable("!Ref Needed"), "[V]: needs the parameter Needed, which has no value"},
		"resource":            {variable("!Ref T"), "[V]: needs !Ref T, which has no value"},
		"attribute":           {variable("!GetAtt T.Arn"), "[V]: needs !GetAtt T.Arn, which has no value"},
		"attribute of no one": {variable("!GetAtt U.Arn"), "[V]: !GetAtt U.Arn names no resource"},
		"attribute in Sub":    {variable(`!Sub "x-${T.Arn}"`), "[V]: needs !GetAtt T.Arn"},
		"Sub of a map":        {variable("!Sub {a: b}"), "[V]: !Sub takes a text"},
		"environment":         {functionTemplate("Environment: !Ref T"), "F: Environment: needs !Ref T"},
		"event":               {functionTemplate("Events: {E: {Type: HttpApi, Properties: {Method: GET, Path: !Ref T}}}"), "F: event E: Path: needs !Ref T"},
		"open Sub":            {variable(`!Sub "x-${T"`), "[V]: !Sub has a ${ without its }"},
		"Split of one":        {variable("!Split [a]"), "[V]: !Split takes a delimiter and a text"},
		"Split by nothing":    {variable(`!Split ["", a]`), "[V]: !Split takes a text as its delimiter"},
		"Split of a list":     {variable(`!Split [",", [a]]`), "[V]: !Split takes a text"},
		"resource in Split":   {variable(`!Split [",", !Ref T]`), "[V]: needs !Ref T"},
		"other function":      {variable("!ImportValue x"), "[V]: needs !ImportValue, which has no value"},
		"list as variable":    {variable("[a]"), "[V]: expected type 'string'"},
		"no condition":        {variable("!If [Absent, a, b]"), "[V]: there is no condition Absent"},
		"circular condition":  {variable("!If [Loop, a, b]"), "refers to itself"},
		"circular equality":   {variable("!If [Round, a, b]"), "refers to itself"},
		"timeout":             {functionTemplate("Timeout: 901"), "F: Timeout: must be from 1 to 900 seconds"},
		"timeout in words":    {functionTemplate("Timeout: long"), "F: Timeout: cannot parse value as 'int'"},
		"memory":              {functionTemplate("MemorySize: 64"), "F: MemorySize: must be at least 128 MB"},
		"relative path":       {event("Method: GET, Path: a"), "F: event E: Path a must begin with /"},
		"greedy in between":   {event("Method: GET, Path: '/{a+}/b'"), "{a+} must be the last segment"},
		"half a parameter":    {event("Method: GET, Path: '/x{a}'"), "a parameter is a whole segment in braces"},
		"parameter twice":     {event("Method: GET, Path: '/{a}/{a}'"), "has the parameter a twice"},
		"path alone":          {event("Path: /a"), "a route has both Path and Method, or neither"},
		"method":              {event("Method: LOOK, Path: /a"), "Method LOOK: API Gateway routes have ANY, DELETE"},
		"payload 1.0":         {event("Method: GET, Path: /a, PayloadFormatVersion: '1.0'"), "only 2.0 runs locally"},
		"REST API":            {functionTemplate("Events: {E: {Type: Api, Properties: {Method: GET, Path: /a}}}"), "F: event E: a REST API"},
		"S3 without bucket":   {functionTemplate("Events: {E: {Type: S3, Properties: {Events: s3:ObjectCreated:*}}}"), "has a Bucket and Events"},
		"same route twice": {
			functionTemplate("Events: {A: {Type: HttpApi, Properties: {Method: GET, Path: /a}}, B: {Type: HttpApi, Properties: {Method: get, Path: /a}}}"),
			"the route GET /a is used by F and by F",
		},
		"stage": {
			"Resources: {A: {Type: AWS::Serverless::HttpApi, Properties: {StageName: prod}}}",
			`A: StageName "prod": only the $default stage`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(c.template), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want … %s …", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "template: ") {
				t.Errorf("not one sentence about the template: %q", err)
			}
		})
	}
}

func TestAliasesAndMergedMapsAreRead(t *testing.T) {
	got, err := Read([]byte(`
Common: &common
  CodeUri: functions/f
  Timeout: 7
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      <<: *common
      Timeout: 8
`), nil)
	if err != nil || got.Functions[0].Timeout != 8*time.Second || got.Functions[0].Group != "f" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(exampleTemplate))
	f.Add([]byte(functionTemplate("Environment: {Variables: {V: !Sub [a, {b: c}]}}")))
	f.Fuzz(func(t *testing.T, data []byte) {
		template, err := Read(data, exampleValues())
		if err != nil {
			return
		}
		for _, function := range template.Functions {
			for _, route := range function.Routes {
				if route.Path != DefaultRoute && CheckPath(route.Path) != nil {
					t.Errorf("took the path %q", route.Path)
				}
			}
		}
	})
}
