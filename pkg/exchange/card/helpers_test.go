package card_test

import (
	"bytes"
	"errors"
	"io"

	"contacts/pkg/vcard"
	"contacts/pkg/vcard/reader"
)

// failer is a *testing.T or a *rapid.T.
type failer interface{ Fatalf(string, ...any) }

// readAll returns the cards of a file.
func readAll(t failer, file []byte) (cards []*vcard.Card) {
	r := reader.New(bytes.NewReader(file), reader.Position{})
	for {
		c, err := r.Next()
		if errors.Is(err, io.EOF) {
			return cards
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		cards = append(cards, c)
	}
}
