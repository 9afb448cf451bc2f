package vcard_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"contacts/pkg/vcard"
	"contacts/pkg/vcard/reader"

	second "github.com/emersion/go-vcard"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// plainProperty draws a property in the part of the syntax that all programs read: no RFC 6868, no commas in parameters.
func plainProperty(t *rapid.T) vcard.Property {
	texts := rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune("abcXYZ ,;:\\\n\"^=äß漢😀")), 0, 60, -1), 1, 4).Draw(t, "texts")
	p := vcard.Property{
		Group: rapid.OneOf(rapid.Just(""), rapid.StringMatching(`item[0-9]`)).Draw(t, "group"),
		Name:  rapid.OneOf(rapid.SampledFrom([]string{"NOTE", "NICKNAME", "ORG", "TITLE"}), rapid.StringMatching(`X-[A-Z0-9]{1,20}`)).Draw(t, "name"),
		Value: "a" + vcard.EscapeComponents(texts...) + "z", // blanks at the ends are a matter of taste
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"TYPE", "X-A", "LANGUAGE"}), 0, 3, rapid.ID).Draw(t, "params") {
		p.Add(name, rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9-]{1,10}`), 1, 3).Draw(t, "values")...)
	}
	return p
}

func TestGoVCardReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := &vcard.Card{Version: vcard.V4, Properties: rapid.SliceOfN(rapid.Custom(plainProperty), 1, 6).Draw(t, "properties")}
		var file bytes.Buffer
		if err := vcard.Write(&file, c); err != nil {
			t.Fatal(err)
		}
		read, err := second.NewDecoder(bytes.NewReader(file.Bytes())).Decode()
		if err != nil {
			t.Fatalf("%v in\n%s", err, &file)
		}
		delete(read, "VERSION")
		want := second.Card{}
		for _, p := range c.Properties {
			f := &second.Field{Group: p.Group, Value: strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\,`, ",").Replace(p.Value)}
			for _, param := range p.Params {
				if f.Params == nil {
					f.Params = second.Params{}
				}
				f.Params[param.Name] = param.Values
			}
			want[p.Name] = append(want[p.Name], f)
		}
		if diff := cmp.Diff(want, read, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestWhatGoVCardWritesIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`X-[A-Z0-9]{1,8}`), 1, 5, rapid.ID).Draw(t, "names")
		slices.Sort(names)
		written := second.Card{"VERSION": {{Value: "4.0"}}}
		want := &vcard.Card{Version: vcard.V4}
		for _, name := range names {
			text := "a" + rapid.StringOfN(rapid.SampledFrom([]rune("abc ,:\\\n\"^=ä漢")), 0, 200, -1).Draw(t, "text")
			kind := rapid.StringMatching(`[a-z]{1,5}`).Draw(t, "type")
			written[name] = []*second.Field{{Group: "g", Value: text, Params: second.Params{"TYPE": {kind}}}}
			want.Properties = append(want.Properties, vcard.Property{Group: "g", Name: name, Value: vcard.Escape(text), Params: []vcard.Param{{Name: "TYPE", Values: []string{kind}}}})
		}
		var file bytes.Buffer
		if err := second.NewEncoder(&file).Encode(written); err != nil {
			t.Fatal(err)
		}
		got, err := reader.New(&file, reader.Position{}).Next()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestVObjectReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	var cards []*vcard.Card
	drawn := rapid.Custom(func(t *rapid.T) *vcard.Card {
		return &vcard.Card{Version: vcard.V3, Properties: rapid.SliceOfN(rapid.Custom(plainProperty), 1, 6).Draw(t, "properties")}
	})
	var file bytes.Buffer
	for seed := range 200 {
		c := drawn.Example(seed)
		cards = append(cards, c)
		if err := vcard.Write(&file, c); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "bash", "-euc",
		`. tools/python-environment.sh; python_environment vobject tools/vobject/requirements.txt >&2; "$environment/bin/python" tools/vobject/read.py lines`)
	command.Dir = filepath.Join("..", "..")
	var stderr strings.Builder
	command.Stdin, command.Stderr = &file, &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("vobject: %v\n%s", err, &stderr)
	}
	var read []struct{ Lines [][4]any }
	if err := json.Unmarshal(out, &read); err != nil || len(read) != len(cards) {
		t.Fatalf("vobject reads %d cards of %d, %v", len(read), len(cards), err)
	}
	for i, c := range cards {
		var want [][4]any
		for _, p := range c.Properties {
			params := []any{}
			for _, param := range p.Params {
				all := []any{param.Name}
				for _, value := range param.Values {
					all = append(all, value)
				}
				params = append(params, all)
			}
			want = append(want, [4]any{p.Group, p.Name, params, p.Value})
		}
		if diff := cmp.Diff(want, read[i].Lines); diff != "" {
			t.Fatal(diff)
		}
	}
}
