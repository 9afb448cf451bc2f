package images

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestADeletedImageLeavesNothing(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		kept, path := x.AddReadyImage(owner, harness.JPEGOf(harness.Quarters(16, 16))), x.AddReadyImage(owner, transparent(16, 16))
		x.Do("DELETE", path, nil, "If-Match", `"1"`).Problem(412) // of the time before it was ready
		if x.ListedImage(owner, harness.LastSegment(path)) == nil {
			t.Error("a refused deletion hides the image")
		}
		download(x, path)
		x.Do("DELETE", path, nil, "If-Match", "*").Want(204)
		x.Do("DELETE", path, nil).Problem(404)
		x.Get(path).Problem(404)
		x.Get(path + "?size=64").Problem(404)
		if got := x.ListImages(owner); len(got) != 1 || got[0]["id"] != harness.LastSegment(kept) {
			t.Errorf("listed %v, want %s alone", got, kept)
		}
		if n := len(x.ImageItems(owner)); n != 1 {
			t.Errorf("%d items, want 1", n)
		}
		// The original picture is removed shortly after the image is ready.
		harness.Eventually(t, "one image's objects alone", func() bool { return slices.Equal(x.ObjectsIn(harness.Platform.Objects), objectKeys(x, kept)) })
	})
}

func TestIfMatchRestrictsTheDeletionOfAnImage(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	owner := x.CreateIndividual("Erika")
	made := x.Do("POST", owner+"/images/upload", object{"content_type": "image/png"}).Want(201)
	path := owner + "/images/" + made.Text("id") // nothing comes: its version stays
	x.Do("DELETE", path, nil, "If-Match", `"7"`).Problem(412)
	x.Do("DELETE", path, nil, "If-Match", made.Header.Get("ETag")).Want(204)
	x.Do("DELETE", path, nil, "If-Match", made.Header.Get("ETag")).Problem(404)
}

func TestTheImagesOfADeletedContactStay(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		path := x.AddReadyImage(owner, harness.JPEGOf(harness.Quarters(16, 16)))
		before := x.ListImages(owner)
		x.Do("DELETE", owner, nil).Want(204)
		x.Do("DELETE", path, nil).Problem(422)
		x.Do("POST", owner+"/images", harness.ImageBody(harness.JPEGOf(harness.Quarters(16, 16)))).Problem(422)
		x.Do("POST", owner+"/images/upload", object{"content_type": "image/png"}).Problem(422)
		if got := x.ListImages(owner); !reflect.DeepEqual(got, before) {
			t.Errorf("listed %v, want %v", got, before)
		}
		download(x, path)
		if n := len(x.ImageItems(owner)); n != 1 {
			t.Errorf("%d items, want 1", n)
		}
		harness.Eventually(t, "its objects alone", func() bool { return slices.Equal(x.ObjectsIn(harness.Platform.Objects), objectKeys(x, path)) })
	})
}

func TestImagesBelongToOneContactOfOneTenant(t *testing.T) {
	t.Parallel()
	eachAlbum(t, func(t *testing.T, x *harness.Tenant, owner string) {
		path := x.AddReadyImage(owner, harness.JPEGOf(harness.Quarters(16, 16)))
		body, upload := harness.ImageBody(harness.JPEGOf(harness.Quarters(16, 16))), object{"content_type": "image/png"}
		stranger := harness.NewTenant(t)
		none := owner[:strings.LastIndexByte(owner, '/')+1] + someID(x, owner)
		misplaced := "/organization/" + harness.OwnerID(owner)
		if strings.HasPrefix(owner, "/organization/") {
			misplaced = "/individual/" + harness.OwnerID(owner)
		}
		for _, c := range []struct {
			who   *harness.Tenant
			owner string
		}{{stranger, owner}, {x, none}, {x, misplaced}, {x, "/individual/abc"}, {x, "/individual/0"}, {x, "/organization/9007199254740992"}} {
			who := c.who.ForSubtest(t)
			item := c.owner + "/images/" + harness.LastSegment(path)
			who.Get(c.owner + "/images").Problem(404)
			who.Do("POST", c.owner+"/images", body).Problem(404)
			who.Do("POST", c.owner+"/images/upload", upload).Problem(404)
			who.Get(item).Problem(404)
			who.Do("DELETE", item, nil).Problem(404)
		}
		// Another contact of the tenant, of the same kind.
		other := x.CreateIndividual("Max")
		x.Get(other + "/images/" + harness.LastSegment(path)).Problem(404)
		x.Do("DELETE", other+"/images/"+harness.LastSegment(path), nil).Problem(404)
		for _, id := range []string{"8139", "abc", "0", "9007199254740992", "%20"} {
			x.Get(owner + "/images/" + id).Problem(404)
			x.Do("DELETE", owner+"/images/"+id, nil).Problem(404)
		}
		stranger.Get(path, "Authorization", "Bearer "+x.Token).Problem(403)

		reader := []string{"Authorization", "Bearer " + x.Authorize("?scope=contacts:read")}
		x.Do("POST", owner+"/images", body, reader...).Problem(403)
		x.Do("POST", owner+"/images/upload", upload, reader...).Problem(403)
		x.Do("DELETE", path, nil, reader...).Problem(403)
		x.GetUnfollowed("GET", path, reader...).Want(302)
		if n := len(x.ListImages(owner)); n != 1 {
			t.Errorf("%d images, want 1", n)
		}
		x.Do("PUT", path, body).Problem(405)
		x.Do("DELETE", owner+"/images", nil).Problem(405)
	})
}

// someID returns the id of a contact that does not exist, of the kind of another.
func someID(x *harness.Tenant, owner string) string {
	id := []byte(harness.OwnerID(owner))
	id[0] ^= 1 // another year; the kind is in the last digits
	return string(id)
}
