package row

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
)

// Order is the order of day and month in the dates of a column.
type Order string

// The orders. A column is undecided while all its dates can be read in both.
const (
	Undecided  Order = ""
	DayFirst   Order = "DAY_FIRST"
	MonthFirst Order = "MONTH_FIRST"
	Mixed      Order = "MIXED" // dates of both orders: those that can be read in both are kept
)

// Orders are the orders of the columns of a file by their positions, from 1, as far as its rows were surveyed.
type Orders map[int]Order

// Survey notes in orders what a row says of the order of day and month in its columns. All rows are surveyed before any is made a draft.
func (t *Table) Survey(cells []string, orders Orders) {
	for i, c := range t.columns {
		if i >= len(cells) || !c.isDate() {
			continue
		}
		first, second, _, ambiguous := numericDate(strings.TrimSpace(t.cell(cells[i])))
		said := Undecided
		switch {
		case !ambiguous:
			continue
		case first > 12 && second <= 12:
			said = DayFirst
		case second > 12 && first <= 12:
			said = MonthFirst
		default:
			continue
		}
		if orders[i+1] == Undecided {
			orders[i+1] = said
		} else if orders[i+1] != said {
			orders[i+1] = Mixed
		}
	}
}

// OrderWarnings returns a warning for each column whose dates can be read in two ways, once the file is surveyed up to the end. samples are
// some rows of it.
func (t *Table) OrderWarnings(orders Orders, region string, samples [][]string) []exchange.Problem {
	var all []exchange.Problem
	for i, c := range t.columns {
		if !c.isDate() || orders[i+1] != Undecided && orders[i+1] != Mixed {
			continue
		}
		for _, cells := range samples {
			if i >= len(cells) {
				continue
			}
			text := strings.TrimSpace(t.cell(cells[i]))
			first, second, _, ambiguous := numericDate(text)
			if !ambiguous || first > 12 || second > 12 || first == second {
				continue
			}
			if orders[i+1] == Mixed {
				all = append(all, warn(c.heading, "some dates of this column have the day first, others the month: dates such as %q, which can be read in both ways, are kept as text; write all as YYYY-MM-DD", text))
			} else {
				all = append(all, warn(c.heading, "all dates of this column can be read in two ways, day or month first: %q is read with the %s first; write them as YYYY-MM-DD if that is wrong", text, orderWord(defaultOrder(region))))
			}
			break
		}
	}
	return all
}

func orderWord(o Order) string {
	if o == MonthFirst {
		return "month"
	}
	return "day"
}

// defaultOrder returns the order that is usual in a region.
func defaultOrder(region string) Order {
	switch region {
	case "US", "PH", "PR", "GU", "VI", "AS", "MP", "UM", "FM", "MH", "PW":
		return MonthFirst
	}
	return DayFirst
}

func (c column) isDate() bool {
	switch c.field.part {
	case "date_of_birth", "anniversary", "founded":
		return true
	}
	return false
}

var (
	isoDate     = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	compactDate = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	pointDate   = regexp.MustCompile(`^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$`)
	slashDate   = regexp.MustCompile(`^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$`)
	dayMonth    = regexp.MustCompile(`^(\d{1,2})\.?[ -](\pL{3,9})\.?,?[ -](\d{4})$`)
	monthDay    = regexp.MustCompile(`^(\pL{3,9})\.? (\d{1,2}),? (\d{4})$`)
	timeOfDay   = regexp.MustCompile(`(?:[T ]|, )\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[AaPp]\.?[Mm]\.?)?\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?$`)
	shortYear   = regexp.MustCompile(`^\d{1,2}[./-]\d{1,2}[./-]\d{2}$`)
	noDate      = regexp.MustCompile(`^[0.:/ -]*$`) // 0/0/00, 00.00.0000, --
	noYear      = regexp.MustCompile(`^(?:--\d{2}-?\d{2}|\d{1,2}\.\d{1,2}\.)$`)
	dayNumber   = regexp.MustCompile(`^\d{4,5}$`)
)

// numericDate returns the numbers of a date whose order of day and month its form does not say.
func numericDate(text string) (first, second, year int, ambiguous bool) {
	match := slashDate.FindStringSubmatch(withoutTime(text))
	if match == nil {
		return 0, 0, 0, false
	}
	return number(match[1]), number(match[2]), number(match[3]), true
}

func withoutTime(text string) string {
	if at := timeOfDay.FindStringIndex(text); at != nil {
		return text[:at[0]]
	}
	return text
}

// parseDate returns the date that a text has; "" for one that says there is none. fault says why it can't be one.
func parseDate(text string, order Order) (date contact.Date, fault string) {
	text = withoutTime(text)
	if noDate.MatchString(text) {
		return "", ""
	}
	if m := isoDate.FindStringSubmatch(text); m != nil {
		return calendarDate(m[1], m[2], m[3])
	}
	if m := compactDate.FindStringSubmatch(text); m != nil {
		return calendarDate(m[1], m[2], m[3])
	}
	if m := pointDate.FindStringSubmatch(text); m != nil {
		return calendarDate(m[3], m[2], m[1])
	}
	if m := dayMonth.FindStringSubmatch(text); m != nil {
		return calendarDate(m[3], monthNumber(m[2]), m[1])
	}
	if m := monthDay.FindStringSubmatch(text); m != nil {
		return calendarDate(m[3], monthNumber(m[1]), m[2])
	}
	if m := slashDate.FindStringSubmatch(text); m != nil {
		first, second := number(m[1]), number(m[2])
		switch {
		case order == Mixed && first <= 12 && second <= 12 && first != second:
			return "", "can be read with the day or the month first: write it as YYYY-MM-DD"
		case second > 12 || order == MonthFirst && first <= 12:
			return calendarDate(m[3], m[1], m[2])
		}
		return calendarDate(m[3], m[2], m[1])
	}
	switch {
	case shortYear.MatchString(text):
		return "", "has a year of two digits: write the date as YYYY-MM-DD"
	case noYear.MatchString(text):
		return "", "has no year"
	case dayNumber.MatchString(text):
		return "", "is the number by which a spreadsheet counts days: format the column as dates and save the file again"
	}
	return "", "is no date that can be read: write it as YYYY-MM-DD"
}

// calendarDate returns a date of the calendar. A year of 1604 stands for none: Apple writes birthdays without a year so.
func calendarDate(year, month, day string) (contact.Date, string) {
	if number(year) == 1604 {
		return "", "has no year (1604 stands for none)"
	}
	text := fmt.Sprintf("%04d-%02d-%02d", number(year), number(month), number(day))
	date, fault := exchange.Formatted("date", text)
	if fault != "" {
		return "", "is no day of the calendar: write it as YYYY-MM-DD"
	}
	return contact.Date(date), ""
}

// monthNames are the first three letters of the months, in English and German where they differ.
var monthNames = [][]string{{"jan", "jän"}, {"feb"}, {"mar", "mär", "mrz", "maerz"}, {"apr"}, {"may", "mai"}, {"jun"}, {"jul"}, {"aug"}, {"sep"}, {"oct", "okt"}, {"nov"}, {"dec", "dez"}}

// monthNumber returns the number of a month by its name, "0" if there is no such month.
func monthNumber(name string) string {
	name = strings.ToLower(name)
	for i, beginnings := range monthNames {
		for _, beginning := range beginnings {
			if strings.HasPrefix(name, beginning) {
				return strconv.Itoa(i + 1)
			}
		}
	}
	return "0"
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // matched digits, at most 4
	return n
}
