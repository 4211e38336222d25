package porttest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/domain/trend"
	"ratecard/ports"
)

// Moving are the ports of a store that says how prices moved.
type Moving struct {
	Books
	Timelines ports.Timelines
}

// Timelines tests what ports.Timelines promises.
func Timelines(t *testing.T, open func(testing.TB) Moving) {
	run(t, open, map[string]func(*testing.T, Moving){
		"timelines are the history":             timelinesAreHistory,
		"classes are those of the range's end":  timelinesOfClasses,
		"keys that moved began within the time": timelinesMoved,
		"too many rates are refused":            timelinesBounded,
		"other currencies are left out":         timelinesInDollars,
	})
}

func (m Moving) timelines(t failer, q ports.TimelineQuery) []trend.Timeline {
	t.Helper()
	if q.Layer == "" {
		q.Layer = domain.LayerList
	}
	if q.Most == 0 {
		q.Most = 10_000
	}
	lines, err := m.Timelines.Timelines(context.Background(), q)
	if err != nil {
		t.Fatalf("reading how prices moved: %v", err)
	}
	return lines
}

// genPeriods gives rates of a key that follow one another, with gaps now and then.
func genPeriods(key domain.RateKey) *rapid.Generator[[]domain.Rate] {
	return rapid.Custom(func(t *rapid.T) []domain.Rate {
		hours := rapid.SliceOfNDistinct(rapid.IntRange(-48, 48), 0, 5, rapid.ID).Draw(t, "hours")
		slices.Sort(hours)
		var rates []domain.Rate
		for i, from := range hours {
			r := aRate(key, genAmount().Draw(t, "amount").String(), hour(from))
			switch {
			case i+1 < len(hours):
				r.Effective.To = hour(hours[i+1])
			case rapid.Bool().Draw(t, "ends"):
				r.Effective.To = hour(from + 7)
			}
			if rapid.IntRange(0, 3).Draw(t, "gap") > 0 {
				rates = append(rates, r)
			}
		}
		return rates
	})
}

// Of whichever keys are chosen, what is told of each is what its model's history has.
func timelinesAreHistory(t *testing.T, m Moving) {
	rapid.Check(t, func(t *rapid.T) {
		provider := aProvider()
		models := []domain.Model{aModel(provider, "a"), aModel(provider, "b")}
		var keys []domain.RateKey
		for _, model := range models {
			keys = append(keys, genKeys(model.ModelKey, 0, 6).Draw(t, "keys")...)
		}
		first, second := ledger.Change{KnownAt: noon, Models: models}, ledger.Change{KnownAt: hour(2)}
		for _, key := range keys {
			first.Open = append(first.Open, genPeriods(key).Draw(t, "periods")...)
			if rapid.Bool().Draw(t, "corrected") {
				second.Open = append(second.Open, genPeriods(key).Draw(t, "periods")...)
			}
		}
		m.update(t, provider, first)
		for _, r := range m.state(t, provider).Rates {
			if slices.ContainsFunc(second.Open, func(o domain.Rate) bool { return o.RateKey == r.RateKey }) {
				second.Supersede = append(second.Supersede, r)
			}
		}
		m.update(t, provider, second)

		from := rapid.IntRange(-50, 50).Draw(t, "from")
		q := ports.TimelineQuery{
			Providers: []domain.ProviderID{provider},
			Models:    rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "nobody's"}), 0, 2).Draw(t, "models"),
			Tiers:     rapid.SliceOfN(rapid.SampledFrom(domain.Tiers()), 0, 3).Draw(t, "tiers"),
			Meters:    rapid.SliceOfN(rapid.SampledFrom(append(domain.TokenMeters(), "image")), 0, 8).Draw(t, "meters"),
			Regions:   rapid.SliceOfN(rapid.SampledFrom([]domain.Region{domain.RegionGlobal, "us"}), 0, 2).Draw(t, "regions"),
			Layer:     rapid.SampledFrom([]domain.Layer{domain.LayerList, domain.LayerManual}).Draw(t, "layer"),
			Range:     during(hour(from), hour(from+rapid.IntRange(1, 40).Draw(t, "hours"))),
			KnownAt:   rapid.SampledFrom([]time.Time{{}, hour(1), hour(2)}).Draw(t, "known"),
		}
		if rapid.Bool().Draw(t, "of a threshold") {
			q.MinPromptTokens = new(rapid.SampledFrom([]int64{0, 200_000}).Draw(t, "threshold"))
		}
		same(t, fmt.Sprintf("%+v", q), inOrder(m.timelines(t, q)), inOrder(m.fromHistory(t, q, models)))
	})
}

// fromHistory puts the histories of models into timelines.
func (m Moving) fromHistory(t failer, q ports.TimelineQuery, models []domain.Model) []trend.Timeline {
	t.Helper()
	var lines []trend.Timeline
	for _, model := range models {
		if !chosen(q.Models, model.ID) {
			continue
		}
		rates := m.history(t, model.ModelKey, ports.HistoryQuery{Range: q.Range, Overlapping: true, KnownAt: q.KnownAt})
		slices.Reverse(rates) // newest first
		for _, r := range rates {
			if !chosen(q.Tiers, r.Tier) || !chosen(q.Meters, r.Meter) || !chosen(q.Regions, r.Region) || r.Layer != q.Layer ||
				q.MinPromptTokens != nil && *q.MinPromptTokens != r.MinPromptTokens {
				continue
			}
			i := slices.IndexFunc(lines, func(l trend.Timeline) bool { return l.RateKey == r.RateKey })
			if i < 0 {
				i = len(lines)
				lines = append(lines, trend.Timeline{RateKey: r.RateKey, Unit: r.Unit})
				if q.Range.To.After(noon) { // when it was found
					lines[i].Classes = model.Classification
				}
			}
			lines[i].Periods = append(lines[i].Periods, trend.Period{Span: r.Effective, Amount: r.Amount})
		}
	}
	return lines
}

func chosen[T comparable](list []T, one T) bool { return len(list) == 0 || slices.Contains(list, one) }

func inOrder(lines []trend.Timeline) []trend.Timeline {
	slices.SortFunc(lines, func(a, b trend.Timeline) int {
		return cmp.Or(cmp.Compare(a.Model.ID, b.Model.ID), cmp.Compare(fmt.Sprint(a.RateKey), fmt.Sprint(b.RateKey)))
	})
	return lines
}

func timelinesOfClasses(t *testing.T, m Moving) {
	provider := aProvider()
	model := aModel(provider, "one")
	model.Classification = []domain.Class{domain.ClassChat}
	m.update(t, provider, ledger.Change{KnownAt: noon, Models: []domain.Model{model}, Open: []domain.Rate{aRate(aKey(model.ModelKey, domain.MeterInput), "3", hour(-5))}})
	model.Classification = []domain.Class{domain.ClassCoding}
	m.update(t, provider, ledger.Change{KnownAt: hour(2), Models: []domain.Model{model}})
	for _, step := range []struct {
		to, known time.Time
		want      []domain.Class
	}{
		{noon, time.Time{}, nil}, // not found yet
		{hour(2), time.Time{}, []domain.Class{domain.ClassChat}},
		{hour(3), time.Time{}, []domain.Class{domain.ClassCoding}},
		{hour(3), hour(1), []domain.Class{domain.ClassChat}},
	} {
		q := ports.TimelineQuery{Providers: []domain.ProviderID{provider}, Range: during(hour(-4), step.to), KnownAt: step.known}
		lines := m.timelines(t, q)
		if len(lines) != 1 || !slices.Equal(lines[0].Classes, step.want) {
			t.Fatalf("until %s, known at %s: %+v, want %v", step.to, step.known, lines, step.want)
		}
		for _, class := range []domain.Class{domain.ClassChat, domain.ClassCoding} {
			q.Classes = []domain.Class{class}
			if is := len(m.timelines(t, q)) == 1; is != slices.Contains(step.want, class) {
				t.Errorf("until %s: of the class %s: %v", step.to, class, is)
			}
		}
	}
}

func timelinesMoved(t *testing.T, m Moving) {
	provider := aProvider()
	model := aModel(provider, "one")
	input, output := aKey(model.ModelKey, domain.MeterInput), aKey(model.ModelKey, domain.MeterOutput)
	was, is := aRate(input, "3", hour(-5)), aRate(input, "4", hour(2))
	was.Effective.To = hour(2)
	m.update(t, provider, ledger.Change{KnownAt: noon, Models: []domain.Model{model}, Open: []domain.Rate{was, is, aRate(output, "9", hour(-5))}})
	for _, step := range []struct {
		from, to int
		want     int
	}{{-6, -4, 2}, {-5, 1, 0}, {1, 2, 0}, {1, 3, 1}, {2, 9, 0}} {
		lines := m.timelines(t, ports.TimelineQuery{Providers: []domain.ProviderID{provider}, Range: during(hour(step.from), hour(step.to)), Moved: true})
		if len(lines) != step.want {
			t.Errorf("from hour %d to %d: %+v, want %d", step.from, step.to, lines, step.want)
		}
	}
}

func timelinesBounded(t *testing.T, m Moving) {
	provider := aProvider()
	model := aModel(provider, "one")
	m.update(t, provider, ledger.Change{KnownAt: noon, Models: []domain.Model{model}, Open: []domain.Rate{
		aRate(aKey(model.ModelKey, domain.MeterInput), "3", noon), aRate(aKey(model.ModelKey, domain.MeterOutput), "4", noon),
	}})
	q := ports.TimelineQuery{Providers: []domain.ProviderID{provider}, Layer: domain.LayerList, Range: during(noon, hour(1)), Most: 2}
	if lines := m.timelines(t, q); len(lines) != 2 {
		t.Errorf("at most 2: %+v", lines)
	}
	q.Most = 1
	_, err := m.Timelines.Timelines(context.Background(), q)
	fails(t, "more than 1", err, domain.KindInvalid)
}

func timelinesInDollars(t *testing.T, m Moving) {
	provider := aProvider()
	model := aModel(provider, "one")
	r := aRate(aKey(model.ModelKey, domain.MeterInput), "3", noon)
	r.Currency = "EUR"
	m.update(t, provider, ledger.Change{KnownAt: noon, Models: []domain.Model{model}, Open: []domain.Rate{r}})
	if lines := m.timelines(t, ports.TimelineQuery{Providers: []domain.ProviderID{provider}, Range: during(noon, hour(1))}); len(lines) != 0 {
		t.Errorf("in euros: %+v", lines)
	}
}
