package postgres_test

import (
	"testing"
	"time"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// TestWhatWasKnownIsAnsweredOnce: an update has decided what becomes known, and
// is not written yet. Who asks for that instant waits for it, else the answer
// would change; who asks for what is believed now, for another provider, or for
// an instant that nothing can be added to, does not.
func TestWhatWasKnownIsAnsweredOnce(t *testing.T) {
	dsn := pgtest.DSN(t)
	s, observer := openAt(t, postgres.Config{DSN: dsn, MaxConns: 6}), openAt(t, postgres.Config{DSN: dsn})
	l, c := postgres.NewLedger(s), postgres.NewCatalogue(s)
	update(t, l, "p", wants("p", 1, 1))
	update(t, l, "other", wants("other", 1, 1))
	inside, leave, written := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := l.Update(t.Context(), "p", func(state ledger.State) (ledger.Change, error) {
			close(inside)
			<-leave
			return wants("p", 1, 2)(state)
		})
		written <- err
	}()
	<-inside
	amount := func(provider domain.ProviderID, known time.Time) string {
		rows, err := c.History(t.Context(), domain.ModelKey{Provider: provider, ID: "m0"}, ports.HistoryQuery{KnownAt: known})
		if err != nil || len(rows) == 0 {
			t.Errorf("%s as known at %s: %d rates, %v", provider, known, len(rows), err)
			return ""
		}
		return rows[0].Amount.String()
	}
	if now, before, other := amount("p", time.Time{}), amount("p", at), amount("other", at.Add(time.Hour)); now != "1" || before != "1" || other != "1" {
		t.Errorf("while it is written: %s now, %s before, %s elsewhere; want 1", now, before, other)
	}
	answers := make(chan string, 3)
	later := at.Add(time.Second)
	go func() { answers <- amount("p", later) }()
	go func() {
		found, err := c.Model(t.Context(), "", "m0", domain.AsOf{At: later, KnownAt: later})
		if err != nil || len(found) != 2 {
			t.Errorf("found %d models, %v", len(found), err)
		}
		answers <- found[1].Rates[0].Amount.String()
	}()
	go func() {
		page, err := c.Models(t.Context(), ports.ModelQuery{AsOf: domain.AsOf{At: later, KnownAt: later}, Providers: []domain.ProviderID{"p"}, Limit: 1})
		if err != nil || len(page.Models) != 1 {
			t.Errorf("listed %d models, %v", len(page.Models), err)
		}
		answers <- page.Models[0].Rates[0].Amount.String()
	}()
	waiting := "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
	for scalar[int](t, observer, waiting) < 3 {
		select { // PostgreSQL does not announce who waits
		case answer := <-answers:
			t.Fatalf("it answered %s, and did not wait", answer)
		case <-time.After(time.Millisecond):
		}
	}
	close(leave)
	for range 3 {
		if answer := <-answers; answer != "2" {
			t.Errorf("it answered %s, want 2, which became known before", answer)
		}
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if n := scalar[int](t, observer, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"); n != 0 {
		t.Errorf("%d locks are left", n)
	}
}
