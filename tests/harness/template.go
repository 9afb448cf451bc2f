package harness

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"contacts/pkg/samtemplate"
)

// Environment returns the environment of a deployed function, with this machine's services instead of AWS.
func (s ImageSandbox) Environment(f samtemplate.Function) map[string]string {
	around := maps.Clone(f.Environment)
	maps.Copy(around, map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": *Platform.Store.Options().BaseEndpoint, "AWS_ENDPOINT_URL_S3": s.Endpoint, "BUCKET_NAME": Bucket,
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	})
	return around
}

// An outcome is the effect of an event, without what differs between tenants.
type outcome struct {
	Status      int
	ContentType string
	Headers     []string // their names
	Body        any      // its shape
	Image       any      // the shape of the image of the event's picture
}

// Invoke passes an event to a function, with this tenant's token and ids instead of the event's.
func (s ImageSandbox) Invoke(event string, invoke func([]byte) ([]byte, error)) outcome {
	s.T.Helper()
	ids := map[string]string{
		"8123": LastSegment(s.Owner),
		"8129": s.Do("POST", "/organization", Object{"name": "Muster GmbH"}).Want(201).Text("id"),
		"8135": LastSegment(s.NewList()),
		"8139": "8139",
	}
	ofPicture := strings.Contains(event, `"aws:s3"`)
	if ofPicture {
		path, _ := s.AddPicture(SmallPicture)
		ids["8139"] = LastSegment(path)
	}
	event = madeUp.ReplaceAllStringFunc(event, func(id string) string { return ids[id] })
	event = strings.NewReplacer("Bearer TOKEN", "Bearer "+s.Admin().Token, "Basic ZGVtby1hcHA6U0VDUkVU", BasicAuth(s.App, s.Secret), "demo-user", s.NewUser(), "PASSWORD", RightPassword,
		"/org/demo", "/org/"+s.Org, "authorize/demo", "authorize/"+s.Org, "incoming/demo", "incoming/"+s.Org, "T#demo#", "T#"+s.Org+"#").Replace(event)
	payload, err := invoke([]byte(event))
	if err != nil {
		s.T.Fatal(err)
	}
	if ofPicture {
		image := s.ListedImage(s.Owner, ids["8139"])
		if image["status"] != "READY" {
			s.T.Errorf("the picture is %v", image)
		}
		return outcome{Body: string(payload), Image: shapeOf(image)}
	}
	return s.read(payload)
}

// uidOfContact is what a vCard has for a contact without an external id.
var uidOfContact = regexp.MustCompile(`urn:contacts:[^:]+:[0-9]+`)

var madeUp = regexp.MustCompile(`\b(8123|8129|8135|8139)\b`)

// read parses an answer in payload format 2.0.
func (s ImageSandbox) read(payload []byte) outcome {
	s.T.Helper()
	var answer struct {
		StatusCode      int
		Headers         map[string]string
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(payload, &answer); err != nil {
		s.T.Fatalf("%s: %v", payload, err)
	}
	// Other ids in the event do not exist: not found, or no target for a reference.
	if ok := answer.StatusCode < 300 || answer.StatusCode == 404 || answer.StatusCode == 422; !ok {
		s.T.Errorf("answered %s", payload)
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		body, _ = base64.StdEncoding.DecodeString(answer.Body) // what is none has another shape
	}
	a := outcome{Status: answer.StatusCode, Headers: slices.Sorted(maps.Keys(answer.Headers)), ContentType: answer.Headers["Content-Type"]}
	if answer.Headers["Content-Encoding"] == "gzip" {
		unzipped, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			s.T.Fatal(err)
		}
		if body, err = io.ReadAll(unzipped); err != nil {
			s.T.Fatal(err)
		}
	}
	switch {
	case len(body) == 0:
	case !strings.Contains(a.ContentType, "json"):
		a.Body = uidOfContact.ReplaceAllString(string(body), "urn:contacts:")
	default:
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			s.T.Fatalf("%s: %v", body, err)
		}
		a.Body = shapeOf(value)
	}
	return a
}

// shapeOf replaces each text and number of a JSON value by its type, because they differ from tenant to tenant.
func shapeOf(value any) any {
	switch v := value.(type) {
	case map[string]any:
		shape := map[string]any{}
		for name, member := range v {
			shape[name] = shapeOf(member)
		}
		return shape
	case []any:
		shape := make([]any, len(v))
		for i, element := range v {
			shape[i] = shapeOf(element)
		}
		return shape
	case string:
		return "text"
	case float64:
		return "number"
	}
	return value
}
