package apigw_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestHeadersOfTheAdapterAreNotTakenFromClients(t *testing.T) {
	for _, sample := range []string{"aws", "sam-local"} {
		r, _ := arriving(t, event(t, sample, members{
			"headers.x-golambdaproxy-apigw-context":   `{"accountId":"forged"}`,
			"headers.X-GoLambdaProxy-ApiGw-StageVars": `{"stage":"forged"}`,
			"headers.X-GOLAMBDAPROXY-other thing":     "forged",
		}))
		for name := range r.Header {
			if strings.HasPrefix(strings.ToLower(name), "x-golambdaproxy") {
				t.Errorf("%s: the handler sees %s", sample, name)
			}
		}
	}
}

func TestRequestIDAndRemoteAddressAreTheGateways(t *testing.T) {
	for _, test := range []struct {
		name, sample   string
		changes        members
		id, remoteAddr string
	}{
		{"AWS", "aws", nil, "bzN5hhJUliAEPvQ=", "203.0.113.7"},
		{"forged in lower case", "aws", members{"headers.apigw-requestid": "forged"}, "bzN5hhJUliAEPvQ=", "203.0.113.7"},
		{"forged twice", "aws", members{"headers.apigw-requestid": "forged", "headers.APIGW-REQUESTID": "forged"},
			"bzN5hhJUliAEPvQ=", "203.0.113.7"},
		{"forged forwarding", "aws", members{"headers.x-forwarded-for": "192.0.2.1, 203.0.113.7"},
			"bzN5hhJUliAEPvQ=", "203.0.113.7"},
		{"sam local", "sam-local", nil, "0e8a6a0c-7a2b-4c5c-9b0e-6a1f2f4c9f10", "127.0.0.1"},
		{"none from the gateway", "sam-local", members{"requestContext.requestId": nil, "requestContext.http.sourceIp": nil},
			"", ""},
		{"IPv6", "aws", members{"requestContext.http.sourceIp": "2001:db8::7"}, "bzN5hhJUliAEPvQ=", "2001:db8::7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := arriving(t, event(t, test.sample, test.changes))
			if got := strings.Join(r.Header.Values("Apigw-Requestid"), "|"); got != test.id {
				t.Errorf("Apigw-Requestid %q, want %q", got, test.id)
			}
			if r.RemoteAddr != test.remoteAddr {
				t.Errorf("RemoteAddr %q, want %q", r.RemoteAddr, test.remoteAddr)
			}
		})
	}
}

func TestHeaderValuesArriveWhole(t *testing.T) {
	for name, value := range map[string]string{
		"accept":              "application/json, application/problem+json;q=0.9",
		"date":                "Tue, 15 Nov 1994 08:12:31 GMT",
		"if-modified-since":   "Tue, 15 Nov 1994 08:12:31 GMT",
		"if-range":            "Tue, 15 Nov 1994 08:12:31 GMT",
		"If-Match":            `"a", "b,c",W/"d"`,
		"idempotency-key":     "a,b ,c",
		"user-agent":          "Mozilla/5.0 (KHTML, like Gecko)",
		"x-json":              `{"a":1, "b":[2,3]}`,
		"x-joined":            "1,2,3",
		"x-spaced":            " a , b ",
		"x-empty":             "",
		"x-commas":            ",,",
		"authorization":       `Digest username="a", realm="b"`,
		"X-MIXED-case":        "Grüße, 世界",
		"x-amzn-trace-id":     "Root=1-66aa5f21-2a1c7cf77d0b6f5d3e1f4a5b,Sampled=1",
		"content-disposition": `attachment; filename="a,b.png"`,
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := arriving(t, event(t, "aws", members{"headers." + name: value}))
			if got := r.Header.Values(name); !slices.Equal(got, []string{value}) {
				t.Errorf("%q, want one value %q", got, value)
			}
		})
	}
}

func TestHeaderNamesAreCanonicalInEverySpelling(t *testing.T) {
	r, _ := arriving(t, event(t, "aws", members{"headers": map[string]any{"IF-MATCH": "1", "if-match": "2", "If-Match": "3"}}))
	if got := r.Header["If-Match"]; !slices.Equal(got, []string{"1", "3", "2"}) {
		t.Errorf("If-Match %q, want all values, ordered by name", got)
	}
}

func TestCookiesArriveInOneHeader(t *testing.T) {
	for _, test := range []struct {
		name, sample string
		changes      members
		want         []string
	}{
		{"apart from the headers", "aws", nil, []string{"session=abc; theme=dark"}},
		{"in both places", "sam-local", nil, []string{"session=abc; theme=dark"}},
		{"in the headers alone", "sam-local", members{"cookies": []string{}}, []string{"session=abc; theme=dark"}},
		{"nowhere", "aws", members{"cookies": nil}, nil},
		{"with commas and quotes", "aws", members{"cookies": []string{`a="1,2"`, "b=3"}}, []string{`a="1,2"; b=3`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := arriving(t, event(t, test.sample, test.changes))
			if got := r.Header.Values("Cookie"); !slices.Equal(got, test.want) {
				t.Errorf("Cookie %q, want %q", got, test.want)
			}
		})
	}
}

func TestPathsArriveDecodedAndLiteral(t *testing.T) {
	for _, test := range []struct{ rawPath, uri string }{
		{"/individuals/4711", "/individuals/4711"},
		{"/a/b", "/a/b"}, // what a client sent as /a%2Fb
		{"/100%", "/100%25"},
		{"/%zz", "/%25zz"},
		{"/%2F", "/%252F"}, // what a client sent as /%252F
		{"/two words", "/two%20words"},
		{"/a+b", "/a+b"},
		{"/Grüße/世界", "/Gr%C3%BC%C3%9Fe/%E4%B8%96%E7%95%8C"},
		{"/a?b=c#d", "/a%3Fb=c%23d"},
		{"//example.com/a", "//example.com/a"},
		{"/../a/./b/", "/../a/./b/"},
		{"/a\x00\r\n\tb", "/a%00%0D%0A%09b"},
		{"/http://[::1", "/http://%5B::1"},
		{"/:80", "/:80"},
		{"no/slash", "/no/slash"},
		{"/", "/"},
	} {
		t.Run(test.rawPath, func(t *testing.T) {
			r, _ := arriving(t, event(t, "aws", members{"rawPath": test.rawPath, "rawQueryString": "q=1"}))
			if want := "/" + strings.TrimPrefix(test.rawPath, "/"); r.URL.Path != want {
				t.Errorf("Path %q, want %q", r.URL.Path, want)
			}
			if *r.URL != (url.URL{Path: r.URL.Path, RawQuery: "q=1"}) {
				t.Errorf("URL %#v has more than Path and RawQuery", *r.URL)
			}
			if r.RequestURI != test.uri+"?q=1" {
				t.Errorf("RequestURI %q, want %q", r.RequestURI, test.uri+"?q=1")
			}
		})
	}
}

func TestPathOfTheContextStandsInForAMissingOne(t *testing.T) {
	r, _ := arriving(t, event(t, "aws", members{"rawPath": nil, "requestContext.http.path": "/100%"}))
	if r.URL.Path != "/100%" {
		t.Errorf("Path %q", r.URL.Path)
	}
	r, _ = arriving(t, event(t, "aws", members{"rawPath": "", "requestContext.http.path": ""}))
	if r.URL.Path != "/" {
		t.Errorf("Path %q, want the root", r.URL.Path)
	}
}

func TestQueriesArriveAsSent(t *testing.T) {
	for _, query := range []string{
		"",
		"a=%2F&a=b+c&flag",
		"id=1&id=2&id=1",
		"phone=%2B49%2030",
		"a=1,2&a=3",
		"%zz=%&&=&;",
		"a=b#c?d",
		"q=Gr%C3%BC%C3%9Fe",
		"q=Grüße und\tmehr",
	} {
		t.Run(query, func(t *testing.T) {
			r, _ := arriving(t, event(t, "aws", members{
				"rawQueryString":        query,
				"queryStringParameters": map[string]any{"a": "what,the,gateway,made,of,it"},
			}))
			if r.URL.RawQuery != query {
				t.Errorf("RawQuery %q, want %q", r.URL.RawQuery, query)
			}
		})
	}

	r, _ := arriving(t, event(t, "aws", members{"rawQueryString": "a=%2F&a=b+c&flag"}))
	if got := r.URL.Query()["a"]; !slices.Equal(got, []string{"/", "b c"}) {
		t.Errorf("a is %q, want both values", got)
	}
}

func TestBodiesArriveDecodedWithTheirLength(t *testing.T) {
	binary := "\x00\xff\xfe PNG"
	for _, test := range []struct {
		name    string
		changes members
		want    string
		length  []string // the header's values
	}{
		{"text", nil, `{"first_name":"Grace"}`, []string{"22"}},
		{"no ASCII", members{"body": "Grüße"}, "Grüße", []string{"7"}},
		{"base64", members{"body": base64.StdEncoding.EncodeToString([]byte(binary)), "isBase64Encoded": true},
			binary, []string{"7"}},
		{"a false length", members{"body": "abc", "headers.content-length": "99"}, "abc", []string{"3"}},
		{"no length", members{"body": "abc", "headers.content-length": nil}, "abc", []string{"3"}},
		{"chunked", members{"body": "abc", "headers.content-length": nil, "headers.transfer-encoding": "chunked"},
			"abc", []string{"3"}},
		{"empty", members{"body": "", "headers.content-length": "0"}, "", []string{"0"}},
		{"empty base64", members{"body": "", "isBase64Encoded": true, "headers.content-length": nil}, "", nil},
		{"none", members{"body": nil, "headers.content-length": nil}, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, body := arriving(t, event(t, "aws", test.changes))
			if body != test.want {
				t.Errorf("body %q, want %q", body, test.want)
			}
			if r.ContentLength != int64(len(test.want)) {
				t.Errorf("ContentLength %d, want %d", r.ContentLength, len(test.want))
			}
			if got := r.Header.Values("Content-Length"); !slices.Equal(got, test.length) {
				t.Errorf("Content-Length %q, want %q", got, test.length)
			}
			if r.Header.Get("Transfer-Encoding") != "" {
				t.Error("a Transfer-Encoding is left")
			}
			if (r.Body == http.NoBody) != (test.want == "") {
				t.Error("http.NoBody stands for an empty body, and for nothing else")
			}
		})
	}
}

func TestHostMethodAndProtocolAreTheEvents(t *testing.T) {
	type line struct{ host, method, proto string }
	const domain = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
	for _, test := range []struct {
		name, sample string
		changes      members
		want         line
	}{
		{"AWS", "aws", nil, line{domain, "PUT", "HTTP/1.1"}},
		{"sam local", "sam-local", nil, line{"127.0.0.1:3000", "GET", "HTTP/1.1"}},
		{"a domain of one's own", "aws", members{"headers.host": "other.example.com", "requestContext.domainName": "contacts.example.com"},
			line{"contacts.example.com", "PUT", "HTTP/1.1"}},
		{"no domain name", "aws", members{"requestContext.domainName": nil}, line{domain, "PUT", "HTTP/1.1"}},
		{"no host header", "aws", members{"headers.host": nil}, line{domain, "PUT", "HTTP/1.1"}},
		{"an odd domain", "aws", members{"headers.host": nil, "requestContext.domainName": "a b%zz"},
			line{"a b%zz", "PUT", "HTTP/1.1"}},
		{"HTTP/2", "aws", members{"requestContext.http.protocol": "HTTP/2.0"}, line{domain, "PUT", "HTTP/2.0"}},
		{"no protocol", "aws", members{"requestContext.http.protocol": nil}, line{domain, "PUT", "HTTP/1.1"}},
		{"a method of one's own", "aws", members{"requestContext.http.method": "M-SEARCH"},
			line{domain, "M-SEARCH", "HTTP/1.1"}},
		{"methods have a case", "aws", members{"requestContext.http.method": "get"}, line{domain, "get", "HTTP/1.1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := arriving(t, event(t, test.sample, test.changes))
			if got := (line{r.Host, r.Method, r.Proto}); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
			if major, minor, _ := http.ParseHTTPVersion(r.Proto); major != r.ProtoMajor || minor != r.ProtoMinor {
				t.Errorf("%s is %d.%d", r.Proto, r.ProtoMajor, r.ProtoMinor)
			}
			if _, twice := r.Header["Host"]; twice {
				t.Error("Host is among the headers, where a server does not leave it")
			}
		})
	}
}

func TestNoHeaderOfTheEventIsLost(t *testing.T) {
	r, _ := arriving(t, event(t, "aws", nil))
	want := []string{"Accept", "Accept-Encoding", "Apigw-Requestid", "Content-Length", "Content-Type", "Cookie", "User-Agent", "X-Amzn-Trace-Id",
		"X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"}
	if got := slices.Sorted(maps.Keys(r.Header)); !slices.Equal(got, want) {
		t.Errorf("headers %q, want %q", got, want)
	}
}

func TestBytesThatAreNotUTF8DoNotFailTheFunction(t *testing.T) {
	payload := string(event(t, "aws", members{"rawPath": "/RAW", "headers.x-a": "SURROGATE"}))
	payload = strings.NewReplacer("RAW", "\xff", "SURROGATE", `\ud800`).Replace(payload)
	r, _ := arriving(t, []byte(payload))
	if r.URL.Path != "/\ufffd" || r.Header.Get("X-A") != "\ufffd" {
		t.Errorf("path %q, header %q", r.URL.Path, r.Header.Get("X-A"))
	}
}

func TestEventWithoutVersionIsTakenForOneOf20(t *testing.T) {
	r, _ := arriving(t, event(t, "aws", members{"version": nil}))
	if r.URL.Path != "/individuals/4711" {
		t.Errorf("Path %q", r.URL.Path)
	}
}
