package tests

import (
	contactstore "contacts/pkg/store"

	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/fsck"
)

// findings checks table and bucket, on a clock that is ahead.
func (s studio) findings(ahead time.Duration) (found []fsck.Finding) {
	s.t.Helper()
	table, objects := s.works(http.DefaultTransport, ahead)
	images := fsck.NewObjects(objects, contactstore.ImagesOf(table.Store), table.Accounts, func(f fsck.Finding) { found = append(found, f) }, func() time.Time { return time.Now().Add(ahead) })
	if _, err := images.CheckUnreferenced(s.t.Context(), s.org); err != nil {
		s.t.Fatal(err)
	}
	return append(found, checked(s.t, table, func() time.Time { return time.Now().Add(ahead) }, s.org, images)...)
}

// A gallery is a studio with one image that is ready.
type gallery struct {
	studio
	path, folder string // of the image; of the objects that it shows
}

func newGallery(t *testing.T) gallery {
	t.Helper()
	g := gallery{studio: newStudio(t)}
	path, event := g.sent(studioPicture)
	if err := g.process(t.Context(), http.DefaultTransport, event); err != nil {
		t.Fatal(err)
	}
	keys := g.objectsIn(g.endpoint)
	g.path, g.folder = path, keys[0][:len(keys[0])-len("1024")]
	return g
}

func (g gallery) object(key string) {
	g.t.Helper()
	_, objects := g.works(http.DefaultTransport, 0)
	if err := objects.Put(g.t.Context(), key, "image/jpeg", []byte("x")); err != nil {
		g.t.Fatal(err)
	}
}

func (g gallery) lose(key string) {
	g.t.Helper()
	_, objects := g.works(http.DefaultTransport, 0)
	if err := objects.Delete(g.t.Context(), key); err != nil {
		g.t.Fatal(err)
	}
}

// set sets an attribute of the image's item.
func (g gallery) set(name string, value types.AttributeValue) {
	g.t.Helper()
	item := g.imageItems(g.owner)[0]
	if _, err := platform.store.UpdateItem(g.t.Context(), &dynamodb.UpdateItemInput{TableName: &platform.name,
		Key:              map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]},
		UpdateExpression: aws.String("SET #n = :v"), ExpressionAttributeNames: map[string]string{"#n": name},
		ExpressionAttributeValues: map[string]types.AttributeValue{":v": value}}); err != nil {
		g.t.Fatal(err)
	}
}

// Images and the objects that they show are held to each other, and what nobody shows is removed.
func TestACheckHoldsImagesAndObjectsToEachOther(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil       func(g gallery)
		finds, left []string
	}{
		"nothing is wrong":       {func(gallery) {}, nil, nil},
		"a rendition is missing": {func(g gallery) { g.lose(g.folder + "64") }, []string{"image: not in the bucket"}, []string{"image: not in the bucket"}},
		"another version":        {func(g gallery) { g.object(g.folder[:len(g.folder)-3] + "xy/full") }, []string{"object: shows other objects"}, nil},
		"another rendition":      {func(g gallery) { g.object(g.folder + "2048") }, []string{"object: shows other objects"}, nil},
		"objects of no image": {func(g gallery) {
			g.object("images/" + g.org + "/8/11/v/full")
			g.object("images/" + g.org + "/8/11/v/64")
		}, []string{"object: there is no image 11", "object: there is no image 11"}, nil},
		"a picture of no image":          {func(g gallery) { g.object("incoming/" + g.org + "/8/11") }, []string{"object: no image that waits for it"}, nil},
		"a picture that was processed":   {func(g gallery) { g.object(g.incoming(tail(g.path))) }, []string{"object: has been processed"}, nil},
		"a picture that nobody has seen": {func(g gallery) { g.sent(studioPicture) }, nil, nil},
		"somebody else's object": {func(g gallery) { g.object("images/" + g.org + "/readme") },
			[]string{"object: the platform uses no such key"}, []string{"object: the platform uses no such key"}},
		"a deletion that broke off": {func(g gallery) {
			g.set("state", asText("DELETING"))
			g.lose(g.folder + "64")
		}, []string{"deletion: broke off"}, nil},
		"an image's item is damaged": {func(g gallery) { g.set("doc", asText("{")) }, []string{"document: no JSON object"}, []string{"document: no JSON object"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGallery(t)
			c.spoil(g)
			if found := g.findings(0); len(found) > len(c.left) {
				t.Errorf("%v are found of what may be under way", found)
			}
			found := g.findings(2 * time.Hour)
			finds(t, "at first", found, c.finds)
			repair(t, found)
			finds(t, "behind the repair", g.findings(2*time.Hour), c.left)
		})
	}
}
