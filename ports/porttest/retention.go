package porttest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Vault is what is kept, and what forgets it.
type Vault struct {
	Books
	Runs      ports.Runs
	Retention ports.Retention
}

// Retain deletes what may go at an instant when prices are kept for so many
// months after their end (0: for ever).
type Retain func(ctx context.Context, months int, now time.Time) error

// RetentionPolicy checks PROPERTIES 39: of generated rates and pages exactly
// those go that may, and what the year needs is there.
func RetentionPolicy(t *testing.T, v Vault, retain Retain) {
	rapid.Check(t, func(t *rapid.T) {
		p := aProvider()
		at := noon.Add(time.Duration(rapid.Int64Range(0, 600*int64(time.Hour)).Draw(t, "now"))).Truncate(time.Microsecond)
		months := rapid.SampledFrom([]int{0, 12, 13, 24, 60}).Draw(t, "months")
		cutoff := time.Time{}
		if months > 0 {
			cutoff = at.AddDate(0, -months, 0) // of March, before the 28th: every month has that day
		}
		needed := v.threeYearsOld(t, p, at)
		v.live(t, p, at, cutoff)
		pages := v.collectPages(t, p, at)
		beliefs := v.beliefs(t, p)
		statements := v.state(t, p).Statements

		if err := retain(context.Background(), months, at); err != nil {
			t.Fatalf("deleting: %v", err)
		}
		want := slices.DeleteFunc(beliefs, func(r domain.RateView) bool { return mayGo(r, statements, cutoff) })
		got := v.beliefs(t, p)
		same(t, fmt.Sprintf("what is believed and was, kept for %d months at %s", months, at), got, want)
		if !slices.ContainsFunc(got, func(r domain.RateView) bool { return r.ID == needed.ID }) {
			t.Errorf("a rate that ended eleven months ago is lost")
		}
		for id, stays := range pages {
			if _, err := v.Pages.Page(context.Background(), id); (err == nil) != stays {
				t.Errorf("page %d: %v; it is to stay: %v", id, err, stays)
			}
		}
	})
}

// mayGo says which beliefs are not needed any more.
func mayGo(r domain.RateView, statements []domain.Statement, cutoff time.Time) bool {
	switch {
	case cutoff.IsZero() || r.Effective.Open() || !r.Effective.To.Before(cutoff):
		return false
	case !r.Known.Open():
		return r.Known.To.Before(cutoff)
	default:
		return !slices.ContainsFunc(statements, func(s domain.Statement) bool { return s.ID == r.Evidence })
	}
}

// threeYearsOld believes a rate that began three years ago and ended eleven
// months ago.
func (v Vault) threeYearsOld(t failer, p domain.ProviderID, at time.Time) domain.Rate {
	t.Helper()
	m := aModel(p, "old")
	r := aRate(aKey(m.ModelKey, domain.MeterInput), "1", at.AddDate(-3, 0, 0))
	r.Effective.To = at.AddDate(0, -11, 0)
	v.update(t, p, ledger.Change{KnownAt: at.AddDate(-6, 0, 0), Models: []domain.Model{m}, Open: []domain.Rate{r}})
	return v.state(t, p).Rates[0]
}

// beliefs are all of a provider that there are, held and given up, by id.
func (v Vault) beliefs(t failer, p domain.ProviderID) []domain.RateView {
	t.Helper()
	found := map[int64]domain.RateView{}
	for _, id := range []string{"old", "new"} {
		q := ports.HistoryQuery{Overlapping: true}
		model := domain.ModelKey{Provider: p, ID: id}
		for step := -1; step < lifeSteps; step++ {
			if step >= 0 {
				q.KnownAt = lifeStep(step)
			}
			for _, r := range v.history(t, model, q) {
				found[r.ID] = r
			}
		}
	}
	list := make([]domain.RateView, 0, len(found))
	for _, r := range found {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b domain.RateView) int { return int(a.ID - b.ID) })
	return list
}

// A generated life of a model has so many steps, each known half a year after
// the one before.
const lifeSteps = 10

func lifeStep(n int) time.Time { return noon.AddDate(-5, 6*n, 0) }

// live believes, step by step, generated timelines of the model "new".
func (v Vault) live(t *rapid.T, p domain.ProviderID, at, cutoff time.Time) {
	m := aModel(p, "new")
	v.update(t, p, ledger.Change{KnownAt: lifeStep(0).Add(-time.Microsecond), Models: []domain.Model{m}})
	keys := genKeys(m.ModelKey, 1, 3).Draw(t, "keys")
	for step := range lifeSteps {
		if !rapid.Bool().Draw(t, "something new") {
			continue
		}
		state := v.state(t, p)
		c := ledger.Change{KnownAt: lifeStep(step)}
		for _, key := range keys {
			if !rapid.Bool().Draw(t, "another timeline") {
				continue
			}
			for _, r := range state.Rates {
				if r.RateKey == key {
					c.Supersede = append(c.Supersede, r)
				}
			}
			for _, r := range genTimeline(key, at, cutoff).Draw(t, "timeline") {
				c.Open = append(c.Open, v.restsPerhaps(t, &c, state, r))
			}
		}
		v.update(t, p, c)
	}
}

// genTimeline gives up to three rates of a key, one after the other, many of
// whose ends lie where it matters.
func genTimeline(key domain.RateKey, at, cutoff time.Time) *rapid.Generator[[]domain.Rate] {
	if cutoff.IsZero() {
		cutoff = at.AddDate(-1, 0, 0)
	}
	instant := rapid.OneOf(
		rapid.Map(rapid.IntRange(-2200, 300), func(days int) time.Time { return at.AddDate(0, 0, days) }),
		rapid.Map(rapid.IntRange(-2, 2), func(n int) time.Time { return cutoff.Add(time.Duration(n) * time.Microsecond) }),
	)
	return rapid.Custom(func(t *rapid.T) []domain.Rate {
		ends := rapid.SliceOfNDistinct(instant, 1, 4, func(t time.Time) int64 { return t.UnixMicro() }).Draw(t, "ends")
		slices.SortFunc(ends, time.Time.Compare)
		var rates []domain.Rate
		for i, from := range ends {
			r := aRate(key, "0", from)
			r.Amount = genAmount().Draw(t, "amount")
			switch {
			case i+1 < len(ends):
				r.Effective.To = ends[i+1]
			case !rapid.Bool().Draw(t, "open"):
				continue
			}
			if i == 0 && rapid.IntRange(0, 5).Draw(t, "without a beginning") == 0 && len(ends) > 1 {
				r.Effective.From = time.Time{}
			}
			rates = append(rates, r)
		}
		return rates
	})
}

// restsPerhaps lets some rates rest on what a source states, in place of
// what it stated before.
func (v Vault) restsPerhaps(t *rapid.T, c *ledger.Change, state ledger.State, r domain.Rate) domain.Rate {
	if r.Layer != domain.LayerList || !rapid.Bool().Draw(t, "stated") {
		return r
	}
	said, resting := aStatement("prices", r, c.KnownAt)
	if slices.ContainsFunc(c.StatementsOpen, func(s domain.Statement) bool { return s.Quote.QuoteKey == said.Quote.QuoteKey }) {
		return resting
	}
	for _, old := range state.Statements {
		if old.Quote.QuoteKey == said.Quote.QuoteKey {
			c.StatementsEnd = append(c.StatementsEnd, old.ID)
		}
	}
	c.StatementsOpen = append(c.StatementsOpen, said)
	return resting
}

// collectPages stores generated pages and says which of them are to stay.
func (v Vault) collectPages(t *rapid.T, p domain.ProviderID, at time.Time) map[int64]bool {
	const month = 30 * 24 * time.Hour
	age := rapid.OneOf(
		rapid.Map(rapid.Int64Range(0, 100*24), func(hours int64) time.Duration { return time.Duration(hours) * time.Hour }),
		rapid.Map(rapid.Int64Range(-1, 1), func(n int64) time.Duration { return month + time.Duration(n)*time.Microsecond }),
	)
	record := Record{Runs: v.Runs, Pages: v.Pages}
	stays := map[int64]bool{}
	for i := range rapid.IntRange(0, 4).Draw(t, "pages") {
		page := aPage(p, fmt.Append(nil, "page ", i))
		old := age.Draw(t, "age")
		page.FetchedAt = at.Add(-old)
		id := put(t, v.Pages, page)
		stays[id] = old <= month
		if rapid.Bool().Draw(t, "evidence") {
			v.restOn(t, p, id, i)
			stays[id] = true
		}
		if rapid.Bool().Draw(t, "read again") {
			again := age.Draw(t, "age of the read")
			r := ended(aRun(p), domain.OutcomeSuccess, at)
			r.Started = at
			r.Reads = []domain.SourceRead{{Source: "prices", At: at.Add(-again), Good: true, PageID: id}}
			record.begin(t, r)
			record.finish(t, r)
			stays[id] = stays[id] || again <= month
		}
	}
	return stays
}

// restOn makes a page the evidence of something that a source stated once, and
// states no longer.
func (v Vault) restOn(t failer, p domain.ProviderID, page int64, n int) {
	t.Helper()
	key := aKey(domain.ModelKey{Provider: p, ID: fmt.Sprint("gone ", n)}, domain.MeterInput)
	said, _ := aStatement("prices", aRate(key, "1", noon), noon)
	said.PageID = page
	last := v.state(t, p).LastKnown
	v.update(t, p, ledger.Change{KnownAt: last.Add(time.Microsecond), StatementsOpen: []domain.Statement{said}})
	for _, s := range v.state(t, p).Statements {
		if s.PageID == page {
			v.update(t, p, ledger.Change{KnownAt: last.Add(2 * time.Microsecond), StatementsEnd: []int64{s.ID}})
		}
	}
}

// Retention tests what ports.Retention promises besides.
func Retention(t *testing.T, open func(testing.TB) Vault) {
	run(t, open, map[string]func(*testing.T, Vault){
		"the version is raised by what goes":       versionOfForgetting,
		"a page stays while its run goes on":       pageOfRun,
		"the record of a read outlives its page":   readOutlives,
		"evidence of a rate that went still shows": evidenceStays,
		"a page stays on which a modifier rests":   modifierPage,
	})
}

func (v Vault) forget(t failer, before time.Time) int {
	t.Helper()
	rates, superseded, err := v.Retention.ForgetRates(context.Background(), before)
	if err != nil {
		t.Fatalf("deleting rates: %v", err)
	}
	return rates + superseded
}

func (v Vault) forgetPages(t failer, before time.Time) int {
	t.Helper()
	gone, err := v.Retention.ForgetPages(context.Background(), before)
	if err != nil {
		t.Fatalf("deleting pages: %v", err)
	}
	return gone
}

func versionOfForgetting(t *testing.T, v Vault) {
	p := aProvider()
	m := aModel(p, "one")
	r := aRate(aKey(m.ModelKey, domain.MeterInput), "1", hour(0))
	r.Effective.To = hour(1)
	before := v.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, Open: []domain.Rate{r}})
	if n := v.forget(t, hour(1)); n != 0 || v.models(t, of(p)).Version != before {
		t.Errorf("%d rates went that ended at the instant itself; version %d → %d", n, before, v.models(t, of(p)).Version)
	}
	if n := v.forget(t, hour(2)); n != 1 || v.models(t, of(p)).Version != before+1 {
		t.Errorf("%d rates went, want 1; version %d → %d", n, before, v.models(t, of(p)).Version)
	}
	if n := v.forget(t, hour(2)); n != 0 || v.models(t, of(p)).Version != before+1 {
		t.Errorf("a repeat deletes %d; version %d → %d", n, before, v.models(t, of(p)).Version)
	}
}

func pageOfRun(t *testing.T, v Vault) {
	p := aProvider()
	record := Record{Runs: v.Runs, Pages: v.Pages}
	put(t, v.Pages, aPage(p, []byte("old")))
	r := aRun(p)
	r.Started = hour(50)
	record.begin(t, r)
	if n := v.forgetPages(t, hour(40)); n != 0 {
		t.Errorf("%d pages went that a run may be reading", n)
	}
	record.finish(t, ended(r, domain.OutcomeSuccess, hour(51)))
	if n := v.forgetPages(t, hour(40)); n != 1 {
		t.Errorf("%d pages went after the run, want 1", n)
	}
}

func readOutlives(t *testing.T, v Vault) {
	p := aProvider()
	record := Record{Runs: v.Runs, Pages: v.Pages}
	r := ended(aRun(p), domain.OutcomeSuccess, hour(1))
	r.Reads = []domain.SourceRead{{Source: "prices", At: noon, Good: true, PageID: put(t, v.Pages, aPage(p, []byte("read")))}}
	record.begin(t, r)
	record.finish(t, r)
	if n := v.forgetPages(t, hour(40)); n != 1 {
		t.Errorf("%d pages went, want 1", n)
	}
	r.Reads[0].PageID = 0
	record.holds(t, r)
}

func evidenceStays(t *testing.T, v Vault) {
	p := aProvider()
	m := aModel(p, "one")
	r := aRate(aKey(m.ModelKey, domain.MeterInput), "1", hour(0))
	r.Effective.To = hour(1)
	page := put(t, v.Pages, aPage(p, []byte("proof")))
	said, r := aStatement("prices", r, noon)
	said.PageID = page
	v.update(t, p, ledger.Change{KnownAt: noon, Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said}, Open: []domain.Rate{r}})
	evidence := v.state(t, p).Rates[0].Evidence
	if n := v.forget(t, hour(50)); n != 0 {
		t.Errorf("%d rates went that their source states still", n)
	}
	v.update(t, p, ledger.Change{KnownAt: hour(2), StatementsEnd: []int64{evidence}})
	if n := v.forget(t, hour(50)); n != 1 {
		t.Errorf("%d rates went, want 1", n)
	}
	v.forgetPages(t, hour(50))
	got, err := v.Catalogue.Evidence(context.Background(), evidence)
	if err != nil || got.Page.ID != page {
		t.Errorf("got %+v, %v; want page %d", got.Statement, err, page)
	}
}
