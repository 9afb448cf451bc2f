package images

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestAPictureInABodyIsShownInFourSizes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		picture []byte
		sent    string
		shown   string
	}{
		"jpeg":            {harness.JPEGOf(harness.Quarters(300, 200)), "image/jpeg", "image/jpeg"},
		"png":             {pngOf(harness.Quarters(300, 200)), "image/png", "image/png"},
		"png of a photo":  {pngOf(scene(300, 200)), "image/png", "image/jpeg"},
		"transparent png": {transparent(300, 200), "image/png", "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
				if got := x.ListImages(owner); len(got) != 0 {
					t.Errorf("a contact without images has %v", got)
				}
				made := x.Do("POST", owner+"/images", harness.ImageBody(c.picture)).Want(201)
				id := made.Text("id")
				path := owner + "/images/" + id
				if got := made.Header.Get("Location"); got != x.Path(path) {
					t.Errorf("Location %q, want %q", got, x.Path(path))
				}
				if made.Header.Get("ETag") == "" {
					t.Error("no ETag")
				}
				want := object{"id": id, "status": "READY", "content_type": c.shown, "width": 300.0, "height": 200.0, "renditions": []any{
					object{"size": 64.0, "width": 64.0, "height": 43.0}, object{"size": 256.0, "width": 256.0, "height": 171.0},
					object{"size": 1024.0, "width": 300.0, "height": 200.0},
				}}
				if got := x.WaitForImage(owner, id); !reflect.DeepEqual(got, want) {
					t.Errorf("listed %v, want %v", got, want)
				}
				for query, size := range map[string]image.Point{"": {300, 200}, "?size=64": {64, 43}, "?size=256": {256, 171}, "?size=1024": {300, 200}} {
					response, body := download(x, path+query)
					for name, value := range map[string]string{"Content-Type": c.shown, "Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"} {
						if got := response.Header.Get(name); got != value {
							t.Errorf("%s: %s %q, want %q", query, name, got, value)
						}
					}
					if got := response.Header.Get("Cache-Control"); !strings.Contains(got, "private") {
						t.Errorf("%s: Cache-Control %q", query, got)
					}
					shown, format, err := image.Decode(bytes.NewReader(body))
					if err != nil || "image/"+format != c.shown || shown.Bounds().Size() != size {
						t.Errorf("%s: %v %s %v, want %v", query, err, format, shown.Bounds(), size)
					}
				}
				head := x.GetUnfollowed("HEAD", path)
				if x.RedirectOf(head) == "" || len(head.Body) != 0 {
					t.Errorf("HEAD: %v %q", head.Header, head.Body)
				}
				if shown, err := http.Head(x.RedirectOf(head)); err != nil || shown.StatusCode != 200 || shown.Header.Get("Content-Type") != c.shown {
					t.Errorf("HEAD of the picture: %v %v", shown, err)
				}
				harness.Eventually(t, "four objects alone", func() bool { return slices.Equal(x.ObjectsIn(harness.Platform.Objects), objectKeys(x, path)) })
			})
		})
	}
}

func TestAPictureIsShownToClientsThatAcceptPictures(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	path := x.AddReadyImage(owner, harness.JPEGOf(harness.Quarters(16, 16)))
	for _, accept := range []string{"image/*", "image/png", "image/jpeg", "image/avif,image/webp,image/*,*/*;q=0.8", "*/*", "application/json", "text/html, image/png;q=0.1"} {
		for _, method := range []string{"GET", "HEAD"} {
			x.RedirectOf(x.GetUnfollowed(method, path, "Accept", accept))
		}
	}
	for _, accept := range []string{"text/html", "image/webp", "image/*;q=0", "video/*"} {
		x.GetUnfollowed("GET", path, "Accept", accept).Problem(406)
	}
	x.GetUnfollowed("GET", owner+"/images/8127", "Accept", "image/png").Problem(404) // problems need not be accepted
	x.Get(owner+"/images", "Accept", "image/png").Problem(406)
}

func TestASizeIsOneOfThree(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	path := x.AddReadyImage(x.CreateIndividual("Erika"), harness.JPEGOf(harness.Quarters(16, 16)))
	for _, size := range []string{"", "0", "63", "128", "full", "-64", "064", "64.0", "%2064", "64,256"} {
		x.GetUnfollowed("GET", path+"?size="+size).Faults(400, "?size")
	}
	x.GetUnfollowed("GET", path+"?size=64&size=256").Faults(400, "?size")
	// A wrong size is refused before the image is read.
	x.GetUnfollowed("GET", path[:len(path)-1]+"?size=5").Faults(400, "?size")
}

func TestTheNewestImageIsTheFirst(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		var want []string
		for i := range 4 {
			want = append([]string{harness.LastSegment(x.AddReadyImage(owner, harness.JPEGOf(harness.Quarters(16+i, 16))))}, want...)
		}
		list := x.Get(owner + "/images").Want(200)
		var ids []string
		for i, item := range x.ListImages(owner) {
			ids = append(ids, fmt.Sprint(item["id"]))
			if item["width"] != float64(19-i) {
				t.Errorf("%d: %v", i, item)
			}
		}
		if !slices.Equal(ids, want) {
			t.Errorf("listed %q, want %q", ids, want)
		}
		x.Get(owner+"/images", "If-None-Match", list.Header.Get("ETag")).Want(304)
	})
}

func TestAPhotoIsTurnedUprightAndLosesItsMetadata(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	photo := photoOf(harness.Quarters(400, 200)) // its left is the top
	if !bytes.Contains(photo, []byte(privateText)) || !bytes.Contains(photo, []byte("Exif")) {
		t.Fatal("the sample has nothing to hide")
	}
	path := x.AddReadyImage(owner, photo)
	for query, size := range map[string]image.Point{"": {200, 400}, "?size=64": {32, 64}, "?size=256": {128, 256}, "?size=1024": {200, 400}} {
		_, body := download(x, path+query)
		for _, secret := range []string{privateText, "Exif", "xmpmeta", "MM\x00*", "II*\x00"} {
			if bytes.Contains(body, []byte(secret)) {
				t.Errorf("%s: the picture has %q", query, secret)
			}
		}
		shown, _, err := image.Decode(bytes.NewReader(body))
		if err != nil || shown.Bounds().Size() != size {
			t.Fatalf("%s: %v %v, want %v", query, err, shown.Bounds(), size)
		}
		for at, want := range map[image.Point]color.NRGBA{{1, 1}: harness.BottomLeft, {3, 1}: harness.TopLeft, {1, 3}: harness.BottomRight, {3, 3}: harness.TopRight} {
			r, g, b, _ := shown.At(at.X*size.X/4, at.Y*size.Y/4).RGBA()
			if got := (color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}); !alike(got, want) {
				t.Errorf("%s: %v is %v, want %v", query, at, got, want)
			}
		}
	}
	if got := x.ListedImage(owner, harness.LastSegment(path)); got["width"] != 200.0 || got["height"] != 400.0 {
		t.Errorf("listed %v, want it upright", got)
	}
}

// alike reports whether two colors are the same, apart from JPEG's losses.
func alike(a, b color.NRGBA) bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) < 24 }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B)
}

func TestOtherFilesThanPicturesAreRefused(t *testing.T) {
	t.Parallel()
	good := harness.ImageBody(harness.JPEGOf(harness.Quarters(16, 16)))["data"].(string)
	bad := map[string]object{
		"missing": {}, "a number": {"data": 5}, "null": {"data": nil}, "empty": {"data": ""}, "blank": {"data": " "},
		"no base64": {"data": "§$%"}, "without padding": {"data": strings.TrimRight(harness.ImageBody(append(harness.JPEGOf(harness.Quarters(16, 16)), 1, 2))["data"].(string), "=") + "A"},
		"a data URL": {"data": "data:image/jpeg;base64," + good}, "one letter less": {"data": good[:len(good)-1]},
		"a line break": {"data": good[:76] + "\n" + good[76:]}, "two lines of Windows": {"data": good[:76] + "\r\n" + good[76:]},
	}
	for name, picture := range map[string][]byte{
		"nothing": {}, "text": []byte("no picture"), "gif": []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "svg": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"webp": []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "pdf": []byte("%PDF-1.7"), "half a png header": pngHeader(16, 16)[:20], "a png signature": pngHeader(1, 1)[:8],
		"half a jpeg header": harness.JPEGOf(harness.Quarters(16, 16))[:20], "a jpeg marker": {0xff, 0xd8, 0xff},
		"png of no size": pngHeader(0, 0), "png of no height": pngHeader(16, 0), "jpeg of no size": jpegClaiming(0, 0),
		"png of 60000 x 60000": pngHeader(60_000, 60_000), "jpeg of 60000 x 60000": jpegClaiming(60_000, 60_000),
		"png of 2^31 x 2^31": pngHeader(1<<31-1, 1<<31-1), "one pixel more than 50 million": pngHeader(50_000_001, 1),
	} {
		bad[name] = harness.ImageBody(picture)
	}
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		for name, body := range bad {
			t.Run(name, func(t *testing.T) { x.ForSubtest(t).Do("POST", owner+"/images", body).Faults(400, "/data") })
		}
		x.Do("POST", owner+"/images", object{"x": 1}).Faults(400, "/data", "/x")
		x.Do("POST", owner+"/images", `{"data":"`+good).Problem(400)
		x.Do("POST", owner+"/images", good).Problem(400)
		if got := x.ImageItems(owner); len(got) != 0 {
			t.Errorf("a refused picture left %v", got)
		}
		if got := x.ObjectsIn(harness.Platform.Objects); len(got) != 0 {
			t.Errorf("a refused picture left %q", got)
		}
	})
}

func TestBrokenPixelsAreRejectedWithAReason(t *testing.T) {
	t.Parallel()
	whole := harness.JPEGOf(harness.Quarters(160, 160))
	for name, picture := range map[string][]byte{
		"no pixels": pngHeader(16, 16), "half a jpeg": whole[:len(whole)/2], "half a png": pngOf(harness.Quarters(160, 160))[:100],
		"other dimensions": jpegClaiming(5000, 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := harness.NewBulkTenant(t)
			owner := x.CreateIndividual("Erika")
			id := x.Do("POST", owner+"/images", harness.ImageBody(picture)).Want(201).Text("id")
			got := x.WaitForImage(owner, id)
			reason, _ := got["reason"].(string)
			if want := (object{"id": id, "status": "REJECTED", "reason": reason}); reason == "" || !reflect.DeepEqual(got, want) {
				t.Errorf("listed %v, want it REJECTED for a reason, and nothing else", got)
			}
			path := owner + "/images/" + id
			if p := x.Get(path).Problem(404); !strings.Contains(p.Detail, reason) {
				t.Errorf("%q does not say why: %q", p.Detail, reason)
			}
			x.Do("HEAD", path, nil).Want(404)
			x.Get(path + "?size=64").Problem(404)
			harness.Eventually(t, "an empty bucket", func() bool { return len(x.ObjectsIn(harness.Platform.Objects)) == 0 })
			x.Do("DELETE", path, nil).Want(204)
			if left := x.ImageItems(owner); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestABodyMayHaveAPictureOfFourMebibytes(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		picture := harness.JPEGOf(harness.Quarters(64, 64))
		x.AddReadyImage(owner, padded(picture, 4<<20))
		noun := map[string]string{"individual": "Individual", "organization": "Organization", "placeholder-customers": "PlaceholderCustomer"}[strings.Split(owner, "/")[1]]
		p := x.Do("POST", owner+"/images", harness.ImageBody(padded(picture, 4<<20+1))).Problem(413)
		if !strings.Contains(p.Detail, "create"+noun+"ImageUpload") || !strings.Contains(p.Detail, "/images/upload") {
			t.Errorf("%q does not name the way for larger pictures", p.Detail)
		}
		// The answer of the gateway itself.
		x.Do("POST", owner+"/images", harness.ImageBody(padded(picture, 5<<20))).Want(413)
		if n := len(x.ListImages(owner)); n != 1 {
			t.Errorf("%d images, want 1", n)
		}
	})
}

func TestAPictureSentTwiceWithOneKeyIsOneImage(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		body := harness.ImageBody(harness.JPEGOf(harness.Quarters(16, 16)))
		key := []string{"Idempotency-Key", "k"}
		made := x.Do("POST", owner+"/images", body, key...).Want(201)
		harness.SameAnswer(t, made, x.Do("POST", owner+"/images", body, key...))
		x.WaitForImage(owner, made.Text("id"))
		harness.SameAnswer(t, made, x.Do("POST", owner+"/images", body, key...)) // PROCESSING, as it was then
		x.Do("POST", owner+"/images", harness.ImageBody(transparent(16, 16)), key...).Faults(422, "?Idempotency-Key")
		path := owner + "/images/" + made.Text("id")
		if got := x.ListImages(owner); len(got) != 1 {
			t.Errorf("listed %v, want one", got)
		}
		harness.Eventually(t, "one image's objects", func() bool { return slices.Equal(x.ObjectsIn(harness.Platform.Objects), objectKeys(x, path)) })
		gone := x.Do("DELETE", path, nil, "Idempotency-Key", "d").Want(204)
		harness.SameAnswer(t, gone, x.Do("DELETE", path, nil, "Idempotency-Key", "d"))
		harness.SameAnswer(t, made, x.Do("POST", owner+"/images", body, key...)) // and brings it not back
		if got := x.ListImages(owner); len(got) != 0 {
			t.Errorf("listed %v, want none", got)
		}
	})
}

func TestTwentyConcurrentPicturesWithOneKeyAreOneImage(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	body := harness.ImageBody(harness.JPEGOf(harness.Quarters(16, 16)))
	answers := harness.Concurrently(t, 20, func(int) (*harness.Answer, error) {
		return x.TryDo("POST", owner+"/images", body, "Idempotency-Key", "k")
	})
	ids := map[string]bool{}
	for _, a := range answers {
		if a.Status == 409 && a.Header.Get("Retry-After") != "" {
			continue // the first still runs
		}
		ids[a.Want(201).Text("id")] = true
	}
	album := x.ListImages(owner)
	if len(ids) != 1 || len(album) != 1 || !ids[fmt.Sprint(album[0]["id"])] {
		t.Errorf("answered %v, listed %v", ids, album)
	}
	id := fmt.Sprint(album[0]["id"])
	if got := x.WaitForImage(owner, id); got["status"] != "READY" {
		t.Errorf("%v", got)
	}
	harness.Eventually(t, "four objects", func() bool {
		return slices.Equal(x.ObjectsIn(harness.Platform.Objects), objectKeys(x, owner+"/images/"+id))
	})
}

// A picture that was refused leaves nothing, even if it was in the bucket when its contact was deleted.
func TestNoPictureIsAddedToAContactDuringItsDeletion(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	body := harness.ImageBody(harness.JPEGOf(harness.Quarters(16, 16)))
	answers := harness.Concurrently(t, 24, func(i int) (*harness.Answer, error) {
		if i == 12 {
			return x.TryDo("DELETE", owner, nil)
		}
		return x.TryDo("POST", owner+"/images", body)
	})
	answered := map[string]bool{}
	for i, a := range answers {
		switch {
		case i == 12:
			a.Want(204)
		case a.Status == 201:
			answered[a.Text("id")] = true
		default:
			a.Problem(422)
		}
	}
	harness.Eventually(t, "empty of what was sent", func() bool {
		return !slices.ContainsFunc(x.ObjectsIn(harness.Platform.Objects), func(key string) bool { return strings.HasPrefix(key, "incoming/") })
	})
	shown := map[string]bool{}
	for _, item := range x.ListImages(owner) {
		shown[fmt.Sprint(item["id"])] = true
	}
	if !maps.Equal(shown, answered) {
		text, _ := json.Marshal(shown)
		t.Errorf("%d were answered 201; %d are shown: %s", len(answered), len(shown), text)
	}
}

// Errors outside of the pixels are no reason to refuse a picture.
func TestErrorsOutsideOfThePixelsDoNotMatter(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	for name, shown := range map[string]string{"png-text-chunk-bad-crc.png": "image/", "jpeg-no-eoi.jpg": "image/jpeg", "logo-red-text.png": "image/png"} {
		picture, err := os.ReadFile("../../pkg/image/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		id := x.Do("POST", owner+"/images", harness.ImageBody(picture)).Want(201).Text("id")
		if got := x.WaitForImage(owner, id); got["status"] != "READY" || !strings.HasPrefix(got["content_type"].(string), shown) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
