package fsck

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

// An imageFixture is an image sandbox with one ready image.
type imageFixture struct {
	harness.ImageSandbox
	path, folder string // of the image; of the objects that it shows
}

func newImageFixture(t *testing.T) imageFixture {
	t.Helper()
	g := imageFixture{ImageSandbox: harness.NewImageSandbox(t)}
	path, event := g.AddPicture(harness.SmallPicture)
	if err := g.Process(t.Context(), http.DefaultTransport, event); err != nil {
		t.Fatal(err)
	}
	keys := g.ObjectsIn(g.Endpoint)
	g.path, g.folder = path, keys[0][:len(keys[0])-len("1024")]
	return g
}

func (g imageFixture) object(key string) {
	g.T.Helper()
	_, objects := g.Clients(http.DefaultTransport, 0)
	if err := objects.Put(g.T.Context(), key, "image/jpeg", []byte("x")); err != nil {
		g.T.Fatal(err)
	}
}

func (g imageFixture) deleteObject(key string) {
	g.T.Helper()
	_, objects := g.Clients(http.DefaultTransport, 0)
	if err := objects.Delete(g.T.Context(), key); err != nil {
		g.T.Fatal(err)
	}
}

// set sets an attribute of the image's item.
func (g imageFixture) set(name string, value types.AttributeValue) {
	g.T.Helper()
	item := g.ImageItems(g.Owner)[0]
	if _, err := harness.Platform.Store.UpdateItem(g.T.Context(), &dynamodb.UpdateItemInput{TableName: &harness.Platform.Name,
		Key:              map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]},
		UpdateExpression: aws.String("SET #n = :v"), ExpressionAttributeNames: map[string]string{"#n": name},
		ExpressionAttributeValues: map[string]types.AttributeValue{":v": value}}); err != nil {
		g.T.Fatal(err)
	}
}

// A check compares images with their objects, and removes objects without an image.
func TestACheckComparesImagesWithTheirObjects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		apply          func(g imageFixture)
		findings, left []string
	}{
		"nothing is wrong":       {func(imageFixture) {}, nil, nil},
		"a rendition is missing": {func(g imageFixture) { g.deleteObject(g.folder + "64") }, []string{"image: not in the bucket"}, []string{"image: not in the bucket"}},
		"another version":        {func(g imageFixture) { g.object(g.folder[:len(g.folder)-3] + "xy/full") }, []string{"object: shows other objects"}, nil},
		"another rendition":      {func(g imageFixture) { g.object(g.folder + "2048") }, []string{"object: shows other objects"}, nil},
		"objects of no image": {func(g imageFixture) {
			g.object("images/" + g.Org + "/8/11/v/full")
			g.object("images/" + g.Org + "/8/11/v/64")
		}, []string{"object: there is no image 11", "object: there is no image 11"}, nil},
		"a picture of no image":          {func(g imageFixture) { g.object("incoming/" + g.Org + "/8/11") }, []string{"object: no image that waits for it"}, nil},
		"a picture that was processed":   {func(g imageFixture) { g.object(g.Incoming(harness.LastSegment(g.path))) }, []string{"object: has been processed"}, nil},
		"a picture that nobody has seen": {func(g imageFixture) { g.AddPicture(harness.SmallPicture) }, nil, nil},
		"somebody else's object": {func(g imageFixture) { g.object("images/" + g.Org + "/readme") },
			[]string{"object: the platform uses no such key"}, []string{"object: the platform uses no such key"}},
		"a deletion that was interrupted": {func(g imageFixture) {
			g.set("state", harness.TextAttribute("DELETING"))
			g.deleteObject(g.folder + "64")
		}, []string{"deletion: was interrupted"}, nil},
		"an image's item is damaged": {func(g imageFixture) { g.set("doc", harness.TextAttribute("{")) }, []string{"document: not a JSON object"}, []string{"document: not a JSON object"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newImageFixture(t)
			c.apply(g)
			if found := g.Findings(0); len(found) > len(c.left) {
				t.Errorf("%v are found of what may be under way", found)
			}
			found := g.Findings(2 * time.Hour)
			wantFindings(t, "at first", found, c.findings)
			harness.Repair(t, found)
			wantFindings(t, "after the repair", g.Findings(2*time.Hour), c.left)
		})
	}
}
