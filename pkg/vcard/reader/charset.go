package reader

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// toUTF8 returns a text as UTF-8. charset is what the card says, "" for nothing: then a text that is not UTF-8 is Windows-1252, in which
// any bytes are characters. So is one that is not what the card says.
func toUTF8(text []byte, charset string) string {
	if e := encodingOf(charset); e != nil && (!isASCII(text) || e == japanese.ISO2022JP) {
		if decoded, err := e.NewDecoder().Bytes(text); err == nil && !bytes.ContainsRune(decoded, utf8.RuneError) {
			return string(decoded)
		}
	}
	if utf8.Valid(text) {
		return string(text)
	}
	var decoded strings.Builder
	for _, c := range text {
		r := charmap.Windows1252.DecodeByte(c)
		if r == utf8.RuneError {
			r = rune(c) // no character of Windows-1252: a control character, which a contact refuses
		}
		decoded.WriteRune(r)
	}
	return decoded.String()
}

// knows reports whether a character set is UTF-8 or one that can be converted.
func knows(charset string) bool {
	name := plainName(charset)
	return name == "utf8" || name == "usascii" || encodingOf(charset) != nil
}

// plainName returns the name of a character set without case and punctuation.
func plainName(charset string) string {
	return punctuation.Replace(strings.ToLower(charset))
}

var punctuation = strings.NewReplacer("-", "", "_", "", " ", "", ":", "")

// encodingOf returns the encoding of a character set that is not UTF-8, nil for an unknown one. ISO-8859-1 is a part of Windows-1252, and
// is so written by mistake.
func encodingOf(charset string) encoding.Encoding {
	switch plainName(charset) {
	case "iso88591", "latin1", "windows1252", "cp1252", "ansi":
		return charmap.Windows1252
	case "iso88592", "latin2":
		return charmap.ISO8859_2
	case "iso88593":
		return charmap.ISO8859_3
	case "iso88594":
		return charmap.ISO8859_4
	case "iso88595":
		return charmap.ISO8859_5
	case "iso88596":
		return charmap.ISO8859_6
	case "iso88597":
		return charmap.ISO8859_7
	case "iso88598":
		return charmap.ISO8859_8
	case "iso88599", "latin5", "windows1254", "cp1254":
		return charmap.Windows1254
	case "iso885910":
		return charmap.ISO8859_10
	case "iso885913":
		return charmap.ISO8859_13
	case "iso885914":
		return charmap.ISO8859_14
	case "iso885915", "latin9":
		return charmap.ISO8859_15
	case "iso885916":
		return charmap.ISO8859_16
	case "windows1250", "cp1250":
		return charmap.Windows1250
	case "windows1251", "cp1251":
		return charmap.Windows1251
	case "windows1253", "cp1253":
		return charmap.Windows1253
	case "windows1255", "cp1255":
		return charmap.Windows1255
	case "windows1256", "cp1256":
		return charmap.Windows1256
	case "windows1257", "cp1257":
		return charmap.Windows1257
	case "windows1258", "cp1258":
		return charmap.Windows1258
	case "windows874", "tis620", "iso885911":
		return charmap.Windows874
	case "koi8r":
		return charmap.KOI8R
	case "koi8u":
		return charmap.KOI8U
	case "ibm437", "cp437":
		return charmap.CodePage437
	case "ibm850", "cp850":
		return charmap.CodePage850
	case "ibm852", "cp852":
		return charmap.CodePage852
	case "ibm866", "cp866":
		return charmap.CodePage866
	case "macintosh", "macroman", "xmacroman":
		return charmap.Macintosh
	case "shiftjis", "sjis", "xsjis", "windows31j", "cp932":
		return japanese.ShiftJIS
	case "eucjp":
		return japanese.EUCJP
	case "iso2022jp":
		return japanese.ISO2022JP
	case "euckr", "ksc5601", "ksc56011987", "cp949":
		return korean.EUCKR
	case "gb2312", "gbk", "cp936":
		return simplifiedchinese.GBK
	case "gb18030":
		return simplifiedchinese.GB18030
	case "big5":
		return traditionalchinese.Big5
	}
	return nil
}
