package tests

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
)

func TestIfMatchHoldsAChangeToTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	contactPath := x.individual("Erika")
	email := contactPath + "/emails/" + x.do("POST", contactPath+"/emails", emailSample).want(201).text("id")
	for path, body := range map[string]object{contactPath: {"name": "Erika"}, email: emailSample} {
		first := x.get(path).header.Get("ETag")
		second := x.do("PUT", path, body, "If-Match", first).want(200).header.Get("ETag")
		if first == second || !strings.HasPrefix(second, `"`) {
			t.Fatalf("%s: ETags %s and %s", path, first, second)
		}
		gzipped := strings.TrimSuffix(second, `"`) + `-gzip"`
		for name, stale := range map[string]string{
			"the version before": first, "weak": "W/" + second, "a weak one in a list": first + ", W/" + second, "of no version": `"abc"`, "empty": `""`,
			"a number beyond all": `"99999999999999999999"`,
		} {
			t.Run(name, func(t *testing.T) {
				x.do("PUT", path, body, "If-Match", stale).problem(412)
				x.do("DELETE", path, nil, "If-Match", stale).problem(412)
			})
		}
		for _, malformed := range []string{"1", `"1`, `"1" "2"`, `*, "1"`, `w/"1"`} {
			x.do("PUT", path, body, "If-Match", malformed).faults(400, "?If-Match")
			x.do("DELETE", path, nil, "If-Match", malformed).faults(400, "?If-Match")
		}
		for name, fits := range map[string]string{"itself": "", "a list": `"x" , "7",`, "any": "*", "of the compressed answer": gzipped} {
			t.Run(name, func(t *testing.T) {
				now := x.get(path).header.Get("ETag")
				match := fits
				switch name {
				case "itself":
					match = now
				case "a list":
					match += now
				case "of the compressed answer":
					match = strings.TrimSuffix(now, `"`) + `-gzip"`
				}
				x.do("PUT", path, body, "If-Match", match).want(200)
			})
		}
		x.do("PUT", path, body).want(200) // without one, the last writer wins
	}
	x.do("DELETE", email, nil, "If-Match", x.get(email).header.Get("ETag")).want(204)
	x.do("PUT", email, emailSample, "If-Match", "*").problem(404)
	x.do("DELETE", contactPath, nil, "If-Match", "*").want(204)
}

func TestEmptyElementsOfAListOfEntityTagsArePassedOver(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	for _, tags := range []string{`,"1"`, `"1",`, `, , "1" ,,"9"`} {
		x.get(path, "If-None-Match", tags).want(304)
	}
	x.do("PUT", path, object{"name": "Max"}, "If-Match", `,"2",`).problem(412)
	x.do("PUT", path, object{"name": "Max"}, "If-Match", `,`).faults(400, "?If-Match")
	x.do("PUT", path, object{"name": "Max"}, "If-Match", `,"1"`).want(200)
	x.do("DELETE", path, nil, "If-Match", ` ,"9",, "2",`).want(204)
}

func TestIfNoneMatchSavesWhatIsKnown(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	for _, p := range []string{path, path + "/full", path + "/emails", "/individual"} {
		etag := x.get(p).want(200).header.Get("ETag")
		if !strings.HasPrefix(etag, `"`) {
			t.Fatalf("%s: ETag %q is not a strong one", p, etag)
		}
		for _, known := range []string{etag, "W/" + etag, `"x", ` + etag, "*", strings.TrimSuffix(etag, `"`) + `-gzip"`} {
			for _, method := range []string{"GET", "HEAD"} {
				a := x.do(method, p, nil, "If-None-Match", known).want(304)
				if len(a.body) != 0 || a.header.Get("ETag") != etag {
					t.Errorf("%s %s: 304 with ETag %q and body %q", method, p, a.header.Get("ETag"), a.body)
				}
			}
		}
		for _, other := range []string{`"x"`, `W/"x"`, etag[1:], `""`} {
			x.get(p, "If-None-Match", other).want(200)
		}
	}
	etag := x.get(path).header.Get("ETag")
	x.do("PUT", path, object{"name": "Max"}).want(200)
	x.get(path, "If-None-Match", etag).want(200)
	x.get("/individual/8124", "If-None-Match", "*").problem(404)
}

func TestHEADAnswersAsGETWithoutTheBody(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	for _, p := range []string{path, path + "/full", path + "/emails", "/individual"} {
		get, head := x.get(p).want(200), x.do("HEAD", p, nil).want(200)
		for _, name := range []string{"Content-Type", "ETag", "Content-Length", "Cache-Control"} {
			if got, want := head.header.Get(name), get.header.Get(name); got != want {
				t.Errorf("HEAD %s: %s %q, GET has %q", p, name, got, want)
			}
		}
		if len(head.body) != 0 {
			t.Errorf("HEAD %s has a body", p)
		}
	}
	x.do("HEAD", "/individual/8124", nil).want(404)
	x.do("HEAD", path, nil, "Authorization", "Bearer x").want(403)
}

func TestAnswersOverOneKilobyteAreCompressedForThoseThatTakeIt(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	small := x.individual("Erika")
	large := x.individual(strings.Repeat("Erika ", 170) + "x")
	for range 5 {
		x.do("POST", large+"/addresses", addressSample).want(201)
	}
	for _, p := range []string{large, large + "/addresses", large + "/full", "/individual"} {
		plain, zipped := x.get(p).want(200), x.get(p, "Accept-Encoding", "br, gzip").want(200)
		if plain.header.Get("Content-Encoding") != "" || zipped.header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: Content-Encoding %q without asking, %q with", p, plain.header.Get("Content-Encoding"), zipped.header.Get("Content-Encoding"))
		}
		r, err := gzip.NewReader(bytes.NewReader(zipped.body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(text, plain.body) {
			t.Errorf("%s: compressed %q, %v, plain %q", p, text, err, plain.body)
		}
		if len(zipped.body) >= len(plain.body) {
			t.Errorf("%s: %d bytes compressed, %d plain", p, len(zipped.body), len(plain.body))
		}
		if plain.header.Get("ETag") == zipped.header.Get("ETag") {
			t.Errorf("%s: both forms have the ETag %s", p, plain.header.Get("ETag"))
		}
		if !strings.Contains(strings.Join(zipped.header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: Vary %q", p, zipped.header.Values("Vary"))
		}
		x.get(p, "Accept-Encoding", "gzip", "If-None-Match", zipped.header.Get("ETag")).want(304)
		head := x.do("HEAD", p, nil, "Accept-Encoding", "gzip").want(200)
		if got := head.header.Get("Content-Length"); got != strconv.Itoa(len(zipped.body)) {
			t.Errorf("HEAD %s: Content-Length %s, GET sends %d bytes", p, got, len(zipped.body))
		}
		for _, refused := range []string{"identity", "gzip;q=0", "*;q=0", "br", "gzip;q=0, *"} {
			if got := x.get(p, "Accept-Encoding", refused).want(200).header.Get("Content-Encoding"); got != "" {
				t.Errorf("%s: Accept-Encoding %q is answered %q", p, refused, got)
			}
		}
	}
	etag := x.get(large, "Accept-Encoding", "gzip").header.Get("ETag")
	x.do("PUT", large, object{"name": "Erika"}, "If-Match", etag).want(200)
	if got := x.get(small, "Accept-Encoding", "gzip").header.Get("Content-Encoding"); got != "" {
		t.Errorf("a small answer is %s", got)
	}
	unknown := object{}
	for i := range 40 {
		unknown[fmt.Sprintf("unknown_%d", i)] = 1
	}
	bad := x.do("POST", large+"/addresses", unknown, "Accept-Encoding", "gzip").want(400)
	if bad.header.Get("Content-Encoding") != "gzip" || bad.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a large problem: %v", bad.header)
	}
}
