package porttest

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/ports"
)

// Logged is a log of events, with the catalogue that reads it.
type Logged struct {
	Events    ports.EventLog
	Catalogue ports.Catalogue
}

// EventLog is the conformance suite of ports.EventLog.
func EventLog(t *testing.T, open func(testing.TB) Logged) {
	t.Helper()
	logged := open(t)
	if got, err := logged.Events.PriceChanges(t.Context(), ports.PriceChangeQuery{Limit: 10}); err != nil || len(got) != 0 {
		t.Fatalf("of an empty log: %v, %v", got, err)
	}
	kinds := rapid.SampledFrom([]domain.EventKind{domain.EventRateOpened, domain.EventRateChanged, domain.EventModelFound, "rate_but_not", "rates.all"})
	providers := rapid.SampledFrom([]domain.ProviderID{"acme", "zenith", ""})
	models := rapid.SampledFrom([]string{"a", "b", "a,b", "A", "%"})
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(0, 3).Draw(rt, "more") {
			e := domain.Event{At: noon, Kind: kinds.Draw(rt, "kind"), Provider: providers.Draw(rt, "of"), Model: models.Draw(rt, "model"), Payload: domain.RatePayload{New: "1"}}
			if err := logged.Events.Tell(t.Context(), e); err != nil {
				rt.Fatal(err)
			}
		}
		if last, err := logged.Events.Last(t.Context()); err != nil || last != lastOf(t, logged) {
			rt.Fatalf("the newest has the number %d, %v", last, err)
		}
		q := ports.PriceChangeQuery{
			Providers: rapid.SliceOfN(providers, 0, 2).Draw(rt, "providers"), Models: rapid.SliceOfN(models, 0, 2).Draw(rt, "models"),
			Limit: rapid.IntRange(0, 20).Draw(rt, "limit"),
		}
		all, err := logged.Catalogue.Events(t.Context(), 0, 10_000)
		if err != nil {
			rt.Fatal(err)
		}
		want := newest(all, q)
		got, err := logged.Events.PriceChanges(t.Context(), q)
		if err != nil {
			rt.Fatal(err)
		}
		var ids []int64
		for _, e := range got {
			ids = append(ids, e.ID)
			if !e.At.Equal(noon) || e.Payload == nil {
				rt.Fatalf("event %+v", e)
			}
		}
		if !slices.Equal(ids, want) {
			rt.Fatalf("%+v gave %v, want %v", q, ids, want)
		}
	})
}

// lastOf is the number of the last event that the catalogue reads, 0 for none.
func lastOf(t *testing.T, logged Logged) int64 {
	t.Helper()
	all, err := logged.Catalogue.Events(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].ID
}

// newest are the ids of those events that a question is about.
func newest(all []domain.Event, q ports.PriceChangeQuery) []int64 {
	var ids []int64
	for _, e := range slices.Backward(all) {
		if len(ids) < q.Limit && strings.HasPrefix(string(e.Kind), "rate.") &&
			(len(q.Providers) == 0 || slices.Contains(q.Providers, e.Provider)) && (len(q.Models) == 0 || slices.Contains(q.Models, e.Model)) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}
