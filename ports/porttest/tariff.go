package porttest

import (
	"context"
	"slices"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Priced are the ports of a store that says what models cost.
type Priced struct {
	Books
	Tariff ports.Tariff
}

// Tariff tests what ports.Tariff promises.
func Tariff(t *testing.T, open func(testing.TB) Priced) {
	run(t, open, map[string]func(*testing.T, Priced){
		"models are named by id, whenever they were seen": tariffByID,
		"models are named by an alias of that time":       tariffByAlias,
		"rates are those in force during the range":       tariffRange,
		"rates are those believed at an instant":          tariffKnown,
		"a model found later was not known then":          tariffFoundLater,
		"attributes come with their time":                 tariffAttributes,
		"nobody answers to an unknown name":               tariffUnknown,
	})
}

func (p Priced) tariffs(t failer, q ports.TariffQuery) ports.Tariffs {
	t.Helper()
	got, err := p.Tariff.Tariffs(context.Background(), q)
	if err != nil {
		t.Fatalf("reading what %v cost: %v", q.Refs, err)
	}
	return got
}

func during(from, to time.Time) domain.Span { return domain.Span{From: from, To: to} }

func tariffKeys(got ports.Tariffs) []domain.ModelKey {
	var keys []domain.ModelKey
	for _, m := range got.Models {
		keys = append(keys, m.ModelKey)
	}
	return keys
}

func tariffByID(t *testing.T, p Priced) {
	one, two := aProvider(), aProvider()
	a, b, other := aModel(one, "sold-twice"), aModel(two, "sold-twice"), aModel(one, "other")
	p.update(t, one, ledger.Change{KnownAt: noon, Models: []domain.Model{a, other}})
	version := p.update(t, two, ledger.Change{KnownAt: hour(1), Models: []domain.Model{b}})
	got := p.tariffs(t, ports.TariffQuery{Refs: []string{"sold-twice"}, Range: during(hour(-9), hour(-8))})
	same(t, "models", tariffKeys(got), []domain.ModelKey{a.ModelKey, b.ModelKey})
	if got.Version != version || !got.Models[0].Since.Equal(noon) || !got.Models[1].Since.Equal(hour(1)) {
		t.Errorf("got %+v; want version %d, since %s and %s", got, version, noon, hour(1))
	}
}

func tariffByAlias(t *testing.T, p Priced) {
	provider := aProvider()
	old, fresh := aModel(provider, "two"), aModel(provider, "three")
	old.Aliases = []string{"the-latest"}
	p.update(t, provider, ledger.Change{KnownAt: noon, Models: []domain.Model{old, fresh}})
	old.Aliases, fresh.Aliases = nil, []string{"the-latest"}
	p.update(t, provider, ledger.Change{KnownAt: hour(2), Models: []domain.Model{old, fresh}})
	for _, step := range []struct {
		from, to time.Time
		want     []domain.ModelKey
	}{
		{hour(-2), hour(-1), nil},
		{hour(0), hour(1), []domain.ModelKey{old.ModelKey}},
		{hour(2), hour(3), []domain.ModelKey{fresh.ModelKey}},
		{hour(1), hour(3), []domain.ModelKey{fresh.ModelKey, old.ModelKey}},
	} {
		got := p.tariffs(t, ports.TariffQuery{Refs: []string{"the-latest"}, Range: during(step.from, step.to)})
		same(t, "from "+step.from.String(), tariffKeys(got), step.want)
	}
}

func tariffRange(t *testing.T, p Priced) {
	provider := aProvider()
	m := aModel(provider, "one")
	key := aKey(m.ModelKey, domain.MeterInput)
	past, present := aRate(key, "9", hour(-5)), aRate(key, "8", hour(2))
	past.Effective.To = hour(2)
	batch := key
	batch.Tier = domain.TierBatch
	p.update(t, provider, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Open: []domain.Rate{past, present, aRate(batch, "1", hour(4))}})
	for _, step := range []struct {
		from, to time.Time
		want     []string
	}{
		{hour(-9), hour(-5), nil},
		{hour(-9), hour(-5).Add(time.Microsecond), []string{"9"}},
		{hour(1), hour(2), []string{"9"}},
		{hour(2), hour(3), []string{"8"}},
		{hour(0), hour(5), []string{"1", "8", "9"}},
	} {
		got := p.tariffs(t, ports.TariffQuery{Refs: []string{"one", "no-such"}, Range: during(step.from, step.to)})
		var amounts []string
		for _, m := range got.Models {
			if m.Provider != provider {
				continue
			}
			for _, r := range m.Rates {
				amounts = append(amounts, r.Amount.String())
			}
			if !m.Since.Equal(hour(-5)) {
				t.Errorf("known since %s, want %s, when its first rate began", m.Since, hour(-5))
			}
		}
		slices.Sort(amounts)
		same(t, "from "+step.from.String(), amounts, step.want)
	}
}

func tariffKnown(t *testing.T, p Priced) {
	provider := aProvider()
	m := aModel(provider, "known-then")
	key := aKey(m.ModelKey, domain.MeterInput)
	p.update(t, provider, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Open: []domain.Rate{aRate(key, "3", noon)}})
	wrong := p.state(t, provider).Rates
	p.update(t, provider, ledger.Change{KnownAt: hour(2), Supersede: wrong, Open: []domain.Rate{aRate(key, "4", noon)}})
	for _, step := range []struct {
		known time.Time
		want  string
	}{{hour(1), "3"}, {hour(2), "4"}, {time.Time{}, "4"}} {
		got := p.tariffs(t, ports.TariffQuery{Refs: []string{"known-then"}, Range: during(hour(1), hour(1).Add(time.Microsecond)), KnownAt: step.known})
		if len(got.Models) != 1 || len(got.Models[0].Rates) != 1 || got.Models[0].Rates[0].Amount.String() != step.want {
			t.Errorf("known at %s: got %+v, want %s", step.known, got, step.want)
		}
	}
}

func tariffFoundLater(t *testing.T, p Priced) {
	one, two := aProvider(), aProvider()
	a, b := aModel(one, "found-later"), aModel(two, "found-later")
	p.update(t, one, ledger.Change{KnownAt: noon, Models: []domain.Model{a}})
	p.update(t, two, ledger.Change{KnownAt: hour(3), Models: []domain.Model{b}})
	for _, step := range []struct {
		known time.Time
		want  []domain.ModelKey
	}{{hour(-1), nil}, {hour(2), []domain.ModelKey{a.ModelKey}}, {hour(3), []domain.ModelKey{a.ModelKey, b.ModelKey}}} {
		got := p.tariffs(t, ports.TariffQuery{Refs: []string{"found-later"}, Range: during(noon, hour(1)), KnownAt: step.known})
		same(t, "known at "+step.known.String(), tariffKeys(got), step.want)
	}
}

func tariffAttributes(t *testing.T, p Priced) {
	provider := aProvider()
	m := aModel(provider, "free-once")
	m.StatedPricing, m.Aliases = domain.Free, []string{"a", "b"}
	p.update(t, provider, ledger.Change{KnownAt: noon, Models: []domain.Model{m}})
	m.StatedPricing, m.Aliases = "", nil
	p.update(t, provider, ledger.Change{KnownAt: hour(1), Models: []domain.Model{m}})
	got := p.tariffs(t, ports.TariffQuery{Refs: []string{"free-once"}, Range: during(noon, hour(2))})
	if len(got.Models) != 1 {
		t.Fatalf("got %+v", got)
	}
	same(t, "attributes", got.Models[0].Attributes, []ports.Attributes{
		{Seen: during(noon, hour(1)), Aliases: []string{"a", "b"}, StatedPricing: domain.Free},
		{Seen: during(hour(1), time.Time{})},
	})
}

func tariffUnknown(t *testing.T, p Priced) {
	got := p.tariffs(t, ports.TariffQuery{Refs: []string{"", "nobody's", "a\x00b", `'; DROP TABLE rates; --`}, Range: during(noon, hour(1))})
	if len(got.Models) != 0 {
		t.Errorf("got %+v", got.Models)
	}
}
