package csvfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var byteOrderMarks = map[Charset]string{UTF8: "\xef\xbb\xbf", UTF16LE: "\xff\xfe", UTF16BE: "\xfe\xff"}

// signatures are beginnings of files that are no text, with what to say.
var signatures = []struct{ begins, detail string }{
	{"PK\x03\x04", "is a ZIP archive or an Excel workbook (.xlsx), not CSV: open it in a spreadsheet and save it as CSV (UTF-8)"},
	{"PK\x05\x06", "is an empty ZIP archive, not CSV"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel workbook (.xls), not CSV: open it in a spreadsheet and save it as CSV (UTF-8)"},
	{"\x1f\x8b", "is compressed by gzip: send the CSV file in it"},
	{"BZh", "is compressed by bzip2: send the CSV file in it"},
	{"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive: send the CSV file in it"},
	{"Rar!\x1a\x07", "is a RAR archive: send the CSV file in it"},
	{"%PDF-", "is a PDF document, not CSV"},
	{"{\\rtf", "is a document in Rich Text Format, not CSV"},
	{"\x89PNG", "is a picture, not CSV"},
	{"\xff\xd8\xff", "is a picture, not CSV"},
	{"\x00\x00\xfe\xff", "is in UTF-32: save it as UTF-8"},
	{"\xff\xfe\x00\x00", "is in UTF-32: save it as UTF-8"},
	{"BEGIN:VCARD", "is a vCard file: import it with the format VCARD"},
	{"<html", "is a web page, not CSV: open it in a spreadsheet and save it as CSV (UTF-8)"},
	{"<!doctype html", "is a web page, not CSV: open it in a spreadsheet and save it as CSV (UTF-8)"},
	{"<?xml", "is an XML document, not CSV: open it in a spreadsheet and save it as CSV (UTF-8)"},
}

// detectCharset returns the charset of the beginning of a file, and whether it begins with a byte order mark. The error is a Refusal.
func detectCharset(beginning []byte) (charset Charset, marked bool, err error) {
	text := bytes.TrimPrefix(beginning, []byte(byteOrderMarks[UTF8]))
	for _, s := range signatures {
		if head := text[:min(len(s.begins), len(text))]; string(head) == s.begins || isASCII(head) && strings.EqualFold(string(head), s.begins) {
			return "", false, &Refusal{"the file " + s.detail}
		}
	}
	for _, c := range []Charset{UTF8, UTF16LE, UTF16BE} {
		if bytes.HasPrefix(beginning, []byte(byteOrderMarks[c])) {
			charset, marked = c, true
		}
	}
	if charset == "" && bytes.IndexByte(beginning, 0) >= 0 {
		charset = unmarkedUTF16(beginning)
	}
	if charset == "" {
		charset = byteCharset(beginning)
	}
	controls := 0
	sample := toInternal(charset, beginning)
	for _, c := range sample {
		if c == 0 {
			return "", false, &Refusal{"the file has NUL characters: it is damaged, or not a text file; save it as CSV (UTF-8)"}
		}
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			controls++
		}
	}
	if controls > 8+len(sample)/50 {
		return "", false, &Refusal{"the file is not a text file: it has many control characters; save it as CSV (UTF-8)"}
	}
	return charset, marked, nil
}

// byteCharset returns UTF-8 if more lines have valid characters of it than invalid ones; ASCII if there is no other character.
func byteCharset(beginning []byte) Charset {
	valid, invalid := 0, 0
	for rest := beginning; len(rest) > 0; {
		line := rest
		if end := bytes.IndexByte(rest, '\n') + 1; end > 0 {
			line = rest[:end]
		}
		rest = rest[len(line):]
		if len(rest) == 0 {
			line = withoutCutCharacter(line)
		}
		switch {
		case isASCII(line):
		case utf8.Valid(line):
			valid++
		default:
			invalid++
		}
	}
	switch {
	case valid == 0 && invalid == 0:
		return ASCII
	case valid > invalid:
		return UTF8
	}
	return Windows1252
}

// withoutCutCharacter returns a text without the first bytes of a character at its end, where the sample was cut.
func withoutCutCharacter(text []byte) []byte {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if at := len(text) - back; utf8.RuneStart(text[at]) {
			if text[at] >= utf8.RuneSelf && !utf8.FullRune(text[at:]) {
				return text[:at]
			}
			break
		}
	}
	return text
}

// unmarkedUTF16 returns the byte order in which a text with NUL bytes is UTF-16; "" if it is in none.
func unmarkedUTF16(beginning []byte) Charset {
	best, most := Charset(""), 0
	for _, c := range []Charset{UTF16LE, UTF16BE} {
		text := toInternal(c, beginning[:len(beginning)&^1])
		ascii, odd, all := 0, 0, 0
		for len(text) > 0 {
			r, size := utf8.DecodeRune(text)
			switch {
			case r == utf8.RuneError && size == 1, r < ' ' && r != '\t' && r != '\n' && r != '\r':
				odd++
			case r < utf8.RuneSelf:
				ascii++
			}
			all++
			text = text[size:]
		}
		if odd*20 < ascii && ascii*10 >= all && ascii > most {
			best, most = c, ascii
		}
	}
	return best
}

// toInternal returns a piece of a file in the form that rows are split in: as it is, or UTF-16 as UTF-8, where half a pair of surrogates
// becomes three bytes and an odd byte at the end 0xFF, which no UTF-8 has.
func toInternal(c Charset, raw []byte) []byte {
	if c != UTF16LE && c != UTF16BE {
		return raw
	}
	text, _ := io.ReadAll(newUTF16Reader(bytes.NewReader(raw), c)) // reading from memory never fails
	return text
}

// rawLength returns the number of bytes that a piece of the internal form has in the file.
func rawLength(c Charset, internal []byte) int64 {
	if c != UTF16LE && c != UTF16BE {
		return int64(len(internal))
	}
	n := int64(0)
	for _, b := range internal {
		switch {
		case b == oddByte:
			n++
		case b >= 0xf0:
			n += 4
		case b < 0x80 || b >= 0xc0:
			n += 2
		}
	}
	return n
}

const oddByte = 0xff

// utf16Reader reads UTF-16 in the internal form.
type utf16Reader struct {
	from  io.Reader
	order binary.ByteOrder
	raw   []byte // not yet converted
	out   []byte // converted, not yet read
	err   error
}

func newUTF16Reader(r io.Reader, c Charset) *utf16Reader {
	u := &utf16Reader{from: r, order: binary.LittleEndian}
	if c == UTF16BE {
		u.order = binary.BigEndian
	}
	return u
}

// Read converts.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 && u.err == nil {
		had := len(u.raw)
		u.raw = append(u.raw, make([]byte, 32<<10)...)
		var n int
		n, u.err = u.from.Read(u.raw[had:])
		u.raw = u.raw[:had+n]
		u.convert()
	}
	if len(u.out) == 0 {
		return 0, u.err
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

// convert converts what is complete, at the end of the file everything.
func (u *utf16Reader) convert() {
	u.out = u.out[:0]
	ended := errors.Is(u.err, io.EOF)
	raw := u.raw
	for len(raw) >= 2 {
		r, size := rune(u.order.Uint16(raw)), 2
		if utf16.IsSurrogate(r) {
			if r < 0xdc00 && len(raw) < 4 && !ended {
				break
			}
			if len(raw) >= 4 {
				if pair := utf16.DecodeRune(r, rune(u.order.Uint16(raw[2:]))); pair != utf8.RuneError {
					r, size = pair, 4
				}
			}
		}
		if size == 2 && utf16.IsSurrogate(r) {
			u.out = append(u.out, byte(0xe0|r>>12), byte(0x80|r>>6&0x3f), byte(0x80|r&0x3f))
		} else {
			u.out = utf8.AppendRune(u.out, r)
		}
		raw = raw[size:]
	}
	if ended && len(raw) == 1 {
		u.out, raw = append(u.out, oddByte), nil
	}
	u.raw = append(u.raw[:0], raw...)
}

// windows1252 are the characters of the bytes 0x80 to 0x9f in Windows-1252; the others are those of Unicode. Bytes that have no character are
// control characters here, as in web browsers. (x/text has the same table, in a package of a hundred kilobytes.)
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

var fromWindows1252 = [32]rune([]rune(windows1252))

// decodeWindows1252 returns the character of a byte.
func decodeWindows1252(b byte) rune {
	if 0x80 <= b && b < 0xa0 {
		return fromWindows1252[b-0x80]
	}
	return rune(b)
}

// encodeWindows1252 returns the byte of a character; ok is false if it has none.
func encodeWindows1252(r rune) (b byte, ok bool) {
	if i := slices.Index(fromWindows1252[:], r); i >= 0 {
		return 0x80 + byte(i), true
	}
	if r < 0x80 || 0xa0 <= r && r <= 0xff {
		return byte(r), true
	}
	return 0, false
}

// appendDecoded appends a cell in UTF-8.
func appendDecoded(to []byte, c Charset, cell []byte) []byte {
	if c != Windows1252 {
		return append(to, cell...)
	}
	for _, b := range cell {
		to = utf8.AppendRune(to, decodeWindows1252(b))
	}
	return to
}

// appendEncoded appends a text in a charset. A character that it lacks becomes a question mark.
func appendEncoded(to []byte, c Charset, text string) []byte {
	switch c {
	case Windows1252:
		for _, r := range text {
			b, ok := encodeWindows1252(r)
			if !ok {
				b = '?'
			}
			to = append(to, b)
		}
	case ASCII: // the rows that follow may be in any of the charsets that begin with it
		for _, r := range text {
			if r >= utf8.RuneSelf {
				r = '?'
			}
			to = append(to, byte(r))
		}
	case UTF16LE:
		for _, unit := range utf16.Encode([]rune(text)) {
			to = binary.LittleEndian.AppendUint16(to, unit)
		}
	case UTF16BE:
		for _, unit := range utf16.Encode([]rune(text)) {
			to = binary.BigEndian.AppendUint16(to, unit)
		}
	default:
		to = append(to, text...)
	}
	return to
}

// inWindows1252 reports whether Windows-1252 has all characters of a text in UTF-8.
func inWindows1252(text []byte) bool {
	for _, r := range string(text) {
		if _, ok := encodeWindows1252(r); !ok {
			return false
		}
	}
	return true
}

// hasUndefined reports whether a text has bytes that Windows-1252 has no character for.
func hasUndefined(text []byte) bool {
	return slices.ContainsFunc(text, func(b byte) bool { return strings.IndexByte("\x81\x8d\x8f\x90\x9d", b) >= 0 })
}

func isASCII(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
