package demosite

import (
	"slices"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// catalogue is what Anthropic sells on one day, newest model first.
type catalogue struct{ models []model }

// model is an entry of the list, a row of the price page, or both.
type model struct {
	id        string // empty: priced on the page, not in this account's list
	name      string
	created   string // a date; empty: the list gives the epoch, which means unknown
	context   int64  // tokens; 0: the list does not say
	output    int64  // tokens; 0: the list does not say
	abilities []ability
	remark    string // beside the name on the page
	unpriced  bool   // in the list, not on the page
	price     price
	long      *pair         // of prompts over 200k tokens
	fast      *pair         // in fast mode
	billed    bool          // the page works out a bill with it
	announced *announcement // a price to come
}

// ability is something that the list says of a model.
type ability struct {
	name      string
	supported bool
}

// price is a row of the price tables, in USD per million tokens.
type price struct{ in, write, writeHour, read, out, batchIn, batchOut decimal.Decimal }

// pair is an input and an output price, in USD per million tokens.
type pair struct{ in, out decimal.Decimal }

type announcement struct {
	from  domain.Date
	price price
}

func usd(in, write, writeHour, read, out, batchIn, batchOut string) price {
	d := decimal.RequireFromString
	return price{d(in), d(write), d(writeHour), d(read), d(out), d(batchIn), d(batchOut)}
}

func inOut(in, out string) *pair {
	return &pair{decimal.RequireFromString(in), decimal.RequireFromString(out)}
}

// What the lists say of three generations of models.
var (
	newest = []ability{
		{"batch", true}, {"citations", true}, {"code_execution", true}, {"context_management", true}, {"effort", true},
		{"image_input", true}, {"pdf_input", true}, {"structured_outputs", true}, {"thinking", true},
	}
	recent = []ability{
		{"batch", true}, {"citations", true}, {"code_execution", true}, {"context_management", true}, {"effort", false},
		{"image_input", true}, {"pdf_input", true}, {"structured_outputs", true}, {"thinking", true},
	}
	older = []ability{
		{"batch", true}, {"citations", true}, {"code_execution", false}, {"context_management", true}, {"effort", false},
		{"image_input", true}, {"pdf_input", true}, {"structured_outputs", false}, {"thinking", true},
	}
)

// dayOne has real ids and prices, and of every irregularity one: a model that
// only the page names, one that only the list names, one of unknown age, and old
// ones of which the list says little.
var dayOne = []model{
	{
		name: "Claude Mythos 5", remark: "limited availability",
		price: usd("10", "12.50", "20", "1", "50", "5", "25"),
	},
	{
		id: "claude-sonnet-5", name: "Claude Sonnet 5", context: 1_000_000, output: 128_000, abilities: newest,
		price: usd("2", "2.50", "4", "0.20", "10", "1", "5"),
	},
	{
		id: "claude-opus-4-7", name: "Claude Opus 4.7", created: "2026-04-14", context: 1_000_000, output: 128_000, abilities: newest, billed: true,
		price: usd("5", "6.25", "10", "0.50", "25", "2.50", "12.50"),
	},
	{
		id: "claude-sonnet-4-6", name: "Claude Sonnet 4.6", created: "2026-02-17", context: 1_000_000, output: 128_000, abilities: newest,
		price: usd("3", "3.75", "6", "0.30", "15", "1.50", "7.50"),
	},
	{
		id: "claude-opus-4-6", name: "Claude Opus 4.6", created: "2026-02-04", context: 1_000_000, output: 128_000, abilities: newest,
		price: usd("5", "6.25", "10", "0.50", "25", "2.50", "12.50"), fast: inOut("30", "150"),
	},
	{
		id: "claude-opus-4-5-20251101", name: "Claude Opus 4.5", created: "2025-11-24", context: 200_000, output: 64_000, abilities: newest,
		price: usd("5", "6.25", "10", "0.50", "25", "2.50", "12.50"),
	},
	{
		id: "claude-haiku-4-5-20251001", name: "Claude Haiku 4.5", created: "2025-10-15", context: 200_000, output: 64_000, abilities: older,
		price: usd("1", "1.25", "2", "0.10", "5", "0.50", "2.50"),
	},
	{
		id: "claude-sonnet-4-5-20250929", name: "Claude Sonnet 4.5", created: "2025-09-29", context: 1_000_000, output: 64_000, abilities: recent,
		price: usd("3", "3.75", "6", "0.30", "15", "1.50", "7.50"), long: inOut("6", "22.50"),
	},
	{
		id: "claude-opus-4-1-20250805", name: "Claude Opus 4.1", created: "2025-08-05", context: 200_000, output: 32_000, abilities: older, remark: "deprecated",
		price: usd("15", "18.75", "30", "1.50", "75", "7.50", "37.50"),
	},
	{
		id: "claude-sonnet-4-20250514", name: "Claude Sonnet 4", created: "2025-05-22", abilities: older,
		price: usd("3", "3.75", "6", "0.30", "15", "1.50", "7.50"), long: inOut("6", "22.50"),
	},
	{
		name: "Claude Haiku 3.5", remark: "retired, except on Bedrock and Google Cloud",
		price: usd("0.80", "1", "1.60", "0.08", "4", "0.40", "2"),
	},
	{
		id: "claude-3-haiku-20240307", name: "Claude Haiku 3", created: "2024-03-07",
		price: usd("0.25", "0.30", "0.50", "0.03", "1.25", "0.125", "0.625"),
	},
	{id: "claude-3-sonnet-20240229", name: "Claude Sonnet 3", created: "2024-02-29", unpriced: true},
}

func (c *catalogue) find(id string) *model {
	return find(c.models, func(m model) bool { return m.id == id })
}

// find gives the first that is; nil where none is.
func find[M any](all []M, is func(M) bool) *M {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return &all[i]
	}
	return nil
}

// multiply changes every price of a model by one factor; false where there is none.
func (c *catalogue) multiply(id string, by decimal.Decimal) bool {
	m := c.find(id)
	if m == nil || id == "" {
		return false
	}
	m.price = price{
		in: m.price.in.Mul(by), write: m.price.write.Mul(by), writeHour: m.price.writeHour.Mul(by),
		read: m.price.read.Mul(by), out: m.price.out.Mul(by),
		batchIn: m.price.batchIn.Mul(by), batchOut: m.price.batchOut.Mul(by),
	}
	m.long, m.fast = m.long.times(by), m.fast.times(by)
	return true
}

func (p *pair) times(by decimal.Decimal) *pair {
	if p == nil {
		return nil
	}
	return &pair{p.in.Mul(by), p.out.Mul(by)}
}

// launch puts a new model in front.
func (c *catalogue) launch(m model) { c.models = slices.Insert(c.models, 0, m) }

func (c *catalogue) remove(id string) {
	c.models = slices.DeleteFunc(c.models, func(m model) bool { return m.id == id })
}

// announce says that a model's price changes on a day.
func (c *catalogue) announce(id string, from domain.Date, then price) {
	c.find(id).announced = &announcement{from: from, price: then}
}

// withdraw takes an announcement back.
func (c *catalogue) withdraw(id string) { c.find(id).announced = nil }
