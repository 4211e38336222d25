package postgres_test

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
)

// TestWhatIsDecidedIsLetGo: a change is held as bytes while it is written, and not as
// what was decided: that is large, and is looked through whenever memory is collected.
func TestWhatIsDecidedIsLetGo(t *testing.T) {
	s := openAt(t, postgres.Config{DSN: pgtest.DSN(t), MaxConns: 4})
	lock, err := s.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback(t.Context()) }()
	// It may be read, and not be written: so the update waits in the midst of its rows.
	if _, err := lock.Exec(t.Context(), "LOCK TABLE models IN EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	decided, written := make(chan weak.Pointer[domain.Rate], 1), make(chan error, 1)
	go func() {
		_, err := postgres.NewLedger(s).Update(t.Context(), "p", func(state ledger.State) (ledger.Change, error) {
			change, err := wants("p", 2, 1)(state)
			decided <- weak.Make(&change.Open[0])
			return change, err
		})
		written <- err
	}()
	rate := <-decided
	for began := time.Now(); rate.Value() != nil; runtime.GC() {
		select {
		case err := <-written:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		if time.Since(began) > 20*time.Second {
			t.Fatal("what was decided is held while it is written")
		}
	}
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if n := scalar[int](t, s, "SELECT count(*) FROM rates"); n == 0 {
		t.Error("no rate is written")
	}
}
