package tests

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
)

func TestAPictureInABodyIsShownInFourSizes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		picture []byte
		sent    string
		shown   string
	}{
		"jpeg":            {jpegOf(painting(300, 200)), "image/jpeg", "image/jpeg"},
		"png":             {pngOf(painting(300, 200)), "image/png", "image/png"},
		"png of a photo":  {pngOf(scene(300, 200)), "image/png", "image/jpeg"},
		"transparent png": {transparent(300, 200), "image/png", "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
				if got := x.album(owner); len(got) != 0 {
					t.Errorf("a contact without images has %v", got)
				}
				made := x.do("POST", owner+"/images", dataOf(c.picture)).want(201)
				id := made.text("id")
				path := owner + "/images/" + id
				if got := made.header.Get("Location"); got != x.path(path) {
					t.Errorf("Location %q, want %q", got, x.path(path))
				}
				if made.header.Get("ETag") == "" {
					t.Error("no ETag")
				}
				want := object{"id": id, "status": "READY", "content_type": c.shown, "width": 300.0, "height": 200.0, "renditions": []any{
					object{"size": 64.0, "width": 64.0, "height": 43.0}, object{"size": 256.0, "width": 256.0, "height": 171.0},
					object{"size": 1024.0, "width": 300.0, "height": 200.0},
				}}
				if got := x.settled(owner, id); !reflect.DeepEqual(got, want) {
					t.Errorf("listed %v, want %v", got, want)
				}
				for query, size := range map[string]image.Point{"": {300, 200}, "?size=64": {64, 43}, "?size=256": {256, 171}, "?size=1024": {300, 200}} {
					response, body := x.opened(path + query)
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
				head := x.look("HEAD", path)
				if x.located(head) == "" || len(head.body) != 0 {
					t.Errorf("HEAD: %v %q", head.header, head.body)
				}
				if shown, err := http.Head(x.located(head)); err != nil || shown.StatusCode != 200 || shown.Header.Get("Content-Type") != c.shown {
					t.Errorf("HEAD of the picture: %v %v", shown, err)
				}
				eventually(t, "four objects alone", func() bool { return slices.Equal(x.objectsIn(platform.objects), x.renderings(path)) })
			})
		})
	}
}

func TestAPictureIsShownToThoseThatTakePictures(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	path := x.picture(owner, jpegOf(painting(16, 16)))
	for _, accept := range []string{"image/*", "image/png", "image/jpeg", "image/avif,image/webp,image/*,*/*;q=0.8", "*/*", "application/json", "text/html, image/png;q=0.1"} {
		for _, method := range []string{"GET", "HEAD"} {
			x.located(x.look(method, path, "Accept", accept))
		}
	}
	for _, accept := range []string{"text/html", "image/webp", "image/*;q=0", "video/*"} {
		x.look("GET", path, "Accept", accept).problem(406)
	}
	x.look("GET", owner+"/images/8127", "Accept", "image/png").problem(404) // problems are told in any case
	x.get(owner+"/images", "Accept", "image/png").problem(406)
}

func TestASizeIsOneOfThree(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	path := x.picture(x.individual("Erika"), jpegOf(painting(16, 16)))
	for _, size := range []string{"", "0", "63", "128", "full", "-64", "064", "64.0", "%2064", "64,256"} {
		x.look("GET", path+"?size="+size).faults(400, "?size")
	}
	x.look("GET", path+"?size=64&size=256").faults(400, "?size")
	// A wrong one is told before anybody looks whether the image is there.
	x.look("GET", path[:len(path)-1]+"?size=5").faults(400, "?size")
}

func TestTheNewestImageIsTheFirst(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		var want []string
		for i := range 4 {
			want = append([]string{lastSegment(x.picture(owner, jpegOf(painting(16+i, 16))))}, want...)
		}
		list := x.get(owner + "/images").want(200)
		var ids []string
		for i, item := range x.album(owner) {
			ids = append(ids, fmt.Sprint(item["id"]))
			if item["width"] != float64(19-i) {
				t.Errorf("%d: %v", i, item)
			}
		}
		if !slices.Equal(ids, want) {
			t.Errorf("listed %q, want %q", ids, want)
		}
		x.get(owner+"/images", "If-None-Match", list.header.Get("ETag")).want(304)
	})
}

func TestAPhotoComesOutUprightAndSaysNothingOfItsOwner(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	photo := photoOf(painting(400, 200)) // its left is the top
	if !bytes.Contains(photo, []byte(private)) || !bytes.Contains(photo, []byte("Exif")) {
		t.Fatal("the sample has nothing to hide")
	}
	path := x.picture(owner, photo)
	for query, size := range map[string]image.Point{"": {200, 400}, "?size=64": {32, 64}, "?size=256": {128, 256}, "?size=1024": {200, 400}} {
		_, body := x.opened(path + query)
		for _, secret := range []string{private, "Exif", "xmpmeta", "MM\x00*", "II*\x00"} {
			if bytes.Contains(body, []byte(secret)) {
				t.Errorf("%s: the picture holds %q", query, secret)
			}
		}
		shown, _, err := image.Decode(bytes.NewReader(body))
		if err != nil || shown.Bounds().Size() != size {
			t.Fatalf("%s: %v %v, want %v", query, err, shown.Bounds(), size)
		}
		for at, want := range map[image.Point]color.NRGBA{{1, 1}: bottomLeft, {3, 1}: topLeft, {1, 3}: bottomRight, {3, 3}: topRight} {
			r, g, b, _ := shown.At(at.X*size.X/4, at.Y*size.Y/4).RGBA()
			if got := (color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}); !alike(got, want) {
				t.Errorf("%s: %v is %v, want %v", query, at, got, want)
			}
		}
	}
	if got := x.listed(owner, lastSegment(path)); got["width"] != 200.0 || got["height"] != 400.0 {
		t.Errorf("listed %v, want it upright", got)
	}
}

// alike tells whether two colours are the same but for what JPEG loses.
func alike(a, b color.NRGBA) bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) < 24 }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B)
}

func TestWhatIsNoPictureIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	good := dataOf(jpegOf(painting(16, 16)))["data"].(string)
	bad := map[string]object{
		"missing": {}, "a number": {"data": 5}, "null": {"data": nil}, "empty": {"data": ""}, "blank": {"data": " "},
		"no base64": {"data": "§$%"}, "without padding": {"data": strings.TrimRight(dataOf(append(jpegOf(painting(16, 16)), 1, 2))["data"].(string), "=") + "A"},
		"a data URL": {"data": "data:image/jpeg;base64," + good}, "one letter less": {"data": good[:len(good)-1]},
		"a line break": {"data": good[:76] + "\n" + good[76:]}, "two lines of Windows": {"data": good[:76] + "\r\n" + good[76:]},
	}
	for name, picture := range map[string][]byte{
		"nothing": {}, "text": []byte("no picture"), "gif": []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "svg": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"webp": []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "pdf": []byte("%PDF-1.7"), "half a png header": pngHeader(16, 16)[:20], "a png signature": pngHeader(1, 1)[:8],
		"half a jpeg header": jpegOf(painting(16, 16))[:20], "a jpeg marker": {0xff, 0xd8, 0xff},
		"png of no size": pngHeader(0, 0), "png of no height": pngHeader(16, 0), "jpeg of no size": jpegClaiming(0, 0),
		"png of 60000 x 60000": pngHeader(60_000, 60_000), "jpeg of 60000 x 60000": jpegClaiming(60_000, 60_000),
		"png of 2^31 x 2^31": pngHeader(1<<31-1, 1<<31-1), "one pixel more than 50 million": pngHeader(50_000_001, 1),
	} {
		bad[name] = dataOf(picture)
	}
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		for name, body := range bad {
			t.Run(name, func(t *testing.T) { x.in(t).do("POST", owner+"/images", body).faults(400, "/data") })
		}
		x.do("POST", owner+"/images", object{"x": 1}).faults(400, "/data", "/x")
		x.do("POST", owner+"/images", `{"data":"`+good).problem(400)
		x.do("POST", owner+"/images", good).problem(400)
		if got := x.imageItems(owner); len(got) != 0 {
			t.Errorf("a refused picture left %v", got)
		}
		if got := x.objectsIn(platform.objects); len(got) != 0 {
			t.Errorf("a refused picture left %q", got)
		}
	})
}

func TestARightHeaderWithBrokenPixelsIsRejectedWithAReason(t *testing.T) {
	t.Parallel()
	whole := jpegOf(painting(160, 160))
	for name, picture := range map[string][]byte{
		"no pixels": pngHeader(16, 16), "half a jpeg": whole[:len(whole)/2], "half a png": pngOf(painting(160, 160))[:100],
		"other dimensions": jpegClaiming(5000, 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newBulkTenant(t)
			owner := x.individual("Erika")
			id := x.do("POST", owner+"/images", dataOf(picture)).want(201).text("id")
			got := x.settled(owner, id)
			reason, _ := got["reason"].(string)
			if want := (object{"id": id, "status": "REJECTED", "reason": reason}); reason == "" || !reflect.DeepEqual(got, want) {
				t.Errorf("listed %v, want it REJECTED for a reason, and nothing else", got)
			}
			path := owner + "/images/" + id
			if p := x.get(path).problem(404); !strings.Contains(p.Detail, reason) {
				t.Errorf("%q does not say why: %q", p.Detail, reason)
			}
			x.do("HEAD", path, nil).want(404)
			x.get(path + "?size=64").problem(404)
			eventually(t, "an empty bucket", func() bool { return len(x.objectsIn(platform.objects)) == 0 })
			x.do("DELETE", path, nil).want(204)
			if left := x.imageItems(owner); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestABodyHoldsFourMebibytesOfPicture(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		picture := jpegOf(painting(64, 64))
		x.picture(owner, padded(picture, 4<<20))
		noun := map[string]string{"individual": "Individual", "organization": "Organization", "placeholder-customers": "PlaceholderCustomer"}[strings.Split(owner, "/")[1]]
		p := x.do("POST", owner+"/images", dataOf(padded(picture, 4<<20+1))).problem(413)
		if !strings.Contains(p.Detail, "create"+noun+"ImageUpload") || !strings.Contains(p.Detail, "/images/upload") {
			t.Errorf("%q does not name the way for larger pictures", p.Detail)
		}
		// The gateway's own answer.
		x.do("POST", owner+"/images", dataOf(padded(picture, 5<<20))).want(413)
		if n := len(x.album(owner)); n != 1 {
			t.Errorf("%d images, want 1", n)
		}
	})
}

func TestADeletedImageLeavesNothing(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		kept, path := x.picture(owner, jpegOf(painting(16, 16))), x.picture(owner, transparent(16, 16))
		x.do("DELETE", path, nil, "If-Match", `"1"`).problem(412) // of the time before it was ready
		if x.listed(owner, lastSegment(path)) == nil {
			t.Error("a refused deletion hides the image")
		}
		x.opened(path)
		x.do("DELETE", path, nil, "If-Match", "*").want(204)
		x.do("DELETE", path, nil).problem(404)
		x.get(path).problem(404)
		x.get(path + "?size=64").problem(404)
		if got := x.album(owner); len(got) != 1 || got[0]["id"] != lastSegment(kept) {
			t.Errorf("listed %v, want %s alone", got, kept)
		}
		if n := len(x.imageItems(owner)); n != 1 {
			t.Errorf("%d items, want 1", n)
		}
		// The picture as it was sent goes a moment after the image is ready.
		eventually(t, "one image's objects alone", func() bool { return slices.Equal(x.objectsIn(platform.objects), x.renderings(kept)) })
	})
}

func TestAnImageIsDeletedInTheVersionThatItsAnswerNamed(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	made := x.do("POST", owner+"/images/upload", object{"content_type": "image/png"}).want(201)
	path := owner + "/images/" + made.text("id") // nothing comes: its version stays
	x.do("DELETE", path, nil, "If-Match", `"7"`).problem(412)
	x.do("DELETE", path, nil, "If-Match", made.header.Get("ETag")).want(204)
	x.do("DELETE", path, nil, "If-Match", made.header.Get("ETag")).problem(404)
}

func TestTheImagesOfADeletedContactStay(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		path := x.picture(owner, jpegOf(painting(16, 16)))
		before := x.album(owner)
		x.do("DELETE", owner, nil).want(204)
		x.do("DELETE", path, nil).problem(422)
		x.do("POST", owner+"/images", dataOf(jpegOf(painting(16, 16)))).problem(422)
		x.do("POST", owner+"/images/upload", object{"content_type": "image/png"}).problem(422)
		if got := x.album(owner); !reflect.DeepEqual(got, before) {
			t.Errorf("listed %v, want %v", got, before)
		}
		x.opened(path)
		if n := len(x.imageItems(owner)); n != 1 {
			t.Errorf("%d items, want 1", n)
		}
		eventually(t, "its objects alone", func() bool { return slices.Equal(x.objectsIn(platform.objects), x.renderings(path)) })
	})
}

func TestImagesBelongToOneContactOfOneTenant(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		path := x.picture(owner, jpegOf(painting(16, 16)))
		body, upload := dataOf(jpegOf(painting(16, 16))), object{"content_type": "image/png"}
		stranger := newTenant(t)
		none := owner[:strings.LastIndexByte(owner, '/')+1] + x.someID(owner)
		misplaced := "/organization/" + ownerID(owner)
		if strings.HasPrefix(owner, "/organization/") {
			misplaced = "/individual/" + ownerID(owner)
		}
		for _, c := range []struct {
			who   *tenant
			owner string
		}{{stranger, owner}, {x, none}, {x, misplaced}, {x, "/individual/abc"}, {x, "/individual/0"}, {x, "/organization/9007199254740992"}} {
			who := c.who.in(t)
			item := c.owner + "/images/" + lastSegment(path)
			who.get(c.owner + "/images").problem(404)
			who.do("POST", c.owner+"/images", body).problem(404)
			who.do("POST", c.owner+"/images/upload", upload).problem(404)
			who.get(item).problem(404)
			who.do("DELETE", item, nil).problem(404)
		}
		// Another contact of the tenant, of its own kind.
		other := x.individual("Max")
		x.get(other + "/images/" + lastSegment(path)).problem(404)
		x.do("DELETE", other+"/images/"+lastSegment(path), nil).problem(404)
		for _, id := range []string{"8139", "abc", "0", "9007199254740992", "%20"} {
			x.get(owner + "/images/" + id).problem(404)
			x.do("DELETE", owner+"/images/"+id, nil).problem(404)
		}
		stranger.get(path, "Authorization", "Bearer "+x.token).problem(403)

		reader := []string{"Authorization", "Bearer " + x.authorize("?scope=contacts:read")}
		x.do("POST", owner+"/images", body, reader...).problem(403)
		x.do("POST", owner+"/images/upload", upload, reader...).problem(403)
		x.do("DELETE", path, nil, reader...).problem(403)
		x.look("GET", path, reader...).want(302)
		if n := len(x.album(owner)); n != 1 {
			t.Errorf("%d images, want 1", n)
		}
		x.do("PUT", path, body).problem(405)
		x.do("DELETE", owner+"/images", nil).problem(405)
	})
}

// someID is the id of a contact that never was, of the kind of another.
func (x *tenant) someID(owner string) string {
	id := []byte(ownerID(owner))
	id[0] ^= 1 // another year; the kind is in the last digits
	return string(id)
}

func TestAPictureSentTwiceWithOneKeyIsOneImage(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *tenant, owner string) {
		body := dataOf(jpegOf(painting(16, 16)))
		key := []string{"Idempotency-Key", "k"}
		made := x.do("POST", owner+"/images", body, key...).want(201)
		same(t, made, x.do("POST", owner+"/images", body, key...))
		x.settled(owner, made.text("id"))
		same(t, made, x.do("POST", owner+"/images", body, key...)) // PROCESSING, as it was then
		x.do("POST", owner+"/images", dataOf(transparent(16, 16)), key...).faults(422, "?Idempotency-Key")
		path := owner + "/images/" + made.text("id")
		if got := x.album(owner); len(got) != 1 {
			t.Errorf("listed %v, want one", got)
		}
		eventually(t, "one image's objects", func() bool { return slices.Equal(x.objectsIn(platform.objects), x.renderings(path)) })
		gone := x.do("DELETE", path, nil, "Idempotency-Key", "d").want(204)
		same(t, gone, x.do("DELETE", path, nil, "Idempotency-Key", "d"))
		same(t, made, x.do("POST", owner+"/images", body, key...)) // and brings it not back
		if got := x.album(owner); len(got) != 0 {
			t.Errorf("listed %v, want none", got)
		}
	})
}

func TestTwentyPicturesAtOnceWithOneKeyAreOneImage(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	body := dataOf(jpegOf(painting(16, 16)))
	answers := together(t, 20, func(int) (*answer, error) { return x.tryAs("POST", owner+"/images", body, "Idempotency-Key", "k") })
	ids := map[string]bool{}
	for _, a := range answers {
		if a.status == 409 && a.header.Get("Retry-After") != "" {
			continue // the first still runs
		}
		ids[a.want(201).text("id")] = true
	}
	album := x.album(owner)
	if len(ids) != 1 || len(album) != 1 || !ids[fmt.Sprint(album[0]["id"])] {
		t.Errorf("answered %v, listed %v", ids, album)
	}
	id := fmt.Sprint(album[0]["id"])
	if got := x.settled(owner, id); got["status"] != "READY" {
		t.Errorf("%v", got)
	}
	eventually(t, "four objects", func() bool { return slices.Equal(x.objectsIn(platform.objects), x.renderings(owner+"/images/"+id)) })
}

// A picture that was refused is not there, even if it lay in the bucket already when its contact was deleted.
func TestNoPictureIsAddedToAContactThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	body := dataOf(jpegOf(painting(16, 16)))
	answers := together(t, 24, func(i int) (*answer, error) {
		if i == 12 {
			return x.tryAs("DELETE", owner, nil)
		}
		return x.tryAs("POST", owner+"/images", body)
	})
	answered := map[string]bool{}
	for i, a := range answers {
		switch {
		case i == 12:
			a.want(204)
		case a.status == 201:
			answered[a.text("id")] = true
		default:
			a.problem(422)
		}
	}
	eventually(t, "empty of what was sent", func() bool {
		return !slices.ContainsFunc(x.objectsIn(platform.objects), func(key string) bool { return strings.HasPrefix(key, "incoming/") })
	})
	shown := map[string]bool{}
	for _, item := range x.album(owner) {
		shown[fmt.Sprint(item["id"])] = true
	}
	if !maps.Equal(shown, answered) {
		text, _ := json.Marshal(shown)
		t.Errorf("%d were answered 201; %d are shown: %s", len(answered), len(shown), text)
	}
}

// What is wrong outside of the pixels is no reason to refuse a picture.
func TestAPictureIsTakenWhateverLiesOutsideItsPixels(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	owner := x.individual("Erika")
	for name, shown := range map[string]string{"png-text-chunk-bad-crc.png": "image/", "jpeg-no-eoi.jpg": "image/jpeg", "logo-red-text.png": "image/png"} {
		picture, err := os.ReadFile("../pkg/image/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		id := x.do("POST", owner+"/images", dataOf(picture)).want(201).text("id")
		if got := x.settled(owner, id); got["status"] != "READY" || !strings.HasPrefix(got["content_type"].(string), shown) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
