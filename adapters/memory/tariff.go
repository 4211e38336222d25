package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ratecard/domain"
	"ratecard/ports"
)

// Tariff is a store's, of which what models cost now is answered while the store is
// away as well.
type Tariff struct {
	ports.Tariff
	Catalogue *Catalogue
}

// Tariffs implements ports.Tariff.
func (t Tariff) Tariffs(ctx context.Context, q ports.TariffQuery) (ports.Tariffs, error) {
	held := t.Catalogue.held()
	present := q.KnownAt.IsZero() && !q.Range.From.Before(held.read) // what has ended since is held still
	if present && !t.Catalogue.Away().IsZero() {
		return held.tariffs(q), nil
	}
	found, err := t.Tariff.Tariffs(ctx, q)
	if present && domain.KindOf(err) == domain.KindUnavailable {
		t.Catalogue.Doubt()
		return held.tariffs(q), nil
	}
	return found, err
}

func (s *shelves) tariffs(q ports.TariffQuery) ports.Tariffs {
	answer := ports.Tariffs{Version: s.Version}
	named := func(ref string) bool { _, is := slices.BinarySearch(q.Refs, ref); return is }
	q.Refs = slices.Sorted(slices.Values(q.Refs))
	for _, shelf := range s.of {
		for i := range shelf.models {
			m := &shelf.models[i]
			if named(m.ID) || slices.ContainsFunc(m.Aliases, named) {
				answer.Models = append(answer.Models, tariffOf(m, q.Range))
			}
		}
	}
	slices.SortFunc(answer.Models, func(a, b ports.ModelTariff) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Provider, b.Provider))
	})
	return answer
}

func tariffOf(m *ports.ModelView, during domain.Span) ports.ModelTariff {
	t := ports.ModelTariff{
		ModelKey: m.ModelKey, Since: m.DiscoveredAt,
		Attributes: []ports.Attributes{{Seen: m.Seen, Aliases: m.Aliases, StatedPricing: m.StatedPricing}},
	}
	for _, r := range m.Rates {
		if r.Effective.From.Before(t.Since) {
			t.Since = r.Effective.From
		}
		if r.Effective.Overlaps(during) {
			t.Rates = append(t.Rates, r)
		}
	}
	return t
}
