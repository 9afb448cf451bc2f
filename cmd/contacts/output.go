package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"
)

// show prints a result, as text or as JSON.
func (a *administration) show(v any, format string, args ...any) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(v)
	}
	_, err := fmt.Fprintf(a.out, format+"\n", args...)
	return err
}

// showList prints rows under headings, or as JSON, an object a line. The columns are named in snake_case; a value is a string, strings, a
// time, or nil for none.
func (a *administration) showList(columns []string, rows [][]any) error {
	text := tabwriter.NewWriter(a.out, 0, 0, 3, ' ', 0) // Flush returns its errors
	if !a.json {
		fmt.Fprintln(text, strings.ToUpper(strings.ReplaceAll(strings.Join(columns, "\t"), "_", " ")))
	}
	for _, row := range rows {
		object, cells := map[string]any{}, make([]string, len(columns))
		for i, value := range row {
			cells[i] = fmt.Sprint(value)
			switch v := value.(type) {
			case nil:
				cells[i] = "-"
				continue
			case time.Time:
				value, cells[i] = timestamp(v), timestamp(v)
			case []string:
				value, cells[i] = append([]string{}, v...), cmp.Or(strings.Join(v, ", "), "-")
			}
			object[columns[i]] = value
		}
		if !a.json {
			fmt.Fprintln(text, strings.Join(cells, "\t"))
		} else if err := json.NewEncoder(a.out).Encode(object); err != nil {
			return err
		}
	}
	return text.Flush()
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// confirm asks on the terminal whether to do what can't be undone, unless yes says so already. Without a terminal it is an error.
func confirm(ctx context.Context, yes bool, question string) error {
	if yes {
		return nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return errors.New(question + " This can't be undone; --yes confirms it")
	}
	fmt.Fprint(os.Stderr, question+" This can't be undone. [y/N] ")
	answered := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n') // no answer is no
		answered <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case answer := <-answered:
		if answer == "y" || answer == "yes" {
			return nil
		}
	case <-ctx.Done():
	}
	return errors.New("nothing is deleted")
}
