package porttest

import (
	"context"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// A Followed store is one of which somebody holds a copy.
type Followed struct {
	Books
	Standings ports.Standings
}

// Standings tests what ports.Standings promises, after every update that the suites
// of a ledger and its catalogue make: who holds an edition and reads what is told
// otherwise since has what is told.
func Standings(t *testing.T, open func(testing.TB) Followed) {
	partly := 0
	follow := func(tb testing.TB) Books {
		f := open(tb)
		f.Ledger = &follower{Ledger: f.Ledger, of: f.Standings, tb: tb, held: map[domain.ProviderID]ports.Standing{}, partly: &partly}
		return f.Books
	}
	t.Run("ledger", func(t *testing.T) { Ledger(t, follow) })
	run(t, follow, map[string]func(*testing.T, Books){"one thing changes alone": alone})
	t.Run("catalogue", func(t *testing.T) { Catalogue(t, follow) })
	if partly == 0 {
		t.Error("all was read again after every update")
	}
}

// A follower reads after every update of a provider what changed of it.
type follower struct {
	ports.Ledger
	of     ports.Standings
	tb     testing.TB
	held   map[domain.ProviderID]ports.Standing
	partly *int
}

func (f *follower) Update(ctx context.Context, p domain.ProviderID, decide ports.Decide) (int64, error) {
	version, err := f.Ledger.Update(ctx, p, decide)
	if err == nil {
		f.follow(p)
	}
	return version, err
}

func (f *follower) follow(p domain.ProviderID) {
	f.tb.Helper()
	whole, held := f.read(p, nil), f.held[p]
	if held.Providers[p] == whole.Providers[p] {
		same(f.tb, "what has the same name", held.Models, whole.Models)
		return
	}
	read := f.read(p, held.Providers)
	got := read.Models
	if read.Partly[p] {
		*f.partly++
		got = ports.Amended(held.Models, got)
	}
	same(f.tb, "what was held, amended", got, whole.Models)
	same(f.tb, "when the last rate ended", read.Ended, whole.Ended)
	f.held[p] = whole
}

// read leaves nothing out, and no source is stale.
func (f *follower) read(p domain.ProviderID, held map[domain.ProviderID]string) ports.Standing {
	f.tb.Helper()
	s, err := f.of.Standing(context.Background(), ports.StandingQuery{Of: []domain.ProviderID{p}, Held: held, At: time.Unix(0, 0), Stale: time.Unix(0, 0)})
	if err != nil {
		f.tb.Fatal(err)
	}
	return s
}

// alone changes one kind of thing at a time, of one of two models.
func alone(t *testing.T, b Books) {
	p := aProvider()
	one, two := aModel(p, "one"), aModel(p, "two")
	said, r := aStatement("prices", aRate(aKey(one.ModelKey, domain.MeterInput), "3", noon), noon)
	saidToo, other := aStatement("prices", aRate(aKey(two.ModelKey, domain.MeterInput), "5", noon), noon)
	half := aModifier(p, "0.5", 0)
	b.update(t, p, ledger.Change{
		KnownAt: noon, Models: []domain.Model{one, two}, StatementsOpen: []domain.Statement{said, saidToo}, ModifiersOpen: []domain.ModifierStatement{half},
		Open: []domain.Rate{r, other, aDerived(r, half), aDerived(other, half)},
	})
	b.update(t, p, ledger.Change{KnownAt: hour(1), Open: []domain.Rate{aRate(aKey(one.ModelKey, domain.MeterOutput), "4", noon)}})
	var output domain.Rate
	for _, r := range b.state(t, p).Rates {
		if r.Meter == domain.MeterOutput {
			output = r
		}
	}
	b.update(t, p, ledger.Change{KnownAt: hour(2), Supersede: []domain.Rate{output}})
	proof := b.state(t, p).Statements[0]
	b.update(t, p, ledger.Change{KnownAt: hour(3), Held: []domain.HeldChange{{
		Key: r.RateKey, Source: "prices", Quote: proof.Quote.QuoteKey, Old: &r.Amount, New: decimal.New(30, 0), Doubts: []domain.Doubt{{Code: domain.DoubtPowerOfTen}},
		NewProof: proof.ID, Since: hour(3), State: domain.HeldOpen,
	}}})
	held := b.state(t, p).Held[0]
	held.State, held.Decided, held.By = domain.HeldRejected, hour(4), "somebody"
	b.update(t, p, ledger.Change{KnownAt: hour(4), Settled: []domain.HeldChange{held}})
	b.update(t, p, ledger.Change{KnownAt: hour(5), ModifiersEnd: []int64{b.state(t, p).Modifiers[0].ID}})
	b.update(t, p, ledger.Change{KnownAt: hour(6), Unlisted: []domain.RateKey{r.RateKey}})
	b.update(t, p, ledger.Change{KnownAt: hour(7), Relisted: []domain.RateKey{r.RateKey}})
}
