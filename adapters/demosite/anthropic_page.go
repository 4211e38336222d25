package demosite

import (
	_ "embed"
	"strings"
	"text/template"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

var (
	//go:embed anthropic.md.tmpl
	anthropicMarkdownText string
	//go:embed anthropic.html.tmpl
	anthropicHTMLText string

	anthropicMarkdown = template.Must(template.New("markdown").Parse(anthropicMarkdownText))
	anthropicHTML     = htmlPage(anthropicHTMLText)
)

func anthropicSheet(d day) any { return d.anthropic.sheet() }

// sheet is what the templates print.
type sheet struct {
	Rows      []row
	Long      []string // names of the models with a long-context price
	LongRates printedPair
	BaseRates printedPair // of the same models, up to the threshold
	Fast      string      // name of the model with a fast mode
	FastRates printedPair
	Listed    []string // names of all models, for the tables that print no price
	Example   example
}

// row is a line of the price tables, as printed.
type row struct {
	Name, Remark, Dated                                string
	In, Write, WriteHour, Read, Out, BatchIn, BatchOut string
}

type printedPair struct{ In, Out string }

// example is a bill as a page works it out, full of figures that are no rates.
type example struct{ Name, In, Out, InCost, OutCost, Total string }

func (c catalogue) sheet() sheet {
	var s sheet
	for _, m := range c.models {
		s.Listed = append(s.Listed, m.name)
		if m.unpriced {
			continue
		}
		s.Rows = append(s.Rows, rows(m)...)
		if m.long != nil {
			s.Long = append(s.Long, m.name)
			s.LongRates = printedPair{dollars(m.long.in), dollars(m.long.out)}
			s.BaseRates = printedPair{dollars(m.price.in), dollars(m.price.out)}
		}
		if m.fast != nil {
			s.Fast = shortName(m.name)
			s.FastRates = printedPair{dollars(m.fast.in), dollars(m.fast.out)}
		}
		if m.billed {
			s.Example = workedOut(m)
		}
	}
	return s
}

// rows are one row, or two where a change is announced.
func rows(m model) []row {
	if m.announced == nil {
		return []row{printed(m, m.price, "")}
	}
	last := domain.DateOf(m.announced.from.Start().AddDate(0, 0, -1))
	return []row{
		printed(m, m.price, "through "+long(last)),
		printed(m, m.announced.price, "starting "+long(m.announced.from)),
	}
}

func printed(m model, p price, dated string) row {
	return row{
		Name: m.name, Remark: m.remark, Dated: dated,
		In: dollars(p.in), Write: dollars(p.write), WriteHour: dollars(p.writeHour), Read: dollars(p.read), Out: dollars(p.out),
		BatchIn: dollars(p.batchIn), BatchOut: dollars(p.batchOut),
	}
}

// shortName leaves the brand out, as running text does.
func shortName(name string) string { return strings.TrimPrefix(name, "Claude ") }

// workedOut bills 50,000 input and 15,000 output tokens.
func workedOut(m model) example {
	million := decimal.NewFromInt(1_000_000)
	in := m.price.in.Mul(decimal.NewFromInt(50_000)).Div(million)
	out := m.price.out.Mul(decimal.NewFromInt(15_000)).Div(million)
	return example{
		Name: m.name, In: dollars(m.price.in), Out: dollars(m.price.out),
		InCost: dollars(in), OutCost: dollars(out), Total: dollars(in.Add(out)),
	}
}
