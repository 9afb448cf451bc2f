package contacts

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestIfMatchRestrictsAChangeToTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	contactPath := x.CreateIndividual("Erika")
	email := contactPath + "/emails/" + x.Do("POST", contactPath+"/emails", harness.EmailSample).Want(201).Text("id")
	for path, body := range map[string]object{contactPath: {"name": "Erika"}, email: harness.EmailSample} {
		first := x.Get(path).Header.Get("ETag")
		second := x.Do("PUT", path, body, "If-Match", first).Want(200).Header.Get("ETag")
		if first == second || !strings.HasPrefix(second, `"`) {
			t.Fatalf("%s: ETags %s and %s", path, first, second)
		}
		gzipped := strings.TrimSuffix(second, `"`) + `-gzip"`
		for name, stale := range map[string]string{
			"the version before": first, "weak": "W/" + second, "a weak one in a list": first + ", W/" + second, "of no version": `"abc"`, "empty": `""`,
			"a number beyond all": `"99999999999999999999"`,
		} {
			t.Run(name, func(t *testing.T) {
				x.Do("PUT", path, body, "If-Match", stale).Problem(412)
				x.Do("DELETE", path, nil, "If-Match", stale).Problem(412)
			})
		}
		for _, malformed := range []string{"1", `"1`, `"1" "2"`, `*, "1"`, `w/"1"`} {
			x.Do("PUT", path, body, "If-Match", malformed).Faults(400, "?If-Match")
			x.Do("DELETE", path, nil, "If-Match", malformed).Faults(400, "?If-Match")
		}
		for name, fits := range map[string]string{"itself": "", "a list": `"x" , "7",`, "any": "*", "of the compressed answer": gzipped} {
			t.Run(name, func(t *testing.T) {
				now := x.Get(path).Header.Get("ETag")
				match := fits
				switch name {
				case "itself":
					match = now
				case "a list":
					match += now
				case "of the compressed answer":
					match = strings.TrimSuffix(now, `"`) + `-gzip"`
				}
				x.Do("PUT", path, body, "If-Match", match).Want(200)
			})
		}
		x.Do("PUT", path, body).Want(200) // without one, the last writer wins
	}
	x.Do("DELETE", email, nil, "If-Match", x.Get(email).Header.Get("ETag")).Want(204)
	x.Do("PUT", email, harness.EmailSample, "If-Match", "*").Problem(404)
	x.Do("DELETE", contactPath, nil, "If-Match", "*").Want(204)
}

func TestEmptyElementsOfAListOfEntityTagsAreSkipped(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	for _, tags := range []string{`,"1"`, `"1",`, `, , "1" ,,"9"`} {
		x.Get(path, "If-None-Match", tags).Want(304)
	}
	x.Do("PUT", path, object{"name": "Max"}, "If-Match", `,"2",`).Problem(412)
	x.Do("PUT", path, object{"name": "Max"}, "If-Match", `,`).Faults(400, "?If-Match")
	x.Do("PUT", path, object{"name": "Max"}, "If-Match", `,"1"`).Want(200)
	x.Do("DELETE", path, nil, "If-Match", ` ,"9",, "2",`).Want(204)
}

func TestIfNoneMatchSavesTheBodyOfAKnownVersion(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	for _, p := range []string{path, path + "/full", path + "/emails", "/individual"} {
		etag := x.Get(p).Want(200).Header.Get("ETag")
		if !strings.HasPrefix(etag, `"`) {
			t.Fatalf("%s: ETag %q is not a strong one", p, etag)
		}
		for _, known := range []string{etag, "W/" + etag, `"x", ` + etag, "*", strings.TrimSuffix(etag, `"`) + `-gzip"`} {
			for _, method := range []string{"GET", "HEAD"} {
				a := x.Do(method, p, nil, "If-None-Match", known).Want(304)
				if len(a.Body) != 0 || a.Header.Get("ETag") != etag {
					t.Errorf("%s %s: 304 with ETag %q and body %q", method, p, a.Header.Get("ETag"), a.Body)
				}
			}
		}
		for _, other := range []string{`"x"`, `W/"x"`, etag[1:], `""`} {
			x.Get(p, "If-None-Match", other).Want(200)
		}
	}
	etag := x.Get(path).Header.Get("ETag")
	x.Do("PUT", path, object{"name": "Max"}).Want(200)
	x.Get(path, "If-None-Match", etag).Want(200)
	x.Get("/individual/8124", "If-None-Match", "*").Problem(404)
}

func TestHEADAnswersAsGETWithoutTheBody(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	for _, p := range []string{path, path + "/full", path + "/emails", "/individual"} {
		get, head := x.Get(p).Want(200), x.Do("HEAD", p, nil).Want(200)
		for _, name := range []string{"Content-Type", "ETag", "Content-Length", "Cache-Control"} {
			if got, want := head.Header.Get(name), get.Header.Get(name); got != want {
				t.Errorf("HEAD %s: %s %q, GET has %q", p, name, got, want)
			}
		}
		if len(head.Body) != 0 {
			t.Errorf("HEAD %s has a body", p)
		}
	}
	x.Do("HEAD", "/individual/8124", nil).Want(404)
	x.Do("HEAD", path, nil, "Authorization", "Bearer x").Want(403)
}

func TestAnswersOverOneKilobyteAreCompressedForClientsThatAcceptIt(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	small := x.CreateIndividual("Erika")
	large := x.CreateIndividual(strings.Repeat("Erika ", 170) + "x")
	for range 5 {
		x.Do("POST", large+"/addresses", harness.AddressSample).Want(201)
	}
	for _, p := range []string{large, large + "/addresses", large + "/full", "/individual"} {
		plain, zipped := x.Get(p).Want(200), x.Get(p, "Accept-Encoding", "br, gzip").Want(200)
		if plain.Header.Get("Content-Encoding") != "" || zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: Content-Encoding %q without asking, %q with", p, plain.Header.Get("Content-Encoding"), zipped.Header.Get("Content-Encoding"))
		}
		r, err := gzip.NewReader(bytes.NewReader(zipped.Body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(text, plain.Body) {
			t.Errorf("%s: compressed %q, %v, plain %q", p, text, err, plain.Body)
		}
		if len(zipped.Body) >= len(plain.Body) {
			t.Errorf("%s: %d bytes compressed, %d plain", p, len(zipped.Body), len(plain.Body))
		}
		if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
			t.Errorf("%s: both forms have the ETag %s", p, plain.Header.Get("ETag"))
		}
		if !strings.Contains(strings.Join(zipped.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: Vary %q", p, zipped.Header.Values("Vary"))
		}
		x.Get(p, "Accept-Encoding", "gzip", "If-None-Match", zipped.Header.Get("ETag")).Want(304)
		head := x.Do("HEAD", p, nil, "Accept-Encoding", "gzip").Want(200)
		if got := head.Header.Get("Content-Length"); got != strconv.Itoa(len(zipped.Body)) {
			t.Errorf("HEAD %s: Content-Length %s, GET sends %d bytes", p, got, len(zipped.Body))
		}
		for _, refused := range []string{"identity", "gzip;q=0", "*;q=0", "br", "gzip;q=0, *"} {
			if got := x.Get(p, "Accept-Encoding", refused).Want(200).Header.Get("Content-Encoding"); got != "" {
				t.Errorf("%s: Accept-Encoding %q is answered %q", p, refused, got)
			}
		}
	}
	etag := x.Get(large, "Accept-Encoding", "gzip").Header.Get("ETag")
	x.Do("PUT", large, object{"name": "Erika"}, "If-Match", etag).Want(200)
	if got := x.Get(small, "Accept-Encoding", "gzip").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("a small answer is %s", got)
	}
	unknown := object{}
	for i := range 40 {
		unknown[fmt.Sprintf("unknown_%d", i)] = 1
	}
	bad := x.Do("POST", large+"/addresses", unknown, "Accept-Encoding", "gzip").Want(400)
	if bad.Header.Get("Content-Encoding") != "gzip" || bad.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a large problem: %v", bad.Header)
	}
}
