package row

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"contacts/pkg/contact"
	"contacts/pkg/csvfile"
	"contacts/pkg/exchange"
)

func open(t *testing.T, file string, mapping map[string]string) *Table {
	t.Helper()
	table, err := Open([]byte(file), true, mapping)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// drafts returns what the rows of a file become.
func drafts(t *testing.T, file string, mapping map[string]string) []exchange.Draft {
	t.Helper()
	table := open(t, file, mapping)
	return draftsOf(table, readRows(t, table, []byte(file)), "DE").Drafts
}

func fieldsOf(table *Table) string {
	var all []string
	for _, c := range table.Columns() {
		all = append(all, c.Heading+"="+c.Field)
	}
	return strings.Join(all, " ")
}

func TestAMappingGivesColumnsTheirFields(t *testing.T) {
	for name, c := range map[string]struct {
		header  string
		mapping map[string]string
		fields  string
	}{
		"by heading":                {"Wer,Wo", map[string]string{"Wer": "name"}, "Wer=name Wo="},
		"over what is known":        {"Name,E-Mail", map[string]string{"Name": "given_name", "E-Mail": ""}, "Name=given_name E-Mail="},
		"by number":                 {"Tel,Tel", map[string]string{"Tel#2": "phone.1.number", "Tel": "phone.2.number"}, "Tel=phone.2.number Tel=phone.1.number"},
		"by number of the first":    {"Tel,Tel", map[string]string{"Tel#1": "phone.1.number"}, "Tel=phone.1.number Tel="},
		"by a heading with a #":     {"Tel #2,Tel", map[string]string{"Tel #2": "phone.1.number"}, "Tel #2=phone.1.number Tel="},
		"in any case":               {" wer ,Wo", map[string]string{"Wer": "name"}, "wer=name Wo="},
		"known ones go around it":   {"Mail,Email,Phone", map[string]string{"Mail": "email.1.address"}, "Mail=email.1.address Email=email.2.address Phone=phone.1.number"},
		"our own names are known":   {"name,email.3.address,Email,x.1.y", nil, "name=name email.3.address=email.3.address Email=email.1.address x.1.y="},
		"a field that is mapped":    {"Name,Voll", map[string]string{"Voll": "name"}, "Name= Voll=name"},
		"the problems of last time": {"Name,import_problem,Import_Problem", nil, "Name=name import_problem= Import_Problem="},
		"headings without a name":   {"Name,,", nil, "Name=name Column 2= Column 3="},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fieldsOf(open(t, c.header+"\n", c.mapping)); got != c.fields {
				t.Errorf("%s, want %s", got, c.fields)
			}
		})
	}
}

func TestAMappingThatCannotBeMeantIsRefused(t *testing.T) {
	faults := CheckMapping(map[string]string{"a/b": "nme", "b": "email.0.address", "c": "email.101.address", "d": "identity.1.id", "e": "name", "f": "name", "g": "", "h": "", "i": "email.01.address"})
	var pointers []string
	for _, f := range faults {
		pointers = append(pointers, f.Pointer)
	}
	if got := strings.Join(pointers, " "); got != "/mapping/a~1b /mapping/b /mapping/c /mapping/d /mapping/f /mapping/i" {
		t.Errorf("faults at %s", got)
	}
	var refusal *csvfile.Refusal
	if _, err := Open([]byte("Name,Ort\n"), true, map[string]string{"Stadt": "address.1.city"}); !errors.As(err, &refusal) || !strings.Contains(refusal.Detail, `"Stadt"`) {
		t.Errorf("a heading that the file lacks: %v", err)
	}
}

func TestAnExportThatASpreadsheetSavedIsKnownAgain(t *testing.T) {
	c := &exchange.Contact{Org: org, Individual: &contact.IndividualContact{ID: 8, Name: "=Übel, \"Jo\"", DateOfBirth: "1980-05-17"},
		Channels: exchange.Channels{Phones: []contact.Phone{{Type: "MOBILE", Number: "+49 171 1", UsageContext: "PERSONAL"}}},
		Kept:     exchange.Kept{Row: &exchange.KeptRow{Cells: []exchange.KeptCell{{Heading: "=Notiz", Value: "-"}}}}}
	var layout Layout
	layout.Add(c)
	rows := append([][]string{layout.Headings()}, layout.Rows(c)...)
	for i := range rows { // the columns in another order
		rows[i][0], rows[i][len(rows[i])-1] = rows[i][len(rows[i])-1], rows[i][0]
	}
	var file bytes.Buffer
	w := csvfile.NewWriter(charmap.Windows1252.NewEncoder().Writer(&file), csvfile.Dialect{Charset: csvfile.UTF8, Delimiter: ";", Quote: `"`, LineEnd: "\r\n"})
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(file.String(), "'=\xdcbel") {
		t.Fatalf("not guarded: %q", file.String())
	}
	d := drafts(t, file.String(), nil)[0]
	if d.Self != 8 || d.Name != c.Name() || d.Phones[0].Number != "+49 171 1" || d.Kept.Row.Cells[0] != c.Kept.Row.Cells[0] {
		t.Errorf("%+v", d)
	}
}

func TestOnlyOurOwnFilesLoseTheirApostrophes(t *testing.T) {
	d := drafts(t, "name,external_id\n'=1+1,'-7\n", nil)[0]
	if d.Name != "'=1+1" || d.ExternalID != "'-7" {
		t.Errorf("%+v", d)
	}
}

func TestFailedRowsComeBackWithTheReasonInTheLastColumnOnce(t *testing.T) {
	file := "Name;import_problem;Mail\r\n\"Jörg; sen.\";old;x\r\nAnna;;y;z\r\n"
	file, err := charmap.Windows1252.NewEncoder().String(file)
	if err != nil {
		t.Fatal(err)
	}
	table := open(t, file, nil)
	r := table.NewReader(strings.NewReader(file), csvfile.Position{})
	var out bytes.Buffer
	var w *csvfile.Writer
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if w == nil {
			w = csvfile.NewWriter(&out, r.Dialect())
			w.Write(table.FailedHeader())
		}
		problem := row.Problem
		if problem == "" {
			problem = "two contacts; which?"
		}
		w.Write(table.FailedRow(row, problem))
	}
	w.Flush()
	lines := strings.Split(out.String(), "\r\n")
	if lines[0] != "Name;Mail;import_problem" || lines[1] != "\"J\xf6rg; sen.\";x;\"two contacts; which?\"" || !strings.HasPrefix(lines[2], "Anna;y;") || !strings.HasSuffix(lines[2], ";z") {
		t.Errorf("%q", lines)
	}
	again := drafts(t, strings.Join(lines[:2], "\r\n"), nil)
	if len(again) != 1 || again[0].Name != "Jörg; sen." || again[0].Kept.Row != nil && len(again[0].Kept.Row.Cells) > 1 || len(again[0].Problems) > 0 {
		t.Errorf("%+v", again)
	}
}

func TestACellWithSeveralValuesHasChannelsOfThem(t *testing.T) {
	file := "name,email.1.address,phone.1.number,phone.1.type,web_address.1.url\n" +
		`x,"a@b.de; c@d.de, e@f.de","030 1; 040 2",★,"https://a.de/x;y; b.de"` + "\n" + `y,a@b.de e@f.de,"tel:+49301;ext=5",Zweitbüro,c.de` + "\n"
	all := drafts(t, file, nil)
	var texts []string
	for _, d := range all {
		for _, e := range d.Emails {
			texts = append(texts, string(e.Address))
		}
		for _, p := range d.Phones {
			texts = append(texts, p.Number+" "+p.Description)
		}
		for _, w := range d.WebAddresses {
			texts = append(texts, string(w.URL))
		}
	}
	if got := strings.Join(texts, "|"); got != "a@b.de|c@d.de|e@f.de|030 1 ★|040 2 ★|https://a.de/x;y|https://b.de|a@b.de|e@f.de|tel:+49301;ext=5 Zweitbüro|https://c.de" {
		t.Errorf("%s", got)
	}
}

func TestASecondColumnOfOneFieldIsKept(t *testing.T) {
	header := strings.Join(ownColumns, ",") + ",name,email.1.address,email.1.address\n"
	for _, file := range []string{header + "INDIVIDUAL,1,Anna,,,,,Anne,a@b.de,c@d.de\n", "name,Nickname,nickname\nAnna,a,b\n"} {
		d := drafts(t, file, nil)[0]
		if d.Name != "Anna" || d.Kept.Row == nil || len(d.Kept.Row.Cells) != 2 || d.Kept.Row.Cells[0].Number == d.Kept.Row.Cells[1].Number && d.Kept.Row.Cells[0].Heading == d.Kept.Row.Cells[1].Heading {
			t.Errorf("%+v", d)
		}
	}
}

func TestRowsWithoutAnythingAreLeftOut(t *testing.T) {
	if all := drafts(t, "name,import_problem\n,\n , \n,too long\nAnna,\n\n", nil); len(all) != 1 || all[0].Name != "Anna" {
		t.Errorf("%+v", all)
	}
}

func TestTheWholeColumnDecidesTheOrderOfDayAndMonth(t *testing.T) {
	for name, c := range map[string]struct {
		dates, region, become, warning string
	}{
		"day first":              {"03/04/1990 13/04/1990", "US", "1990-04-03 1990-04-13", ""},
		"month first":            {"03/04/1990 04/13/1990", "DE", "1990-03-04 1990-04-13", ""},
		"undecided here":         {"03/04/1990", "DE", "1990-04-03", "03/04/1990"},
		"undecided in the US":    {"03/04/1990", "US", "1990-03-04", "month first"},
		"the same in both":       {"04/04/1990", "DE", "1990-04-04", ""},
		"mixed":                  {"03/04/1990 13/04/1990 04/13/1990", "DE", " 1990-04-13 1990-04-13", "kept as text"},
		"points":                 {"03.04.1990 3.4.1990", "US", "1990-04-03 1990-04-03", ""},
		"ISO":                    {"1990-04-03 1990/4/3 19900403", "US", "1990-04-03 1990-04-03 1990-04-03", ""},
		"with a time":            {"1990-04-03T12:30:00Z 13/04/1990,_12:30:00_AM 03.04.1990_00:00", "US", "1990-04-03 1990-04-13 1990-04-03", ""},
		"in words":               {"3-Apr-1990 April_3,_1990 3._März_1990 3_May_1990", "US", "1990-04-03 1990-04-03 1990-03-03 1990-05-03", ""},
		"none":                   {"0/0/00 00.00.0000 -", "US", "  ", ""},
		"years that are missing": {"--04-03 1604-04-03 3.4.90 3/4/90 32874", "US", "    ", ""},
		"no days":                {"31/02/1990 1990-02-30 soon", "DE", "  ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := "name,date_of_birth\n"
			for date := range strings.FieldsSeq(c.dates) {
				file += `x,"` + strings.ReplaceAll(date, "_", " ") + "\"\n"
			}
			table := open(t, file, nil)
			b := draftsOf(table, readRows(t, table, []byte(file)), c.region)
			var dates []string
			for _, d := range b.Drafts {
				dates = append(dates, string(d.DateOfBirth))
			}
			if got := strings.Join(dates, " "); got != c.become {
				t.Errorf("became %q, want %q", got, c.become)
			}
			warning := ""
			if len(b.Warnings) > 0 {
				warning = b.Warnings[0].Detail
			}
			if (warning == "") != (c.warning == "") || !strings.Contains(warning, c.warning) {
				t.Errorf("warning %q, want %q", warning, c.warning)
			}
		})
	}
}

func TestAContactWithManyChannelsHasFurtherRowsOfItsExternalID(t *testing.T) {
	c := &exchange.Contact{Org: org, Individual: &contact.IndividualContact{ID: 8, ExternalID: "7", Name: "Many"}}
	for range 45 {
		c.Emails = append(c.Emails, contact.Email{Type: "NOT_QUALIFIED", Address: "a@example.org", UsageContext: "PERSONAL"})
	}
	var layout Layout
	layout.Add(c)
	rows := layout.Rows(c)
	if len(rows) != 3 || rows[2][1] != "7" || rows[2][2] != "Many" || len(layout.Headings()) != len(rows[2]) {
		t.Errorf("%d rows: %q", len(rows), rows)
	}
}

func TestKeptCellsThatHaveNoColumnComeBackToo(t *testing.T) {
	c := &exchange.Contact{Org: org, Individual: &contact.IndividualContact{ID: 8, Name: "Many"}, Kept: exchange.Kept{Row: &exchange.KeptRow{}}}
	for i := range 1500 {
		c.Kept.Row.Cells = append(c.Kept.Row.Cells, exchange.KeptCell{Heading: fmt.Sprint("Field ", i), Value: "=x"})
	}
	c.Kept.Row.Cells = append(c.Kept.Row.Cells, exchange.KeptCell{Heading: strings.Repeat("x", 200_000), Value: "y"})
	file, again := imported(t, []*exchange.Contact{c})
	if diff := cmp.Diff(c.Kept, c.Kept.With(again[0].Kept)); diff != "" || len(again[0].Kept.Row.Cells) != 1501 {
		t.Errorf("%s in %.200q", diff, file)
	}
	var layout Layout
	layout.Add(c)
	if size, _ := json.Marshal(layout); len(size) > 200_000 || len(layout.Headings()) > csvfile.MaxColumns {
		t.Errorf("%d columns, %d bytes", len(layout.Headings()), len(size))
	}
}

func FuzzNoFileMakesADraftThatIsNotValid(f *testing.F) {
	f.Add([]byte("Name,E-Mail,Telefon,Geburtstag,Straße,Tags\nAnna,a@b.de,+49,1.2.1990,Weg 1,a;b\n"))
	f.Add([]byte("kind,external_id,name,date_of_birth,anniversary,founded,tags,kept,identity.1.id\nX,'=1,n,x,y,z,\"a;\"\"b\",[1],demo:1\n"))
	f.Add([]byte("E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Event 1 - Label,Event 1 - Value\na ::: b,* x,1 ::: 2,Anniversary,1.1.2000\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := Open(file, true, nil)
		if err != nil {
			return
		}
		for _, d := range draftsOf(table, readRows(t, table, file), "DE").Drafts {
			if text, fault := exchange.Text(d.Name); text != d.Name || fault != "" {
				t.Fatalf("the name %q %s", d.Name, fault)
			}
			for _, e := range d.Emails {
				if text, fault := exchange.Formatted("email", string(e.Address)); text != string(e.Address) || text == "" || fault != "" {
					t.Fatalf("the address %q %s", e.Address, fault)
				}
			}
			for _, p := range d.Phones {
				if text, fault := exchange.Text(p.Number); text != p.Number || text == "" || fault != "" {
					t.Fatalf("the number %q %s", p.Number, fault)
				}
			}
			for _, a := range d.Addresses {
				if text, fault := exchange.Text(a.FullAddress); text != a.FullAddress || text == "" || fault != "" {
					t.Fatalf("the address %q %s", a.FullAddress, fault)
				}
			}
		}
	})
}
