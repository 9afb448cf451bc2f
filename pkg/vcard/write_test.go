package vcard_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"contacts/pkg/vcard"
	"contacts/pkg/vcard/reader"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyValue draws an escaped value, or any other text without line breaks.
func anyValue(t *rapid.T) string {
	runes := rapid.OneOf(rapid.SampledFrom([]rune("ab \t,;:\\n\"^=üß漢😀")), rapid.Rune().Filter(func(r rune) bool { return r != '\n' && r != '\r' && r != 0 }))
	return rapid.StringOfN(runes, 0, 200, -1).Draw(t, "value")
}

func anyProperty(t *rapid.T) vcard.Property {
	p := vcard.Property{
		Group: rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-zA-Z0-9-]{1,8}`)).Draw(t, "group"),
		Name:  rapid.OneOf(rapid.SampledFrom([]string{"FN", "TEL", "Note", "adr"}), rapid.StringMatching(`X-[A-Za-z0-9-]{1,60}`)).Draw(t, "name"),
		Value: anyValue(t),
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"TYPE", "X-A", "X-B", "LANGUAGE"}), 0, 3, rapid.ID).Draw(t, "params") {
		values := rapid.Custom(func(t *rapid.T) string {
			value := rapid.StringOfN(rapid.OneOf(rapid.SampledFrom([]rune("ab\n \",;:^'\\ü")), rapid.Rune()), 0, 30, -1).Draw(t, "value")
			if name == "TYPE" { // has no commas, which are in no type
				value = strings.ReplaceAll(value, ",", "")
			}
			return strings.NewReplacer("\r", "", "\x00", "").Replace(value)
		})
		p.Add(name, rapid.SliceOfN(values, 1, 3).Draw(t, "values")...)
	}
	return p
}

func anyCard(t *rapid.T) *vcard.Card {
	return &vcard.Card{
		Version:    rapid.SampledFrom([]vcard.Version{vcard.V3, vcard.V4}).Draw(t, "version"),
		Properties: rapid.SliceOfN(rapid.Custom(anyProperty), 1, 6).Draw(t, "properties"),
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cards := rapid.SliceOfN(rapid.Custom(anyCard), 1, 3).Draw(t, "cards")
		var file bytes.Buffer
		for _, c := range cards {
			if err := vcard.Write(&file, c); err != nil {
				t.Fatal(err)
			}
		}
		for line := range strings.SplitSeq(file.String(), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) {
				t.Fatalf("a line has %d octets: %q", len(line), line)
			}
		}
		r := reader.New(&file, reader.Position{})
		for _, want := range cards {
			got, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func TestTextsAreEscapedAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String().Filter(func(s string) bool { return !strings.Contains(s, "\r") }), 1, 5).Draw(t, "texts")
		text := vcard.Property{Value: vcard.Escape(texts[0])}
		list := vcard.Property{Value: vcard.EscapeList(texts)}
		components := vcard.Property{Value: vcard.EscapeComponents(texts...)}
		if text.Text() != texts[0] || cmp.Diff(texts, list.List()) != "" {
			t.Fatalf("%q is %q, %q is %q", texts[0], text.Text(), texts, list.List())
		}
		for i, component := range components.Components() {
			if len(component) != 1 || component[0] != texts[i] {
				t.Fatalf("%q is %q", texts, components.Components())
			}
		}
	})
}

// TestVersionsHaveFormsOfTheirOwn has properties as version 3.0 and as version 4.0 write them; "" for the same.
func TestVersionsHaveFormsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][2]string{
		"a preference":       {"TEL;TYPE=HOME,pref:1", "TEL;TYPE=HOME;PREF=1:1"},
		"a rank":             {"TEL;PREF=2:1", ""},
		"a picture":          {"PHOTO;ENCODING=b;TYPE=JPEG:/9j/", "PHOTO:data:image/jpeg;base64,/9j/"},
		"a sound":            {"SOUND;ENCODING=b;TYPE=OGG:T2dn", "SOUND:data:audio/ogg;base64,T2dn"},
		"a key":              {"KEY;ENCODING=b;TYPE=PGP:mQ==", "KEY:data:application/pgp-keys;base64,mQ=="},
		"a picture's type":   {"PHOTO;ENCODING=b;TYPE=application/pdf:JVBE", "PHOTO:data:application/pdf;base64,JVBE"},
		"a picture's place":  {"LOGO;VALUE=uri;TYPE=GIF:http://a.example/b.gif", "LOGO;MEDIATYPE=image/gif:http://a.example/b.gif"},
		"a date":             {"BDAY:1985-04-12", "BDAY:19850412"},
		"a date and a time":  {"REV:1985-04-12T10:22:30+01:00", "REV:19850412T102230+0100"},
		"a time in UTC":      {"REV:1985-04-12T10:22:30Z", "REV:19850412T102230Z"},
		"no year":            {"BDAY:--04-12", "BDAY:--0412"},
		"a date in words":    {"BDAY;VALUE=text:circa 1800", ""},
		"a place":            {"GEO:48.85;2.35", "GEO:geo:48.85,2.35"},
		"an agent":           {`AGENT:BEGIN:VCARD\nFN:Ina\nEND:VCARD`, `RELATED;TYPE=agent;VALUE=text:BEGIN:VCARD\nFN:Ina\nEND:VCARD`},
		"an agent elsewhere": {"AGENT;VALUE=uri:urn:uuid:1", "RELATED;VALUE=uri;TYPE=agent:urn:uuid:1"},
		"a number as a URI":  {"TEL;X-CONTACTS-VALUE=uri:+1-555;ext=2", "TEL;VALUE=uri:tel:+1-555;ext=2"},
		"a label":            {"ADR;TYPE=HOME:;;A 1;B;;;\nLABEL;TYPE=HOME:A 1\\nB\\\\n", "ADR;TYPE=HOME;LABEL=A 1^nB\\\\n:;;A 1;B;;;"},
		"an extension":       {"item1.X-ABDATE;TYPE=x:1985-04-12", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if lines[1] == "" {
				lines[1] = lines[0]
			}
			cards := map[vcard.Version]*vcard.Card{vcard.V3: read(t, "3.0", lines[0]), vcard.V4: read(t, "4.0", lines[1])}
			for _, from := range []vcard.Version{vcard.V3, vcard.V4} {
				for _, to := range []vcard.Version{vcard.V3, vcard.V4} {
					if diff := cmp.Diff(cards[to], cards[from].As(to)); diff != "" {
						t.Errorf("%s as %s: %s", from, to, diff)
					}
				}
			}
		})
	}
}

func read(t *testing.T, version, lines string) *vcard.Card {
	t.Helper()
	c, err := reader.New(strings.NewReader("BEGIN:VCARD\nVERSION:"+version+"\n"+lines+"\nEND:VCARD\n"), reader.Position{}).Next()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
