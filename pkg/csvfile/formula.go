package csvfile

import "strings"

// Spreadsheets calculate a cell that begins with one of these, even in quotes, and drop a plus sign before a number.
// https://owasp.org/www-community/attacks/CSV_Injection
const formulaBeginnings = "=+-@\t\r\n＝＋－＠"

// Guard returns a cell that a spreadsheet takes for text: one that it would take for a formula gets an apostrophe. Unguard returns it as it was.
func Guard(cell string) string {
	if isFormula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// Unguard removes the apostrophe that Guard added.
func Unguard(cell string) string {
	if rest, found := strings.CutPrefix(cell, "'"); found && isFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

func isFormula(cell string) bool {
	cell = strings.TrimLeft(cell, " ")
	for _, first := range cell {
		return strings.ContainsRune(formulaBeginnings, first)
	}
	return false
}
