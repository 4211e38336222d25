package guard

import (
	"slices"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// factors doubts what moves by a factor that is no price's: a power of ten, a
// misread unit, or beyond what prices do. What was free may cost anything.
func (m *model) factors(c *census, settings domain.Guard, own map[int][]domain.Doubt) {
	most := decimal.NewFromInt(int64(settings.LargestFactor))
	for _, i := range m.moved {
		q := &c.page.Now[i]
		if q.Old.IsZero() {
			continue
		}
		factor := q.Amount.Div(*q.Old)
		doubt := domain.Doubt{Factor: show(factor)}
		switch power, is := powerOfTen(*q.Old, q.Amount); {
		case is && power%3 == 0:
			doubt.Code = domain.DoubtUnit
		case is && (power == 2 || power == -2):
			doubt.Code = domain.DoubtCents
		case is:
			doubt.Code = domain.DoubtPowerOfTen
		case factor.GreaterThan(most) || factor.Mul(most).LessThan(decimal.NewFromInt(1)):
			doubt.Code, doubt.Limit = domain.DoubtFactor, settings.LargestFactor
		default:
			continue
		}
		own[i] = append(own[i], doubt)
	}
}

// powerOfTen reports whether an amount is another times 10ⁿ, n not 0.
func powerOfTen(old, now decimal.Decimal) (n int, is bool) {
	if now.IsZero() {
		return 0, false
	}
	a, b := plain(old), plain(now)
	return int(b.exponent - a.exponent), a.digits == b.digits && a.exponent != b.exponent
}

// figure is an amount as something to compare quickly: digits × 10^exponent
// without trailing zeros.
type figure struct {
	digits   string
	exponent int32
}

func plain(d decimal.Decimal) figure {
	if d.IsZero() {
		return figure{}
	}
	digits := d.Coefficient().String()
	n := len(digits)
	for n > 0 && digits[n-1] == '0' {
		n--
	}
	return figure{digits[:n], d.Exponent() + int32(len(digits)-n)}
}

// swapped doubts a model whose amounts are all still there, under other meters
// or other tiers: two columns, or two tabs, were taken for each other.
func (m *model) swapped(c *census, own map[int][]domain.Doubt) {
	m.permuted(c, own, domain.DoubtColumns, func(k domain.QuoteKey) domain.QuoteKey {
		return domain.QuoteKey{Tier: k.Tier, Region: k.Region, MinPromptTokens: k.MinPromptTokens}
	})
	m.permuted(c, own, domain.DoubtTiers, func(k domain.QuoteKey) domain.QuoteKey {
		return domain.QuoteKey{Meter: k.Meter, Region: k.Region, MinPromptTokens: k.MinPromptTokens}
	})
}

func (m *model) permuted(c *census, own map[int][]domain.Doubt, code domain.DoubtCode, group func(domain.QuoteKey) domain.QuoteKey) {
	type amounts struct {
		was, is []decimal.Decimal
		places  []int
	}
	groups := map[domain.QuoteKey]*amounts{}
	of := func(k domain.QuoteKey) *amounts {
		g := groups[group(k)]
		if g == nil {
			g = &amounts{}
			groups[group(k)] = g
		}
		return g
	}
	for _, i := range m.moved {
		q := &c.page.Now[i]
		g := of(q.QuoteKey)
		g.was, g.is, g.places = append(g.was, *q.Old), append(g.is, q.Amount), append(g.places, i)
	}
	for _, i := range m.fresh {
		q := &c.page.Now[i]
		g := of(q.QuoteKey)
		g.is, g.places = append(g.is, q.Amount), append(g.places, i)
	}
	for _, q := range m.gone {
		g := of(q.QuoteKey)
		g.was = append(g.was, q.Amount)
	}
	for _, g := range groups {
		slices.SortFunc(g.was, decimal.Decimal.Cmp)
		slices.SortFunc(g.is, decimal.Decimal.Cmp)
		if len(g.is) == 0 || !slices.EqualFunc(g.was, g.is, decimal.Decimal.Equal) {
			continue
		}
		for _, i := range g.places {
			own[i] = append(own[i], domain.Doubt{Code: code})
		}
	}
}

// olds finds, by an amount, the models that had it.
type olds struct {
	names  map[cell][]string
	amount map[namedCell]decimal.Decimal
	ranges map[[2]string]*[2]decimal.Decimal // by meter and tier: the least and the most
}

// cell is an amount in a column.
type cell struct {
	tier   domain.Tier
	meter  domain.Meter
	region domain.Region
	above  int64
	amount figure
}

// namedCell is a cell by its row.
type namedCell struct {
	name string
	cell
}

// before tells of what the whole page said before.
func (c *census) before() *olds {
	if c.olds != nil {
		return c.olds
	}
	o := &olds{names: map[cell][]string{}, amount: map[namedCell]decimal.Decimal{}, ranges: map[[2]string]*[2]decimal.Decimal{}}
	note := func(k domain.QuoteKey, amount decimal.Decimal) {
		at := cell{tier: k.Tier, meter: k.Meter, region: k.Region, above: k.MinPromptTokens}
		o.amount[namedCell{k.Name, at}] = amount
		at.amount = plain(amount)
		o.names[at] = append(o.names[at], k.Name)
		if amount.IsZero() {
			return
		}
		span := o.ranges[[2]string{string(k.Meter), string(k.Tier)}]
		if span == nil {
			o.ranges[[2]string{string(k.Meter), string(k.Tier)}] = &[2]decimal.Decimal{amount, amount}
			return
		}
		if amount.LessThan(span[0]) {
			span[0] = amount
		}
		if amount.GreaterThan(span[1]) {
			span[1] = amount
		}
	}
	for i := range c.page.Now {
		if q := &c.page.Now[i]; q.Old != nil {
			note(q.QuoteKey, *q.Old)
		}
	}
	for i := range c.page.Gone {
		note(c.page.Gone[i].QuoteKey, c.page.Gone[i].Amount)
	}
	c.olds = o
	return o
}

// shifted doubts a model that has, in all that moves of a row, the amounts that
// another model had: the rows have slipped. One amount alone says nothing, and
// a date beside it says that it is meant.
func (m *model) shifted(c *census, own map[int][]domain.Doubt) {
	rows := map[domain.QuoteKey][]int{}
	for _, i := range m.moved {
		k := c.page.Now[i].QuoteKey
		if !k.From.IsZero() {
			continue
		}
		row := domain.QuoteKey{Tier: k.Tier, Region: k.Region, MinPromptTokens: k.MinPromptTokens}
		rows[row] = append(rows[row], i)
	}
	for _, places := range rows {
		if len(places) < 2 {
			continue
		}
		if other := c.had(m.name, places); other != "" {
			for _, i := range places {
				own[i] = append(own[i], domain.Doubt{Code: domain.DoubtRow, Other: other})
			}
		}
	}
}

// had names another model that had these amounts under the same headers; empty
// for none.
func (c *census) had(name string, places []int) string {
	o := c.before()
	at := func(i int) cell {
		k := c.page.Now[i].QuoteKey
		return cell{tier: k.Tier, meter: k.Meter, region: k.Region, above: k.MinPromptTokens}
	}
	first := at(places[0])
	first.amount = plain(c.page.Now[places[0]].Amount)
	for _, other := range o.names[first] {
		if other != name && !slices.ContainsFunc(places, func(i int) bool {
			amount, has := o.amount[namedCell{other, at(i)}]
			return !has || !amount.Equal(c.page.Now[i].Amount)
		}) {
			return other
		}
	}
	return ""
}

// scale doubts a new rate that is far from all that was stated of its meter.
func (m *model) scale(c *census, settings domain.Guard, own map[int][]domain.Doubt) {
	most := decimal.NewFromInt(int64(settings.LargestFactor))
	for _, i := range m.fresh {
		q := &c.page.Now[i]
		span := c.before().ranges[[2]string{string(q.Meter), string(q.Tier)}]
		if span == nil || q.Amount.IsZero() {
			continue
		}
		if q.Amount.GreaterThan(span[1].Mul(most)) || q.Amount.Mul(most).LessThan(span[0]) {
			own[i] = append(own[i], domain.Doubt{Code: domain.DoubtScale, Limit: settings.LargestFactor})
		}
	}
}
