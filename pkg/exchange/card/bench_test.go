package card_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"contacts/pkg/exchange/card"
	"contacts/pkg/vcard"
	"contacts/pkg/vcard/reader"
)

// manyCards returns a file of so many cards, made as it is read: a name, an email, a phone, an address, an external id and a note each.
func manyCards(n int) io.Reader {
	in, out := io.Pipe()
	go func() {
		for i := range n {
			fmt.Fprintf(out, "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Mustermann %d;Erika;;;\r\nFN:Erika Mustermann %d\r\nUID:erp-%d\r\n"+
				"EMAIL;TYPE=INTERNET,WORK:erika%d@example.com\r\nTEL;TYPE=CELL:+49 170 %07d\r\nADR;TYPE=HOME:;;Musterstraße %d;Musterstadt;;12345;Deutschland\r\n"+
				"NOTE:Kundin seit 1998\\, zahlt pünktlich\r\nEND:VCARD\r\n", i, i, i, i, i, i%100)
		}
		out.Close()
	}()
	return in
}

// BenchmarkImport reads 100,000 cards into drafts; heap-MB is the most memory in use.
func BenchmarkImport(b *testing.B) {
	const cards = 100_000
	for b.Loop() {
		r := reader.New(manyCards(cards), reader.Position{})
		read, most := 0, uint64(0)
		for {
			c, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if d := card.FromCard(c, settings); len(d.Emails) != 1 || len(d.Phones) != 1 || len(d.Addresses) != 1 {
				b.Fatalf("the draft is %+v", d)
			}
			if read++; read%1_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
		if read != cards {
			b.Fatalf("%d cards", read)
		}
		b.ReportMetric(float64(most)/(1<<20), "heap-MB")
	}
	b.ReportMetric(float64(cards*b.N)/b.Elapsed().Seconds(), "cards/s")
}

// BenchmarkExport writes a contact as a card.
func BenchmarkExport(b *testing.B) {
	c, err := reader.New(manyCards(1), reader.Position{}).Next()
	if err != nil {
		b.Fatal(err)
	}
	contact := contactOf(card.FromCard(c, settings))
	for b.Loop() {
		if err := vcard.Write(io.Discard, card.ToCard(contact, vcard.V4)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cards/s")
}

// A file of many cards needs no more memory than one of few.
func TestMemoryIsThatOfOneCard(t *testing.T) {
	heap := func(cards int) uint64 {
		r := reader.New(manyCards(cards), reader.Position{})
		for {
			if _, err := r.Next(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(r)
		return m.HeapAlloc
	}
	few, many := heap(100), heap(20_000)
	if many > few+1<<20 {
		t.Errorf("after 20,000 cards %d bytes are in use, after 100 %d", many, few)
	}
}
