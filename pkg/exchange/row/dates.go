package row

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

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

// Orders are what the rows of a file say of the order of day and month, by the positions of the columns, from 1.
type Orders map[int]Ordered

// Ordered is what the rows say of one column.
type Ordered struct {
	Order   Order  `json:"order,omitempty"`
	Example string `json:"example,omitempty"` // a date that can be read in both orders
}

// Survey notes in orders what a row says of the order of day and month in its columns. All rows are surveyed before any is made a draft.
func (t *Table) Survey(cells []string, orders Orders) {
	for i, c := range t.columns {
		if i >= len(cells) || !c.isDate() {
			continue
		}
		text := strings.TrimSpace(t.cell(cells[i]))
		first, second, isNumeric := numericDate(text)
		if !isNumeric {
			continue
		}
		column := orders[i+1]
		switch {
		case first > 12 && second <= 12:
			column.note(DayFirst)
		case second > 12 && first <= 12:
			column.note(MonthFirst)
		case first <= 12 && first != second && column.Example == "":
			column.Example = text
		}
		orders[i+1] = column
	}
}

// note adds the order of one date.
func (o *Ordered) note(said Order) {
	if o.Order == Undecided {
		o.Order = said
	} else if o.Order != said {
		o.Order = Mixed
	}
}

// OrderWarnings returns a warning for each column with dates that can be read in two ways, once the file is surveyed up to its end.
func (t *Table) OrderWarnings(orders Orders, region string) []exchange.Problem {
	var all []exchange.Problem
	for i, c := range t.columns {
		switch o := orders[i+1]; {
		case o.Example == "":
		case o.Order == Mixed:
			all = append(all, warn(c.heading, "some dates of this column have the day first, others the month: dates such as %s, which can be read in both ways, are kept as text; write all as YYYY-MM-DD", o.Example))
		case o.Order == Undecided:
			all = append(all, warn(c.heading, "all dates of this column can be read in two ways, day or month first: %s is read with the %s first; write them as YYYY-MM-DD if that is wrong", o.Example, orderWord(defaultOrder(region))))
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

// datePatterns are the forms of dates. They are compiled when a date is read: functions that read none start without them.
type datePatterns struct {
	iso, compact, point, slash, dayMonth, monthDay, timeOfDay *regexp.Regexp
	none, shortYear, noYear, dayNumber                        *regexp.Regexp
}

var patterns = sync.OnceValue(func() datePatterns {
	return datePatterns{
		iso:       regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`),
		compact:   regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`),
		point:     regexp.MustCompile(`^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$`),
		slash:     regexp.MustCompile(`^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$`),
		dayMonth:  regexp.MustCompile(`^(\d{1,2})\.?[ -](\pL{3,9})\.?,?[ -](\d{4})$`),
		monthDay:  regexp.MustCompile(`^(\pL{3,9})\.? (\d{1,2}),? (\d{4})$`),
		timeOfDay: regexp.MustCompile(`(?:[T ]|, )\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[AaPp]\.?[Mm]\.?)?\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?$`),
		none:      regexp.MustCompile(`^[0.:/ -]*$`), // 0/0/00, 00.00.0000, --
		shortYear: regexp.MustCompile(`^\d{1,2}[./-]\d{1,2}[./-]\d{2}$`),
		noYear:    regexp.MustCompile(`^(?:--\d{2}-?\d{2}|\d{1,2}\.\d{1,2}\.)$`),
		dayNumber: regexp.MustCompile(`^\d{4,5}$`),
	}
})

// numericDate returns the first two numbers of a date whose order of day and month its form does not say.
func numericDate(text string) (first, second int, found bool) {
	match := patterns().slash.FindStringSubmatch(withoutTime(text))
	if match == nil {
		return 0, 0, false
	}
	return number(match[1]), number(match[2]), true
}

func withoutTime(text string) string {
	if at := patterns().timeOfDay.FindStringIndex(text); at != nil {
		return text[:at[0]]
	}
	return text
}

// parseDate returns the date that a text has; "" for one that says there is none. fault says why it can't be one.
func parseDate(text string, order Order) (date contact.Date, fault string) {
	p := patterns()
	text = withoutTime(text)
	if p.none.MatchString(text) {
		return "", ""
	}
	if m := p.iso.FindStringSubmatch(text); m != nil {
		return calendarDate(m[1], m[2], m[3])
	}
	if m := p.compact.FindStringSubmatch(text); m != nil {
		return calendarDate(m[1], m[2], m[3])
	}
	if m := p.point.FindStringSubmatch(text); m != nil {
		return calendarDate(m[3], m[2], m[1])
	}
	if m := p.dayMonth.FindStringSubmatch(text); m != nil {
		return calendarDate(m[3], monthNumber(m[2]), m[1])
	}
	if m := p.monthDay.FindStringSubmatch(text); m != nil {
		return calendarDate(m[3], monthNumber(m[1]), m[2])
	}
	if m := p.slash.FindStringSubmatch(text); m != nil {
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
	case p.shortYear.MatchString(text):
		return "", "has a year of two digits: write the date as YYYY-MM-DD"
	case p.noYear.MatchString(text):
		return "", "has no year"
	case p.dayNumber.MatchString(text):
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
