package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// A shop prints two prices, and perhaps a rule about batches.
type shop struct {
	t      *testing.T
	on     *replica
	seller domain.ProviderID
	day    int
}

func (s *shop) now() time.Time { return dawn.AddDate(0, 0, s.day) }

// reads lets a day pass and reads the page: off is the discount for batches in
// percent, 0 for none.
func (s *shop) reads(off int) {
	s.t.Helper()
	s.day++
	said := domain.Reading{Strategy: "lines", Quotes: []domain.Quote{quoteOf("Ada", domain.MeterInput, "4"), quoteOf("Ada", domain.MeterOutput, "20")}}
	if off > 0 {
		text := fmt.Sprintf("Batches cost %d%% less.", off)
		said.Modifiers = []domain.Modifier{{
			What: "batch", Factor: decimal.New(int64(100-off), -2), Text: text, Place: domain.Place{Reader: "lines", Path: "p:nth-of-type(3)", Cell: text},
		}}
	}
	body, err := json.Marshal(said) //nolint:musttag // read by this test as well
	if err != nil {
		s.t.Fatal(err)
	}
	m := moment{seller: s.seller, list: map[string]listed{"ada": {name: "Ada"}}, page: body, at: s.now()}
	if run, err := s.on.run(s.t.Context(), m, s.now().Add(time.Minute)); err != nil || run.Outcome != domain.OutcomeSuccess {
		s.t.Fatalf("%v, %+v", err, run)
	}
}

func quoteOf(name string, meter domain.Meter, amount string) domain.Quote {
	return domain.Quote{
		QuoteKey: domain.QuoteKey{Name: name, Tier: domain.TierStandard, Meter: meter, Region: domain.RegionGlobal},
		Amount:   decimal.RequireFromString(amount), Place: domain.Place{Reader: "lines", Path: "1", Row: name, Header: string(meter), Cell: "$" + amount},
	}
}

// batches gives what a model's batches cost on a day, as known on another.
func (s *shop) batches(day, known int) map[domain.Meter]domain.RateView {
	s.t.Helper()
	end := func(day int) time.Time { return dawn.AddDate(0, 0, day).Add(time.Hour) }
	found, err := s.on.catalogue.Model(s.t.Context(), s.seller, "ada", domain.AsOf{At: end(day), KnownAt: end(known)})
	if err != nil || len(found) != 1 {
		s.t.Fatalf("%d models, %v", len(found), err)
	}
	of := map[domain.Meter]domain.RateView{}
	for _, r := range found[0].Rates {
		if r.Tier == domain.TierBatch {
			of[r.Meter] = r
		}
	}
	return of
}

// costs checks what batches cost at the end of a day, and by which rule.
func (s *shop) costs(day, known int, input, output, factor string) {
	s.t.Helper()
	got := s.batches(day, known)
	for meter, want := range map[domain.Meter]string{domain.MeterInput: input, domain.MeterOutput: output} {
		r, priced := got[meter]
		if want == "" {
			if priced {
				s.t.Errorf("day %d: %s costs %s", day, meter, r.Amount)
			}
			continue
		}
		printed := map[domain.Meter]string{domain.MeterInput: "4", domain.MeterOutput: "20"}[meter]
		switch d := r.Derivation; {
		case !priced || r.Amount.String() != want || r.Origin != domain.OriginDerived:
			s.t.Errorf("day %d: %s costs %s (%s), want %s", day, meter, r.Amount, r.Origin, want)
		case d == nil || r.Evidence == 0 || d.Printed.String() != printed || r.Quote.Meter != meter || r.Quote.Tier != domain.TierStandard:
			s.t.Errorf("day %d: %s is derived from %+v %+v, want %s", day, meter, d, r.Quote, printed)
		case d.Modifier.Modifier.Factor.String() != factor || d.Modifier.Modifier.Text == "" || d.Modifier.Modifier.Place.Path == "" ||
			d.Modifier.Page.SHA256 == "" || d.Modifier.ConfigVersion == 0 || d.Modifier.ID != r.Modifier.Evidence:
			s.t.Errorf("day %d: %s is derived by %+v, want %s", day, meter, d.Modifier, factor)
		}
	}
}

func (s *shop) rows() map[string]int {
	s.t.Helper()
	rows := map[string]int{}
	for _, table := range []string{"rates", "superseded_rates", "source_statements", "modifier_statements", "unlisted_rates", "events WHERE kind NOT LIKE 'sync.%'"} {
		var n int
		if err := s.on.store.Pool().QueryRow(s.t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			s.t.Fatal(err)
		}
		rows[table] = n
	}
	return rows
}

// unchanged does something that must write nothing.
func (s *shop) unchanged(what string, do func()) {
	s.t.Helper()
	before := s.rows()
	do()
	if after := s.rows(); !maps.Equal(after, before) {
		s.t.Errorf("%s wrote: %v, before %v", what, after, before)
	}
}

func newShop(t *testing.T) *shop {
	on := newReplica(t, pgtest.DSN(t))
	return &shop{t: t, on: on, seller: newSeller(t, on)}
}

// TestModifierLife: a rule about batches appears, changes, vanishes and returns,
// and what is derived from it follows; each rate keeps the rule that it rests
// on, and each rule its page.
func TestModifierLife(t *testing.T) {
	s := newShop(t)
	s.reads(0)  // day 1
	s.reads(50) // 2: it appears
	s.unchanged("the same rule", func() { s.reads(50) })
	s.reads(40) // 4: it changes
	s.reads(0)  // 5: it vanishes
	s.unchanged("still no rule", func() { s.reads(0) })

	s.costs(1, 6, "", "", "")
	s.costs(3, 6, "2", "10", "0.5")
	s.costs(4, 6, "2.4", "12", "0.6")
	s.costs(6, 6, "2.4", "12", "0.6") // absence is not an end
	s.costs(4, 3, "2", "10", "0.5")   // what was believed then
	for meter, r := range s.batches(6, 6) {
		if r.UnlistedSince.IsZero() || !r.Effective.Open() || r.Derivation.Modifier.Stated.Open() {
			t.Errorf("%s without its rule: unlisted since %v, until %v", meter, r.UnlistedSince, r.Effective.To)
		}
	}

	rates := s.rows()["rates"]
	s.reads(40) // 7: it returns
	s.costs(7, 7, "2.4", "12", "0.6")
	for meter, r := range s.batches(7, 7) {
		if !r.UnlistedSince.IsZero() {
			t.Errorf("%s is still unlisted with its rule back", meter)
		}
	}
	if now := s.rows()["rates"]; now != rates {
		t.Errorf("%d rates after the rule came back, %d before: a price that did not move was opened anew", now, rates)
	}
	s.unchanged("the rule that is back", func() { s.reads(40) })

	evidence, err := s.on.catalogue.Evidence(t.Context(), s.batches(7, 7)[domain.MeterInput].Evidence)
	if err != nil {
		t.Fatal(err)
	}
	var factors []string
	for _, m := range evidence.Modifiers {
		factors = append(factors, m.Modifier.Factor.String())
	}
	if evidence.Quote.Amount.String() != "4" || !slices.Equal(factors, []string{"0.5", "0.6"}) {
		t.Errorf("the evidence prints %s, from which rates are derived by %v", evidence.Quote.Amount, factors)
	}
	s.keepsPages()
}

// keepsPages: a year later nothing but its page proves what a rule said.
func (s *shop) keepsPages() {
	s.t.Helper()
	retain, err := app.NewRetain(app.RetainConfig{Store: postgres.NewRetention(s.on.store), Now: func() time.Time { return s.now().AddDate(1, 0, 0) }})
	if err != nil {
		s.t.Fatal(err)
	}
	pages := func() (n int) {
		if err := s.on.store.Pool().QueryRow(s.t.Context(), "SELECT count(*) FROM pages").Scan(&n); err != nil {
			s.t.Fatal(err)
		}
		return n
	}
	if n := pages(); n != 3 { // one that says nothing of batches, and one for each rule
		s.t.Fatalf("%d pages, want 3", n)
	}
	if gone, err := retain.Run(s.t.Context()); err != nil || gone.Pages != 0 || pages() != 3 {
		s.t.Errorf("%d pages went on which evidence rests, %v", gone.Pages, err)
	}
}

// corrected reads stored pages with a reader that knows better.
type corrected struct{ moment }

func (c corrected) Read(body []byte, source domain.Source) (domain.Reading, error) {
	said, err := c.moment.Read(body, source)
	for i := range said.Modifiers {
		if m := &said.Modifiers[i]; m.Factor.String() == "0.5" {
			m.Factor = decimal.RequireFromString("0.25")
		}
	}
	return said, err
}

// TestModifierReplayed: reading again changes nothing by itself; a rule that was
// read wrongly is corrected beside what was believed, with a statement of its
// own for the time in which it stood there.
func TestModifierReplayed(t *testing.T) {
	s := newShop(t)
	s.reads(0)
	s.reads(50)
	s.reads(40)
	s.reads(40)
	replay := func(reader ports.Reader) app.Replayed {
		t.Helper()
		s.day++
		replayed, err := app.NewReplay(app.ReplayConfig{
			Archive: postgres.NewArchive(s.on.store), Pages: postgres.NewPages(s.on.store), Configs: postgres.NewConfigs(s.on.store),
			Reader: reader, Ledger: s.on.ledger, Now: s.now,
		}).Run(t.Context(), s.seller, true)
		if err != nil || replayed.Reads != 4 {
			t.Fatalf("%d reads, %v", replayed.Reads, err)
		}
		return replayed
	}
	s.unchanged("reading again", func() { replay(moment{}) })
	if replayed := replay(corrected{}); len(replayed.Differences) != 2 {
		t.Errorf("%d differences, want one of input and one of output: %+v", len(replayed.Differences), replayed.Differences)
	}
	s.costs(2, s.day, "1", "5", "0.25")
	s.costs(2, 4, "2", "10", "0.5")
	s.costs(3, s.day, "2.4", "12", "0.6")
	stated := s.batches(2, s.day)[domain.MeterInput].Derivation.Modifier.Stated
	if want := (domain.Span{From: dawn.AddDate(0, 0, 2), To: dawn.AddDate(0, 0, 3)}); !stated.Equal(want) {
		t.Errorf("the rule stood there %v, want %v", stated, want)
	}
	s.unchanged("correcting again", func() { replay(corrected{}) })
}
