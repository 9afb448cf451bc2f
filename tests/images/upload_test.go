package images

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

	"contacts/tests/harness"
)

var (
	uploadPNG = object{"content_type": "image/png"}
)

func TestAnUploadedPictureIsHiddenUntilItIsProcessed(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		asked := time.Now()
		made := x.Do("POST", owner+"/images/upload", harness.UploadJPEG).Want(201)
		answered := time.Now()
		var f harness.UploadForm
		made.Decode(&f)
		path := owner + "/images/" + f.ID
		if got := made.Header.Get("Location"); got != x.Path(path) {
			t.Errorf("Location %q, want that of the image there will be, %q", got, x.Path(path))
		}
		if begin := f.Expires.Add(-10 * time.Minute); begin.Before(asked.Truncate(time.Second)) || begin.After(answered.Add(time.Second)) || f.Expires.Location() != time.UTC {
			t.Errorf("expires %v, want in 10 minutes", f.Expires)
		}
		if got := made.Object(); len(got) != 4 {
			t.Errorf("%v, want id, url, fields and expires alone", got)
		}
		if got := x.ListImages(owner); len(got) != 0 {
			t.Errorf("listed %v before anything was sent", got)
		}
		if why := x.GetUnfollowed("GET", path).Problem(404).Detail; !strings.Contains(why, "form") {
			t.Errorf("refused with %q, want that its picture is still to be sent", why)
		}
		x.GetUnfollowed("HEAD", path).Want(404)
		wantPending(x, owner, f)

		if status, text := f.Post(t, harness.JPEGOf(harness.Quarters(300, 200))); status != 204 {
			t.Fatalf("the form is answered %d %s", status, text)
		}
		want := object{"id": f.ID, "status": "READY", "content_type": "image/jpeg", "width": 300.0, "height": 200.0, "renditions": []any{
			object{"size": 64.0, "width": 64.0, "height": 43.0}, object{"size": 256.0, "width": 256.0, "height": 171.0},
			object{"size": 1024.0, "width": 300.0, "height": 200.0},
		}}
		if got := x.WaitForImage(owner, f.ID); !reflect.DeepEqual(got, want) {
			t.Errorf("listed %v, want %v", got, want)
		}
		if response, _ := download(x, path+"?size=256"); response.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("opens as %v", response.Header)
		}
		for _, item := range x.ImageItems(owner) {
			if item["expires"] != nil {
				t.Errorf("a ready image expires: %v", item)
			}
		}
		harness.Eventually(t, "four objects alone", func() bool { return slices.Equal(x.ObjectsIn(harness.Platform.Objects), objectKeys(x, path)) })
	})
}

// wantPending requires an image without a picture to expire by itself, but not before its form.
func wantPending(x *harness.Tenant, owner string, f harness.UploadForm) {
	x.T.Helper()
	items := x.ImageItems(owner)
	if len(items) != 1 {
		x.T.Fatalf("stored %v, want one item", items)
	}
	expires, _ := items[0]["expires"].(*types.AttributeValueMemberN)
	if expires == nil {
		x.T.Fatalf("%v does not expire", items[0])
	}
	seconds, err := strconv.ParseInt(expires.Value, 10, 64)
	if after := time.Unix(seconds, 0).Sub(f.Expires); err != nil || after < 0 || after > 24*time.Hour {
		x.T.Errorf("expires %v after its form, want some time later, within a day", after)
	}
}

func TestThePicturesContentDecidesNotItsDeclaredType(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	for _, c := range []struct {
		called object
		file   []byte
		want   string
	}{
		{uploadPNG, harness.JPEGOf(harness.Quarters(16, 16)), "READY image/jpeg"}, {harness.UploadJPEG, transparent(16, 16), "READY image/png"},
		{uploadPNG, []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "REJECTED <nil>"}, {uploadPNG, []byte("<script>alert(1)</script>"), "REJECTED <nil>"},
		{uploadPNG, pngHeader(60_000, 60_000), "REJECTED <nil>"}, {uploadPNG, pngHeader(0, 0), "REJECTED <nil>"},
		{harness.UploadJPEG, photoOf(harness.Quarters(16, 16))[:300], "REJECTED <nil>"},
	} {
		f := x.RequestUpload(owner, c.called)
		if status, text := f.Post(t, c.file); status != 204 {
			t.Fatalf("%d %s", status, text)
		}
		item := x.WaitForImage(owner, f.ID)
		if got := fmt.Sprint(item["status"], " ", item["content_type"]); got != c.want {
			t.Errorf("%v, want %s", item, c.want)
		}
		path := owner + "/images/" + f.ID
		if item["status"] == "READY" {
			response, _ := download(x, path)
			if got := response.Header.Get("Content-Type"); "READY "+got != c.want {
				t.Errorf("opens as %s, want %s", got, c.want)
			}
		} else if reason, _ := item["reason"].(string); reason == "" {
			t.Errorf("%v has no reason", item)
		}
		x.Do("DELETE", path, nil).Want(204)
	}
	harness.Eventually(t, "an empty bucket", func() bool { return len(x.ObjectsIn(harness.Platform.Objects)) == 0 })
}

func TestAnUploadMayHaveTwelveMegabytes(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	picture := harness.JPEGOf(harness.Quarters(64, 64))
	for _, wanted := range []object{harness.UploadJPEG, harness.With(harness.UploadJPEG, "content_length", 12_000_000)} {
		f := x.RequestUpload(owner, wanted)
		if status, text := f.Post(t, padded(picture, 12_000_001)); status != 400 || !strings.Contains(text, "EntityTooLarge") {
			t.Errorf("a byte more than 12 MB: %d %s", status, text)
		}
		if status, text := f.Post(t, padded(picture, 12_000_000)); status != 204 {
			t.Errorf("12 MB: %d %s", status, text)
		}
		if got := x.WaitForImage(owner, f.ID); got["status"] != "READY" {
			t.Errorf("12 MB: %v", got)
		}
	}
}

func TestAChangedFormIsRefused(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	picture := harness.JPEGOf(harness.Quarters(16, 16))
	foreign := x.RequestUpload(x.CreateIndividual("Max"), harness.UploadJPEG)
	exact := harness.With(harness.UploadJPEG, "content_length", len(picture))
	for name, c := range map[string]struct {
		wanted object
		change func(harness.UploadForm) harness.UploadForm
		file   []byte
		want   string
	}{
		"another content type": {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "Content-Type", "text/html") }, picture, "403 AccessDenied"},
		"the other type":       {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "Content-Type", "image/png") }, picture, "403 AccessDenied"},
		"no content type":      {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "Content-Type", "") }, picture, "403 AccessDenied"},
		"another image's key":  {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "key", foreign.Fields["key"]) }, picture, "403 AccessDenied"},
		"a shown key":          {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "key", "images/"+x.Org+"/1/1/full") }, picture, "403 AccessDenied"},
		"a longer key":         {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "key", f.Fields["key"]+"0") }, picture, "403 AccessDenied"},
		"no key":               {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "key", "") }, picture, "403 AccessDenied"},
		"one field more":       {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "acl", "public-read") }, picture, "403 AccessDenied"},
		"a redirection": {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm {
			return with(f, "success_action_redirect", "https://example.com/")
		}, picture, "403 AccessDenied"},
		"metadata":              {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "x-amz-meta-a", "b") }, picture, "403 AccessDenied"},
		"another image's terms": {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "policy", foreign.Fields["policy"]) }, picture, "403 SignatureDoesNotMatch"},
		"wider terms":           {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return widened(f) }, picture, "403 SignatureDoesNotMatch"},
		"no policy":             {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "policy", "") }, picture, "403 "},
		"no signature":          {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return with(f, "X-Amz-Signature", "") }, picture, "403 "},
		"another signer": {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm {
			return with(f, "X-Amz-Credential", "a/20250325/us-east-1/s3/aws4_request")
		}, picture, "403 "},
		"too late":    {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return expired(t, f) }, picture, "403 AccessDenied"},
		"nothing":     {harness.UploadJPEG, func(f harness.UploadForm) harness.UploadForm { return f }, nil, "400 EntityTooSmall"},
		"a byte less": {exact, func(f harness.UploadForm) harness.UploadForm { return f }, picture[:len(picture)-1], "400 EntityTooSmall"},
		"a byte more": {exact, func(f harness.UploadForm) harness.UploadForm { return f }, append(slices.Clone(picture), 0), "400 EntityTooLarge"},
	} {
		t.Run(name, func(t *testing.T) {
			f := x.ForSubtest(t).RequestUpload(owner, c.wanted)
			status, text := c.change(f).Post(t, c.file)
			if want, code, _ := strings.Cut(c.want, " "); fmt.Sprint(status) != want || !strings.Contains(text, code) {
				t.Errorf("%d %s, want %s", status, text, c.want)
			}
			if got := x.ObjectsIn(harness.Platform.Objects); len(got) != 0 {
				t.Errorf("a refused form left %q", got)
			}
		})
	}
	if got := x.ListImages(owner); len(got) != 0 {
		t.Errorf("a refused form made %v", got)
	}
	f := x.RequestUpload(owner, exact)
	if status, text := f.Post(t, picture); status != 204 {
		t.Errorf("the right size: %d %s", status, text)
	}
	if got := x.WaitForImage(owner, f.ID); got["status"] != "READY" {
		t.Errorf("the right size: %v", got)
	}
}

// policy returns the policy of a form.
func policy(f harness.UploadForm) object {
	text, _ := base64.StdEncoding.DecodeString(f.Fields["policy"])
	var policy object
	_ = json.Unmarshal(text, &policy)
	return policy
}

// widened returns the form with a policy that nobody signed.
func widened(f harness.UploadForm) harness.UploadForm {
	policy := policy(f)
	policy["conditions"] = append(policy["conditions"].([]any), []any{"starts-with", "$x-amz-meta-a", ""})
	text, _ := json.Marshal(policy)
	return with(f, "policy", base64.StdEncoding.EncodeToString(text))
}

// expired returns the form with a signed policy that has expired.
func expired(t *testing.T, f harness.UploadForm) harness.UploadForm {
	t.Helper()
	policy := policy(f)
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
	return with(with(f, "policy", encoded), "X-Amz-Signature", hex.EncodeToString(key))
}

func TestAllFaultsOfAnUploadAreNamedTogether(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	for name, c := range map[string]struct {
		body   any
		faults []string
	}{
		"nothing":     {object{}, []string{"/content_type"}},
		"types":       {object{"content_type": 5, "content_length": "5", "x": 1}, []string{"/content_type", "/content_length", "/x"}},
		"another":     {object{"content_type": "image/gif"}, []string{"/content_type"}},
		"letter case": {object{"content_type": "IMAGE/JPEG"}, []string{"/content_type"}},
		"parameters":  {object{"content_type": "image/jpeg; q=1"}, []string{"/content_type"}},
		"zero":        {harness.With(harness.UploadJPEG, "content_length", 0), []string{"/content_length"}},
		"negative":    {harness.With(harness.UploadJPEG, "content_length", -1), []string{"/content_length"}},
		"too large":   {harness.With(harness.UploadJPEG, "content_length", 12_000_001), []string{"/content_length"}},
		"a part":      {harness.With(harness.UploadJPEG, "content_length", 1.5), []string{"/content_length"}},
		"null":        {`{"content_type":"image/png","content_length":null}`, []string{"/content_length"}},
	} {
		t.Run(name, func(t *testing.T) {
			x.ForSubtest(t).Do("POST", owner+"/images/upload", c.body).Faults(400, c.faults...)
		})
	}
	if got := x.ImageItems(owner); len(got) != 0 {
		t.Errorf("a refused request left %v", got)
	}
}

func TestTwoUploadRequestsWithOneKeyAreOneImage(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		made := x.Do("POST", owner+"/images/upload", uploadPNG, "Idempotency-Key", "k").Want(201)
		again := x.Do("POST", owner+"/images/upload", uploadPNG, "Idempotency-Key", "k")
		harness.SameAnswer(t, made, again)
		x.Do("POST", owner+"/images/upload", harness.UploadJPEG, "Idempotency-Key", "k").Faults(422, "?Idempotency-Key")
		for _, a := range harness.Concurrently(t, 10, func(int) (*harness.Answer, error) {
			return x.TryDo("POST", owner+"/images/upload", uploadPNG, "Idempotency-Key", "k")
		}) {
			harness.SameAnswer(t, made, a)
		}
		var ids []string
		for _, a := range harness.Concurrently(t, 10, func(int) (*harness.Answer, error) {
			return x.TryDo("POST", owner+"/images/upload", uploadPNG, "Idempotency-Key", "together")
		}) {
			ids = append(ids, a.Want(201).Text("id"))
		}
		if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
			t.Errorf("%q, want one id", ids)
		}
		if n := len(x.ImageItems(owner)); n != 2 {
			t.Errorf("%d items, want 2", n)
		}
		var f harness.UploadForm
		again.Decode(&f)
		if status, text := f.Post(t, transparent(16, 16)); status != 204 {
			t.Errorf("the replayed form: %d %s", status, text)
		}
		x.WaitForImage(owner, f.ID)
		if n := len(x.ListImages(owner)); n != 1 {
			t.Errorf("%d images, want 1", n)
		}
	})
}

func TestASecondPostOfAFormChangesNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	f := x.RequestUpload(owner, harness.UploadJPEG)
	f.Post(t, harness.JPEGOf(harness.Quarters(16, 16)))
	first := x.WaitForImage(owner, f.ID)
	if status, text := f.Post(t, harness.JPEGOf(harness.Quarters(32, 16))); status != 204 {
		t.Fatalf("%d %s", status, text)
	}
	path := owner + "/images/" + f.ID
	harness.Eventually(t, "four objects alone", func() bool { return slices.Equal(x.ObjectsIn(harness.Platform.Objects), objectKeys(x, path)) })
	if got := x.ListedImage(owner, f.ID); !reflect.DeepEqual(got, first) {
		t.Errorf("listed %v, want %v", got, first)
	}
}

func TestAPictureForADeletedImageLeavesNothing(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		f := x.RequestUpload(owner, harness.UploadJPEG)
		path := owner + "/images/" + f.ID
		x.Do("DELETE", path, nil).Want(204) // nobody waits for it any more
		x.Do("DELETE", path, nil).Problem(404)
		if n := len(x.ImageItems(owner)); n != 0 {
			t.Errorf("%d items, want none", n)
		}
		if status, text := f.Post(t, harness.JPEGOf(harness.Quarters(16, 16))); status != 204 { // the form can't be called back
			t.Fatalf("%d %s", status, text)
		}
		harness.Eventually(t, "an empty bucket", func() bool { return len(x.ObjectsIn(harness.Platform.Objects)) == 0 })
		if got := x.ListImages(owner); len(got) != 0 {
			t.Errorf("listed %v", got)
		}
	})
}

// The bucket is private: only the form's policy limits what a caller can store.
func TestAFormIsForOneKeyOfTheTenant(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	f := x.RequestUpload(owner, harness.UploadJPEG)
	if want := "incoming/" + x.Org + "/" + harness.OwnerID(owner) + "/" + f.ID; f.Fields["key"] != want {
		t.Errorf("key %q, want %q", f.Fields["key"], want)
	}
	kinds := map[string]int{}
	for _, c := range policy(f)["conditions"].([]any) {
		switch c := c.(type) {
		case map[string]any:
			kinds["eq"]++
		case []any:
			kinds[fmt.Sprint(c[0])]++
		}
	}
	if kinds["starts-with"] != 0 || kinds["content-length-range"] != 1 || kinds["eq"] < 6 {
		t.Errorf("conditions %v of %v", kinds, policy(f))
	}
	if _, err := harness.BucketOf(harness.Platform.Objects).HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: aws.String(harness.Bucket), Key: aws.String(f.Fields["key"])}); err == nil {
		t.Error("there is an object before anything was sent")
	}
}
