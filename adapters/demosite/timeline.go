package demosite

import (
	"slices"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// timeline is what happens, day by day. date gives the date of a day.
func timeline(date func(day int) domain.Date) []catalogue {
	// Day 1: the price list as it stands.
	one := catalogue{date: date(1), models: dayOne}

	// Day 2: Haiku 4.5 costs a fifth less, on every meter; Opus 4.8 is new.
	two := one.next(date(2))
	two.cut("claude-haiku-4-5-20251001", "0.8")
	two.launch(model{
		id: "claude-opus-4-8", name: "Claude Opus 4.8", created: "2026-05-28",
		context: 1_000_000, output: 128_000, abilities: newest,
		price: usd("5", "6.25", "10", "0.50", "25", "2.50", "12.50"),
	})

	// Day 3: Sonnet 4 is gone, from the list and from the page; what Sonnet 5
	// costs is announced to end in two weeks, with its price from then on.
	three := two.next(date(3))
	three.remove("claude-sonnet-4-20250514")
	three.announce("claude-sonnet-5", date(17), usd("3", "3.75", "6", "0.30", "15", "1.50", "7.50"))

	return []catalogue{one, two, three}
}

// next is a copy for the following day.
func (c catalogue) next(date domain.Date) catalogue {
	return catalogue{date: date, models: slices.Clone(c.models)}
}

func (c *catalogue) find(id string) *model {
	return &c.models[slices.IndexFunc(c.models, func(m model) bool { return m.id == id })]
}

// cut changes every price of a model by one factor.
func (c *catalogue) cut(id, factor string) {
	m, by := c.find(id), decimal.RequireFromString(factor)
	m.price = price{
		in: m.price.in.Mul(by), write: m.price.write.Mul(by), writeHour: m.price.writeHour.Mul(by),
		read: m.price.read.Mul(by), out: m.price.out.Mul(by),
		batchIn: m.price.batchIn.Mul(by), batchOut: m.price.batchOut.Mul(by),
	}
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
