package porttest

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// StorageCompleteness checks PROPERTIES 4: what was discovered is stored
// whole, with the instant of its discovery.
func StorageCompleteness(t *testing.T, b Books) {
	rapid.Check(t, func(t *rapid.T) {
		p := aProvider()
		models := genModels(p, 1, 4).Draw(t, "discovered")
		b.update(t, p, ledger.Change{KnownAt: noon, Models: models})
		want := make([]domain.ModelVersion, len(models))
		for i, m := range models {
			want[i] = domain.ModelVersion{Model: m, DiscoveredAt: noon, Seen: domain.Span{From: noon}}
		}
		slices.SortFunc(want, func(a, b domain.ModelVersion) int { return cmp.Compare(a.ID, b.ID) })
		same(t, "what the next update reads", b.state(t, p).Models, want)
		q := of(p)
		q.Usabilities = []domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated}
		var listed []domain.ModelVersion
		for _, m := range b.models(t, q).Models {
			listed = append(listed, m.ModelVersion)
		}
		same(t, "what is listed", listed, want)

		later := genModel(p, models[0].ID).Draw(t, "seen again")
		b.update(t, p, ledger.Change{KnownAt: hour(1), Models: []domain.Model{later}})
		found, err := b.Catalogue.Model(context.Background(), p, later.ID, now(hour(1)))
		if err != nil || len(found) == 0 {
			t.Fatalf("got %v, %v", found, err)
		}
		same(t, "the model, seen again", found[0].ModelVersion, domain.ModelVersion{Model: later, DiscoveredAt: noon, Seen: domain.Span{From: hour(1)}})
	})
}

// MultiTierStorage checks PROPERTIES 8: every tier, meter and threshold is
// kept as a rate of its own.
func MultiTierStorage(t *testing.T, b Books) {
	rapid.Check(t, func(t *rapid.T) {
		p := aProvider()
		m := aModel(p, "one")
		c := ledger.Change{KnownAt: noon, Models: []domain.Model{m}}
		var want []domain.Rate
		for _, key := range genKeys(m.ModelKey, 1, 12).Draw(t, "keys") {
			r := aRate(key, "0", noon)
			r.Amount = genAmount().Draw(t, "amount")
			if key.Layer == domain.LayerList {
				said, resting := aStatement("prices", r, noon)
				c.StatementsOpen, r = append(c.StatementsOpen, said), resting
			}
			c.Open = append(c.Open, r)
			r.Known.From = noon
			want = append(want, r)
		}
		b.update(t, p, c)
		views := b.models(t, of(p)).Models[0].Rates
		var got []domain.Rate
		for _, v := range views {
			if (v.Evidence != 0) != (v.Layer == domain.LayerList) {
				t.Errorf("rate %+v rests on evidence %d", v.RateKey, v.Evidence)
			}
			v.ID, v.Evidence = 0, 0
			got = append(got, v.Rate)
		}
		sortRates(want)
		same(t, "rates", got, want)
		believed := b.state(t, p).Rates
		for i := range believed {
			believed[i].ID, believed[i].Evidence = 0, 0
		}
		sortRates(believed)
		same(t, "what the next update reads", believed, want)
	})
}

// sortRates orders rates as ports.ModelView promises.
func sortRates(rates []domain.Rate) {
	slices.SortFunc(rates, func(a, b domain.Rate) int {
		return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Region, b.Region), cmp.Compare(a.MinPromptTokens, b.MinPromptTokens),
			cmp.Compare(a.Meter, b.Meter), cmp.Compare(a.Layer, b.Layer))
	})
}

// HistoryPreserved checks PROPERTIES 35: no change alters or removes an
// earlier record, and what was answered for an instant of knowledge is
// answered again.
func HistoryPreserved(t *testing.T, b Books) {
	rapid.Check(t, func(t *rapid.T) {
		p := aProvider()
		m := aModel(p, "one")
		keys := genKeys(m.ModelKey, 1, 3).Draw(t, "keys")
		b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}})
		answers := map[time.Time][]domain.RateView{}
		for n := range rapid.IntRange(1, 5).Draw(t, "changes") {
			at := hour(n + 1)
			c := repriced(t, b.state(t, p).Rates, rapid.SampledFrom(keys).Draw(t, "key"), at)
			b.update(t, p, c)
			answers[at] = b.history(t, m.ModelKey, ports.HistoryQuery{KnownAt: at})
			for known, before := range answers {
				after := b.history(t, m.ModelKey, ports.HistoryQuery{KnownAt: known})
				for i := range after {
					if i < len(before) && before[i].Known.Open() {
						after[i].Known.To = time.Time{} // that it is superseded now is all that may be added
					}
				}
				same(t, "the history as believed at "+known.String(), after, before)
			}
		}
	})
}

// repriced is a change of one key's price: now, from a later instant, or for
// the past as well.
func repriced(t *rapid.T, believed []domain.Rate, key domain.RateKey, at time.Time) ledger.Change {
	c := ledger.Change{KnownAt: at}
	fresh := aRate(key, "0", rapid.SampledFrom([]time.Time{at, at.Add(-90 * time.Minute), at.Add(36 * time.Hour)}).Draw(t, "from"))
	fresh.Amount = genAmount().Draw(t, "amount")
	for _, r := range believed {
		if r.RateKey != key || !r.Effective.Overlaps(fresh.Effective) {
			continue
		}
		c.Supersede = append(c.Supersede, r)
		r.Effective.To = fresh.Effective.From
		if !r.Effective.Empty() {
			c.Open = append(c.Open, r)
		}
	}
	c.Open = append(c.Open, fresh)
	return c
}

// DateRange checks PROPERTIES 36: from and to select records by effective
// date, both ends inclusive; overlapping selects those in force in the range.
func DateRange(t *testing.T, b Books) {
	rapid.Check(t, func(t *rapid.T) {
		p := aProvider()
		m := aModel(p, "one")
		key := aKey(m.ModelKey, domain.MeterInput)
		c := ledger.Change{KnownAt: noon, Models: []domain.Model{m}}
		days := slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.IntRange(0, 40), 1, 8, rapid.ID).Draw(t, "days")))
		for i, day := range days {
			r := aRate(key, "1", noon.AddDate(0, 0, day))
			if i+1 < len(days) {
				r.Effective.To = noon.AddDate(0, 0, rapid.IntRange(day+1, days[i+1]).Draw(t, "end"))
			}
			c.Open = append(c.Open, r)
		}
		b.update(t, p, c)
		first, last := rapid.IntRange(-2, 42).Draw(t, "first"), rapid.IntRange(-2, 42).Draw(t, "last")
		q := ports.HistoryQuery{Overlapping: rapid.Bool().Draw(t, "overlapping")}
		if !rapid.Bool().Draw(t, "from the beginning") {
			q.Range.From = domain.DateOf(noon.AddDate(0, 0, first)).Start()
		}
		if !rapid.Bool().Draw(t, "to the end") {
			q.Range.To = domain.DateOf(noon.AddDate(0, 0, last)).End() // an inclusive date means its whole day
		}
		var want, got []domain.Span
		for _, r := range slices.Backward(c.Open) {
			if chosen := q.Range.Contains(r.Effective.From); q.Overlapping && q.Range.Overlaps(r.Effective) || !q.Overlapping && chosen {
				want = append(want, r.Effective)
			}
		}
		for _, r := range b.history(t, m.ModelKey, q) {
			got = append(got, r.Effective)
		}
		same(t, "the selected records", got, want)
	})
}

// Filtering checks PROPERTIES 20 to 22 against the rule itself: exactly the
// models that a query means, over all pages, once each.
func Filtering(t *testing.T, b Books) {
	classes := []domain.Class{domain.ClassChat, domain.ClassTools, domain.ClassImage}
	usabilities := []domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated}
	rapid.Check(t, func(t *rapid.T) {
		p := aProvider()
		models := genModels(p, 0, 8).Draw(t, "models")
		for i := range models {
			m := &models[i]
			m.Classification = rapid.SliceOfNDistinct(rapid.SampledFrom(classes), 0, 2, rapid.ID).Draw(t, "classes")
			m.ContextWindow = rapid.Ptr(rapid.Int64Range(1, 4), true).Draw(t, "window")
			m.Usability = rapid.SampledFrom(usabilities).Draw(t, "usability")
		}
		if len(models) > 0 {
			b.update(t, p, ledger.Change{KnownAt: noon, Models: models})
		}
		q := of(p)
		q.Limit = rapid.IntRange(1, 4).Draw(t, "limit")
		q.Classifications = rapid.SliceOfNDistinct(rapid.SampledFrom(classes), 0, 2, rapid.ID).Draw(t, "wanted classes")
		q.Usabilities = rapid.SliceOfNDistinct(rapid.SampledFrom(usabilities), 0, 2, rapid.ID).Draw(t, "wanted usabilities")
		q.MinContextWindow = rapid.Ptr(rapid.Int64Range(1, 4), true).Draw(t, "wanted window")
		var want, got []string
		for _, m := range models {
			if means(q, m) {
				want = append(want, m.ID)
			}
		}
		slices.Sort(want)
		for more := true; more; {
			page := b.models(t, q)
			if page.Total != len(want) {
				t.Errorf("the total is %d, want %d", page.Total, len(want))
			}
			for _, m := range page.Models {
				got, q.After = append(got, m.ID), &m.ModelKey
			}
			more = page.More
		}
		same(t, "models over all pages", got, want)
	})
}

func means(q ports.ModelQuery, m domain.Model) bool {
	usable := m.Usability.Active()
	if len(q.Usabilities) > 0 {
		usable = slices.Contains(q.Usabilities, m.Usability)
	}
	classed := len(q.Classifications) == 0 || slices.ContainsFunc(m.Classification, func(c domain.Class) bool { return slices.Contains(q.Classifications, c) })
	large := q.MinContextWindow == nil || m.ContextWindow != nil && *m.ContextWindow >= *q.MinContextWindow
	return usable && classed && large
}
