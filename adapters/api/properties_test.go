package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/oas"
)

// A stock is a catalogue of which a test knows everything.
type stock struct {
	models []domain.Model
	prices map[domain.ModelKey][]printed
}

// newStock makes models of every make. It is the same for every run: what the
// properties draw are the questions.
func newStock() *stock {
	r := rand.New(rand.NewPCG(1, 2))
	s := &stock{prices: map[domain.ModelKey][]printed{}}
	words := []string{"Large", "small", "vision-2", "a/b", "v1.5", "100%", "é", "x_y"}
	for i := range 240 {
		provider := []domain.ProviderID{"acme", "zenith", "asleep"}[r.IntN(3)]
		m := storedModel(provider, fmt.Sprintf("%s-%s-%d", words[r.IntN(len(words))], words[r.IntN(len(words))], i/2))
		m.Usability = []domain.Usability{domain.UsabilityAvailable, domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated}[r.IntN(4)]
		m.Classification = someOf(r, domain.Classes())
		for _, c := range []string{"vision", "tools", "audio"} {
			if n := r.IntN(3); n > 0 {
				m.Capabilities = append(m.Capabilities, domain.Capability{Type: c, Supported: n == 1})
			}
		}
		if n := r.Int64N(5); n > 0 {
			window := n * 64_000
			m.ContextWindow = &window
		}
		s.models = append(s.models, m)
		s.prices[m.ModelKey] = somePrices(r, m.ID)
	}
	slices.SortFunc(s.models, func(a, b domain.Model) int { return compareKeys(a.ModelKey, b.ModelKey) })
	s.models = slices.CompactFunc(s.models, func(a, b domain.Model) bool { return a.ModelKey == b.ModelKey })
	return s
}

func someOf[T any](r *rand.Rand, values []T) []T {
	var out []T
	for _, v := range values {
		if r.IntN(4) == 0 {
			out = append(out, v)
		}
	}
	return out
}

func somePrices(r *rand.Rand, model string) []printed {
	var out []printed
	for _, tier := range []domain.Tier{domain.TierStandard, domain.TierBatch} {
		for _, meter := range []domain.Meter{domain.MeterInput, domain.MeterOutput, domain.MeterCacheRead} {
			for _, threshold := range []int64{0, 200_001} {
				if r.IntN(2) == 0 {
					amount := decimal.New(r.Int64N(1000), -2).String()
					out = append(out, printed{model, tier, meter, threshold, amount, day(2026, 1, 1)})
				}
			}
		}
	}
	return out
}

// put stores the stock, each provider in one run.
func (s *stock) put(t testing.TB) (*world, *postgres.Store) {
	t.Helper()
	w, store := stored(t)
	for _, provider := range []domain.ProviderID{"acme", "zenith", "asleep"} {
		change := ledger.Change{KnownAt: day(2026, 1, 1), Reads: []domain.SourceRead{{Source: "page", At: day(2026, 1, 1), Good: true}}}
		for _, m := range s.models {
			if m.Provider != provider {
				continue
			}
			change.Models = append(change.Models, m)
			for _, p := range s.prices[m.ModelKey] {
				rate, statement := p.rateAndStatement(provider, 0)
				change.Open = append(change.Open, rate)
				change.StatementsOpen = append(change.StatementsOpen, statement)
			}
		}
		if err := write(t.Context(), store, provider, change); err != nil {
			t.Fatal(err)
		}
	}
	return w, store
}

// choose are the models that pass, in the order of the listing.
func (s *stock) choose(passes func(domain.Model) bool) []domain.ModelKey {
	var out []domain.ModelKey
	for _, m := range s.models {
		if passes(m) {
			out = append(out, m.ModelKey)
		}
	}
	return out
}

// cost is what a limit looks at: standard, global, the lowest threshold; nil
// where it is not known.
func (s *stock) cost(m domain.Model, meter domain.Meter) *decimal.Decimal {
	var lowest *printed
	for _, p := range s.prices[m.ModelKey] {
		if p.tier == domain.TierStandard && p.meter == meter && (lowest == nil || p.threshold < lowest.threshold) {
			lowest = &p
		}
	}
	if lowest == nil {
		return nil
	}
	d := decimal.RequireFromString(lowest.amount)
	return &d
}

// walk asks for every page of a listing and gives what it held.
func walk(t *rapid.T, w *world, query url.Values, limit int) []oas.Model {
	var all []oas.Model
	query.Set("limit", fmt.Sprint(limit))
	for {
		answer := w.ask("/api/models?" + query.Encode())
		var page oas.ModelPage
		if err := json.Unmarshal(answer.Body.Bytes(), &page); err != nil || answer.Code != 200 {
			t.Fatalf("%s: status %d: %s", query.Encode(), answer.Code, answer.Body)
		}
		all = append(all, page.Items...)
		cursor, more := page.NextCursor.Get()
		if !more {
			return all
		}
		if len(page.Items) != limit {
			t.Fatalf("%d models on a page of %d that is not the last", len(page.Items), limit)
		}
		query.Set("cursor", cursor)
	}
}

func keysOf(models []oas.Model) []domain.ModelKey {
	out := make([]domain.ModelKey, len(models))
	for i, m := range models {
		out[i] = domain.ModelKey{Provider: domain.ProviderID(m.Provider), ID: m.ID}
	}
	return out
}

func pageSize(t *rapid.T) int {
	return rapid.SampledFrom([]int{7, 50, 119, 500}).Draw(t, "page size")
}

func active(m domain.Model) bool { return m.Usability.Active() }

func expect(t *rapid.T, got []oas.Model, want []domain.ModelKey) {
	if keys := keysOf(got); !slices.Equal(keys, want) {
		t.Fatalf("got %d models %v\nexpected %d: %v", len(keys), keys, len(want), want)
	}
}

// A neighbour is a provider that nobody asks for, which syncs while others are asked for.
type neighbour struct {
	store *postgres.Store
	syncs int
}

// while has it sync for as long as something is asked.
func (b *neighbour) while(t *rapid.T, ask func()) {
	t.Helper()
	b.syncs++
	m := storedModel("busy", fmt.Sprintf("Large-%d", rapid.IntRange(0, 300).Draw(t, "busy model")))
	m.Remarks = []string{fmt.Sprint(b.syncs)}
	at := day(2026, 1, 2).Add(time.Duration(b.syncs) * time.Second)
	synced := make(chan error, 1)
	go func() {
		synced <- write(context.Background(), b.store, "busy", ledger.Change{KnownAt: at, Models: []domain.Model{m}})
	}()
	defer func() {
		if err := <-synced; err != nil {
			t.Fatal(err)
		}
	}()
	ask()
}

// others walks over a listing while the neighbour syncs, and leaves that one out.
func (b *neighbour) others(t *rapid.T, w *world, query url.Values) (got []oas.Model) {
	t.Helper()
	b.while(t, func() { got = walk(t, w, query, pageSize(t)) })
	return slices.DeleteFunc(got, func(m oas.Model) bool { return m.Provider == "busy" })
}

func TestProperty20_ActiveModelRetrieval(t *testing.T) {
	s := newStock()
	w, store := s.put(t)
	busy := neighbour{store: store}
	all := s.choose(active)
	rapid.Check(t, func(t *rapid.T) { expect(t, busy.others(t, w, url.Values{}), all) })
}

func TestProperty21_ProviderFilteringAccuracy(t *testing.T) {
	s := newStock()
	w, store := s.put(t)
	busy := neighbour{store: store}
	rapid.Check(t, func(t *rapid.T) {
		providers := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"acme", "zenith", "asleep", "nobody"}), 1, 3, rapid.ID).Draw(t, "providers")
		got := busy.others(t, w, url.Values{"provider": {strings.Join(providers, ",")}})
		expect(t, got, s.choose(func(m domain.Model) bool { return active(m) && slices.Contains(providers, string(m.Provider)) }))
	})
}

// Filters of every kind, alone and together: "or" within one, "and" between them.
func TestProperty22_ClassificationFilteringAccuracy(t *testing.T) {
	s := newStock()
	w, store := s.put(t)
	busy := neighbour{store: store}
	rapid.Check(t, func(t *rapid.T) {
		query := url.Values{}
		passes := []func(domain.Model) bool{}
		if classes := rapid.SliceOfNDistinct(rapid.SampledFrom(domain.Classes()), 0, 3, rapid.ID).Draw(t, "classes"); len(classes) > 0 {
			query.Set("classification", strings.Join(texts(classes), ","))
			passes = append(passes, func(m domain.Model) bool {
				return slices.ContainsFunc(m.Classification, func(c domain.Class) bool { return slices.Contains(classes, c) })
			})
		}
		usabilities := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"available", "preview", "deprecated"}), 0, 2, rapid.ID).Draw(t, "usabilities")
		if len(usabilities) > 0 {
			query.Set("usability", strings.Join(usabilities, ","))
			passes = append(passes, func(m domain.Model) bool { return slices.Contains(usabilities, string(m.Usability)) })
		} else {
			passes = append(passes, active)
		}
		if capabilities := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"vision", "tools", "audio", "none"}), 0, 2, rapid.ID).Draw(t, "capabilities"); len(capabilities) > 0 {
			query.Set("capability", strings.Join(capabilities, ","))
			passes = append(passes, func(m domain.Model) bool {
				return slices.ContainsFunc(capabilities, func(c string) bool {
					return slices.Contains(m.Capabilities, domain.Capability{Type: c, Supported: true})
				})
			})
		}
		if window := rapid.SampledFrom([]int64{-1, 0, 64_000, 100_000, 256_000, 300_000}).Draw(t, "window"); window >= 0 {
			query.Set("minContextWindow", fmt.Sprint(window))
			passes = append(passes, func(m domain.Model) bool { return m.ContextWindow != nil && *m.ContextWindow >= window })
		}
		for name, meter := range map[string]domain.Meter{"maxInputCost": domain.MeterInput, "maxOutputCost": domain.MeterOutput} {
			if cents := rapid.Int64Range(-500, 1000).Draw(t, name); cents >= 0 {
				most := decimal.New(cents, -2)
				query.Set(name, most.String())
				passes = append(passes, func(m domain.Model) bool {
					cost := s.cost(m, meter)
					return cost != nil && cost.LessThanOrEqual(most)
				})
			}
		}
		if text := rapid.SampledFrom([]string{"", "large", "VISION", "%", "_", "a/b", "the small", "é", "5-1"}).Draw(t, "q"); text != "" {
			query.Set("q", text)
			passes = append(passes, func(m domain.Model) bool {
				return strings.Contains(strings.ToLower(m.ID+"\x00"+m.DisplayName), strings.ToLower(text))
			})
		}
		got := busy.others(t, w, query)
		expect(t, got, s.choose(func(m domain.Model) bool {
			return !slices.ContainsFunc(passes, func(pass func(domain.Model) bool) bool { return !pass(m) })
		}))
	})
}

func TestProperty23_PricingDataInclusion(t *testing.T) {
	s := newStock()
	w, store := s.put(t)
	busy := neighbour{store: store}
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(s.models).Draw(t, "model")
		for _, got := range inEveryAnswer(t, w, m, &busy) {
			var rates []printed
			for _, entry := range got.Pricing {
				text, err := json.Marshal(&entry.Rates)
				if err != nil {
					t.Fatal(err)
				}
				var told map[domain.Meter]string
				if err := json.Unmarshal(text, &told); err != nil {
					t.Fatal(err)
				}
				for meter, amount := range told {
					rates = append(rates, printed{m.ID, domain.Tier(entry.Tier), meter, entry.MinPromptTokens, amount, entry.EffectiveDate})
				}
			}
			want := slices.Clone(s.prices[m.ModelKey])
			byText := func(a, b printed) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
			slices.SortFunc(rates, byText)
			slices.SortFunc(want, byText)
			if !slices.Equal(rates, want) {
				t.Fatalf("%s has %v, expected %v", m.ID, rates, want)
			}
			if (got.PricingStatus == "TBD") != (len(want) == 0) {
				t.Fatalf("%s is %s with %d rates", m.ID, got.PricingStatus, len(want))
			}
		}
	})
}

func TestProperty24_CapabilityDataInclusion(t *testing.T) {
	s := newStock()
	w, store := s.put(t)
	busy := neighbour{store: store}
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(s.models).Draw(t, "model")
		for _, got := range inEveryAnswer(t, w, m, &busy) {
			window, known := got.ContextWindow.Get()
			if known != (m.ContextWindow != nil) || known && window != *m.ContextWindow {
				t.Fatalf("%s has the context window %v", m.ID, got.ContextWindow)
			}
			capabilities := make([]domain.Capability, len(got.Capabilities))
			for i, c := range got.Capabilities {
				capabilities[i] = domain.Capability(c)
			}
			if !slices.Equal(capabilities, m.Capabilities) {
				t.Fatalf("%s has %v, expected %v", m.ID, capabilities, m.Capabilities)
			}
			if !slices.Equal(texts(got.Classification), texts(m.Classification)) {
				t.Fatalf("%s is %v, expected %v", m.ID, got.Classification, m.Classification)
			}
		}
	})
}

// inEveryAnswer gives a model as it stands alone and in a listing, while another
// provider syncs.
func inEveryAnswer(t *rapid.T, w *world, m domain.Model, busy *neighbour) (all []oas.Model) {
	busy.while(t, func() { all = bothAnswers(t, w, m) })
	return all
}

func bothAnswers(t *rapid.T, w *world, m domain.Model) []oas.Model {
	answer := w.ask("/api/models/" + url.PathEscape(m.ID) + "?provider=" + string(m.Provider))
	var alone oas.Model
	if err := json.Unmarshal(answer.Body.Bytes(), &alone); err != nil || answer.Code != 200 {
		t.Fatalf("%s: status %d: %s", m.ID, answer.Code, answer.Body)
	}
	listed := walk(t, w, url.Values{"q": {m.ID}, "provider": {string(m.Provider)}, "usability": {string(m.Usability)}}, 500)
	listed = slices.DeleteFunc(listed, func(o oas.Model) bool { return o.ID != m.ID })
	if len(listed) != 1 {
		t.Fatalf("%s is listed %d times", m.ID, len(listed))
	}
	return []oas.Model{alone, listed[0]}
}
