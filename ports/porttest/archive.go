package porttest

import (
	"context"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// Shelf are the ports through which pages are read and their reads remembered.
type Shelf struct {
	Books
	Runs    ports.Runs
	Archive ports.Archive
}

// Archive tests what ports.Archive promises.
func Archive(t *testing.T, open func(testing.TB) Shelf) {
	run(t, open, map[string]func(*testing.T, Shelf){
		"an unknown provider has no past":                 noPast,
		"the good reads, oldest first, each time":         goodReads,
		"a read of which nothing is left but a statement": onlyStated,
		"statements name the read that they came of":      originsOfRates,
		"a statement of the past and what rests on it":    restated,
		"a statement of the past has an end":              restatedOpen,
	})
}

func (s Shelf) page(t failer, p domain.ProviderID, source, body string) int64 {
	t.Helper()
	page := aPage(p, []byte(body))
	page.Source = source
	return put(t, s.Pages, page)
}

// ran records a run that read something.
func (s Shelf) ran(t failer, p domain.ProviderID, at time.Time, reads ...domain.SourceRead) {
	t.Helper()
	one := aRun(p)
	one.Started = at
	r := Record{Runs: s.Runs, Pages: s.Pages}
	r.begin(t, one)
	one.Reads = reads
	r.finish(t, ended(one, domain.OutcomeSuccess, at.Add(time.Minute)))
}

func (s Shelf) reads(t failer, p domain.ProviderID) []ports.PageRead {
	t.Helper()
	reads, err := s.Archive.Reads(context.Background(), p)
	if err != nil {
		t.Fatalf("reading the past: %v", err)
	}
	return reads
}

func (s Shelf) origins(t failer, p domain.ProviderID) map[int64]ports.PageRead {
	t.Helper()
	origins, err := s.Archive.Origins(context.Background(), p)
	if err != nil {
		t.Fatalf("reading the origins: %v", err)
	}
	return origins
}

func noPast(t *testing.T, s Shelf) {
	p := aProvider()
	if reads, origins := s.reads(t, p), s.origins(t, p); len(reads)+len(origins) != 0 {
		t.Errorf("got %+v, %+v", reads, origins)
	}
}

func goodReads(t *testing.T, s Shelf) {
	p, other := aProvider(), aProvider()
	one, two := s.page(t, p, "prices", "one"), s.page(t, p, "second", "two")
	good := func(source string, page int64, at time.Time) domain.SourceRead {
		return domain.SourceRead{Source: source, PageID: page, At: at, Good: true, ConfigVersion: 1}
	}
	bad := domain.SourceRead{Source: "prices", PageID: one, At: hour(2), Error: "no", Failure: domain.EventPageUnread}
	s.ran(t, p, hour(4), good("prices", one, hour(4)))
	s.ran(t, p, hour(2), bad, good("second", two, hour(3)))
	s.ran(t, p, hour(1), good("prices", one, hour(1)))
	s.ran(t, p, hour(5), good("prices", 0, hour(5))) // no page was kept
	s.ran(t, other, hour(1), good("prices", s.page(t, other, "prices", "one"), hour(1)))
	same(t, "the reads", s.reads(t, p), []ports.PageRead{
		{Source: "prices", PageID: one, At: hour(1), Known: hour(1).Add(time.Minute)},
		{Source: "second", PageID: two, At: hour(3), Known: hour(2).Add(time.Minute)},
		{Source: "prices", PageID: one, At: hour(4), Known: hour(4).Add(time.Minute)},
		{Source: "prices", At: hour(5), Known: hour(5).Add(time.Minute)},
	})
}

// priced stores a model with a rate, and the statement on which it rests.
func (s Shelf) priced(t failer, p domain.ProviderID, page int64, at time.Time) domain.Rate {
	t.Helper()
	m := aModel(p, "one")
	said, r := aStatement("prices", aRate(aKey(m.ModelKey, domain.MeterInput), "1", at), at)
	said.PageID = page
	s.update(t, p, ledger.Change{
		KnownAt: at.Add(time.Second), Models: []domain.Model{m}, StatementsOpen: []domain.Statement{said}, Open: []domain.Rate{r},
	})
	return s.state(t, p).Rates[0]
}

func onlyStated(t *testing.T, s Shelf) {
	p := aProvider()
	page := s.page(t, p, "prices", "one")
	s.priced(t, p, page, hour(1))
	read := ports.PageRead{Source: "prices", PageID: page, At: hour(1), Known: hour(1).Add(time.Second)}
	same(t, "what died on the way", s.reads(t, p), []ports.PageRead{read})
	s.ran(t, p, hour(1), domain.SourceRead{Source: "prices", PageID: page, At: hour(1), Good: true, ConfigVersion: 1})
	read.Known = hour(1).Add(time.Minute)
	same(t, "what is recorded", s.reads(t, p), []ports.PageRead{read})
}

func originsOfRates(t *testing.T, s Shelf) {
	p := aProvider()
	page := s.page(t, p, "prices", "one")
	r := s.priced(t, p, page, hour(1))
	same(t, "origins", s.origins(t, p), map[int64]ports.PageRead{r.Evidence: {Source: "prices", PageID: page, At: hour(1)}})
}

func restated(t *testing.T, s Shelf) {
	p := aProvider()
	first, page := s.page(t, p, "prices", "one"), s.page(t, p, "prices", "two")
	wrong := s.priced(t, p, first, hour(1))
	said, right := aStatement("prices", aRate(wrong.RateKey, "10", hour(1)), hour(1))
	said.PageID, said.Stated.To = page, hour(3)
	later := right
	right.Effective.To, later.Effective.From, later.Evidence = hour(5), hour(5), wrong.Evidence
	s.update(t, p, ledger.Change{
		KnownAt: hour(6), Supersede: []domain.Rate{wrong}, Open: []domain.Rate{later, right},
		Restated: []ledger.Restated{{Statement: said, Rests: []int{1}}},
	})
	list := s.history(t, wrong.Model, ports.HistoryQuery{})
	if len(list) != 2 || list[0].Evidence != wrong.Evidence || list[1].Evidence == wrong.Evidence {
		t.Fatalf("got %+v", list)
	}
	e, err := s.Catalogue.Evidence(context.Background(), list[1].Evidence)
	if err != nil {
		t.Fatal(err)
	}
	said.ID = list[1].Evidence
	same(t, "the statement", e.Statement, said)
	if string(e.Page.Body) != "two" {
		t.Errorf("it rests on %q", e.Page.Body)
	}
	if open := s.state(t, p).Statements; len(open) != 1 || open[0].ID != wrong.Evidence {
		t.Errorf("what the source states now has changed: %+v", open)
	}
}

func restatedOpen(t *testing.T, s Shelf) {
	p := aProvider()
	wrong := s.priced(t, p, s.page(t, p, "prices", "one"), hour(1))
	said, right := aStatement("prices", aRate(wrong.RateKey, "10", hour(1)), hour(1))
	_, err := s.Ledger.Update(context.Background(), p, func(ledger.State) (ledger.Change, error) {
		return ledger.Change{
			KnownAt: hour(6), Supersede: []domain.Rate{wrong}, Open: []domain.Rate{right},
			Restated: []ledger.Restated{{Statement: said, Rests: []int{0}}},
		}, nil
	})
	fails(t, "no end", err, domain.KindInvalid)
}
