// Package object defines the keys of images in the bucket, and the form by which a picture is uploaded.
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

// Sizes are the longest sides of the renditions of a picture, in pixels.
var Sizes = []int{64, 256, 1024}

// Full stands for the size of the re-encoded picture itself.
const Full = 0

// MaxUpload is the largest picture that a presigned POST accepts, in bytes.
const MaxUpload = 12_000_000

// An Image identifies an image, whose objects share a key prefix.
type Image struct {
	Org         string
	Contact, ID contact.ID
}

const incoming, images = "incoming/", "images/"

// Incoming returns the key of the picture as it was uploaded. S3 notifies the processor of each object under this prefix.
func (i Image) Incoming() string { return incoming + i.path() }

// RenditionsPrefix returns the prefix of the renditions of all versions: a form can be posted more than once.
func (i Image) RenditionsPrefix() string { return images + i.path() + "/" }

// Version returns the version that an uploaded picture makes, a digest of its bytes: a repeat overwrites what an earlier try
// left, and the renditions of two pictures never mix.
func Version(picture []byte) string {
	sum := sha256.Sum256(picture)
	return hex.EncodeToString(sum[:8])
}

// VersionPrefix returns the prefix of the renditions of one version.
func (i Image) VersionPrefix(version string) string { return i.RenditionsPrefix() + version + "/" }

// Rendition returns the key of a rendition; size is one of Sizes, or Full.
func (i Image) Rendition(version string, size int) string {
	name := "full"
	if size != Full {
		name = strconv.Itoa(size)
	}
	return i.VersionPrefix(version) + name
}

func (i Image) path() string { return fmt.Sprintf("%s/%s/%s", i.Org, i.Contact, i.ID) }

// ParseIncoming parses a key that Incoming made.
func ParseIncoming(key string) (Image, bool) {
	parts := strings.Split(strings.TrimPrefix(key, incoming), "/")
	if !strings.HasPrefix(key, incoming) || len(parts) != 3 || parts[0] == "" {
		return Image{}, false
	}
	owner, err := contact.ParseID(parts[1])
	id, malformed := contact.ParseID(parts[2])
	return Image{parts[0], owner, id}, err == nil && malformed == nil
}

// ParseRendition parses a key that Rendition made.
func ParseRendition(key string) (i Image, version string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 6 || parts[0]+"/" != images || parts[1] == "" {
		return Image{}, "", false
	}
	owner, err := contact.ParseID(parts[2])
	id, malformed := contact.ParseID(parts[3])
	return Image{parts[1], owner, id}, parts[4], err == nil && malformed == nil
}

// Prefixes returns the key prefixes of all images of an organization, of all organizations for "".
func Prefixes(org string) []string {
	if org != "" {
		org += "/"
	}
	return []string{images + org, incoming + org}
}

// ContactPrefixes returns the key prefixes of all images of a contact.
func ContactPrefixes(org string, owner contact.ID) []string {
	prefixes := Prefixes(org)
	for i := range prefixes {
		prefixes[i] += owner.String() + "/"
	}
	return prefixes
}

// An Upload is a form to which a picture can be posted until Expires: Fields unchanged, then the file.
type Upload struct {
	URL     string
	Fields  map[string]string
	Expires time.Time
}

// ErrMissing reports that there is no object with the key.
var ErrMissing = errors.New("object not found")

// ErrOverwritten reports that another object has been stored under the key.
var ErrOverwritten = errors.New("object overwritten")
