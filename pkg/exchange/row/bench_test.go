package row

import (
	"bytes"
	"fmt"
	"testing"

	"contacts/pkg/csvfile"
	"contacts/pkg/exchange"
)

// BenchmarkRows reads rows of contacts with an email address, a number, a postal address and an external id.
func BenchmarkRows(b *testing.B) {
	var file bytes.Buffer
	file.WriteString("external_id,name,email.1.address,phone.1.number,address.1.street_name,address.1.zip,address.1.city,address.1.country_code,date_of_birth\n")
	const rows = 10000
	for i := range rows {
		fmt.Fprintf(&file, "K%07d,Anna Beispiel,anna%d@example.org,+49 30 %07d,Lindenstraße %d,%05d,Köln,DE,17.05.1980\n", i, i, i, i%200, i%99999)
	}
	for b.Loop() {
		table, err := Open(file.Bytes()[:min(file.Len(), csvfile.Beginning)], false, nil)
		if err != nil {
			b.Fatal(err)
		}
		r := table.NewReader(bytes.NewReader(file.Bytes()), csvfile.Position{})
		for {
			row, err := r.Next()
			if err != nil {
				break
			}
			table.Draft(row, nil, exchange.Settings{Org: org, Region: "DE"})
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*rows), "µs/row")
}
