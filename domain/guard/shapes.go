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
	a, b := quick(old), quick(now)
	n = int(b.exponent - a.exponent)
	return n, n != 0 && a.digits == b.digits && old.Shift(int32(n)).Equal(now)
}

// figure tells amounts apart quickly: digits × 10^exponent without trailing
// zeros. Digits beyond an int64 are cut: equal amounts have equal figures, and
// others nearly always different ones.
type figure struct {
	digits   int64
	exponent int32
}

func quick(d decimal.Decimal) figure {
	f := figure{d.CoefficientInt64(), d.Exponent()}
	if f.digits == 0 {
		return figure{}
	}
	for f.digits%10 == 0 {
		f.digits, f.exponent = f.digits/10, f.exponent+1
	}
	return f
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

// A row is a model's amounts of one tier, region and threshold.
type row struct {
	model  *model
	key    domain.QuoteKey // without name and meter
	places []int           // of what moves in it
}

// shifted doubts models that have, in all that moves of a row, the amounts that
// another model had: the rows have slipped. One amount alone says nothing, and
// a date beside it says that it is meant.
func (c *census) shifted() map[int]domain.Doubt {
	var rows []row
	for _, m := range c.touched {
		rows = append(rows, m.rows(c)...)
	}
	if len(rows) == 0 {
		return nil
	}
	had := c.had(rows)
	doubts := map[int]domain.Doubt{}
	for i, r := range rows {
		if had[i] != "" {
			for _, place := range r.places {
				doubts[place] = domain.Doubt{Code: domain.DoubtRow, Other: had[i]}
			}
		}
	}
	return doubts
}

// rows are those of a model in which several amounts move.
func (m *model) rows(c *census) []row {
	var rows []row
	for _, i := range m.moved {
		k := c.page.Now[i].QuoteKey
		if !k.From.IsZero() {
			continue
		}
		k = domain.QuoteKey{Tier: k.Tier, Region: k.Region, MinPromptTokens: k.MinPromptTokens}
		at := slices.IndexFunc(rows, func(r row) bool { return r.key == k })
		if at < 0 {
			at, rows = len(rows), append(rows, row{model: m, key: k})
		}
		rows[at].places = append(rows[at].places, i)
	}
	return slices.DeleteFunc(rows, func(r row) bool { return len(r.places) < 2 })
}

// had names for each row another model that had its amounts under the same
// headers; empty for none. The whole page is looked through a few times, not
// once per row: an amount is first compared by a number.
func (c *census) had(rows []row) []string {
	wanted := map[figure][]int{} // rows by their first amount
	for i, r := range rows {
		f := quick(c.page.Now[r.places[0]].Amount)
		wanted[f] = append(wanted[f], i)
	}
	candidates := make([][]string, len(rows))
	known := map[string]map[domain.QuoteKey]decimal.Decimal{} // the amounts of the candidates
	c.eachOld(func(k *domain.QuoteKey, amount *decimal.Decimal) {
		for _, i := range wanted[quick(*amount)] {
			r := rows[i]
			if first := &c.page.Now[r.places[0]]; k.Name != r.model.name && k.Meter == first.Meter && k.Tier == r.key.Tier &&
				k.Region == r.key.Region && k.MinPromptTokens == r.key.MinPromptTokens {
				candidates[i] = append(candidates[i], k.Name)
				known[k.Name] = map[domain.QuoteKey]decimal.Decimal{}
			}
		}
	})
	c.eachOld(func(k *domain.QuoteKey, amount *decimal.Decimal) {
		if cells := known[k.Name]; cells != nil {
			cells[undatedKey(*k)] = *amount
		}
	})
	out := make([]string, len(rows))
	for i, names := range candidates {
		for _, name := range names {
			if out[i] == "" && c.same(rows[i], name, known[name]) {
				out[i] = name
			}
		}
	}
	return out
}

// same reports whether a row's amounts are those that another model had.
func (c *census) same(r row, name string, had map[domain.QuoteKey]decimal.Decimal) bool {
	return !slices.ContainsFunc(r.places, func(i int) bool {
		k := undatedKey(c.page.Now[i].QuoteKey)
		k.Name = name
		amount, there := had[k]
		return !there || !amount.Equal(c.page.Now[i].Amount)
	})
}

// eachOld goes through what the whole page said before.
func (c *census) eachOld(do func(k *domain.QuoteKey, amount *decimal.Decimal)) {
	for i := range c.page.Now {
		if q := &c.page.Now[i]; q.Old != nil {
			do(&q.QuoteKey, q.Old)
		}
	}
	for i := range c.page.Gone {
		do(&c.page.Gone[i].QuoteKey, &c.page.Gone[i].Amount)
	}
}

// reach is the least and the most that a page stated of a meter, of any tier
// and but nothing, and how often it stated any.
type reach struct {
	least, most decimal.Decimal
	count       int
}

// fewAmounts is up to how many amounts of a meter say nothing of what is usual.
const fewAmounts = 8

// reaches gives what a page stated of each meter.
func (c *census) reaches() map[domain.Meter]*reach {
	if c.usual != nil {
		return c.usual
	}
	c.usual = map[domain.Meter]*reach{}
	c.eachOld(func(k *domain.QuoteKey, amount *decimal.Decimal) {
		if amount.IsZero() {
			return
		}
		r := c.usual[k.Meter]
		if r == nil {
			r = &reach{least: *amount, most: *amount}
			c.usual[k.Meter] = r
		}
		if r.count++; amount.LessThan(r.least) {
			r.least = *amount
		} else if amount.GreaterThan(r.most) {
			r.most = *amount
		}
	})
	return c.usual
}

// scale doubts a new rate that is far from all that was stated of its meter.
func (m *model) scale(c *census, settings domain.Guard, own map[int][]domain.Doubt) {
	most := decimal.NewFromInt(int64(settings.LargestFactor))
	for _, i := range m.fresh {
		q := &c.page.Now[i]
		r := c.reaches()[q.Meter]
		if r == nil || r.count <= fewAmounts || q.Amount.IsZero() {
			continue
		}
		if q.Amount.GreaterThan(r.most.Mul(most)) || q.Amount.Mul(most).LessThan(r.least) {
			own[i] = append(own[i], domain.Doubt{Code: domain.DoubtScale, Limit: settings.LargestFactor})
		}
	}
}
