package api

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// A cell of a table, as it is written.
type cell string

// text is a cell of a text from elsewhere. Spreadsheets run what begins like a
// formula; an apostrophe before it makes it text.
func text(s string) cell {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return cell("'" + s)
	}
	return cell(s)
}

// number is a cell of a figure of ours.
func number(s string) cell { return cell(s) }

func nullCell(d decimal.NullDecimal) cell {
	if !d.Valid {
		return ""
	}
	return number(amount(d.Decimal))
}

func instantCell(t time.Time) cell { return cell(t.UTC().Format(time.RFC3339Nano)) }

func names(columns ...string) []cell {
	out := make([]cell, len(columns))
	for i, c := range columns {
		out[i] = cell(c)
	}
	return out
}

func row(head []cell, rest ...cell) []cell { return slices.Concat(head, rest) }

// csvOf writes a table in the manner of RFC 4180.
func csvOf(table [][]cell) (io.Reader, error) {
	var body bytes.Buffer
	w := csv.NewWriter(&body)
	w.UseCRLF = true
	for _, cells := range table {
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = string(c)
		}
		if err := w.Write(line); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return &body, w.Error()
}
