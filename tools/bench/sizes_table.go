package main

import (
	"fmt"
	"math"
)

// What Lambda takes for arm64 in us-east-1, in USD; docs/cost.md has the whole cost.
const (
	perGBSecond = 0.0000133
	perRequest  = 0.20 / 1e6
)

// tables returns a table for each function and one of the cost of Lambda.
func (s *sizes) tables() string {
	if s == nil {
		return ""
	}
	if s.missing != "" {
		return "Functions within the CPU share of a memory size: " + s.missing + ".\n"
	}
	var t table
	s.timesOf(&t, individuals, "GET contact, p50 | p99 | create contact, p50 | p99 | list of 200, p50 | p99 | list of 5,000, p50",
		func(f *sized) []float64 {
			get, create, list := f.times[getContact], f.times[createContact], f.times[list200]
			return []float64{get.median(), get.at(0.99), create.median(), create.at(0.99), list.median(), list.at(0.99), f.times[list5000].median()}
		})
	s.timesOf(&t, authorizing, "login, p50 | p99", func(f *sized) []float64 {
		return []float64{f.times[logIn].median(), f.times[logIn].at(0.99)}
	})
	s.timesOf(&t, imageProcessor, "", func(*sized) []float64 { return nil })
	t.line("What Lambda takes for a million requests, in USD, with the time that they took here (docs/cost.md has the prices):\n")
	costs := []struct{ function, task string }{{individuals, getContact}, {individuals, createContact}, {individuals, list200}, {individuals, list5000},
		{authorizing, logIn}, {imageProcessor, picture}}
	columns := "MB"
	for _, c := range costs {
		columns += " | " + c.task
	}
	t.head(columns)
	for _, z := range s.all {
		cells := []string{fmt.Sprint(z.megabytes)}
		for _, c := range costs {
			cells = append(cells, fmt.Sprintf("%.2f", z.costOfMillion(z.of[c.function].times[c.task])))
		}
		t.row(cells...)
	}
	return t.String()
}

// timesOf returns the table of a function: start and first request, then figures by column, and memory.
func (s *sizes) timesOf(t *table, function, columns string, figures func(*sized) []float64) {
	if columns != "" {
		columns += " | "
	}
	first := map[string]string{individuals: "first GET contact", authorizing: "first login", imageProcessor: picture}[function]
	t.line("The function %s, in ms; a quota of CPU time in periods of 20 ms:\n", function)
	t.head("MB | CPU | start-up | " + first + " | " + columns + "memory at most, MB")
	for _, z := range s.all {
		f := z.of[function]
		cells := []string{fmt.Sprint(z.megabytes), fmt.Sprint(z.cpus)}
		for _, figure := range append([]float64{f.start.median(), f.first.median()}, figures(f)...) {
			cells = append(cells, inMilliseconds(figure))
		}
		t.row(append(cells, fmt.Sprintf("%.0f", megabytes(f.peak)))...)
	}
	t.line("")
}

// costOfMillion is what Lambda takes for a million requests that took so many ms each: it counts begun ms.
func (z *size) costOfMillion(times series) float64 {
	var billed float64
	for _, ms := range times {
		billed += math.Ceil(ms)
	}
	seconds := billed / float64(len(times)) / 1000
	return 1e6 * (perRequest + seconds*float64(z.megabytes)/1024*perGBSecond)
}

// inMilliseconds formats a duration with its significant digits.
func inMilliseconds(ms float64) string {
	if ms < 10 {
		return fmt.Sprintf("%.2f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}
