package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

var day0 = time.Date(2026, 8, 1, 9, 30, 0, 0, time.UTC)

const source = "page"

func key(model string, meter domain.Meter) domain.RateKey {
	return domain.RateKey{
		Model: domain.ModelKey{Provider: "acme", ID: model}, Layer: domain.LayerList,
		Tier: domain.TierStandard, Meter: meter, Region: domain.RegionGlobal,
	}
}

func price(amount string) domain.Price {
	return domain.Price{
		Amount: decimal.RequireFromString(amount), Unit: domain.UnitMillionTokens,
		Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
	}
}

func stated(k domain.RateKey, amount, from, until string) ledger.Stated {
	f, err := domain.ParseDate(from)
	if err != nil {
		panic(err)
	}
	u, err := domain.ParseDate(until)
	if err != nil {
		panic(err)
	}
	return ledger.Stated{
		Key: k, Price: price(amount), Source: source,
		Quote: domain.QuoteKey{Name: k.Model.ID, Tier: k.Tier, Meter: k.Meter, Region: k.Region, From: f, Until: u},
	}
}

// reader plays the readings of one source one after another.
type reader struct {
	rates    []domain.Rate
	unlisted map[domain.RateKey]time.Time
	last     time.Time
}

func (r *reader) read(at time.Time, said ...ledger.Stated) ledger.RateChange {
	change := ledger.Diff(r.rates, r.unlisted, ledger.Reading{
		Seen: at, KnownAt: at, Stated: said, Before: map[string]time.Time{source: r.last},
	})
	r.rates, r.last = ledger.Apply(r.rates, change), at
	if r.unlisted == nil {
		r.unlisted = map[domain.RateKey]time.Time{}
	}
	for _, k := range change.Unlisted {
		r.unlisted[k] = at
	}
	for _, k := range change.Relisted {
		delete(r.unlisted, k)
	}
	return change
}

func (r *reader) at(k domain.RateKey, t time.Time) string {
	for _, row := range r.rates {
		if row.RateKey == k && row.Effective.Contains(t) {
			return row.Amount.String()
		}
	}
	return "none"
}

func kinds(c ledger.RateChange) []domain.EventKind {
	var out []domain.EventKind
	for _, e := range c.Events {
		out = append(out, e.Kind)
	}
	return out
}

func days(n int) time.Time { return day0.AddDate(0, 0, n) }

// TestTransitions walks one price through its life, a reading per line.
func TestTransitions(t *testing.T) {
	k := key("m", domain.MeterInput)
	type look struct {
		when time.Time
		want string
	}
	steps := []struct {
		name   string
		day    int
		said   []ledger.Stated
		events []domain.EventKind
		then   []look
	}{
		{"first seen", 0, []ledger.Stated{stated(k, "3", "", "")},
			[]domain.EventKind{domain.EventRateOpened}, []look{{days(-1), "none"}, {days(0), "3"}, {days(99), "3"}}},
		{"said again", 1, []ledger.Stated{stated(k, "3.00", "", "")}, nil, []look{{days(1), "3"}}},
		{"cut", 2, []ledger.Stated{stated(k, "2", "", "")},
			[]domain.EventKind{domain.EventRateChanged}, []look{{days(1), "3"}, {days(2).Add(-time.Microsecond), "3"}, {days(2), "2"}}},
		{"rise announced", 3, []ledger.Stated{stated(k, "2", "", "2026-08-31"), stated(k, "4", "2026-09-01", "")},
			[]domain.EventKind{domain.EventRateScheduled},
			[]look{{days(2), "2"}, {time.Date(2026, 8, 31, 23, 59, 59, 0, time.UTC), "2"}, {time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), "4"}}},
		{"moved by a month", 4, []ledger.Stated{stated(k, "2", "", "2026-09-30"), stated(k, "4", "2026-10-01", "")},
			[]domain.EventKind{domain.EventRateWithdrawn, domain.EventRateScheduled},
			[]look{{time.Date(2026, 9, 15, 0, 0, 0, 0, time.UTC), "2"}, {time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), "4"}}},
		{"withdrawn", 5, []ledger.Stated{stated(k, "2", "", "")},
			[]domain.EventKind{domain.EventRateWithdrawn}, []look{{days(2), "2"}, {days(99), "2"}}},
		{"no longer listed", 6, nil, []domain.EventKind{domain.EventRateUnlisted}, []look{{days(6), "2"}, {days(99), "2"}}},
		{"still not listed", 7, nil, nil, []look{{days(99), "2"}}},
		{"listed again", 8, []ledger.Stated{stated(k, "2", "", "")},
			[]domain.EventKind{domain.EventRateRelisted}, []look{{days(7), "2"}, {days(99), "2"}}},
		{"an end stated", 9, []ledger.Stated{stated(k, "2", "", "2026-08-20")},
			[]domain.EventKind{domain.EventRateScheduled}, []look{{time.Date(2026, 8, 20, 12, 0, 0, 0, time.UTC), "2"}, {time.Date(2026, 8, 21, 0, 0, 0, 0, time.UTC), "none"}}},
		{"still printed after its end", 30, []ledger.Stated{stated(k, "2", "", "2026-08-20")}, nil,
			[]look{{days(30), "none"}}},
		{"sold again", 31, []ledger.Stated{stated(k, "5", "", "")},
			[]domain.EventKind{domain.EventRateOpened}, []look{{days(30), "none"}, {days(31), "5"}}},
		{"stated to have risen yesterday", 40, []ledger.Stated{stated(k, "6", "2026-09-05", "")},
			[]domain.EventKind{domain.EventRateChanged}, []look{{time.Date(2026, 9, 4, 0, 0, 0, 0, time.UTC), "5"}, {time.Date(2026, 9, 5, 0, 0, 0, 0, time.UTC), "6"}}},
		{"a date that earlier readings deny", 41, []ledger.Stated{stated(k, "7", "2026-09-05", "")},
			[]domain.EventKind{domain.EventRateChanged}, []look{{time.Date(2026, 9, 6, 0, 0, 0, 0, time.UTC), "6"}, {days(41), "7"}}},
	}
	var r reader
	for _, s := range steps {
		c := r.read(days(s.day), s.said...)
		if got := kinds(c); !slices.Equal(got, s.events) {
			t.Errorf("%s: events %v, want %v", s.name, got, s.events)
		}
		for _, l := range s.then {
			if got := r.at(k, l.when); got != l.want {
				t.Errorf("%s: at %s %s, want %s", s.name, l.when.Format(time.RFC3339), got, l.want)
			}
		}
		checkNoOverlap(t, r.rates)
	}
}

// TestAnnouncedPriceComesEarly: a price that was announced for a day to come,
// with none before it, and is then printed without a date, holds from then on.
func TestAnnouncedPriceComesEarly(t *testing.T) {
	k := key("m", domain.MeterInput)
	var r reader
	r.read(days(0), stated(k, "2", "2026-09-01", ""))
	c := r.read(days(1), stated(k, "2", "", ""))
	if got := r.at(k, days(1)); got != "2" || r.at(k, days(0)) != "none" {
		t.Errorf("it costs %s, want 2 since it was printed without a date", got)
	}
	if len(c.Supersede) != 1 || len(c.Open) != 1 || len(c.Events) == 0 {
		t.Errorf("changed %+v", c)
	}
}

func TestObservedIsBoundedByReadings(t *testing.T) {
	k := key("m", domain.MeterInput)
	var r reader
	r.read(days(0), stated(k, "3", "", ""))
	c := r.read(days(2), stated(k, "2", "", ""))
	row := c.Open[len(c.Open)-1]
	if row.Basis != domain.BasisObserved || !row.NotBefore.Equal(days(0)) || !row.NotAfter.Equal(days(2)) {
		t.Errorf("basis %s between %s and %s, want observed between the two readings", row.Basis, row.NotBefore, row.NotAfter)
	}
	if len(c.Supersede) != 1 || len(c.Open) != 2 {
		t.Errorf("%d superseded and %d opened, want the old row once and its shorter self beside the new one", len(c.Supersede), len(c.Open))
	}
}

func TestContradictionChangesNothing(t *testing.T) {
	k := key("m", domain.MeterInput)
	var r reader
	r.read(days(0), stated(k, "3", "", ""))
	c := r.read(days(1), stated(k, "2", "", ""), stated(k, "4", "", ""))
	if len(c.Open)+len(c.Supersede) != 0 || len(c.Doubts) != 1 {
		t.Errorf("a reading that says two prices of one key changed %d rows with doubts %v", len(c.Open)+len(c.Supersede), c.Doubts)
	}
}

func TestOtherLayersAndUnreadSourcesStay(t *testing.T) {
	manual := key("m", domain.MeterInput)
	manual.Layer = domain.LayerManual
	elsewhere := domain.Rate{RateKey: key("n", domain.MeterInput), Price: price("1"), Effective: domain.Span{From: day0}, Source: "another"}
	believed := []domain.Rate{
		{RateKey: manual, Price: price("1"), Effective: domain.Span{From: day0}, Source: source},
		elsewhere,
	}
	c := ledger.Diff(believed, nil, ledger.Reading{Seen: days(1), KnownAt: days(1), Before: map[string]time.Time{source: day0}})
	if len(c.Unlisted)+len(c.Open)+len(c.Supersede)+len(c.Events) != 0 {
		t.Errorf("an empty reading of %q touched %+v", source, c)
	}
}

func checkNoOverlap(t interface{ Errorf(string, ...any) }, rates []domain.Rate) {
	for i := range rates {
		if rates[i].Effective.Empty() {
			t.Errorf("an empty row: %v", rates[i].Effective)
		}
		for j := range rates[:i] {
			if rates[i].RateKey == rates[j].RateKey && rates[i].Effective.Overlaps(rates[j].Effective) {
				t.Errorf("rows of one key overlap: %v and %v", rates[i].Effective, rates[j].Effective)
			}
		}
	}
}

// drawReading states, for each of a few keys, nothing, one undated price, or
// an announced change.
func drawReading(t *rapid.T) []ledger.Stated {
	var said []ledger.Stated
	for _, model := range []string{"a", "b", "c"} {
		for _, meter := range []domain.Meter{domain.MeterInput, domain.MeterOutput} {
			k := key(model, meter)
			amount := func() string {
				return rapid.SampledFrom([]string{"0", "0.25", "1", "1.25", "3", "15"}).Draw(t, "amount")
			}
			boundary := day0.AddDate(0, 0, rapid.IntRange(-5, 40).Draw(t, "boundary"))
			on, before := domain.DateOf(boundary).String(), domain.DateOf(boundary.AddDate(0, 0, -1)).String()
			switch rapid.IntRange(0, 4).Draw(t, "shape") {
			case 0:
			case 1, 2:
				said = append(said, stated(k, amount(), "", ""))
			case 3:
				said = append(said, stated(k, amount(), "", before), stated(k, amount(), on, ""))
			case 4:
				said = append(said, stated(k, amount(), "", before))
			}
		}
	}
	return said
}

// TestDiffIsEmptyWhenNothingMoved: Diff(x, x) is empty, and a second reading
// of the same page writes nothing.
func TestDiffIsEmptyWhenNothingMoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r reader
		at := day0
		for range rapid.IntRange(1, 8).Draw(t, "readings") {
			at = at.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			said := drawReading(t)
			r.read(at, said...)
			again := r.read(at.Add(time.Second), said...)
			if len(again.Open)+len(again.Supersede)+len(again.Unlisted)+len(again.Relisted)+len(again.Events) != 0 {
				t.Fatalf("the same page read again changed %+v", again)
			}
		}
	})
}

// TestApplyDiffBelievesTheReading: Apply(old, Diff(old, reading)) believes at
// every later instant what the reading states of it, keeps what was believed
// of the past, never ends by absence, and holds no overlap.
func TestApplyDiffBelievesTheReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r reader
		at := day0
		for range rapid.IntRange(1, 10).Draw(t, "readings") {
			at = at.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			said := drawReading(t)
			before := slices.Clone(r.rates)
			last := r.last
			c := r.read(at, said...)
			checkNoOverlap(t, r.rates)
			if moved := keysIn(c.Supersede, c.Open); c.Keys != moved {
				t.Fatalf("rows of %d keys are written, and %d are counted", moved, c.Keys)
			}
			if len(c.Doubts) != 0 {
				t.Fatalf("doubts about a reading without contradictions: %v", c.Doubts)
			}
			checkStated(t, &r, said, at)
			checkPast(t, before, &r, last)
		}
	})
}

func keysIn(lists ...[]domain.Rate) int {
	keys := map[domain.RateKey]bool{}
	for _, row := range slices.Concat(lists...) {
		keys[row.RateKey] = true
	}
	return len(keys)
}

func checkStated(t *rapid.T, r *reader, said []ledger.Stated, at time.Time) {
	byKey := map[domain.RateKey][]ledger.Stated{}
	for _, s := range said {
		byKey[s.Key] = append(byKey[s.Key], s)
	}
	for k, of := range byKey {
		for hour := 0; hour < 24*45; hour += 5 {
			when := at.Add(time.Duration(hour) * time.Hour)
			for _, s := range of {
				in := (s.Quote.From.IsZero() || !when.Before(s.Quote.From.Start())) &&
					(s.Quote.Until.IsZero() || when.Before(s.Quote.Until.End()))
				if got := r.at(k, when); in && got != s.Price.Amount.String() {
					t.Fatalf("%s %s at %s: believed %s, the page states %s (%s to %s)", k.Model.ID, k.Meter, when, got, s.Price.Amount, s.Quote.From, s.Quote.Until)
				}
			}
		}
	}
}

// checkPast: what was in force up to the last reading is in force still.
func checkPast(t *rapid.T, before []domain.Rate, r *reader, last time.Time) {
	old := reader{rates: before}
	for _, row := range before {
		for _, when := range []time.Time{row.Effective.From, last} {
			if when.After(last) || !row.Effective.Contains(when) {
				continue
			}
			if got := r.at(row.RateKey, when); got != old.at(row.RateKey, when) {
				t.Fatalf("%s at %s was %s and became %s", row.Model.ID, when, old.at(row.RateKey, when), got)
			}
		}
	}
}

func TestDiffStatements(t *testing.T) {
	quote := func(name, amount string) domain.Quote {
		return domain.Quote{QuoteKey: domain.QuoteKey{Name: name, Meter: domain.MeterInput}, Amount: decimal.RequireFromString(amount)}
	}
	open := []domain.Statement{
		{ID: 1, Source: source, Quote: quote("same", "1.0")},
		{ID: 2, Source: source, Quote: quote("moved", "2")},
		{ID: 3, Source: source, Quote: quote("gone", "3")},
		{ID: 4, Source: "another", Quote: quote("gone", "3")},
	}
	end, begin := ledger.DiffStatements(open, ledger.Said{
		Provider: "acme", Source: source, At: day0, PageID: 7,
		Quotes: []domain.Quote{quote("same", "1"), quote("moved", "2.5"), quote("new", "4"), quote("new", "4")},
	})
	if !slices.Equal(end, []int64{2, 3}) {
		t.Errorf("ended %v, want the moved and the vanished one", end)
	}
	if len(begin) != 2 || begin[0].Quote.Name != "moved" || begin[1].Quote.Name != "new" || begin[0].PageID != 7 {
		t.Errorf("begun %+v, want moved and new, once each", begin)
	}
}
