package keys

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/contact"
)

// placed are the keys that each constructor makes, and what they say.
func placed() map[string]map[Key]place {
	const org, person, firm, till, list = "acme", contact.ID(8), contact.ID(9), contact.ID(10), contact.ID(7)
	o := Owner{Org: org, Contact: person}
	identity := Owner{Org: org, Contact: person, Identity: 15}
	email, own := target{person, "EMAIL#" + digits(11)}, target{0, "OPTTYPE#" + digits(11)}
	digest := make([]byte, 32)
	parts := map[Key]place{}
	for segment, kind := range partKinds {
		owner := o
		if isOwn(segment) {
			owner = Owner{Org: org}
		}
		parts[kind(nil).key(owner, 11)] = place{org: org, kind: placePart, owner: owner.Contact, segment: segment}
		if isChannel(segment) {
			parts[kind(nil).key(identity, 11)] = place{org: org, kind: placePart, owner: person, segment: segment, identity: 15}
		}
	}
	role := place{org: org, kind: placePart, owner: person, segment: segmentRole}
	platform := place{kind: placePlatform}
	plain, counter, answer := place{org: org, kind: placePlain}, place{org: org, kind: placeCounter}, place{org: org, kind: placeAnswer}
	return map[string]map[Key]place{
		"contactKey": {contactKey(org, person): {org: org, kind: placeContact, owner: person}, contactKey(org, firm): {org: org, kind: placeContact, owner: firm},
			contactKey(org, till): {org: org, kind: placeContact, owner: till}},
		"Parts.key":  parts,
		"Owner.key":  {identity.key(): {org: org, kind: placePart, owner: person, segment: segmentIdentity}, o.key(): {org: org, kind: placeGuard, owner: person}},
		"guardKey":   {guardKey(org, firm): {org: org, kind: placeGuard, owner: firm}},
		"roleKey":    {roleKey(roleCustomer)(o): role, roleKey(roleAlternativePayer)(o): role, roleKey(roleSupplier)(o): role},
		"changesKey": {changesKey(o): {org: org, kind: placeChanges, owner: person}},
		"referenceKey": {referenceKey(org, target{contact: firm}, email): {org: org, kind: placeReference, owner: firm, of: target{contact: firm}, by: email},
			referenceKey(org, own, email):                   {org: org, kind: placeReference, of: own, by: email},
			referenceKey(org, email, target{contact: firm}): {org: org, kind: placeReference, owner: person, of: email, by: target{contact: firm}}},
		"target.key": {target{person, "tag#" + digits(11)}.key(org): {org: org, kind: placeTag, owner: person},
			imageTarget(o, 11).key(org): {org: org, kind: placeImage, owner: person}},
		"target.guard": {target{contact: till}.guard(org): {org: org, kind: placeGuard, owner: till},
			email.guard(org): {org: org, kind: placePart, owner: person, segment: segmentEmail}},
		"representativeKey": {representativeKey(org, firm, representativeName(person, 15)): {org: org, kind: placeRepresentative, owner: firm, name: digits(15) + "#" + digits(person)}},
		"optionKey":         {optionKey(org, 11): {org: org, kind: placeOption, name: "OPTION#11"}},
		"tagIDKey":          {tagIDKey(org, 11): {org: org, kind: placeTagID}},
		"findKey": {findKey(org, FindEmail("a#b@c"), email): {org: org, kind: placeFind, owner: person, by: email, name: "EMAIL#a#b@c"},
			findKey(org, FindTag("vip"), email): {org: org, kind: placeFind, owner: person, by: email, name: "TAG#VIP"},
			findKey(org, "PHONE#+49", email):    {org: org, kind: placeFind, owner: person, by: email, name: "PHONE#+49"}},
		"claimKey": {claimKey(org, spaceCustomer, "a#PLAN"): {org: org, kind: placeClaim, space: spaceCustomer, name: "a#PLAN"},
			claimKey(org, "INDIVIDUAL", "PLAN"): {org: org, kind: placeClaim, space: "INDIVIDUAL", name: "PLAN"}},
		"planKey":          {planKey(org, contact.Individual): plain, planKey(org, contact.Organization): plain, planKey(org, contact.Placeholder): plain},
		"tagKey":           {tagKey(org, "a#b"): {org: org, kind: placeSharedTag}},
		"counterKey":       {counterKey(org, debtor.attribute): counter, counterKey(org, creditor.attribute): counter},
		"configurationKey": {configurationKey(org): {org: org, kind: placeConfiguration}},
		"listKey":          {listKey(org, list): {org: org, kind: placeList, list: list}},
		"entryKey":         {entryKey(org, list, 11): {org: org, kind: placeEntry, list: list}},
		"memberKey":        {memberKey(org, list, person): {org: org, kind: placeMember, list: list, customer: person}},
		"Key.directory": {contactKey(org, firm).directory(): {org: org, kind: placeDirectory, marked: Key{PK: listOf(org, contact.Organization)}},
			entryKey(org, list, 11).directory(): {org: org, kind: placeDirectory, list: list, marked: Key{PK: itemsOf(org, list)}}},
		"Key.chunk": {contactKey(org, till).chunk(12): {org: org, kind: placeChunk, marked: Key{PK: listOf(org, contact.Placeholder)}, chunk: 12},
			entryKey(org, list, 11).chunk(0): {org: org, kind: placeChunk, list: list, marked: Key{PK: itemsOf(org, list)}}},
		"Key.gone": {contactKey(org, person).gone(time.UnixMilli(1)): {org: org, kind: placeGone, marked: Key{PK: listOf(org, contact.Individual)}},
			entryKey(org, list, 11).gone(time.Now()): {org: org, kind: placeGone, list: list, marked: Key{PK: itemsOf(org, list)}}},
		"attemptKey":      {attemptKey(org, digest): answer},
		"Key.row":         {attemptKey(org, digest).row(3): answer},
		"Key.piece":       {attemptKey(org, digest).piece(12): {org: org, kind: placePiece, piece: "000012"}},
		"Key.whole":       {attemptKey(org, digest).piece(12).whole(): answer},
		"organizationKey": {organizationKey(org): platform},
		"applicationKey":  {applicationKey("shop"): platform},
		"userKey":         {userKey("erika"): platform},
		"guessesKey":      {guessesKey("erika"): platform},
		"sessionKey":      {sessionKey("session"): platform},
		"userCounterKey":  {userCounterKey(): platform},
		"signingKeyKey":   {signingKeyKey(12): platform},
	}
}

func TestEachKeyTellsWhatItIsOf(t *testing.T) {
	t.Parallel()
	for constructor, keys := range placed() {
		for key, want := range keys {
			if diff := cmp.Diff(want, whereIs(key), cmp.AllowUnexported(place{}, target{})); diff != "" {
				t.Errorf("%s, %q: %s", constructor, key, diff)
			}
		}
	}
}

// A constructor of a key that a check knows nothing of would make strays. Whoever adds one adds what a check holds it to.
func TestACheckKnowsTheKeysOfEachConstructor(t *testing.T) {
	t.Parallel()
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	known, found := placed(), map[string]bool{}
	segments := map[string]bool{}
	for _, keys := range known {
		for key := range keys {
			for segment := range strings.SplitSeq(key.SK, "#") {
				segments[segment] = true
			}
		}
	}
	for _, name := range names {
		if !strings.HasSuffix(name.Name(), ".go") || strings.HasSuffix(name.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if constructor, ok := constructorOf(d); ok {
					found[constructor] = true
				}
			case *ast.GenDecl:
				for _, segment := range segmentsOf(d) {
					if !segments[segment] {
						t.Errorf("no key of this test has the segment %s", segment)
					}
				}
			}
		}
	}
	delete(found, "Item.key") // that of an item that is there
	if diff := cmp.Diff(slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("the constructors of keys are (+) not those of this test (-):\n%s", diff)
	}
}

// constructorOf tells whether a function makes a key, and what it is called.
func constructorOf(f *ast.FuncDecl) (name string, ok bool) {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return "", false
	}
	result := f.Type.Results.List[0].Type
	if made, isFunc := result.(*ast.FuncType); isFunc && made.Results != nil { // roleKey
		result = made.Results.List[0].Type
	}
	if id, isName := result.(*ast.Ident); !isName || id.Name != "Key" {
		return "", false
	}
	name = f.Name.Name
	if f.Recv != nil {
		name = nameOf(f.Recv.List[0].Type) + "." + name
	}
	return name, true
}

// segmentsOf are the texts of constants that are named segment….
func segmentsOf(d *ast.GenDecl) (texts []string) {
	for _, s := range d.Specs {
		v, ok := s.(*ast.ValueSpec)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for i, name := range v.Names {
			if strings.HasPrefix(name.Name, "segment") {
				texts = append(texts, strings.Trim(v.Values[i].(*ast.BasicLit).Value, `"`))
			}
		}
	}
	return texts
}

// What no constructor makes is a stray, however near it comes.
func TestAKeyThatNoConstructorMakesIsAStray(t *testing.T) {
	t.Parallel()
	id, digest := digits(8), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
	for _, key := range []Key{
		{"", id}, {"T#", id}, {"T##I", id}, {"T#a", id}, {"X#a#I", id}, {"T#a#I", "8"}, {"T#a#I", digits(9)}, {"T#a#I", id + "0"}, {"T#a#I#", id},
		{"T#a#N", id}, {"T#a#C", "EMAIL#" + id}, {"T#a#C#8", "EMAIL#" + id}, {"T#a#C#" + digits(7), "EMAIL#" + id}, {"T#a#C#" + id, "EMAIL"},
		{"T#a#C#" + id, "EMAIL#8"}, {"T#a#C#" + id, "email#" + id}, {"T#a#C#" + id, "ROLE#KING"}, {"T#a#C#" + id, "PI#" + id + "#PI#" + id},
		{"T#a#C#" + id, "PI#" + id + "#EMAIL"}, {"T#a#C#" + id, "OPTTYPE#" + id}, {"T#a#C#" + digits(0), "EMAIL#" + id}, {"T#a#C#" + digits(0), "CHANGES"},
		{"T#a#C#" + id, "ref#CONTACT#x"}, {"T#a#C#" + id, "ref#LOC#" + id}, {"T#a#FIND", id}, {"T#a#FIND#NAME#x", id + "#EMAIL#" + id}, {"T#a#FIND#EMAIL#x", id},
		{"T#a#U", "x"}, {"T#a#U#NAME", "x"}, {"T#a#U#SUPPLIER_ID#PLAN", "PLAN"}, {"T#a#U#INDIVIDUAL#PLAN", "X"}, {"T#a#TAG#x", "x"}, {"T#a#COUNTER", "x"},
		{"T#a#CONFIG", "x"}, {"T#a#KEY#x", "ANSWER"}, {"T#a#KEY#" + digest, "X"}, {"T#a#KEY#" + digest, "ANSWER#1"}, {"T#a#KEY#" + digest, "ROW#x"},
		{"T#a#I#MARKS", "x"}, {"T#a#I#MARKS", id}, {"T#a#I#MARKS", "MARKS#1"}, {"T#a#I#MARKS#", "MARKS"}, {"T#a#C#MARKS", "MARKS"}, {"T#a#L#x#MARKS", "MARKS"},
		{"T#a#L", "x"}, {"T#a#L#x", id}, {"T#a#L#" + id, "member#x"}, {"P#", "x"}, {"P#X", "x"}, {"P#KEY", "1"}, {"P#GUESS#x", "GUESSES"}, {"P#GUESS#" + digest, "x"},
		{"P#SESSION#" + digest, "x"}, {"P#COUNTER", "x"},
	} {
		if p := whereIs(key); p.kind != placeStray {
			t.Errorf("%q is taken for %s", key, fmt.Sprint(placeNames[p.kind]))
		}
	}
}
