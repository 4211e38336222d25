package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
)

// believedTables are those that a run which changes nothing must not write.
var believedTables = []string{
	"catalogue", "models", "model_versions", "rate_keys", "rates", "superseded_rates",
	"source_quotes", "source_statements", "modifier_statements", "unlisted_rates", "events", "model_matches", "match_rulings",
}

func TestStatementsDoNotGrowWithModels(t *testing.T) {
	sent := &counter{}
	s := openAt(t, postgres.Config{DSN: pgtest.DSN(t), Tracer: sent})
	l := postgres.NewLedger(s)
	catalogue := postgres.NewCatalogue(s)
	spent := func(work func()) int64 {
		before := sent.sent.Load()
		work()
		return sent.sent.Load() - before
	}
	var few, many [4]int64
	for _, run := range []struct {
		provider domain.ProviderID
		models   int
		spent    *[4]int64
	}{{"few", 2, &few}, {"many", 60, &many}} { // whose rows are copied in one portion
		run.spent[0] = spent(func() { update(t, l, run.provider, wants(run.provider, run.models, 1)) })
		run.spent[1] = spent(func() { update(t, l, run.provider, wants(run.provider, run.models, 1)) })
		run.spent[2] = spent(func() { update(t, l, run.provider, wants(run.provider, run.models, 2)) })
		run.spent[3] = spent(func() {
			if _, err := catalogue.Models(t.Context(), query(run.provider, min(run.models, 50))); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few != many {
		t.Errorf("first run, unchanged run, new prices, listing: %v statements for 2 models, %v for 60", few, many)
	}
}

func TestRepeatedRunWritesNothing(t *testing.T) {
	s := open(t)
	l := postgres.NewLedger(s)
	update(t, l, "p", wants("p", 20, 1))
	before := rowVersions(t, s)
	update(t, l, "p", wants("p", 20, 1))
	if after := rowVersions(t, s); after != before {
		t.Errorf("rows were written:\n%s\nbefore:\n%s", after, before)
	}
	update(t, l, "p", wants("p", 20, 2))
	if after := rowVersions(t, s); after == before {
		t.Error("new prices wrote nothing: this test sees nothing")
	}
}

// rowVersions tells the row versions of all tables: whatever is written changes it.
func rowVersions(t *testing.T, s *postgres.Store) string {
	var all []string
	for _, table := range believedTables {
		all = append(all, table+" "+scalar[string](t, s, fmt.Sprintf(
			"SELECT count(*) || ' ' || coalesce(md5(string_agg(tableoid || ' ' || ctid || ' ' || xmin, ',' ORDER BY tableoid, ctid)), '') FROM %s", table)))
	}
	return strings.Join(all, "\n")
}

func TestUpdatesOfOneProviderWaitForEachOther(t *testing.T) {
	s := open(t)
	l := postgres.NewLedger(s)
	inside, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error, 2)
	go func() {
		_, err := l.Update(t.Context(), "p", func(state ledger.State) (ledger.Change, error) {
			close(inside)
			<-leave
			return wants("p", 1, 1)(state)
		})
		done <- err
	}()
	<-inside
	go func() {
		_, err := l.Update(t.Context(), "p", func(state ledger.State) (ledger.Change, error) {
			if len(state.Models) != 1 {
				t.Errorf("the second sees %d models, and the first has written 1", len(state.Models))
			}
			return wants("p", 2, 2)(state)
		})
		done <- err
	}()
	// Another provider passes while both of them hold or want the lock.
	waiting := "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
	for scalar[int](t, s, waiting) == 0 {
		select { // PostgreSQL does not announce who waits
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("nobody waits")
		}
	}
	update(t, l, "other", wants("other", 3, 1))
	close(leave)
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if n := scalar[int](t, s, "SELECT count(*) FROM rates r JOIN rate_keys k ON k.number = r.key JOIN models m ON m.number = k.model WHERE m.provider = 'p' AND r.amount = 2"); n != 4 {
		t.Errorf("%d rates are as the second wanted, want 4", n)
	}
}

// TestConnectionLostAtEveryStatement cuts the connection before each statement
// of a run in turn, commit included: the run is done all the same, and once.
func TestConnectionLostAtEveryStatement(t *testing.T) {
	dsn := pgtest.DSN(t)
	killer := openAt(t, postgres.Config{DSN: dsn})
	kill := func(pid uint32) {
		var gone bool
		// Waits until the connection's server process is gone.
		err := killer.Pool().QueryRow(context.Background(), "SELECT pg_terminate_backend($1, 5000)", pid).Scan(&gone)
		if err != nil || !gone {
			t.Errorf("the connection could not be cut: %v", err)
		}
	}
	whole := int64(0)
	for cut := int64(1); whole == 0 || cut <= whole; cut++ {
		sent := &counter{}
		s := openAt(t, postgres.Config{DSN: dsn, Tracer: sent, MaxConns: 2})
		l := postgres.NewLedger(s)
		provider := domain.ProviderID(fmt.Sprint("p", cut))
		begin := sent.sent.Load()
		sent.act = func(conn *pgx.Conn, n int64) {
			if n == begin+cut {
				kill(conn.PgConn().PID())
			}
		}
		update(t, l, provider, wants(provider, 2, 1))
		if whole == 0 {
			sent.act = nil
			again := sent.sent.Load()
			update(t, l, "measured", wants("measured", 2, 1))
			whole = sent.sent.Load() - again
		}
		storedOnce(t, s, provider)
		s.Close()
	}
	if whole < 15 {
		t.Errorf("a run has only %d statements to cut at", whole)
	}
}

func storedOnce(t *testing.T, s *postgres.Store, provider domain.ProviderID) {
	t.Helper()
	for what, query := range map[string]string{
		"2 models":     "SELECT count(*) = 2 FROM models WHERE provider = $1",
		"4 rates":      "SELECT count(*) = 4 FROM rates r JOIN rate_keys k ON k.number = r.key JOIN models m ON m.number = k.model WHERE m.provider = $1",
		"4 statements": "SELECT count(*) = 4 FROM source_statements t JOIN source_quotes q ON q.number = t.quote JOIN sources s ON s.number = q.source WHERE s.provider = $1",
		"4 events":     "SELECT count(*) = 4 FROM events WHERE provider = $1",
		"nothing else": "SELECT count(*) = 0 FROM superseded_rates r JOIN rate_keys k ON k.number = r.key JOIN models m ON m.number = k.model WHERE m.provider = $1",
	} {
		if !scalar[bool](t, s, query, string(provider)) {
			t.Errorf("%s: not exactly %s", provider, what)
		}
	}
}

// TestAcknowledgementLost swallows the server's answer to the commit: it did
// commit, and nobody here knows.
func TestAcknowledgementLost(t *testing.T) {
	dsn := pgtest.DSN(t)
	direct := openAt(t, postgres.Config{DSN: dsn})
	line := listen(t, dsn)
	s, err := postgres.Open(t.Context(), postgres.Config{DSN: line.dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	line.armed.Store(true)
	runs := 0
	decide := wants("p", 2, 1)
	update(t, postgres.NewLedger(s), "p", func(state ledger.State) (ledger.Change, error) {
		if runs++; runs == 2 && len(state.Rates) != 4 {
			t.Errorf("the second run sees %d rates, and the first has committed 4", len(state.Rates))
		}
		return decide(state)
	})
	if runs != 2 {
		t.Errorf("decided %d times, want 2", runs)
	}
	storedOnce(t, direct, "p")
}

func TestLostForGood(t *testing.T) {
	line := listen(t, pgtest.DSN(t))
	s := openAt(t, postgres.Config{DSN: line.dsn})
	line.close()
	_, err := postgres.NewLedger(s).Update(t.Context(), "p", wants("p", 1, 1))
	if domain.KindOf(err) != domain.KindUnavailable {
		t.Errorf("got %v, want an error of kind %s", err, domain.KindUnavailable)
	}
	if err := s.Ping(t.Context()); domain.KindOf(err) != domain.KindUnavailable {
		t.Errorf("ping: got %v, want an error of kind %s", err, domain.KindUnavailable)
	}
}

func TestCancelled(t *testing.T) {
	l := postgres.NewLedger(open(t))
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	_, err := l.Update(ctx, "p", func(s ledger.State) (ledger.Change, error) {
		runs++
		cancel()
		return wants("p", 1, 1)(s)
	})
	if err == nil || runs != 1 {
		t.Errorf("got %v after %d runs, want an error after 1", err, runs)
	}
}

func TestOverlapIsRefusedByTheDatabase(t *testing.T) {
	s := open(t)
	update(t, postgres.NewLedger(s), "p", wants("p", 1, 1))
	_, err := s.Pool().Exec(t.Context(), `INSERT INTO rates (key, amount, unit, currency, origin, basis, effective, known_from)
		SELECT key, 5, unit, currency, origin, basis, tstzrange('2030-01-01Z', '2030-01-02Z'), now() FROM rates LIMIT 1`)
	if err == nil || !strings.Contains(err.Error(), "rates_never_overlap") {
		t.Errorf("got %v, want a violation of rates_never_overlap", err)
	}
	for _, amount := range []string{"'NaN'", "'Infinity'", "'-Infinity'", "-0.001"} {
		_, err := s.Pool().Exec(t.Context(), `INSERT INTO rates (key, amount, unit, currency, origin, basis, effective, known_from)
			SELECT key, `+amount+`, unit, currency, origin, basis, tstzrange('2020-01-01Z', '2020-01-02Z'), now() FROM rates LIMIT 1`)
		if err == nil || !strings.Contains(err.Error(), "rates_amount_is_a_price") {
			t.Errorf("amount %s: got %v, want a violation of rates_amount_is_a_price", amount, err)
		}
	}
}

// TestEventsInTheOrderOfCommits writes events of many providers at once: whoever
// reads on from the last id that he saw must never miss one.
func TestEventsInTheOrderOfCommits(t *testing.T) {
	s := open(t)
	l := postgres.NewLedger(s)
	const writers, rounds = 4, 8
	done := make(chan error, writers)
	for w := range writers {
		go func() {
			provider := domain.ProviderID(fmt.Sprint("p", w))
			var err error
			for n := int64(0); n < rounds && err == nil; n++ {
				_, err = l.Update(t.Context(), provider, wants(provider, 1, n))
			}
			done <- err
		}()
	}
	catalogue := postgres.NewCatalogue(s)
	seen, last, finished := 0, int64(0), 0
	for finished < writers || seen < writers*rounds*2 {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			finished++
		default:
		}
		events, err := catalogue.Events(t.Context(), last, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			seen, last = seen+1, e.ID
		}
		if finished == writers && len(events) == 0 {
			break
		}
	}
	if want := writers * rounds * 2; seen != want {
		t.Errorf("%d events were seen, %d were written", seen, want)
	}
}
