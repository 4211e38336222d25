package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

var (
	dawn    = time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	sellers atomic.Int64
)

// newSeller is a provider that nothing else in the books has.
func newSeller(t failer, r *replica) domain.ProviderID {
	p := domain.Provider{ID: domain.ProviderID(fmt.Sprintf("acme-%d", sellers.Add(1))), Scraping: domain.Scraping{Sources: []domain.Source{{
		Name: "page", URL: "https://acme.example/prices", Readers: []domain.ReaderConfig{{Reader: "tables"}},
	}}}}
	if err := postgres.NewConfigs(r.store).Adopt(context.Background(), []domain.Provider{p}, dawn); err != nil {
		t.Fatalf("adding a provider: %v", err)
	}
	return p.ID
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
}

// dice draws a number from 0 to n-1.
type dice func(n int) int

func seeded(seed uint64) dice { return rand.New(rand.NewPCG(seed, seed)).IntN }

func one[T any](d dice, of ...T) T { return of[d(len(of))] }

// TestHistories plays generated histories of a provider, with everything that
// may go wrong, and compares after each step what is believed, and what ever
// was, with a model of the rules.
func TestHistories(t *testing.T) {
	dsn := pgtest.DSN(t)
	one, two := newReplica(t, dsn), newReplica(t, dsn)
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, seeded(0), one, two, []string{"amber", "birch", "cobalt", "dogwood", "elm"}, fewKeys)
		for range rapid.IntRange(3, 14).Draw(t, "steps") {
			h.step(rapid.IntRange(0, len(h.deeds())-1).Draw(t, "deed"), rapid.Uint64().Draw(t, "seed"))
		}
	})
}

// TestSoak plays one long history of many prices: a year of daily syncs of 200
// models with 12 prices each.
func TestSoak(t *testing.T) {
	if os.Getenv("RATECARD_SOAK") == "" {
		t.Skip("takes minutes: make soak-ledger runs it")
	}
	dsn := pgtest.DSN(t)
	models := make([]string, 200)
	for i := range models {
		models[i] = fmt.Sprintf("tone-%d", i)
	}
	h := newHistory(t, seeded(1), newReplica(t, dsn), newReplica(t, dsn), models, manyKeys)
	for day := range 365 {
		h.pass(24 * time.Hour)
		h.daily()
		if t.Failed() {
			t.Fatalf("on day %d", day)
		}
	}
	t.Logf("%d prices are believed, %d were, %d answers are given again", h.count("rates"), h.count("superseded_rates"), len(h.given))
}

func fewKeys(model domain.ModelKey) []domain.RateKey {
	return []domain.RateKey{
		keyOf(model, domain.TierStandard, domain.MeterInput, 0), keyOf(model, domain.TierStandard, domain.MeterInput, 200_000),
		keyOf(model, domain.TierBatch, domain.MeterOutput, 0),
	}
}

func manyKeys(model domain.ModelKey) (keys []domain.RateKey) {
	for _, meter := range domain.TokenMeters()[:4] {
		keys = append(keys, keyOf(model, domain.TierStandard, meter, 0), keyOf(model, domain.TierStandard, meter, 200_000), keyOf(model, domain.TierBatch, meter, 0))
	}
	return keys
}

func keyOf(model domain.ModelKey, tier domain.Tier, meter domain.Meter, above int64) domain.RateKey {
	return domain.RateKey{
		Model: model, Layer: domain.LayerList, Tier: tier, Meter: meter, Region: domain.RegionGlobal, MinPromptTokens: above,
	}
}

// A history is one provider's life, step by step.
type history struct {
	t        failer
	draw     dice
	one, two *replica
	seller   domain.ProviderID
	names    []string // the models that there may be
	keys     []domain.RateKey
	list     map[string]listed
	page     map[domain.RateKey]entry // as it stands now
	now      time.Time
	calm     []time.Time // instants at which nothing was being written
	want     *account
	given    []answer
}

func newHistory(t failer, draw dice, one, two *replica, models []string, keys func(domain.ModelKey) []domain.RateKey) *history {
	h := &history{
		t: t, draw: draw, one: one, two: two, seller: newSeller(t, one), names: models, now: dawn, calm: []time.Time{dawn.Add(-time.Hour)},
		list: map[string]listed{}, page: map[domain.RateKey]entry{}, want: newAccount(),
	}
	one.undisturbed()
	for i, m := range models {
		h.keys = append(h.keys, keys(domain.ModelKey{Provider: h.seller, ID: m})...)
		if i%5 < 3 {
			h.list[m] = listed{name: "The " + m}
		}
	}
	for _, key := range h.keys {
		h.page[key] = entry{lines: []line{{amount: h.amount()}}}
	}
	return h
}

func (h *history) clock() time.Time { return h.now }

func (h *history) pass(d time.Duration) { h.now = h.now.Add(d) }

// A deed is one thing that may happen.
type deed struct {
	name string
	do   func()
}

func (h *history) deeds() []deed {
	return []deed{
		{"a reading", h.reading}, {"a reading", h.reading}, {"a stale reading", h.stale}, {"a page without figures", h.unreadable},
		{"two do the same run", h.twins}, {"two do different runs", h.racing}, {"a connection is cut", h.cut}, {"the program is stopped", h.stopped},
		{"a rate is entered", h.enter}, {"a rate is ended", h.end}, {"a list is imported", h.imported}, {"a key is corrected", h.correct},
		{"what has come is announced", h.announce}, {"what is old is forgotten", h.forget},
	}
}

// step lets some time pass and one thing happen.
func (h *history) step(deed int, seed uint64) {
	h.draw = seeded(seed)
	h.pass(one(h.draw, time.Minute, 7*time.Hour, 24*time.Hour, 40*24*time.Hour, 200*24*time.Hour))
	h.happen(h.deeds()[deed])
}

// daily is one day of the long history: a sync, and now and then something else.
func (h *history) daily() {
	all := h.deeds()
	h.happen(all[h.draw(2)])
	if h.draw(3) == 0 {
		h.pass(time.Hour)
		h.happen(one(h.draw, all...))
	}
}

func (h *history) happen(d deed) {
	h.t.Logf("%s: %s", h.now.Format(time.RFC3339), d.name)
	d.do()
	h.check()
	h.calm = append(h.calm, h.now.Add(time.Second))
	h.ask()
}

func (h *history) amount() string { return one(h.draw, "0", "1", "1.5", "2", "3") }

// day is one some days from now.
func (h *history) day(first, last int) domain.Date {
	return domain.DateOf(h.now.AddDate(0, 0, first+h.draw(last-first+1)))
}

// entry is what a page may print of a key; the second result is false where it
// prints nothing.
func (h *history) entry() (entry, bool) {
	p, q, d := h.amount(), h.amount(), h.day(-20, 40)
	next := domain.DateOf(d.End())
	switch h.draw(14) {
	case 0:
		return entry{lines: []line{{amount: p, until: d}}}, true
	case 1:
		return entry{lines: []line{{amount: p, until: d}, {amount: q, from: next}}}, true
	case 2:
		return entry{lines: []line{{amount: p}, {amount: q, from: d}}}, true
	case 3:
		return entry{lines: []line{{amount: q, from: d}}}, true
	case 4:
		return entry{lines: []line{{amount: p, until: d}, {amount: q}}}, true
	case 5:
		return entry{lines: []line{{amount: q, from: d, until: domain.DateOf(d.Start().AddDate(0, 0, h.draw(30)))}}}, true
	case 6:
		return entry{lines: []line{{amount: p}, {amount: p + "7"}}, nonsense: true}, true
	case 7:
		return entry{lines: []line{{amount: p, until: d}, {amount: p + "7", from: d}}, nonsense: true}, true
	case 8:
		return entry{}, false
	default:
		return entry{lines: []line{{amount: p}}}, true
	}
}

// move lets the provider change a few prices and, now and then, its list.
func (h *history) move() {
	for range 1 + h.draw(1+len(h.keys)/6) {
		key := one(h.draw, h.keys...)
		if e, printed := h.entry(); printed {
			h.page[key] = e
		} else {
			delete(h.page, key)
		}
	}
	model := one(h.draw, h.names...)
	switch _, there := h.list[model]; h.draw(4) {
	case 0:
		if there && len(h.list) > 1 {
			delete(h.list, model)
		} else {
			h.list[model] = listed{name: "The " + model}
		}
	case 1:
		if there {
			h.list[model] = listed{name: h.list[model].name, ends: h.day(-5, 60).Start()}
		}
	case 2:
		if there {
			h.list[model] = listed{name: h.list[model].name + "!"}
		}
	}
}

// A shown is what the world shows to one run, and what its page says.
type shown struct {
	moment
	said map[domain.RateKey]entry
}

// show shows what there is now, in bytes that came at an instant.
func (h *history) show(at time.Time) shown {
	s := shown{moment{seller: h.seller, at: at, page: h.printed()}, maps.Clone(h.page)}
	if h.draw(6) > 0 {
		s.list = maps.Clone(h.list)
	}
	return s
}

func (h *history) printed() []byte {
	var quotes []domain.Quote
	for _, key := range h.keys {
		for _, l := range h.page[key].lines {
			quotes = append(quotes, domain.Quote{
				QuoteKey: domain.QuoteKey{
					Name: key.Model.ID, Tier: key.Tier, Meter: key.Meter, Region: key.Region,
					Above: key.MinPromptTokens, MinPromptTokens: key.MinPromptTokens, From: l.from, Until: l.until,
				},
				Amount: decimal.RequireFromString(l.amount), Place: domain.Place{Reader: "lines"},
			})
		}
	}
	if len(quotes) == 0 {
		return nil
	}
	body, err := json.Marshal(quotes) //nolint:musttag // read by this test alone
	if err != nil {
		h.t.Fatalf("printing the page: %v", err)
	}
	return body
}

// take lets an account take up what a run was shown, whose page is compared
// with what was said before.
func (h *history) take(a *account, s shown, before map[domain.RateKey]bool) {
	if s.list != nil {
		a.list(s.list, h.now)
	}
	if len(s.page) > 0 && covers(before, s.said) {
		a.read(s.said, s.at, h.now)
	}
}

func (h *history) run(r *replica, s shown) {
	run, err := r.run(context.Background(), s.moment, h.now)
	if i := slices.IndexFunc(run.Steps, func(s domain.Step) bool { return s.Name == domain.StepStorage }); err != nil || i < 0 || run.Steps[i].Outcome != domain.StepDone {
		h.t.Fatalf("the run: %v: %+v", err, run.Steps)
	}
}

// reading: prices and models have moved, and a run sees it, some time after
// the bytes came.
func (h *history) reading() {
	h.move()
	s := h.show(later(h.want.lastRead, h.now.Add(-time.Duration(h.draw(3))*20*time.Second)))
	h.run(h.one, s)
	h.take(h.want, s, h.want.page)
}

// stale: a run that was held up brings a page from before the last one.
func (h *history) stale() {
	if h.want.lastRead.IsZero() {
		return
	}
	h.move()
	s := h.show(h.want.lastRead.Add(-time.Second))
	h.run(h.one, s)
	h.take(h.want, s, h.want.page)
}

// unreadable: a page without any figure.
func (h *history) unreadable() {
	s := h.show(h.now)
	s.page = nil
	h.run(h.one, s)
	h.take(h.want, s, h.want.page)
}

// cut: the connection is lost before some statement of the run.
func (h *history) cut() {
	h.move()
	s := h.show(h.now)
	h.one.before(int64(1+h.draw(40)), h.two.kill)
	h.run(h.one, s)
	h.one.undisturbed()
	h.take(h.want, s, h.want.page)
}

// stopped: the program ends before some statement of the run, which is then
// done again by another.
func (h *history) stopped() {
	h.move()
	s := h.show(h.now)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	h.one.before(int64(1+h.draw(40)), func(conn *pgx.Conn) { stop(); h.two.kill(conn) })
	_, _ = h.one.run(ctx, s.moment, h.now) // it may have been done by then, or not
	h.one.undisturbed()
	h.run(h.two, s)
	h.take(h.want, s, h.want.page)
}

// twins: two replicas do the same run at once.
func (h *history) twins() {
	h.move()
	s := h.show(h.now)
	h.both(s, s)
	h.take(h.want, s, h.want.page)
}

// racing: two replicas do different runs at once. Whichever is stored first,
// and whichever last saying each compared its page with, what is believed is
// what one after the other leads to.
func (h *history) racing() {
	h.move()
	a := h.show(later(h.want.lastRead, h.now.Add(-time.Second)))
	h.move()
	b := h.show(h.now)
	a.list = b.list
	h.both(a, b)
	before := h.want.page
	var ways []*account
	for range 3 {
		ways = append(ways, h.want.clone())
	}
	h.take(ways[0], a, before)
	h.take(ways[0], b, before)
	h.take(ways[1], a, before)
	h.take(ways[1], b, ways[1].page)
	h.take(ways[2], b, before)
	h.take(ways[2], a, before)
	i := slices.IndexFunc(ways, func(w *account) bool { return h.differs(w) == "" })
	if i < 0 {
		h.t.Fatalf("two runs at once led to something else than one after the other:\n%s", h.differs(ways[0]))
	}
	h.want = ways[i]
}

func (h *history) both(a, b shown) {
	var wg sync.WaitGroup
	for r, s := range map[*replica]shown{h.one: a, h.two: b} {
		wg.Go(func() { h.run(r, s) })
	}
	wg.Wait()
}

// key is one of a known model; false where none is known.
func (h *history) key() (domain.RateKey, bool) {
	key := one(h.draw, h.keys...)
	_, known := h.want.model(key.Model.ID)
	return key, known
}

// enter: an administrator enters a price.
func (h *history) enter() {
	key, known := h.key()
	if !known {
		return
	}
	from := h.now.Add(time.Duration(h.draw(60)-30) * 24 * time.Hour)
	span := domain.Span{From: from}
	if h.draw(2) == 0 {
		span.To = from.Add(time.Duration(1+h.draw(40)) * 24 * time.Hour)
	}
	amount := h.amount()
	_, err := app.EnterRate(context.Background(), h.one.ledger, app.NewManualRate{
		Model: key.Model, Tier: key.Tier, Meter: key.Meter, Region: key.Region, MinPromptTokens: key.MinPromptTokens,
		Amount: amount, Effective: span, Reason: "agreed", By: "a test",
	}, h.clock)
	if err != nil {
		h.t.Fatalf("entering a rate: %v", err)
	}
	key.Layer = domain.LayerManual
	h.want.learn(key, h.want.now(key).with(span.From, span.To, amount), h.now)
}

// end: an administrator ends a price.
func (h *history) end() {
	all, err := h.one.catalogue.Manual(context.Background(), h.now)
	if err != nil {
		h.t.Fatalf("listing manual rates: %v", err)
	}
	all = slices.DeleteFunc(all, func(r ports.ManualRate) bool { return r.Model.Provider != h.seller })
	if len(all) == 0 {
		return
	}
	rate := one(h.draw, all...)
	end := h.now.Add(time.Duration(h.draw(20)-10) * 24 * time.Hour)
	_, err = app.EndRate(context.Background(), h.one.ledger, h.one.catalogue, app.EndManualRate{ID: rate.ID, At: end, Reason: "over", By: "a test"}, h.clock)
	if gone := !rate.Effective.Open() && !end.Before(rate.Effective.To); gone != (domain.KindOf(err) == domain.KindConflict) || err != nil && !gone {
		h.t.Fatalf("ending the rate of %v at %s: %v", rate.Effective, end, err)
	} else if gone {
		return
	}
	h.want.learn(rate.RateKey, h.want.now(rate.RateKey).with(later(end, rate.Effective.From), rate.Effective.To, ""), h.now)
}

// imported: price lists of another catalogue, of today or of the past, also of
// a model that nobody else has named.
func (h *history) imported() {
	list := app.ImportedList{Provider: h.seller, At: h.now.Add(-time.Duration(h.draw(60)) * 24 * time.Hour)}
	if len(h.want.imports) > 0 && h.draw(3) == 0 {
		list.At = one(h.draw, slices.SortedFunc(maps.Keys(h.want.imports), time.Time.Compare)...)
	}
	prices := map[domain.RateKey]string{}
	for _, id := range []string{h.names[0], h.names[1], "quartz"} {
		if h.draw(3) == 0 {
			continue
		}
		key := keyOf(domain.ModelKey{Provider: h.seller, ID: id}, domain.TierStandard, domain.MeterInput, 0)
		key.Layer = domain.LayerImported
		prices[key] = h.amount()
		list.Models = append(list.Models, app.ImportedModel{ID: id, Rates: []app.ImportedRate{{Meter: key.Meter, Amount: prices[key]}}})
	}
	if _, err := app.Import(context.Background(), h.one.ledger, []app.ImportedList{list}, "a test", h.clock); err != nil {
		h.t.Fatalf("importing: %v", err)
	}
	for _, m := range list.Models {
		if _, known := h.want.model(m.ID); !known {
			h.want.see(m.ID, seen{known: h.now, active: true, source: ledger.SourceImport})
		}
	}
	h.want.adopt(list.At, prices, h.now)
}

// correct: reading the past again says something else of one key.
func (h *history) correct() {
	key, _ := h.key()
	old := h.want.now(key)
	if len(old) == 0 {
		return
	}
	var fixed course
	for from := old[0].from.AddDate(0, 0, h.draw(10)-5); len(fixed) < 3; {
		to := from.AddDate(0, 0, 1+h.draw(20))
		if fixed = fixed.with(from, time.Time{}, h.amount()); h.draw(2) == 0 {
			fixed = fixed.with(to, time.Time{}, "")
		}
		if from = to.AddDate(0, 0, h.draw(3)); h.draw(3) == 0 {
			break
		}
	}
	_, err := h.one.ledger.Update(context.Background(), h.seller, func(state ledger.State) (ledger.Change, error) {
		var again []domain.Rate
		var row domain.Rate
		for _, r := range state.Rates {
			if r.RateKey != key {
				again = append(again, r)
			} else {
				row = r
			}
		}
		for _, p := range fixed {
			row.ID, row.Effective = 0, domain.Span{From: p.from, To: p.to}
			row.Amount = decimal.RequireFromString(p.amount)
			again = append(again, row)
		}
		known := later(h.now, state.LastKnown.Add(time.Microsecond))
		c := ledger.Correct(state.Rates, again, []string{"page"}, known)
		return ledger.Change{KnownAt: known, Supersede: c.Supersede, Open: c.Open, Events: c.Events}, nil
	})
	if err != nil {
		h.t.Fatalf("correcting: %v", err)
	}
	h.want.learn(key, fixed, h.now)
}

// announce: it is told that what was announced has come. Nothing of what is
// believed changes.
func (h *history) announce() {
	if _, err := postgres.NewBoundaries(h.one.store).Announce(context.Background(), h.now); err != nil {
		h.t.Fatalf("announcing: %v", err)
	}
}

// forget: what ended more than a year ago may go.
func (h *history) forget() {
	retain, err := app.NewRetain(app.RetainConfig{Store: postgres.NewRetention(h.one.store), Months: 12, Now: func() time.Time { return h.now }})
	if err != nil {
		h.t.Fatalf("%v", err)
	}
	if _, err := retain.Run(context.Background()); err != nil {
		h.t.Fatalf("forgetting: %v", err)
	}
	h.want.forgotten = h.now.AddDate(-1, 0, 0)
	kept := map[domain.RateKey]bool{}
	for _, r := range h.state().Rates {
		kept[r.RateKey] = true
	}
	for key, all := range h.want.rates {
		if c := all[len(all)-1].course; len(c) > 0 && !kept[key] && c.ended(h.want.forgotten) {
			h.want.learn(key, nil, h.now)
		}
	}
}

func (h *history) count(table string) (n int) {
	if err := h.one.store.Pool().QueryRow(context.Background(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		h.t.Fatalf("counting: %v", err)
	}
	return n
}
