package guard_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/guard"
)

// A sheet is a price page: per model the amounts of its meters, standard and
// batch.
type sheet map[string]map[domain.Meter]string

var meters = []domain.Meter{domain.MeterInput, domain.MeterOutput, domain.MeterCacheRead, domain.MeterCacheWrite, domain.MeterCacheWrite1h}

// usual is a page of twelve models of four families, each with its own prices:
// none is a simple multiple of another's, so that no honest change meets one by
// chance (which would be held, and is left to the page's other form).
func usual() sheet {
	primes := []int64{23, 31, 41, 29, 37, 67, 43, 53, 71, 47, 59, 73}
	s := sheet{}
	for i, family := range []string{"amber", "birch", "cobalt", "dogwood"} {
		for j, size := range []string{"small", "medium", "large"} {
			base := decimal.NewFromInt(primes[3*i+j]).Div(decimal.NewFromInt(16))
			s[family+" "+size] = priced(base)
		}
	}
	return s
}

func priced(base decimal.Decimal) map[domain.Meter]string {
	times := func(n string) string { return base.Mul(decimal.RequireFromString(n)).String() }
	return map[domain.Meter]string{
		domain.MeterInput: times("1"), domain.MeterOutput: times("5"), domain.MeterCacheRead: times("0.1"),
		domain.MeterCacheWrite: times("1.25"), domain.MeterCacheWrite1h: times("2"),
	}
}

// quotes prints a sheet: the standard tier, and plain input and output by the
// batch at half.
func (s sheet) quotes() []domain.Quote {
	var all []domain.Quote
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	for row, name := range names {
		for column, meter := range meters {
			text, printed := s[name][meter]
			if !printed {
				continue
			}
			amount := decimal.RequireFromString(text)
			place := domain.Place{Path: fmt.Sprintf("row %d, column %d", row, column), Cell: text}
			key := domain.QuoteKey{Name: name, Tier: domain.TierStandard, Meter: meter, Region: domain.RegionGlobal}
			all = append(all, domain.Quote{QuoteKey: key, Amount: amount, Place: place})
			if meter == domain.MeterInput || meter == domain.MeterOutput {
				key.Tier, place.Path = domain.TierBatch, fmt.Sprintf("batch row %d, column %d", row, column)
				all = append(all, domain.Quote{QuoteKey: key, Amount: amount.Div(decimal.NewFromInt(2)), Place: place})
			}
		}
	}
	return all
}

// against puts what a page says beside what the one before said.
func against(old, now []domain.Quote) guard.Page {
	was := map[domain.QuoteKey]domain.Quote{}
	for _, q := range old {
		was[q.QuoteKey] = q
	}
	page := guard.Page{First: len(old) == 0}
	for _, q := range now {
		quoted := guard.Quoted{Quote: q}
		if o, there := was[q.QuoteKey]; there {
			amount := o.Amount
			quoted.Old = &amount
			delete(was, q.QuoteKey)
		}
		page.Now = append(page.Now, quoted)
	}
	for _, q := range old {
		if _, gone := was[q.QuoteKey]; gone {
			page.Gone = append(page.Gone, q)
		}
	}
	return page
}

// times moves every meter of models by a factor.
func (s sheet) times(factor string, names ...string) sheet {
	for _, name := range names {
		for meter, text := range s[name] {
			s[name][meter] = decimal.RequireFromString(text).Mul(decimal.RequireFromString(factor)).String()
		}
	}
	return s
}

func (s sheet) names() []string {
	var names []string
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// edit changes the quotes of a page as they are printed.
func edit(change func(q *domain.Quote)) func([]domain.Quote) []domain.Quote {
	return func(all []domain.Quote) []domain.Quote {
		for i := range all {
			change(&all[i])
		}
		return all
	}
}

func swap(a, b domain.Meter, of string) func([]domain.Quote) []domain.Quote {
	return edit(func(q *domain.Quote) {
		if (of == "" || q.Name == of) && (q.Meter == a || q.Meter == b) {
			q.Meter = map[domain.Meter]domain.Meter{a: b, b: a}[q.Meter]
		}
	})
}

// TestReasons: for each reason a page that is held for it, and an honest
// neighbour of it that is believed at once.
func TestReasons(t *testing.T) {
	family := []string{"birch large", "birch medium", "birch small"}
	cut := func(name, factor string, meters ...domain.Meter) func(sheet) sheet {
		return func(s sheet) sheet {
			for _, m := range meters {
				s[name][m] = decimal.RequireFromString(s[name][m]).Mul(decimal.RequireFromString(factor)).String()
			}
			return s
		}
	}
	moved := func(factor string, names ...string) func(sheet) sheet {
		return func(s sheet) sheet { return s.times(factor, names...) }
	}
	as := func(name string, prices map[domain.Meter]string) func(sheet) sheet {
		return func(s sheet) sheet { s[name] = prices; return s }
	}
	all := usual().names()
	for _, c := range []struct {
		code   domain.DoubtCode
		held   func(sheet) sheet
		paint  func([]domain.Quote) []domain.Quote
		honest func(sheet) sheet
	}{
		{code: domain.DoubtLone, held: cut("birch small", "0.5", domain.MeterInput), honest: moved("0.2", "birch small")},
		{code: domain.DoubtPowerOfTen, held: moved("0.1", "birch small"), honest: moved("0.11", "birch small")},
		{code: domain.DoubtCents, held: moved("100", "birch small"), honest: moved("9", "birch small")},
		{code: domain.DoubtUnit, held: moved("0.001", all...), honest: moved("0.5", family...)},
		{code: domain.DoubtFactor, held: moved("21", "birch small"), honest: moved("19", "birch small")},
		{code: domain.DoubtCurrency, held: moved("0.92", all...), honest: moved("0.92", "birch small")},
		{code: domain.DoubtWidespread, held: func(s sheet) sheet {
			for i, name := range all[:8] {
				s.times(fmt.Sprintf("0.%d", 5+i%3), name)
			}
			return s
		}, honest: func(s sheet) sheet {
			for i, name := range all[:4] {
				s.times(fmt.Sprintf("0.%d", 5+i%3), name)
			}
			return s
		}},
		{code: domain.DoubtUnsteady, held: func(s sheet) sheet {
			for i, name := range all[:9] {
				s = cut(name, fmt.Sprintf("0.%d", 3+i%6), domain.MeterInput)(s)
			}
			return s
		}, honest: func(s sheet) sheet {
			return cut("birch small", "0.7", domain.MeterOutput)(cut("birch small", "0.5", domain.MeterInput)(s))
		}},
		{code: domain.DoubtColumns, paint: swap(domain.MeterInput, domain.MeterOutput, "birch small"), honest: func(s sheet) sheet {
			return cut("birch small", "3", domain.MeterInput)(cut("birch small", "1.2", domain.MeterOutput)(s))
		}},
		{code: domain.DoubtTiers, paint: edit(func(q *domain.Quote) {
			if q.Name == "birch small" && (q.Meter == domain.MeterInput || q.Meter == domain.MeterOutput) {
				q.Tier = map[domain.Tier]domain.Tier{domain.TierBatch: domain.TierStandard, domain.TierStandard: domain.TierBatch}[q.Tier]
			}
		}), honest: moved("0.5", "birch small")},
		{code: domain.DoubtRow, held: func(s sheet) sheet {
			for i := len(all) - 1; i > 8; i-- {
				s[all[i]] = usual()[all[i-1]]
			}
			return s
		}, honest: as("elm new", usual()["birch small"])},
		{code: domain.DoubtOrder, held: func(s sheet) sheet {
			s["birch small"][domain.MeterCacheRead], s["birch small"][domain.MeterCacheWrite] = "50", "9"
			return s
		}, honest: func(s sheet) sheet {
			return cut("birch small", "2", domain.MeterCacheRead)(cut("birch small", "1.1", domain.MeterCacheWrite)(s))
		}},
		{code: domain.DoubtScale, held: as("elm new", priced(decimal.NewFromInt(4000))), honest: as("elm new", priced(decimal.NewFromInt(40)))},
	} {
		t.Run(string(c.code), func(t *testing.T) {
			before := usual().quotes()
			page := usual().quotes()
			if c.held != nil {
				page = c.held(usual()).quotes()
			}
			if c.paint != nil {
				page = c.paint(page)
			}
			judged := against(before, page)
			v := guard.Judge(judged, domain.Guard{})
			because := false
			for i, doubts := range v.Doubts {
				because = because || slices.ContainsFunc(doubts, func(d domain.Doubt) bool { return d.Code == c.code })
				if q := judged.Now[i]; q.Old != nil && q.Old.Equal(q.Amount) {
					t.Errorf("%s %s stands still and is doubted", q.Name, q.Meter)
				}
			}
			if !because {
				t.Errorf("not held for it: %v", v.Doubts)
			}
			for i, q := range judged.Now {
				if q.Old != nil && !q.Old.Equal(q.Amount) && len(v.Doubts[i]) == 0 {
					t.Errorf("%s %s %s goes from %s to %s unheld", q.Name, q.Tier, q.Meter, q.Old, q.Amount)
				}
			}
			if v := guard.Judge(against(before, c.honest(usual()).quotes()), domain.Guard{}); len(v.Doubts)+len(v.Refused) > 0 {
				t.Errorf("the honest neighbour is doubted: %v", v)
			}
		})
	}
}

// TestFlipsAndGuesses: what goes back to what it was of late is held, and so is
// whatever a guess says that nobody else has.
func TestFlipsAndGuesses(t *testing.T) {
	page := against(usual().quotes(), usual().times("0.5", "birch small").quotes())
	if v := guard.Judge(page, domain.Guard{}); len(v.Doubts) > 0 {
		t.Fatalf("the cut itself is doubted: %v", v.Doubts)
	}
	for i := range page.Now {
		if page.Now[i].Old.Equal(page.Now[i].Amount) {
			continue
		}
		page.Now[i].WasThat = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	}
	v := guard.Judge(page, domain.Guard{})
	if len(v.Doubts) != 7 {
		t.Errorf("%d of the 7 rates that flip are held", len(v.Doubts))
	}
	for _, doubts := range v.Doubts {
		if doubts[0].Code != domain.DoubtFlip || doubts[0].Other != "2026-03-01T00:00:00Z" {
			t.Errorf("held for %+v", doubts)
		}
	}
	guessed := against(usual().quotes(), usual().times("0.5", "birch small").quotes())
	for i := range guessed.Now {
		guessed.Now[i].Place.Reader = domain.ReaderAuto
	}
	if v := guard.Judge(guessed, domain.Guard{Off: true}); len(v.Doubts) != 7 || v.Doubts[firstOf(v.Doubts)][0].Code != domain.DoubtConfirms {
		t.Errorf("a guess: %v", v.Doubts)
	}
}

func firstOf(doubts map[int][]domain.Doubt) int {
	for i := range doubts {
		return i
	}
	return -1
}

// TestRefused: what is no price is refused, whatever else the page says and
// however it is set.
func TestRefused(t *testing.T) {
	for _, text := range []string{"-0.000001", "-5", "1000000.01", "99999999999"} {
		for _, settings := range []domain.Guard{{}, {Off: true}} {
			for _, before := range [][]domain.Quote{nil, usual().quotes()} {
				now := usual().quotes()
				now[3].Amount = decimal.RequireFromString(text)
				v := guard.Judge(against(before, now), settings)
				if len(v.Refused) != 1 || v.Refused[3] == "" || len(v.Doubts) > 0 {
					t.Errorf("%s: refused %v, doubts %v", text, v.Refused, v.Doubts)
				}
			}
		}
	}
	now := usual().quotes()
	now[0].Amount = decimal.NewFromInt(1_000_000)
	if v := guard.Judge(against(nil, now), domain.Guard{}); len(v.Refused) > 0 {
		t.Errorf("a million is refused: %v", v.Refused)
	}
}

// TestHonestNews: it passes at once, by whatever honest factor.
func TestHonestNews(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := usual()
		names := now.names()
		factor := rapid.SampledFrom([]string{"0.2", "0.5", "0.75", "0.8", "0.9", "1.25", "1.5", "2", "3", "0.0625"}).Draw(t, "factor")
		switch kind := rapid.IntRange(0, 3).Draw(t, "kind"); kind {
		case 0:
			now.times(factor, rapid.SampledFrom(names).Draw(t, "model"))
		case 1:
			i := 3 * rapid.IntRange(0, 3).Draw(t, "family")
			now.times(factor, names[i:i+3]...)
		case 2:
			for i := range 6 {
				now[fmt.Sprintf("elm %d", i)] = priced(decimal.NewFromInt(rapid.Int64Range(1, 40).Draw(t, "base")))
			}
		case 3:
			now.times("0.5", names...)
		}
		if v := guard.Judge(against(usual().quotes(), now.quotes()), domain.Guard{}); len(v.Doubts)+len(v.Refused) > 0 {
			t.Fatalf("doubted: %v %v", v.Doubts, v.Refused)
		}
		first := now.times("1000", names...).quotes()
		if v := guard.Judge(against(nil, first), domain.Guard{}); len(v.Doubts) > 0 {
			t.Fatalf("a first reading is doubted: %v", v.Doubts)
		}
	})
}

// TestStill: a page that stands still has nothing to be held.
func TestStill(t *testing.T) {
	for _, settings := range []domain.Guard{{}, {Off: true}, {SteadyPercent: 100, LargestFactor: 1, MovingPercent: 1}} {
		if v := guard.Judge(against(usual().quotes(), usual().quotes()), settings); len(v.Doubts)+len(v.Refused) > 0 {
			t.Errorf("doubted: %v", v)
		}
	}
}

// TestThresholdsAreSettings: each of them moves the line.
func TestThresholdsAreSettings(t *testing.T) {
	before, names := usual().quotes(), usual().names()
	held := func(s sheet, settings domain.Guard) bool {
		v := guard.Judge(against(before, s.quotes()), settings)
		return len(v.Doubts)+len(v.Refused) > 0
	}
	mixed := usual()
	for i, name := range names[:5] {
		mixed.times(fmt.Sprintf("0.%d", 5+i%3), name)
	}
	for name, c := range map[string]struct {
		page sheet
		set  domain.Guard
		was  bool
	}{
		"largest factor, less": {usual().times("5", names[0]), domain.Guard{LargestFactor: 4}, false},
		"largest factor, more": {usual().times("30", names[0]), domain.Guard{LargestFactor: 40}, true},
		"moving percent":       {mixed, domain.Guard{MovingPercent: 30}, false},
		"largest amount":       {usual(), domain.Guard{LargestAmount: 3}, false},
		"off":                  {usual().times("0.1", names[0]), domain.Guard{Off: true}, true},
	} {
		if held(c.page, domain.Guard{}) != c.was || held(c.page, c.set) == c.was {
			t.Errorf("%s: held by default %t, want %t; as set %t", name, held(c.page, domain.Guard{}), c.was, held(c.page, c.set))
		}
	}
	if guard.Coverage(before, before[:len(before)*3/5], domain.Guard{CoveragePercent: 70}) == nil || guard.Coverage(before, before[:len(before)*3/5], domain.Guard{}) != nil {
		t.Error("coverage percent moves nothing")
	}
}

// BenchmarkJudge judges 50,000 rates of which every hundredth model moves.
func BenchmarkJudge(b *testing.B) {
	before := sheet{}
	for i := range 7143 {
		before[fmt.Sprintf("model %d", i)] = priced(decimal.NewFromInt(int64(1 + i%97)))
	}
	old := before.quotes()
	for i := 0; i < 7143; i += 100 {
		before.times("0.5", fmt.Sprintf("model %d", i))
	}
	page := against(old, before.quotes())
	b.ReportMetric(float64(len(page.Now)), "rates")
	for b.Loop() {
		guard.Judge(page, domain.Guard{})
	}
}
