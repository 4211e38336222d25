package porttest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Catalogue tests what ports.Catalogue promises.
func Catalogue(t *testing.T, open func(testing.TB) Books) {
	run(t, open, map[string]func(*testing.T, Books){
		"models come with their rates in force":       modelsWithRates,
		"filters of one field mean or, several and":   filters,
		"price limits look at the plain price":        priceLimits,
		"pages hold every model once, in order":       pages,
		"a page holds at least one model":             emptyPage,
		"every order, and back":                       orders,
		"an order ends with the version":              ordersExpire,
		"the past is answered as it was":              asOf,
		"a model is found by id, or else by alias":    findsModels,
		"history is chosen by effective time":         historyRange,
		"history as it was believed":                  historyKnown,
		"evidence comes with its page":                evidence,
		"events come in order, from where one left":   events,
		"every layer of a rate is answered":           layers,
		"hostile text is just text":                   hostileText,
		"a listing while it changes loses no model":   listingWhileItChanges,
		"an unknown model has neither rates nor past": unknownModel,
	})
}

func of(p domain.ProviderID) ports.ModelQuery {
	return ports.ModelQuery{AsOf: now(hour(10)), Providers: []domain.ProviderID{p}, Limit: 100}
}

func ids(page ports.ModelPage) []string {
	list := make([]string, len(page.Models))
	for i, m := range page.Models {
		list[i] = m.ID
	}
	return list
}

func modelsWithRates(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	in, out := aKey(m.ModelKey, domain.MeterInput), aKey(m.ModelKey, domain.MeterOutput)
	batch, long, eu := in, in, in
	batch.Tier, long.MinPromptTokens, eu.Region = domain.TierBatch, 200_001, "eu"
	past, present, future := aRate(out, "9", hour(-5)), aRate(out, "8", noon), aRate(out, "7", hour(20))
	past.Effective.To, present.Effective.To = noon, hour(20)
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Open: []domain.Rate{
		present, aRate(in, "1", noon), aRate(eu, "4", noon), aRate(long, "2", noon), aRate(batch, "0.5", noon), past, future,
	}})
	got := b.models(t, of(p))
	if got.Total != 1 || got.More || len(got.Models) != 1 {
		t.Fatalf("got %+v", got)
	}
	same(t, "model", got.Models[0].ModelVersion, domain.ModelVersion{Model: m, DiscoveredAt: noon, Seen: domain.Span{From: noon}})
	var rates []string
	for _, r := range got.Models[0].Rates {
		rates = append(rates, fmt.Sprintf("%s %s %d %s %s", r.Tier, r.Region, r.MinPromptTokens, r.Meter, r.Amount))
	}
	same(t, "rates", rates, []string{
		"batch global 0 input 0.5", "standard eu 0 input 4", "standard global 0 input 1", "standard global 0 output 8", "standard global 200001 input 2",
	})
}

func filters(t *testing.T, b Books) {
	p, other := aProvider(), aProvider()
	window := func(n int64) *int64 { return &n }
	a, c, d, e := aModel(p, "a"), aModel(p, "c"), aModel(p, "d"), aModel(p, "e")
	a.Classification, a.ContextWindow = []domain.Class{domain.ClassChat, domain.ClassTools}, window(1000)
	a.Capabilities = []domain.Capability{{Type: "vision", Supported: true}, {Type: "batch", Supported: true}}
	c.Classification, c.Usability, c.ContextWindow = []domain.Class{domain.ClassEmbedding}, domain.UsabilityPreview, window(2000)
	c.Capabilities = []domain.Capability{{Type: "vision", Supported: false}, {Type: "batch", Supported: true}}
	d.Usability, d.DisplayName = domain.UsabilityDeprecated, "Über 100% Model_X"
	e.DisplayName = "Nothing Said"
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{e, d, c, a}})
	b.update(t, other, ledger.Change{KnownAt: noon, Models: []domain.Model{aModel(other, "b")}})
	all := []domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated}

	for name, c := range map[string]struct {
		narrow func(*ports.ModelQuery)
		want   []string
	}{
		"none":                  {func(*ports.ModelQuery) {}, []string{"a", "c", "e"}},
		"two providers":         {func(q *ports.ModelQuery) { q.Providers = append(q.Providers, other) }, []string{"a", "b", "c", "e"}},
		"a provider not there":  {func(q *ports.ModelQuery) { q.Providers = []domain.ProviderID{"nobody"} }, nil},
		"usability":             {func(q *ports.ModelQuery) { q.Usabilities = all[1:] }, []string{"c", "d"}},
		"one class":             {func(q *ports.ModelQuery) { q.Classifications = []domain.Class{domain.ClassTools} }, []string{"a"}},
		"either class":          {func(q *ports.ModelQuery) { q.Classifications = []domain.Class{domain.ClassChat, domain.ClassEmbedding} }, []string{"a", "c"}},
		"a capability":          {func(q *ports.ModelQuery) { q.Capabilities = []string{"batch"} }, []string{"a", "c"}},
		"either capability":     {func(q *ports.ModelQuery) { q.Capabilities = []string{"vision", "nothing", "batch"} }, []string{"a", "c"}},
		"one not supported":     {func(q *ports.ModelQuery) { q.Capabilities = []string{"vision"} }, []string{"a"}},
		"context window":        {func(q *ports.ModelQuery) { q.MinContextWindow = window(1000) }, []string{"a", "c"}},
		"larger window":         {func(q *ports.ModelQuery) { q.MinContextWindow = window(1001) }, []string{"c"}},
		"any window said":       {func(q *ports.ModelQuery) { q.MinContextWindow = window(0) }, []string{"a", "c"}},
		"text in the id":        {func(q *ports.ModelQuery) { q.Text = "A" }, []string{"a", "e"}},
		"text in the name":      {func(q *ports.ModelQuery) { q.Text = "nothing s" }, []string{"e"}},
		"a per cent is itself":  {func(q *ports.ModelQuery) { q.Text, q.Usabilities = "0% m", all }, []string{"d"}},
		"an underscore as well": {func(q *ports.ModelQuery) { q.Text, q.Usabilities = "l_x", all }, []string{"d"}},
		"text in nothing":       {func(q *ports.ModelQuery) { q.Text = "%" }, nil},
		"two fields":            {func(q *ports.ModelQuery) { q.Capabilities, q.MinContextWindow = []string{"batch"}, window(2000) }, []string{"c"}},
	} {
		q := of(p)
		c.narrow(&q)
		got := b.models(t, q)
		same(t, name, ids(got), c.want)
		if got.Total != len(c.want) {
			t.Errorf("%s: the total is %d, want %d", name, got.Total, len(c.want))
		}
	}
}

func priceLimits(t *testing.T, b Books) {
	p := aProvider()
	priced := func(id string, change func(*domain.Rate)) (domain.Model, domain.Rate) {
		m := aModel(p, id)
		r := aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon)
		change(&r)
		return m, r
	}
	c := ledger.Change{KnownAt: noon}
	for id, change := range map[string]func(*domain.Rate){
		"plain":    func(*domain.Rate) {},
		"free":     func(r *domain.Rate) { r.Amount = decimal.Zero },
		"exact":    func(r *domain.Rate) { r.Amount = decimal.NewFromInt(2) },
		"dear":     func(r *domain.Rate) { r.Amount = decimal.RequireFromString("2.000000000000000001") },
		"batch":    func(r *domain.Rate) { r.Tier = domain.TierBatch },
		"regional": func(r *domain.Rate) { r.Region = "us" },
		"euro":     func(r *domain.Rate) { r.Currency = "EUR" },
		"long":     func(r *domain.Rate) { r.MinPromptTokens = 1000 }, // the lowest there is
		"later":    func(r *domain.Rate) { r.Effective.From = hour(11) },
		"over":     func(r *domain.Rate) { r.Effective.From, r.Effective.To = noon, hour(10) },
	} {
		m, r := priced(id, change)
		c.Models, c.Open = append(c.Models, m), append(c.Open, r)
	}
	c.Models = append(c.Models, aModel(p, "unknown"))
	cheapWhenLong := aRate(c.Open[slices.IndexFunc(c.Open, func(r domain.Rate) bool { return r.Model.ID == "dear" })].RateKey, "0.1", noon)
	cheapWhenLong.MinPromptTokens = 200_000
	c.Open = append(c.Open, cheapWhenLong)
	b.update(t, p, c)

	two := decimal.NewFromInt(2)
	q := of(p)
	q.MaxInputCost = &two
	same(t, "input within 2", ids(b.models(t, q)), []string{"exact", "free", "long", "plain"})
	q.MaxInputCost, q.MaxOutputCost = nil, &two
	same(t, "output within 2", ids(b.models(t, q)), []string{})
	q.MaxInputCost = &two
	q.MaxOutputCost = nil
	q.AsOf = now(hour(11))
	same(t, "input within 2, later", ids(b.models(t, q)), []string{"exact", "free", "later", "long", "plain"})
}

func pages(t *testing.T, b Books) {
	one, two := aProvider(), aProvider()
	names := []string{"B", "_", "a", "a-1", "a.1", "a1", "b", "é"} // in byte order, whatever the locale
	for _, p := range []domain.ProviderID{two, one} {
		c := ledger.Change{KnownAt: noon}
		for _, id := range names {
			c.Models = append(c.Models, aModel(p, id))
		}
		b.update(t, p, c)
	}
	q := of(one)
	q.Providers, q.Limit = []domain.ProviderID{one, two}, 3
	var got []string
	for range 10 {
		page := b.models(t, q)
		if page.Total != 2*len(names) {
			t.Errorf("the total is %d on a page of %d, want %d", page.Total, len(page.Models), 2*len(names))
		}
		for _, m := range page.Models {
			got = append(got, m.ModelKey.String())
			q.After = &domain.ModelKey{Provider: m.Provider, ID: m.ID}
		}
		if page.More != (len(got) < 2*len(names)) {
			t.Errorf("after %d models more is %t", len(got), page.More)
		}
	}
	var want []string
	for _, id := range names {
		want = append(want, string(min(one, two))+"/"+id, string(max(one, two))+"/"+id)
	}
	same(t, "all pages", got, want)
}

func emptyPage(t *testing.T, b Books) {
	q := of(aProvider())
	q.Limit = 0
	_, err := b.Catalogue.Models(context.Background(), q)
	fails(t, "a limit of 0", err, domain.KindInvalid)
}

func asOf(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	first := aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon)
	b.update(t, p, ledger.Change{KnownAt: hour(1), Models: []domain.Model{m}, Open: []domain.Rate{first}})
	renamed, ended := m, b.state(t, p).Rates[0]
	renamed.DisplayName = "Renamed"
	ended.Effective.To = hour(3)
	b.update(t, p, ledger.Change{
		KnownAt: hour(5), Models: []domain.Model{renamed}, Supersede: b.state(t, p).Rates, Open: []domain.Rate{ended, aRate(first.RateKey, "2", hour(3))},
	})
	for _, c := range []struct{ at, known, name, amount string }{
		{"2", "5", "The one", "1"}, {"3", "5", "The one", "2"}, {"4", "4", "The one", "1"}, {"4", "1", "The one", "1"},
		{"3", "9", "The one", "2"}, {"9", "9", "Renamed", "2"}, {"9", "4", "The one", "1"}, {"5", "5", "Renamed", "2"},
	} {
		var at, known int
		_, _ = fmt.Sscan(c.at, &at)
		_, _ = fmt.Sscan(c.known, &known)
		q := of(p)
		q.AsOf = domain.AsOf{At: hour(at), KnownAt: hour(known)}
		got := b.models(t, q).Models
		one, err := b.Catalogue.Model(context.Background(), p, "one", q.AsOf)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "one model and the list", one, got)
		if len(got) != 1 || len(got[0].Rates) != 1 || got[0].DisplayName != c.name || got[0].Rates[0].Amount.String() != c.amount {
			t.Errorf("in force at %s as believed at %s: got %+v, want %s at %s", c.at, c.known, got, c.name, c.amount)
		}
	}
	q := of(p)
	q.AsOf = now(noon)
	if got := b.models(t, q); got.Total != 0 {
		t.Errorf("before it was found the model is listed: %+v", got)
	}
}

func findsModels(t *testing.T, b Books) {
	one, two := aProvider(), aProvider()
	a, c, d := aModel(one, string(one)+"-a"), aModel(two, string(one)+"-a"), aModel(two, string(one)+"-d")
	d.Aliases = []string{string(one) + "-a", string(one) + "-alias"}
	c.Aliases = []string{string(one) + "-alias"}
	d.Usability = domain.UsabilityDeprecated
	b.update(t, one, ledger.Change{KnownAt: noon, Models: []domain.Model{a}})
	b.update(t, two, ledger.Change{KnownAt: noon, Models: []domain.Model{c, d}})
	for _, q := range []struct {
		provider domain.ProviderID
		ref      string
		want     []domain.ModelKey
	}{
		{"", a.ID, []domain.ModelKey{a.ModelKey, c.ModelKey}}, // the id of two, though the alias of a third
		{two, a.ID, []domain.ModelKey{c.ModelKey}},
		{"", string(one) + "-alias", []domain.ModelKey{c.ModelKey, d.ModelKey}},
		{"", d.ID, []domain.ModelKey{d.ModelKey}},
		{one, d.ID, nil},
		{"", string(one), nil},
		{"", "", nil},
	} {
		found, err := b.Catalogue.Model(context.Background(), q.provider, q.ref, now(hour(1)))
		if err != nil {
			t.Fatal(err)
		}
		var keys []domain.ModelKey
		for _, m := range found {
			keys = append(keys, m.ModelKey)
		}
		slices.SortFunc(keys, func(a, b domain.ModelKey) int {
			return slices.Compare([]string{a.ID, string(a.Provider)}, []string{b.ID, string(b.Provider)})
		})
		slices.SortFunc(q.want, func(a, b domain.ModelKey) int {
			return slices.Compare([]string{a.ID, string(a.Provider)}, []string{b.ID, string(b.Provider)})
		})
		same(t, fmt.Sprintf("%q at %q", q.ref, q.provider), keys, q.want)
	}
}

func historyRange(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	key := aKey(m.ModelKey, domain.MeterInput)
	c := ledger.Change{KnownAt: noon, Models: []domain.Model{m}}
	for i, amount := range []string{"1", "2", "3"} {
		r := aRate(key, amount, hour(10*i))
		if i < 2 {
			r.Effective.To = hour(10*i + 10)
		}
		c.Open = append(c.Open, r)
	}
	ever := aRate(aKey(m.ModelKey, domain.MeterOutput), "9", hour(0)) // since before anybody knows
	ever.Effective.From, ever.Effective.To = ever.Effective.To, hour(10)
	c.Open = append(c.Open, ever)
	b.update(t, p, c)
	for _, q := range []struct {
		name  string
		query ports.HistoryQuery
		want  []string
	}{
		{"all", ports.HistoryQuery{}, []string{"3", "2", "1", "9"}},
		{"from a beginning", ports.HistoryQuery{Range: domain.Span{From: hour(10)}}, []string{"3", "2"}},
		{"from after a beginning", ports.HistoryQuery{Range: domain.Span{From: hour(11)}}, []string{"3"}},
		{"until before a beginning", ports.HistoryQuery{Range: domain.Span{To: hour(10)}}, []string{"1", "9"}},
		{"a closed range", ports.HistoryQuery{Range: domain.Span{From: noon, To: hour(11)}}, []string{"2", "1"}},
		{"overlapping", ports.HistoryQuery{Range: domain.Span{From: hour(11), To: hour(12)}, Overlapping: true}, []string{"2"}},
		{"overlapping two", ports.HistoryQuery{Range: domain.Span{From: hour(19), To: hour(21)}, Overlapping: true}, []string{"3", "2"}},
		{"overlapping the beginning", ports.HistoryQuery{Range: domain.Span{To: noon}, Overlapping: true}, []string{"9"}},
		{"an empty range", ports.HistoryQuery{Range: domain.Span{From: noon, To: noon}, Overlapping: true}, nil},
		{"a range that ends before it begins", ports.HistoryQuery{Range: domain.Span{From: hour(2), To: hour(1)}}, nil},
	} {
		var amounts []string
		for _, r := range b.history(t, m.ModelKey, q.query) {
			amounts = append(amounts, r.Amount.String())
		}
		same(t, q.name, amounts, q.want)
	}
}

func historyKnown(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	b.update(t, p, ledger.Change{KnownAt: hour(1), Models: []domain.Model{m}, Open: []domain.Rate{aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon)}})
	b.update(t, p, ledger.Change{KnownAt: hour(2), Supersede: b.state(t, p).Rates, Open: []domain.Rate{aRate(aKey(m.ModelKey, domain.MeterInput), "2", noon)}})
	for at, want := range map[int][]string{0: nil, 1: {"1"}, 2: {"2"}, 3: {"2"}} {
		var amounts []string
		for _, r := range b.history(t, m.ModelKey, ports.HistoryQuery{KnownAt: hour(at)}) {
			amounts = append(amounts, r.Amount.String())
		}
		same(t, fmt.Sprintf("as believed in hour %d", at), amounts, want)
	}
}

func evidence(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	body := []byte("<table><tr><td>$1</td></tr></table>")
	sum := sha256.Sum256(body)
	page := domain.Page{
		Provider: p, Source: "prices", URL: "https://example.org/prices", FetchedAt: noon, SHA256: hex.EncodeToString(sum[:]),
		ContentType: "text/html", ETag: `"x"`, LastModified: "yesterday", Body: body,
	}
	id, err := b.Pages.Put(context.Background(), page)
	if err != nil {
		t.Fatal(err)
	}
	page.ID = id
	said, r := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "1", noon), noon)
	said.PageID = id
	bare, _ := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterOutput), "1", noon), noon)
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said, bare}, Open: []domain.Rate{r}})
	said.ID = b.models(t, of(p)).Models[0].Rates[0].Evidence
	got, err := b.Catalogue.Evidence(context.Background(), said.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "evidence", got, domain.Evidence{Statement: said, Page: page})
	for _, s := range b.state(t, p).Statements {
		if s.ID != said.ID {
			bare.ID = s.ID
		}
	}
	got, err = b.Catalogue.Evidence(context.Background(), bare.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "evidence without a page", got, domain.Evidence{Statement: bare})
	for _, id := range []int64{0, -1, 1 << 60} {
		_, err = b.Catalogue.Evidence(context.Background(), id)
		fails(t, fmt.Sprint("evidence ", id), err, domain.KindNotFound)
	}
}

func events(t *testing.T, b Books) {
	p := aProvider()
	c := ledger.Change{KnownAt: noon}
	for i := range 5 {
		c.Events = append(c.Events, domain.Event{
			At: hour(i), Kind: domain.EventModelFound, Provider: p, Model: fmt.Sprint(i), Payload: domain.ModelPayload{DisplayName: fmt.Sprint("name ", i)},
		})
	}
	b.update(t, p, c)
	all := eventsOf(t, b, p)
	for i, e := range all {
		if e.Model != fmt.Sprint(i) || !e.At.Equal(hour(i)) || e.Kind != domain.EventModelFound {
			t.Errorf("event %d is %+v", i, e)
		}
	}
	if len(all) != 5 {
		t.Fatalf("got %d events, want 5", len(all))
	}
	some, err := b.Catalogue.Events(context.Background(), all[1].ID, 2)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "two events after the second", some, all[2:4])
}

func layers(t *testing.T, b Books) {
	p := aProvider()
	m := aModel(p, "one")
	list := aRate(aKey(m.ModelKey, domain.MeterInput), "3", noon)
	manual, imported := list, list
	manual.Layer, imported.Layer = domain.LayerManual, domain.LayerImported
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Open: []domain.Rate{list, manual, imported}})
	seen := map[domain.Layer]bool{}
	for _, r := range b.models(t, of(p)).Models[0].Rates {
		seen[r.Layer] = true
	}
	if len(seen) != 3 {
		t.Errorf("got the layers %v, want three", seen)
	}
}

func hostileText(t *testing.T, b Books) {
	p := aProvider()
	b.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{aModel(p, "one")}})
	for _, s := range []string{"'; DROP TABLE models; --", "one\x00", "\xff\xfe", "%", `\`, "<script>", "{one}", `"`} {
		q := of(p)
		q.Text, q.Capabilities, q.Classifications, q.After = s, []string{s}, []domain.Class{domain.Class(s)}, &domain.ModelKey{Provider: p, ID: s}
		if got := b.models(t, q); got.Total != 0 {
			t.Errorf("%q finds %d models", s, got.Total)
		}
		if _, err := b.Catalogue.Model(context.Background(), domain.ProviderID(s), s, now(noon)); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		b.history(t, domain.ModelKey{Provider: domain.ProviderID(s), ID: s}, ports.HistoryQuery{})
	}
}

// listingWhileItChanges pages through what stays while other models come and go.
func listingWhileItChanges(t *testing.T, b Books) {
	p := aProvider()
	first := ledger.Change{KnownAt: noon}
	var want []string
	for i := range 20 {
		id := fmt.Sprintf("m%02d", i)
		want = append(want, id)
		first.Models = append(first.Models, aModel(p, id))
	}
	b.update(t, p, first)
	q := of(p)
	q.Limit, q.AsOf = 3, now(hour(1000))
	var got []string
	for n := 0; ; n++ {
		page := b.models(t, q)
		for _, m := range page.Models {
			if len(m.ID) == 3 {
				got = append(got, m.ID)
			}
			q.After = &m.ModelKey
		}
		if !page.More {
			break
		}
		b.update(t, p, ledger.Change{KnownAt: hour(n + 1), Models: []domain.Model{aModel(p, fmt.Sprintf("m%02d-new", n)), aModel(p, fmt.Sprintf("m%02d-new", 19-n))}})
	}
	same(t, "what was there throughout", got, want)
}

func unknownModel(t *testing.T, b Books) {
	p := aProvider()
	if list := b.history(t, domain.ModelKey{Provider: p, ID: "nothing"}, ports.HistoryQuery{}); len(list) > 0 {
		t.Errorf("got the history %+v", list)
	}
	found, err := b.Catalogue.Model(context.Background(), p, "nothing", now(noon))
	if err != nil || len(found) > 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}
