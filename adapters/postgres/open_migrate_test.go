package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/ports"
)

func query(provider domain.ProviderID, limit int) ports.ModelQuery {
	return ports.ModelQuery{AsOf: domain.AsOf{At: at, KnownAt: at}, Providers: []domain.ProviderID{provider}, Limit: limit}
}

func TestOpenRefuses(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close()
	for name, c := range map[string]struct {
		dsn, says string
		kind      domain.Kind
	}{
		"nobody there":     {"postgres://me:hunter2@" + address + "/prices", `database "prices" at ` + address, domain.KindUnavailable},
		"no address":       {"hunter2://nowhere", "expected postgres://", domain.KindInvalid},
		"a wrong port":     {"postgres://me:hunter2@localhost:port/prices", "expected postgres://", domain.KindInvalid},
		"a wrong setting":  {"host=localhost password=hunter2 sslmode=perhaps", "expected postgres://", domain.KindInvalid},
		"a broken pair":    {"host=localhost password='hunter2", "expected postgres://", domain.KindInvalid},
		"percent mistakes": {"postgres://me:hunter2%zz@localhost/prices", "expected postgres://", domain.KindInvalid},
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{DSN: c.dsn})
		if err == nil || domain.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want an error of kind %s that says %q", name, err, c.kind, c.says)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
}

func TestOpenRefusesUnknownDatabase(t *testing.T) {
	dsn := strings.Replace(pgtest.DSN(t), "/test_", "/nobodys_", 1)
	_, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn})
	if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(err.Error(), "nobodys_") {
		t.Errorf("got %v, want the database's name", err)
	}
}

func TestManyMigrateAtOnce(t *testing.T) {
	dsn := pgtest.DSN(t)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { openAt(t, postgres.Config{DSN: dsn, MaxConns: 1}) })
	}
	all.Wait()
	s := openAt(t, postgres.Config{DSN: dsn}) // once more, when all is there
	if n := scalar[int](t, s, "SELECT count(*) FROM catalogue"); n != 1 {
		t.Errorf("the catalogue has %d rows, want 1", n)
	}
	if !scalar[bool](t, s, "SELECT to_regclass('river.river_job') IS NOT NULL") {
		t.Error("the queue has no table")
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dsn := pgtest.DSN(t)
	s := openAt(t, postgres.Config{DSN: dsn})
	known := scalar[int64](t, s, "SELECT max(version_id) FROM goose_db_version")
	if _, err := s.Pool().Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (90210, true)"); err != nil {
		t.Fatal(err)
	}
	err := postgres.Migrate(context.Background(), s, slog.New(slog.DiscardHandler))
	if domain.KindOf(err) != domain.KindConflict {
		t.Fatalf("got %v, want a conflict", err)
	}
	for _, part := range []string{"version 90210", fmt.Sprint("versions up to ", known), "newer release"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestOldServerIsRefused(t *testing.T) {
	for version, kind := range map[string]domain.Kind{"140022": domain.KindConflict, "90624": domain.KindConflict, "new": domain.KindInternal} {
		if err := postgres.TooOld("here", version); domain.KindOf(err) != kind {
			t.Errorf("version %s: got %v, want an error of kind %s", version, err, kind)
		}
	}
	for _, version := range []string{"150000", "190001"} {
		if err := postgres.TooOld("here", version); err != nil {
			t.Errorf("version %s: %v", version, err)
		}
	}
}
