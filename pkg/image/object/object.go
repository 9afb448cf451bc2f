// Package object names the objects of images in the bucket.
package object

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"contacts/pkg/contact"
)

// Sizes are the longest sides, in pixels, of the renditions of a picture. Full stands for the whole picture.
var Sizes = []int{64, 256, 1024}

// Full is the size of the re-encoded picture itself.
const Full = 0

// MaxUpload is what a picture may measure that comes by a presigned POST, in bytes.
const MaxUpload = 12_000_000

// A Place is where the objects of one image lie in the bucket.
type Place struct {
	Org         string
	Contact, ID contact.ID
}

const incoming, images = "incoming/", "images/"

// Incoming is the key of the picture as it was sent. S3 tells the processor of each object there.
func (p Place) Incoming() string { return incoming + p.path() }

// Rendered is the folder of what was made of all pictures that came in for the image. A form can be posted more than once.
func (p Place) Rendered() string { return images + p.path() + "/" }

// Version names what is made of one picture: the same for the same bytes, so that a repeat overwrites what an earlier try
// left, and two pictures never mix.
func Version(picture []byte) string {
	sum := sha256.Sum256(picture)
	return hex.EncodeToString(sum[:8])
}

// VersionFolder is the folder of what was made of one picture.
func (p Place) VersionFolder(version string) string { return p.Rendered() + version + "/" }

// Rendition is the key of the re-encoded picture, or of a rendition of it.
func (p Place) Rendition(version string, size int) string {
	name := "full"
	if size != Full {
		name = strconv.Itoa(size)
	}
	return p.VersionFolder(version) + name
}

func (p Place) path() string { return fmt.Sprintf("%s/%s/%s", p.Org, p.Contact, p.ID) }

// ParseIncoming reads a key that Incoming made.
func ParseIncoming(key string) (Place, bool) {
	parts := strings.Split(strings.TrimPrefix(key, incoming), "/")
	if !strings.HasPrefix(key, incoming) || len(parts) != 3 || parts[0] == "" {
		return Place{}, false
	}
	owner, err := contact.ParseID(parts[1])
	id, malformed := contact.ParseID(parts[2])
	return Place{parts[0], owner, id}, err == nil && malformed == nil
}

// ParseRendition reads a key that Rendition made.
func ParseRendition(key string) (p Place, version string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 6 || parts[0]+"/" != images || parts[1] == "" {
		return Place{}, "", false
	}
	owner, err := contact.ParseID(parts[2])
	id, malformed := contact.ParseID(parts[3])
	return Place{parts[1], owner, id}, parts[4], err == nil && malformed == nil
}

// Folders begin the keys of all objects of an organization's images; of all for "".
func Folders(org string) []string {
	if org != "" {
		org += "/"
	}
	return []string{images + org, incoming + org}
}

// ContactFolders begin the keys of all objects of a contact's images.
func ContactFolders(org string, owner contact.ID) []string {
	folders := Folders(org)
	for i := range folders {
		folders[i] += owner.String() + "/"
	}
	return folders
}

// An Upload is where a picture can be posted to as a form: the fields as they are, and the file behind them.
type Upload struct {
	URL     string
	Fields  map[string]string
	Expires time.Time
}

// ErrMissing says that there is no such object.
var ErrMissing = errors.New("object: there is none")

// ErrOverwritten says that another object lies at the key by now.
var ErrOverwritten = errors.New("object: it was overwritten")
