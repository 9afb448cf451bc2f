package row

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"contacts/pkg/contact"
	"contacts/pkg/csvfile"
	"contacts/pkg/exchange"
)

var update = flag.Bool("update", false, "write what the samples become")

// samples are files in the manner of other programs, with the settings by which they are read.
var samples = map[string]struct {
	mapping map[string]string
	region  string
}{
	"google":      {region: "DE"},
	"google-2019": {region: "DK"},
	"outlook":     {region: "US"},
	"outlook-de":  {region: "DE"},
	"hubspot":     {region: "GB"},
	"salesforce":  {region: "NL"},
	"erp": {region: "DE", mapping: map[string]string{"Kundennr": "external_id", "Name 1": "family_name", "Name 2": "given_name",
		"Telefon#2": "phone.2.number", "Telefon": "phone.1.number", "Geb.-Datum": "date_of_birth", "Gruppe": "tags"}},
}

// become is what a sample becomes.
type become struct {
	Dialect  csvfile.Dialect
	Columns  []Column
	Orders   Orders             `json:",omitempty"`
	Warnings []exchange.Problem `json:",omitempty"`
	Drafts   []exchange.Draft
}

func openSample(t *testing.T, name string) ([]byte, *Table) {
	t.Helper()
	file, err := os.ReadFile("testdata/samples/" + name + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	table, err := Open(file, true, samples[name].mapping)
	if err != nil {
		t.Fatal(err)
	}
	return file, table
}

func readRows(t *testing.T, table *Table, file []byte) (rows []csvfile.Row) {
	t.Helper()
	r := table.NewReader(bytes.NewReader(file), csvfile.Position{})
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		} else if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func draftsOf(table *Table, rows []csvfile.Row, region string) (b become) {
	b = become{Dialect: table.Dialect, Columns: table.Columns(), Orders: Orders{}}
	for _, row := range rows {
		table.Survey(row.Cells, b.Orders)
	}
	b.Warnings = table.OrderWarnings(b.Orders, region)
	for _, row := range rows {
		b.Drafts = append(b.Drafts, table.Draft(row, b.Orders, exchange.Settings{Org: org, Region: region, Kind: contact.Individual}))
	}
	return b
}

func TestFilesOfOtherProgramsBecomeContacts(t *testing.T) {
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			file, table := openSample(t, name)
			got, err := json.MarshalIndent(draftsOf(table, readRows(t, table, file), sample.region), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := "testdata/samples/" + name + ".json"
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != string(got)+"\n" {
				t.Errorf("the sample becomes something else (go test -update writes it): %s", got)
			}
		})
	}
}

func TestTheImportOfAnExportOfASampleIsTheSample(t *testing.T) {
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			file, table := openSample(t, name)
			drafts := draftsOf(table, readRows(t, table, file), sample.region).Drafts
			var all []*exchange.Contact
			for i, d := range drafts {
				c := &exchange.Contact{Org: org, Channels: d.Channels, Tags: d.Tags, Kept: d.Kept}
				id := contact.ID(i+1)<<2 | contact.ID(d.Kind)
				if d.Kind == contact.Individual {
					c.Individual = &contact.IndividualContact{ID: id, ExternalID: d.ExternalID, Name: d.Name, DateOfBirth: d.DateOfBirth, Anniversary: d.Anniversary}
				} else {
					c.Organization = &contact.OrganizationContact{ID: id, ExternalID: d.ExternalID, Name: d.Name, Founded: d.Founded}
				}
				drafts[i].Warnings, drafts[i].MadeUpName = nil, false // it has a name now
				if d.ExternalID == "" {
					drafts[i].Self = id
				}
				all = append(all, c)
			}
			_, again := imported(t, all)
			for i := range again {
				again[i].Kept = drafts[i].Kept.With(again[i].Kept)
				again[i].Warnings = nil // of what is kept
			}
			if diff := cmp.Diff(drafts, again, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
