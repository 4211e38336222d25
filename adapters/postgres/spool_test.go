package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"

	"ratecard/adapters/localpg/pgtest"
)

// spooling begins a transaction with a table of every type that rows have.
func spooling(t *testing.T) pgx.Tx {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx, `CREATE TEMP TABLE copied (row bigint, "a name" text, amount numeric, at timestamptz, span tstzrange, day date, json jsonb, list text[], small integer, yes boolean)`)
	execute(t, tx, "CREATE TEMP TABLE kept (LIKE copied)")
	return tx
}

func execute(t interface{ Fatal(...any) }, tx pgx.Tx, statement string) {
	if _, err := tx.Exec(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}

var copiedColumns = []string{"row", "a name", "amount", "at", "span", "day", "json", "list", "small", "yes"}

// aRow draws a row; row numbers it.
func aRow(t *rapid.T, row int64) []any {
	at := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")).UTC()
	values := []any{
		row,
		rapid.SampledFrom([]string{"", "a", `quote " and \ back`, "日本語", strings.Repeat("long ", 300)}).Draw(t, "text"),
		pgtype.Numeric{Int: big.NewInt(rapid.Int64().Draw(t, "amount")), Exp: rapid.Int32Range(-20, 5).Draw(t, "exponent"), Valid: true},
		timestamp(at),
		pgtype.Range[pgtype.Timestamptz]{Lower: timestamp(at), LowerType: pgtype.Inclusive, UpperType: pgtype.Unbounded, Valid: true},
		pgtype.Date{Time: at.Truncate(24 * time.Hour), Valid: true},
		[]byte(`{"a":[1,2]}`),
		[]string{"one", "", "three"}[:rapid.IntRange(0, 3).Draw(t, "list")],
		rapid.Int32().Draw(t, "small"),
		rapid.Bool().Draw(t, "yes"),
	}
	for i := 1; i < len(values); i++ {
		if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
			values[i] = nil
		}
	}
	return values
}

// TestSpoolWritesWhatIsCopied: rows that were kept are those that pgx copies, value for
// value, whatever they are and in how many portions they come.
func TestSpoolWritesWhatIsCopied(t *testing.T) {
	tx := spooling(t)
	rapid.Check(t, func(t *rapid.T) {
		execute(t, tx, "TRUNCATE copied, kept")
		s := newSpool(tx)
		total := 0
		for range rapid.IntRange(0, 3).Draw(t, "portions") {
			rows := make([][]any, rapid.IntRange(0, 5).Draw(t, "rows"))
			for i := range rows {
				rows[i] = aRow(t, int64(total+i))
			}
			if _, err := tx.CopyFrom(context.Background(), pgx.Identifier{"copied"}, copiedColumns, pgx.CopyFromRows(rows)); err != nil {
				t.Fatal(err)
			}
			n, err := s.CopyFrom(context.Background(), pgx.Identifier{"kept"}, copiedColumns, pgx.CopyFromRows(rows))
			if err != nil || n != int64(len(rows)) {
				t.Fatalf("%d of %d rows are kept: %v", n, len(rows), err)
			}
			total += len(rows)
		}
		if n := counted(t, tx, "SELECT count(*) FROM kept"); n != 0 {
			t.Fatalf("%d rows are written before it is said", n)
		}
		if err := s.send(context.Background()); err != nil {
			t.Fatal(err)
		}
		differ := "SELECT count(*) FROM copied c FULL JOIN kept k ON k.row = c.row WHERE k IS DISTINCT FROM c"
		if n, all := counted(t, tx, differ), counted(t, tx, "SELECT count(*) FROM kept"); n != 0 || all != total {
			t.Fatalf("of %d rows %d are written, and %d differ from what is copied", total, all, n)
		}
	})
}

func counted(t interface{ Fatal(...any) }, tx pgx.Tx, query string) (n int) {
	if err := tx.QueryRow(context.Background(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSpoolRefuses: what cannot be a row is said when it comes, by the table's name;
// what the table refuses when it is sent, as PostgreSQL says it.
func TestSpoolRefuses(t *testing.T) {
	tx := spooling(t)
	for name, rows := range map[string]pgx.CopyFromSource{
		"too few": pgx.CopyFromRows([][]any{{int64(1)}}),
		"no such": pgx.CopyFromRows([][]any{{int64(1), struct{}{}}}),
		"broken":  pgx.CopyFromFunc(func() ([]any, error) { return nil, errors.New("a source that breaks") }),
	} {
		s := newSpool(tx)
		if _, err := s.CopyFrom(context.Background(), pgx.Identifier{"kept"}, copiedColumns[:2], rows); err == nil || !strings.Contains(err.Error(), `"kept"`) {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.send(context.Background()); err != nil || counted(t, tx, "SELECT count(*) FROM kept") != 0 {
			t.Errorf("%s: something of it is written: %v", name, err)
		}
	}
	execute(t, tx, "ALTER TABLE kept ADD CHECK (row < 5)")
	s := newSpool(tx)
	for i := range int64(7) {
		if _, err := s.CopyFrom(context.Background(), pgx.Identifier{"kept"}, copiedColumns[:1], pgx.CopyFromRows([][]any{{i}})); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.send(context.Background()); !coded(err, "23514") {
		t.Errorf("a row that breaks a rule of its table: %v", err)
	}
}

// TestSpoolOfNoTable: which tables and columns there are is asked of the
// database, and its refusal is given.
func TestSpoolOfNoTable(t *testing.T) {
	if _, err := newSpool(spooling(t)).CopyFrom(context.Background(), pgx.Identifier{"nowhere"}, copiedColumns, pgx.CopyFromRows(nil)); !coded(err, "42P01") {
		t.Error(err)
	}
}

// BenchmarkSpool encodes a portion of rows of four columns.
func BenchmarkSpool(b *testing.B) {
	types := pgtype.NewMap()
	rows := make([][]any, portion)
	at := timestamp(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	for i := range rows {
		rows[i] = []any{int64(i), fmt.Sprint("model ", i), pgtype.Numeric{Int: big.NewInt(int64(i)), Exp: -2, Valid: true}, at}
	}
	kinds := []uint32{pgtype.Int8OID, pgtype.TextOID, pgtype.NumericOID, pgtype.TimestamptzOID}
	var room []byte
	for b.Loop() {
		var err error
		if room, _, err = encodeRows(room[:0], types, kinds, pgx.CopyFromRows(rows)); err != nil {
			b.Fatal(err)
		}
	}
}
