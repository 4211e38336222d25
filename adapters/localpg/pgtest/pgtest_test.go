package pgtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"ratecard/adapters/localpg/pgtest"
)

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestEveryCallGivesAnEmptyDatabaseOfItsOwn(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			conn := connect(t, pgtest.DSN(t))
			if _, err := conn.Exec(t.Context(), "CREATE TABLE same_name (n int)"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestTheDatabaseIsDroppedThoughAConnectionIsOpen(t *testing.T) {
	lasting := connect(t, pgtest.DSN(t))
	var name string
	t.Run("inner", func(t *testing.T) {
		dsn := pgtest.DSN(t)
		conn, err := pgx.Connect(t.Context(), dsn) // left open
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var exists bool
	if err := lasting.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		t.Fatal(err)
	}
	if exists {
		t.Errorf("database %s is still there", name)
	}
}
