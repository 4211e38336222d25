package app_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// A moment is what the world outside shows to one run: a list, a page, and
// when its bytes came. It stands in for a provider's server and for the readers
// of its page, which have tests of their own.
type moment struct {
	seller domain.ProviderID
	list   map[string]listed // nil: there is no key to ask with
	page   []byte            // empty: nothing on it can be read
	at     time.Time
}

func (m moment) List(context.Context, domain.Provider) (domain.Listing, error) {
	if m.list == nil {
		return domain.Listing{}, domain.Errorf(domain.KindNoKey, "no key is set")
	}
	l := domain.Listing{Complete: true, KeyFingerprint: "one", At: m.at}
	for id, said := range m.list {
		model := domain.Model{ModelKey: domain.ModelKey{Provider: m.seller, ID: id}, DisplayName: said.name, Source: "api"}
		if !said.ends.IsZero() {
			model.RetiresAt = &said.ends
		}
		l.Models = append(l.Models, model)
	}
	return l, nil
}

func (m moment) Fetch(_ context.Context, r ports.FetchRequest) (ports.Fetched, error) {
	return ports.Fetched{URL: r.URL, Status: 200, ContentType: "application/json", Body: m.page, At: m.at}, nil
}

func (m moment) Read(body []byte, _ domain.Source) (domain.Reading, error) {
	var quotes []domain.Quote
	if len(body) == 0 {
		return domain.Reading{}, domain.Errorf(domain.KindUnread, "no figure on the page")
	}
	if body[0] == '{' { // more than quotes
		var whole domain.Reading
		err := json.Unmarshal(body, &whole) //nolint:musttag // written by this test as well
		return whole, err
	}
	err := json.Unmarshal(body, &quotes) //nolint:musttag // written by this test as well
	return domain.Reading{Strategy: "lines", Quotes: quotes}, err
}

// replica is one of the programs that write the same database.
type replica struct {
	store     *postgres.Store
	catalogue *postgres.Catalogue
	ledger    *postgres.Ledger
	sent      atomic.Int64
	act       atomic.Pointer[func(conn *pgx.Conn, n int64)] // before the n-th statement is sent
}

func newReplica(tb testing.TB, dsn string) *replica {
	tb.Helper()
	r := &replica{}
	store, err := postgres.Open(tb.Context(), postgres.Config{DSN: dsn, Tracer: r, MaxConns: 4})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(store.Close)
	if err := postgres.Migrate(tb.Context(), store, slog.New(slog.DiscardHandler)); err != nil {
		tb.Fatal(err)
	}
	r.store, r.catalogue, r.ledger = store, postgres.NewCatalogue(store), postgres.NewLedger(store)
	return r
}

// believing sets that whatever covers enough is believed: these histories are
// about what is kept, and their prices are not like prices.
type believing struct{}

func (believing) SaveSettings(context.Context, domain.Settings, string, time.Time) error { return nil }

func (believing) Settings(context.Context) (domain.Settings, error) {
	return domain.Settings{Guard: domain.Guard{Off: true}}, nil
}

// run does one run of the provider in what the world shows.
func (r *replica) run(ctx context.Context, m moment, now time.Time) (domain.Run, error) {
	return app.NewSync(app.SyncConfig{
		Lister: m, Fetcher: m, Reader: m, Configs: postgres.NewConfigs(r.store), Pages: postgres.NewPages(r.store),
		Ledger: r.ledger, Runs: postgres.NewRuns(r.store), Settings: believing{}, Now: func() time.Time { return now }, Timeout: time.Minute,
		Log: slog.New(slog.DiscardHandler),
	}).Run(ctx, app.SyncJob{RunID: uuid.NewString(), SyncID: uuid.NewString(), Provider: domain.Provider{ID: m.seller, Enabled: true}, Trigger: domain.TriggerSchedule})
}

// before lets something happen before the n-th statement from now on is sent.
func (r *replica) before(n int64, do func(*pgx.Conn)) {
	first := r.sent.Load()
	act := func(conn *pgx.Conn, sent int64) {
		if sent == first+n {
			do(conn)
		}
	}
	r.act.Store(&act)
}

func (r *replica) undisturbed() { r.act.Store(nil) }

func (r *replica) count(conn *pgx.Conn) {
	n := r.sent.Add(1)
	if act := r.act.Load(); act != nil {
		(*act)(conn, n)
	}
}

func (r *replica) TraceQueryStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	r.count(conn)
	return ctx
}
func (r *replica) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (r *replica) TraceCopyFromStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	r.count(conn)
	return ctx
}
func (r *replica) TraceCopyFromEnd(context.Context, *pgx.Conn, pgx.TraceCopyFromEndData) {}

// kill cuts a replica's connection and waits until the server's end of it is
// gone. PostgreSQL can wait for that itself, a tenth of a second at a time.
func (r *replica) kill(conn *pgx.Conn) {
	pid, ctx := conn.PgConn().PID(), context.Background()
	_, err := r.store.Pool().Exec(ctx, "SELECT pg_terminate_backend($1)", pid)
	for there := true; there && err == nil; {
		err = r.store.Pool().QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", pid).Scan(&there)
	}
}
