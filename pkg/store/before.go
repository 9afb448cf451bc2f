package store

import (
	"fmt"
	"slices"
	"strings"

	"contacts/pkg/dynamo"
	"contacts/pkg/history"
	"contacts/pkg/keys"
)

// Before-images follow from the items that a transaction read for its writes. A change that was decided without a read of the item, of a
// representative or a member count, says what was there in another way.

// images are the before-images of a transaction.
type images struct {
	written map[dynamo.Key]dynamo.Written
}

func imagesOf(tx *dynamo.Tx) images {
	all := images{map[dynamo.Key]dynamo.Written{}}
	tx.Written(func(w dynamo.Written) { all.written[w.Key] = w })
	return all
}

// of returns what a written item of a contact showed. The error is a fault of the operation, which changes what it has not read.
func (all images) of(p keys.Parsed, w dynamo.Written) (was []history.Image, err error) {
	paths := w.Update.Paths()
	switch joined := w.Update.Added(AttrMemberCount); {
	case w.Put != nil && p.Kind != keys.KindRepresentative, w.Update.Value(attrShownVersion) != nil: // an image becomes READY
		return []history.Image{{Part: partOf(p, w.Key), Made: true}}, nil
	case p.Kind == keys.KindContact, p.Kind == keys.KindRepresentative:
	case joined != 0 && !changesShown(paths, AttrMemberCount):
		return []history.Image{{Part: w.Key.SK, Joined: joined}}, nil
	}
	if p.Kind != keys.KindRepresentative && (p.Kind != keys.KindContact || changesShown(paths, "")) {
		if w.Read == nil {
			return nil, unread(w.Key)
		}
		was = append(was, imageOf(p, w.Read))
	}
	for _, name := range changedRepresentatives(p, w, paths) {
		image, err := all.representative(p, w, name)
		if err != nil {
			return nil, err
		}
		was = append(was, image)
	}
	return was, nil
}

func unread(key dynamo.Key) error {
	return fmt.Errorf("store: %v is changed, but was not read for it", key)
}

// changedRepresentatives returns the names of the representatives that a write changes.
func changedRepresentatives(p keys.Parsed, w dynamo.Written, paths []string) (names []string) {
	if p.Kind == keys.KindRepresentative {
		return []string{p.Name}
	}
	for _, path := range paths {
		if name, ok := strings.CutPrefix(path, AttrRepresentatives+"."); ok {
			names = append(names, name)
		}
	}
	if all := w.Update.Value(AttrRepresentatives); all != nil { // a repair
		next, _ := dynamo.Item{AttrRepresentatives: all}.Map(AttrRepresentatives)
		for name := range next {
			names = append(names, name)
		}
	}
	return names
}

// representative returns the image of a representative of an organization, from the item that was read, else from the professional identity
// that changes with it.
func (all images) representative(p keys.Parsed, w dynamo.Written, name string) (history.Image, error) {
	image := history.Image{Part: keys.SegmentRepresentative + "#" + name}
	identity, _ := keys.ParseRepresentativeName(name)
	of, changes := all.written[identity.Key(p.Org)]
	switch inline, _ := InlineRepresentatives(w.Read); {
	case w.Read != nil && p.Kind == keys.KindRepresentative:
		image.Representative = w.Read.String(AttrRepresentative)
	case w.Read != nil:
		image.Representative = inline.String(name)
	case !changes && p.Kind == keys.KindContact:
		return image, unread(w.Key)
	case of.Read != nil:
		image.Representative = RepresentativeText(of.Read)
	}
	image.Made = image.Representative == ""
	return image, nil
}

// partOf returns how an image names its part.
func partOf(p keys.Parsed, key dynamo.Key) string {
	if p.Kind == keys.KindContact {
		return ""
	}
	return key.SK
}

// imageOf returns the image of a stored item.
func imageOf(p keys.Parsed, stored dynamo.Item) history.Image {
	image := history.Image{Part: partOf(p, stored.Key()), Doc: stored.String(AttrDoc), Shape: stored.Number(AttrShape), Version: stored.Number(dynamo.AttrVersion)}
	if stored.IsNumber(AttrMemberCount) {
		members := stored.Number(AttrMemberCount)
		image.Members = &members
	}
	return image
}

// changesShown reports whether paths have an attribute of what is shown, other than one.
func changesShown(paths []string, other string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return path != other && slices.Contains(shownAttributes, path) })
}
