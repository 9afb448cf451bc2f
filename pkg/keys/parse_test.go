package keys

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// values are what keys are made of.
type values struct {
	org                      string
	person, firm, till, list contact.ID // an individual contact, an organization, a placeholder customer, a customer list
	identity, id             contact.ID // a professional identity of the person, and any other part
	text                     string     // whatever a caller sends
	address, digits          string     // an email address in lower case, the digits of a phone
	word                     string     // of a folded name
	digest                   []byte
	number                   int
	at                       time.Time
}

func drawValues(t *rapid.T) values {
	id := func(name string, kind contact.Kind) contact.ID {
		n := rapid.OneOf(rapid.Int64Range(1, 100), rapid.Int64Range(1, int64(contact.MaxID)/4-1)).Draw(t, name)
		return contact.ID(n)<<2 | contact.ID(kind)
	}
	return values{
		org:    rapid.StringMatching("[A-Za-z0-9_-]{1,64}").Draw(t, "org"), // the rule of organization names
		person: id("person", contact.Individual), firm: id("firm", contact.Organization), till: id("till", contact.Placeholder),
		list: id("list", contact.Part), identity: id("identity", contact.Part), id: id("id", contact.Part),
		text: rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "#", "#I", "#RUN", "T#other#I", "P#USER", "../other", "\x00", "12",
			strings.Repeat("x", 2000)})).Draw(t, "text"),
		address: rapid.StringMatching(`[a-z!#$%"\\.@ ]{1,100}@[a-z.]{1,20}`).Draw(t, "address"), digits: rapid.StringMatching("[0-9]{2,15}").Draw(t, "digits"),
		word:   rapid.StringMatching(`[0-9a-zäöüж\p{Han}]{1,20}`).Draw(t, "word"),
		digest: rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"),
		number: rapid.IntRange(1, 999_999).Draw(t, "number"),
		at:     time.UnixMilli(rapid.Int64Range(0, 4_000_000_000_000).Draw(t, "at")),
	}
}

// constructed returns the keys that each constructor makes of values, with what they say.
func constructed(v values) map[string]map[dynamo.Key]Parsed {
	org := v.org
	of := func(kind Kind) Parsed { return Parsed{Org: org, Kind: kind} }
	ofPerson := func(kind Kind) Parsed { return Parsed{Org: org, Kind: kind, Owner: v.person} }
	tenant, person := contact.Owner{Org: org}, contact.Owner{Org: org, Contact: v.person}
	identity := contact.Owner{Org: org, Contact: v.person, Identity: v.identity}
	email, option := PartTarget(v.person, SegmentEmail, v.id), PartTarget(0, SegmentOptionType, v.id)
	firm := TargetOf(contact.Target{Contact: v.firm})

	parts, prefixed, ofOwners := map[dynamo.Key]Parsed{}, map[dynamo.Key]Parsed{}, map[dynamo.Key]Parsed{}
	for _, segment := range partSegments {
		owner := person
		if isTenantSegment(segment) {
			owner = tenant
		}
		part := Parsed{Org: org, Kind: KindPart, Owner: owner.Contact, Segment: segment}
		parts[PartTarget(owner.Contact, segment, v.id).Key(org)] = part
		prefixed[key(PartsOf(owner), Prefix(owner, segment)+Digits(v.id))] = part
		ofOwners[Part(owner, segment, v.id)] = part
		if isChannelSegment(segment) {
			part.Identity = v.identity
			prefixed[key(PartsOf(identity), Prefix(identity, segment)+Digits(v.id))] = part
			ofOwners[Part(identity, segment, v.id)] = part
		}
	}
	parts[Target{v.person, SegmentTag + "#" + Digits(v.id)}.Key(org)] = ofPerson(KindTag)
	parts[firm.Key(org)] = Parsed{Org: org, Kind: KindContact, Owner: v.firm}

	lookups, uniques, runs := map[dynamo.Key]Parsed{}, map[dynamo.Key]Parsed{}, map[dynamo.Key]Parsed{}
	for _, lookup := range []string{EmailLookup(v.address), PhoneLookup("+"+v.digits, ""), TagLookup(v.text)} {
		lookups[LookupEntry(org, lookup, email)] = Parsed{Org: org, Kind: KindLookup, Owner: v.person, By: email, Name: lookup}
	}
	word := Parsed{Org: org, Kind: KindWord, Owner: v.firm, By: Target{Contact: v.firm}}
	for space, external := range spaces {
		uniques[Unique(org, space, v.text)] = Parsed{Org: org, Kind: KindUnique, Space: space, Name: UniqueSortKey(v.text)}
		if external {
			for kind := contact.Individual; kind < contact.Part; kind++ {
				runs[MappingRun(org, kind)] = of(KindMappingRun)
			}
		}
	}
	role := Parsed{Org: org, Kind: KindPart, Owner: v.person, Segment: SegmentRole}
	contacts, items := dynamo.Key{PK: Contacts(org, contact.Organization)}, dynamo.Key{PK: ListItems(org, v.list)}
	offsets := func(kind Kind, list dynamo.Key, node int) Parsed {
		p := Parsed{Org: org, Kind: kind, Indexed: list, Node: node}
		if list == items {
			p.List = v.list
		}
		return p
	}
	answer := Idempotency(org, v.digest)
	platform := Parsed{Kind: KindPlatform}
	return map[string]map[dynamo.Key]Parsed{
		"Contact": {Contact(org, v.person): ofPerson(KindContact), Contact(org, v.till): {Org: org, Kind: KindContact, Owner: v.till}},
		"Guard":   {Guard(org, v.firm): {Org: org, Kind: KindGuard, Owner: v.firm}},
		"Owner": {Owner(person): ofPerson(KindGuard),
			Owner(identity): {Org: org, Kind: KindPart, Owner: v.person, Segment: SegmentIdentity}},
		"Prefix":       prefixed,
		"Part":         ofOwners,
		"Nowhere":      {Nowhere(Guard(org, v.firm)): {Org: org, Kind: KindUnknown, Owner: v.firm}},
		"Role":         {Role(person, RoleCustomer): role, Role(person, RoleAlternativePayer): role, Role(person, RoleSupplier): role},
		"OptionSet":    {OptionSet(person): ofPerson(KindOptionSet)},
		"Image":        {Image(person, v.id): ofPerson(KindImage)},
		"Target.Key":   parts,
		"Target.Guard": {firm.Guard(org): {Org: org, Kind: KindGuard, Owner: v.firm}, email.Guard(org): {Org: org, Kind: KindPart, Owner: v.person, Segment: SegmentEmail}},
		"Reference": {Reference(org, firm, email): {Org: org, Kind: KindReference, Owner: v.firm, Of: firm, By: email},
			Reference(org, option, email): {Org: org, Kind: KindReference, Of: option, By: email},
			Reference(org, email, firm):   {Org: org, Kind: KindReference, Owner: v.person, Of: email, By: firm}},
		"Representative": {Representative(org, v.firm, RepresentativeName(v.person, v.identity)): {Org: org, Kind: KindRepresentative,
			Owner: v.firm, Name: RepresentativeName(v.person, v.identity)}},
		"LookupEntry":   lookups,
		"Option":        {Option(org, v.id): {Org: org, Kind: KindOption, Name: OptionLookup(v.id.String())}},
		"Word":          {Word(org, v.word, false, v.word+" "+v.word, v.firm): word, Word(org, v.word, true, v.word, v.firm): word},
		"Name":          {Name(org, v.digits, v.firm): {Org: org, Kind: KindName, Owner: v.firm}},
		"Unique":        uniques,
		"MappingRun":    runs,
		"Tag":           {Tag(org, v.text): of(KindSharedTag)},
		"TagID":         {TagID(org, v.id): of(KindTagID)},
		"Counter":       {Counter(org, CounterDebtor): of(KindCounter), Counter(org, CounterCreditor): of(KindCounter)},
		"Configuration": {Configuration(org): of(KindConfiguration)},
		"Change":        {Change(org, v.firm, v.at.UnixMicro()): {Org: org, Kind: KindChange, Owner: v.firm, At: v.at.UnixMicro()}},
		"History": {
			History(org, v.person, v.at.UnixMicro(), 0):              {Org: org, Kind: KindHistory, Owner: v.person, At: v.at.UnixMicro()},
			History(org, v.person, v.at.UnixMicro(), v.number%900+1): {Org: org, Kind: KindHistory, Owner: v.person, At: v.at.UnixMicro(), Piece: v.number%900 + 1},
		},
		"Webhook":      {Webhook(org, v.id): {Org: org, Kind: KindWebhook, Webhook: v.id}},
		"WebhookPlace": {WebhookPlace(org, v.id): {Org: org, Kind: KindWebhookPlace, Webhook: v.id}},
		"WebhookTest":  {WebhookTest(org, v.id, v.list): {Org: org, Kind: KindWebhookTest, Webhook: v.id}},
		"WebhookLane":  {WebhookLane(org, v.id, v.firm): {Org: org, Kind: KindWebhookLane, Webhook: v.id, Owner: v.firm}},
		"WebhookDue": {WebhookDue(org, v.id, v.at.UnixMilli(), v.firm): {Org: org, Kind: KindWebhookDue, Webhook: v.id, Owner: v.firm,
			At: v.at.UnixMilli()}},
		"WebhookWaiting": {WebhookWaiting(org, v.id, v.firm, v.at.UnixMicro()): {Org: org, Kind: KindWebhookWaiting, Webhook: v.id, Owner: v.firm,
			At: v.at.UnixMicro()}},
		"Export":          {Export(org, v.id): {Org: org, Kind: KindExport, File: v.id}},
		"Job":             {Job(org, ExportJob, v.id): {Kind: KindJob}},
		"JobPlace":        {JobPlace(org, ExportJob, v.id): {Org: org, Kind: KindJobPlace, File: v.id}},
		"WebhookDelivery": {WebhookDelivery(org, v.id, v.list): {Org: org, Kind: KindWebhookDelivery, Webhook: v.id}},
		"UserName":        {UserName(int64(v.number)): platform},
		"CustomerList":    {CustomerList(org, v.list): {Org: org, Kind: KindCustomerList, List: v.list}},
		"ListItem":        {ListItem(org, v.list, v.id): {Org: org, Kind: KindListItem, List: v.list}},
		"ListMember":      {ListMember(org, v.list, v.person): {Org: org, Kind: KindListMember, List: v.list, Customer: v.person}},
		"OffsetRoot": {OffsetRoot(Contact(org, v.firm)): offsets(KindOffsetRoot, contacts, 0),
			OffsetRoot(ListItem(org, v.list, v.id)): offsets(KindOffsetRoot, items, 0)},
		"OffsetNode": {OffsetNode(contacts, v.number): offsets(KindOffsetNode, contacts, v.number), OffsetNode(items, 0): offsets(KindOffsetNode, items, 0)},
		"Tombstone": {Tombstone(Contact(org, v.firm), v.at): offsets(KindTombstone, contacts, 0),
			Tombstone(ListItem(org, v.list, v.id), v.at): offsets(KindTombstone, items, 0)},
		"Idempotency":      {answer: of(KindAnswer)},
		"BatchRow":         {BatchRow(answer, v.number): of(KindAnswer)},
		"AnswerPart":       {AnswerPart(answer, int64(v.number)): {Org: org, Kind: KindAnswerPart, AnswerPart: AnswerPart(answer, int64(v.number)).SK[len("ANSWER#"):]}},
		"AnswerOf":         {AnswerOf(AnswerPart(answer, 1)): of(KindAnswer)},
		"Organization":     {Organization(org): platform},
		"Application":      {Application(v.text): platform},
		"User":             {User(v.text): platform},
		"FailedLoginsOf":   {FailedLoginsOf(v.text): {Kind: KindFailedLogins}},
		"FailedLoginsOfAt": {FailedLoginsOfAt(v.text, v.text): {Kind: KindFailedLogins}},
		"FailedLoginsAt":   {FailedLoginsAt(v.text): {Kind: KindFailedLogins}},
		"Session":          {Session(v.text, v.text): {Kind: KindSession}},
		"UserCounter":      {UserCounter(): platform},
		"SigningKey":       {SigningKey(v.number): platform},

		"WebhookOrganization": {WebhookOrganization(org): platform},
	}
}

// No value that a caller chooses leads out of its tenant.
func TestParseReversesEachConstructor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawValues(t)
		for constructor, keys := range constructed(v) {
			for k, want := range keys {
				if diff := cmp.Diff(want, Parse(k)); diff != "" {
					t.Errorf("%s, %q: %s", constructor, k, diff)
				}
				if tenant := "T#" + v.org + "#"; strings.HasPrefix(k.PK, tenant) == (want.Org == "") {
					t.Errorf("%s: %q does not begin with %s", constructor, k.PK, tenant)
				}
			}
		}
	})
}

func TestParseKnowsEveryConstructor(t *testing.T) {
	t.Parallel()
	tested := constructed(values{org: "acme", person: 8, firm: 9, till: 10, list: 7, identity: 15, id: 11, address: "a@b.de", digits: "4912345", word: "anna", digest: make([]byte, 32), at: time.UnixMilli(1)})
	segments := map[string]bool{}
	for _, keys := range tested {
		for k := range keys {
			for segment := range strings.SplitSeq(k.SK, "#") {
				segments[segment] = true
			}
		}
	}
	delete(tested, "Prefix") // makes no whole key
	var constructors []string
	for _, file := range sources(t, ".") {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if name, ok := constructorName(d); ok {
					constructors = append(constructors, name)
				}
			case *ast.GenDecl:
				for _, segment := range segmentConstants(d) {
					if !segments[segment] {
						t.Errorf("no key of this test has the segment %s", segment)
					}
				}
			}
		}
	}
	slices.Sort(constructors)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(tested)), constructors); diff != "" {
		t.Errorf("constructors without a test (+), tests without a constructor (-):\n%s", diff)
	}
}

// constructorName returns the name of an exported function that returns a key.
func constructorName(f *ast.FuncDecl) (name string, ok bool) {
	if !f.Name.IsExported() || f.Type.Results == nil || typeName(f.Type.Results.List[0].Type) != "dynamo.Key" {
		return "", false
	}
	if f.Recv != nil {
		return typeName(f.Recv.List[0].Type) + "." + f.Name.Name, true
	}
	return f.Name.Name, true
}

// segmentConstants returns the texts of the constants that are named Segment….
func segmentConstants(d *ast.GenDecl) (texts []string) {
	for _, s := range d.Specs {
		v, ok := s.(*ast.ValueSpec)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for i, name := range v.Names {
			if strings.HasPrefix(name.Name, "Segment") {
				texts = append(texts, strings.Trim(v.Values[i].(*ast.BasicLit).Value, `"`))
			}
		}
	}
	return texts
}

func TestAKeyThatNoConstructorMakesIsUnknown(t *testing.T) {
	t.Parallel()
	id, digest := Digits(8), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
	for _, k := range [][2]string{
		{"", id}, {"T#", id}, {"T##I", id}, {"T#a", id}, {"X#a#I", id}, {"T#a#I", "8"}, {"T#a#I", Digits(9)}, {"T#a#I", id + "0"}, {"T#a#I#", id},
		{"T#a#N", id}, {"T#a#C", "EMAIL#" + id}, {"T#a#C#8", "EMAIL#" + id}, {"T#a#C#" + Digits(7), "EMAIL#" + id}, {"T#a#C#" + id, "EMAIL"},
		{"T#a#C#" + id, "EMAIL#8"}, {"T#a#C#" + id, "email#" + id}, {"T#a#C#" + id, "ROLE#KING"}, {"T#a#C#" + id, "PI#" + id + "#PI#" + id},
		{"T#a#C#" + id, "PI#" + id + "#EMAIL"}, {"T#a#C#" + id, "OPTTYPE#" + id}, {"T#a#C#" + Digits(0), "EMAIL#" + id}, {"T#a#C#" + Digits(0), "CHANGES"},
		{"T#a#C#" + id, "ref#CONTACT#x"}, {"T#a#C#" + id, "ref#LOC#" + id}, {"T#a#FIND", id}, {"T#a#FIND#NAME#x", id + "#EMAIL#" + id}, {"T#a#FIND#EMAIL#x", id},
		{"T#a#U", "x"}, {"T#a#U#NAME", "x"}, {"T#a#U#SUPPLIER_ID#RUN", "RUN"}, {"T#a#U#INDIVIDUAL#RUN", "X"}, {"T#a#TAG#x", "x"}, {"T#a#COUNTER", "x"},
		{"T#a#CONFIG", "x"}, {"T#a#KEY#x", "ANSWER"}, {"T#a#KEY#" + digest, "X"}, {"T#a#KEY#" + digest, "ANSWER#1"}, {"T#a#KEY#" + digest, "ROW#x"},
		{"T#a#I#OFFSETS", "x"}, {"T#a#I#OFFSETS", id}, {"T#a#I#OFFSETS", "ROOT#1"}, {"T#a#I#OFFSETS#", "ROOT"}, {"T#a#C#OFFSETS", "ROOT"}, {"T#a#L#x#OFFSETS", "ROOT"},
		{"T#a#L", "x"}, {"T#a#L#x", id}, {"T#a#L#" + id, "member#x"}, {"P#", "x"}, {"P#X", "x"}, {"P#KEY", "1"}, {"P#GUESS#x", "GUESSES"}, {"P#GUESS#" + digest, "x"},
		{"P#SESSION#" + digest, "x"}, {"P#COUNTER", "x"},
		{"T#a#W", "x"}, {"T#a#W#x", id}, {"P#WEBHOOK#a", "a"},
	} {
		if p := Parse(key(k[0], k[1])); p.Kind != KindUnknown {
			t.Errorf("%q is parsed as %+v", k, p)
		}
	}
}
