package tests

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var (
	uploadJPEG = object{"content_type": "image/jpeg"}
	uploadPNG  = object{"content_type": "image/png"}
)

func TestAnUploadedPictureIsHiddenUntilItIsProcessed(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		asked := time.Now()
		made := x.do("POST", owner+"/images/upload", uploadJPEG).want(201)
		answered := time.Now()
		var f form
		made.decode(&f)
		path := owner + "/images/" + f.ID
		if got := made.header.Get("Location"); got != x.path(path) {
			t.Errorf("Location %q, want that of the image there will be, %q", got, x.path(path))
		}
		if begin := f.Expires.Add(-10 * time.Minute); begin.Before(asked.Truncate(time.Second)) || begin.After(answered.Add(time.Second)) || f.Expires.Location() != time.UTC {
			t.Errorf("expires %v, want in 10 minutes", f.Expires)
		}
		if got := made.object(); len(got) != 4 {
			t.Errorf("%v, want id, url, fields and expires alone", got)
		}
		if got := x.album(owner); len(got) != 0 {
			t.Errorf("listed %v before anything was sent", got)
		}
		if why := x.look("GET", path).problem(404).Detail; !strings.Contains(why, "form") {
			t.Errorf("refused with %q, want that its picture is still to be sent", why)
		}
		x.look("HEAD", path).want(404)
		x.pends(owner, f)

		if status, text := f.post(t, jpegOf(painting(300, 200))); status != 204 {
			t.Fatalf("the form is answered %d %s", status, text)
		}
		want := object{"id": f.ID, "status": "READY", "content_type": "image/jpeg", "width": 300.0, "height": 200.0, "renditions": []any{
			object{"size": 64.0, "width": 64.0, "height": 43.0}, object{"size": 256.0, "width": 256.0, "height": 171.0},
			object{"size": 1024.0, "width": 300.0, "height": 200.0},
		}}
		if got := x.settled(owner, f.ID); !reflect.DeepEqual(got, want) {
			t.Errorf("listed %v, want %v", got, want)
		}
		if response, _ := x.opened(path + "?size=256"); response.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("opens as %v", response.Header)
		}
		for _, item := range x.imageItems(owner) {
			if item["expires"] != nil {
				t.Errorf("a ready image expires: %v", item)
			}
		}
		eventually(t, "four objects alone", func() bool { return slices.Equal(x.objectsIn(platform.objects), x.renderings(path)) })
	})
}

// pends holds an image that waits for its picture to go by itself when none comes, but not before its form does.
func (x *tenant) pends(owner string, f form) {
	x.t.Helper()
	items := x.imageItems(owner)
	if len(items) != 1 {
		x.t.Fatalf("stored %v, want one item", items)
	}
	expires, _ := items[0]["expires"].(*types.AttributeValueMemberN)
	if expires == nil {
		x.t.Fatalf("%v does not expire", items[0])
	}
	seconds, err := strconv.ParseInt(expires.Value, 10, 64)
	if after := time.Unix(seconds, 0).Sub(f.Expires); err != nil || after < 0 || after > 24*time.Hour {
		x.t.Errorf("expires %v after its form, want some time later, within a day", after)
	}
}

func TestAPictureIsWhatItHoldsNotWhatItWasCalled(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	for _, c := range []struct {
		called object
		file   []byte
		want   string
	}{
		{uploadPNG, jpegOf(painting(16, 16)), "READY image/jpeg"}, {uploadJPEG, transparent(16, 16), "READY image/png"},
		{uploadPNG, []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "REJECTED <nil>"}, {uploadPNG, []byte("<script>alert(1)</script>"), "REJECTED <nil>"},
		{uploadPNG, pngHeader(60_000, 60_000), "REJECTED <nil>"}, {uploadPNG, pngHeader(0, 0), "REJECTED <nil>"},
		{uploadJPEG, photoOf(painting(16, 16))[:300], "REJECTED <nil>"},
	} {
		f := x.form(owner, c.called)
		if status, text := f.post(t, c.file); status != 204 {
			t.Fatalf("%d %s", status, text)
		}
		item := x.settled(owner, f.ID)
		if got := fmt.Sprint(item["status"], " ", item["content_type"]); got != c.want {
			t.Errorf("%v, want %s", item, c.want)
		}
		path := owner + "/images/" + f.ID
		if item["status"] == "READY" {
			response, _ := x.opened(path)
			if got := response.Header.Get("Content-Type"); "READY "+got != c.want {
				t.Errorf("opens as %s, want %s", got, c.want)
			}
		} else if reason, _ := item["reason"].(string); reason == "" {
			t.Errorf("%v has no reason", item)
		}
		x.do("DELETE", path, nil).want(204)
	}
	eventually(t, "an empty bucket", func() bool { return len(x.objectsIn(platform.objects)) == 0 })
}

func TestAnUploadHoldsTwelveMegabytes(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	picture := jpegOf(painting(64, 64))
	for _, wanted := range []object{uploadJPEG, with(uploadJPEG, "content_length", 12_000_000)} {
		f := x.form(owner, wanted)
		if status, text := f.post(t, padded(picture, 12_000_001)); status != 400 || !strings.Contains(text, "EntityTooLarge") {
			t.Errorf("a byte more than 12 MB: %d %s", status, text)
		}
		if status, text := f.post(t, padded(picture, 12_000_000)); status != 204 {
			t.Errorf("12 MB: %d %s", status, text)
		}
		if got := x.settled(owner, f.ID); got["status"] != "READY" {
			t.Errorf("12 MB: %v", got)
		}
	}
}

func TestAFormIsTakenAsItWasGivenAlone(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	picture := jpegOf(painting(16, 16))
	foreign := x.form(x.individual("Max"), uploadJPEG)
	exact := with(uploadJPEG, "content_length", len(picture))
	for name, c := range map[string]struct {
		wanted object
		change func(form) form
		file   []byte
		want   string
	}{
		"another content type":  {uploadJPEG, func(f form) form { return f.with("Content-Type", "text/html") }, picture, "403 AccessDenied"},
		"the other type":        {uploadJPEG, func(f form) form { return f.with("Content-Type", "image/png") }, picture, "403 AccessDenied"},
		"no content type":       {uploadJPEG, func(f form) form { return f.with("Content-Type", "") }, picture, "403 AccessDenied"},
		"another image's key":   {uploadJPEG, func(f form) form { return f.with("key", foreign.Fields["key"]) }, picture, "403 AccessDenied"},
		"a shown key":           {uploadJPEG, func(f form) form { return f.with("key", "images/"+x.org+"/1/1/full") }, picture, "403 AccessDenied"},
		"a longer key":          {uploadJPEG, func(f form) form { return f.with("key", f.Fields["key"]+"0") }, picture, "403 AccessDenied"},
		"no key":                {uploadJPEG, func(f form) form { return f.with("key", "") }, picture, "403 AccessDenied"},
		"one field more":        {uploadJPEG, func(f form) form { return f.with("acl", "public-read") }, picture, "403 AccessDenied"},
		"a redirection":         {uploadJPEG, func(f form) form { return f.with("success_action_redirect", "https://example.com/") }, picture, "403 AccessDenied"},
		"metadata":              {uploadJPEG, func(f form) form { return f.with("x-amz-meta-a", "b") }, picture, "403 AccessDenied"},
		"another image's terms": {uploadJPEG, func(f form) form { return f.with("policy", foreign.Fields["policy"]) }, picture, "403 SignatureDoesNotMatch"},
		"wider terms":           {uploadJPEG, func(f form) form { return f.widened() }, picture, "403 SignatureDoesNotMatch"},
		"no policy":             {uploadJPEG, func(f form) form { return f.with("policy", "") }, picture, "403 "},
		"no signature":          {uploadJPEG, func(f form) form { return f.with("X-Amz-Signature", "") }, picture, "403 "},
		"another signer":        {uploadJPEG, func(f form) form { return f.with("X-Amz-Credential", "a/20250325/us-east-1/s3/aws4_request") }, picture, "403 "},
		"too late":              {uploadJPEG, func(f form) form { return f.expired(t) }, picture, "403 AccessDenied"},
		"nothing":               {uploadJPEG, func(f form) form { return f }, nil, "400 EntityTooSmall"},
		"a byte less":           {exact, func(f form) form { return f }, picture[:len(picture)-1], "400 EntityTooSmall"},
		"a byte more":           {exact, func(f form) form { return f }, append(slices.Clone(picture), 0), "400 EntityTooLarge"},
	} {
		t.Run(name, func(t *testing.T) {
			f := x.in(t).form(owner, c.wanted)
			status, text := c.change(f).post(t, c.file)
			if want, code, _ := strings.Cut(c.want, " "); fmt.Sprint(status) != want || !strings.Contains(text, code) {
				t.Errorf("%d %s, want %s", status, text, c.want)
			}
			if got := x.objectsIn(platform.objects); len(got) != 0 {
				t.Errorf("a refused form left %q", got)
			}
		})
	}
	if got := x.album(owner); len(got) != 0 {
		t.Errorf("a refused form made %v", got)
	}
	f := x.form(owner, exact)
	if status, text := f.post(t, picture); status != 204 {
		t.Errorf("the right size: %d %s", status, text)
	}
	if got := x.settled(owner, f.ID); got["status"] != "READY" {
		t.Errorf("the right size: %v", got)
	}
}

// policy reads the terms of a form.
func (f form) policy() object {
	text, _ := base64.StdEncoding.DecodeString(f.Fields["policy"])
	var policy object
	_ = json.Unmarshal(text, &policy)
	return policy
}

// widened is the form with terms that nobody signed.
func (f form) widened() form {
	policy := f.policy()
	policy["conditions"] = append(policy["conditions"].([]any), []any{"starts-with", "$x-amz-meta-a", ""})
	text, _ := json.Marshal(policy)
	return f.with("policy", base64.StdEncoding.EncodeToString(text))
}

// expired is the form a while later: the same terms, signed as the bucket's owner does, but past.
func (f form) expired(t *testing.T) form {
	t.Helper()
	policy := f.policy()
	if _, ok := policy["expiration"].(string); !ok {
		t.Fatalf("the form's policy is %v", policy)
	}
	policy["expiration"] = time.Now().Add(-time.Second).UTC().Format("2006-01-02T15:04:05.000Z")
	text, _ := json.Marshal(policy)
	encoded := base64.StdEncoding.EncodeToString(text)
	key := []byte("AWS4local")
	for _, part := range append(strings.Split(f.Fields["X-Amz-Credential"], "/")[1:], encoded) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	return f.with("policy", encoded).with("X-Amz-Signature", hex.EncodeToString(key))
}

func TestAllThatIsWrongWithAnUploadIsToldAtOnce(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	for name, c := range map[string]struct {
		body   any
		faults []string
	}{
		"nothing":     {object{}, []string{"/content_type"}},
		"types":       {object{"content_type": 5, "content_length": "5", "x": 1}, []string{"/content_type", "/content_length", "/x"}},
		"another":     {object{"content_type": "image/gif"}, []string{"/content_type"}},
		"letter case": {object{"content_type": "IMAGE/JPEG"}, []string{"/content_type"}},
		"parameters":  {object{"content_type": "image/jpeg; q=1"}, []string{"/content_type"}},
		"zero":        {with(uploadJPEG, "content_length", 0), []string{"/content_length"}},
		"negative":    {with(uploadJPEG, "content_length", -1), []string{"/content_length"}},
		"too large":   {with(uploadJPEG, "content_length", 12_000_001), []string{"/content_length"}},
		"a part":      {with(uploadJPEG, "content_length", 1.5), []string{"/content_length"}},
		"null":        {`{"content_type":"image/png","content_length":null}`, []string{"/content_length"}},
	} {
		t.Run(name, func(t *testing.T) { x.in(t).do("POST", owner+"/images/upload", c.body).faults(400, c.faults...) })
	}
	if got := x.imageItems(owner); len(got) != 0 {
		t.Errorf("a refused request left %v", got)
	}
}

func TestAnUploadAskedForTwiceWithOneKeyIsOneImage(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		made := x.do("POST", owner+"/images/upload", uploadPNG, "Idempotency-Key", "k").want(201)
		again := x.do("POST", owner+"/images/upload", uploadPNG, "Idempotency-Key", "k")
		same(t, made, again)
		x.do("POST", owner+"/images/upload", uploadJPEG, "Idempotency-Key", "k").faults(422, "?Idempotency-Key")
		for _, a := range together(t, 10, func(int) (*answer, error) {
			return x.tryAs("POST", owner+"/images/upload", uploadPNG, "Idempotency-Key", "k")
		}) {
			same(t, made, a)
		}
		var ids []string
		for _, a := range together(t, 10, func(int) (*answer, error) {
			return x.tryAs("POST", owner+"/images/upload", uploadPNG, "Idempotency-Key", "together")
		}) {
			ids = append(ids, a.want(201).text("id"))
		}
		if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
			t.Errorf("%q, want one id", ids)
		}
		if n := len(x.imageItems(owner)); n != 2 {
			t.Errorf("%d items, want 2", n)
		}
		var f form
		again.decode(&f)
		if status, text := f.post(t, transparent(16, 16)); status != 204 {
			t.Errorf("the replayed form: %d %s", status, text)
		}
		x.settled(owner, f.ID)
		if n := len(x.album(owner)); n != 1 {
			t.Errorf("%d images, want 1", n)
		}
	})
}

func TestAFormThatIsSentAgainChangesNothing(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	f := x.form(owner, uploadJPEG)
	f.post(t, jpegOf(painting(16, 16)))
	first := x.settled(owner, f.ID)
	if status, text := f.post(t, jpegOf(painting(32, 16))); status != 204 {
		t.Fatalf("%d %s", status, text)
	}
	path := owner + "/images/" + f.ID
	eventually(t, "four objects alone", func() bool { return slices.Equal(x.objectsIn(platform.objects), x.renderings(path)) })
	if got := x.listed(owner, f.ID); !reflect.DeepEqual(got, first) {
		t.Errorf("listed %v, want %v", got, first)
	}
}

func TestAPictureForADeletedImageLeavesNothing(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		f := x.form(owner, uploadJPEG)
		path := owner + "/images/" + f.ID
		x.do("DELETE", path, nil).want(204) // nobody waits for it any more
		x.do("DELETE", path, nil).problem(404)
		if n := len(x.imageItems(owner)); n != 0 {
			t.Errorf("%d items, want none", n)
		}
		if status, text := f.post(t, jpegOf(painting(16, 16))); status != 204 { // the form can't be called back
			t.Fatalf("%d %s", status, text)
		}
		eventually(t, "an empty bucket", func() bool { return len(x.objectsIn(platform.objects)) == 0 })
		if got := x.album(owner); len(got) != 0 {
			t.Errorf("listed %v", got)
		}
	})
}

// The bucket is private, but what the form's policy says is all that stands between a caller and its keys.
func TestAFormIsForOneKeyOfTheTenant(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	f := x.form(owner, uploadJPEG)
	if want := "incoming/" + x.org + "/" + ownerID(owner) + "/" + f.ID; f.Fields["key"] != want {
		t.Errorf("key %q, want %q", f.Fields["key"], want)
	}
	kinds := map[string]int{}
	for _, c := range f.policy()["conditions"].([]any) {
		switch c := c.(type) {
		case map[string]any:
			kinds["eq"]++
		case []any:
			kinds[fmt.Sprint(c[0])]++
		}
	}
	if kinds["starts-with"] != 0 || kinds["content-length-range"] != 1 || kinds["eq"] < 6 {
		t.Errorf("conditions %v of %v", kinds, f.policy())
	}
	if _, err := bucketOf(platform.objects).HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String(f.Fields["key"])}); err == nil {
		t.Error("there is an object before anything was sent")
	}
}
