package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ratecard/gen/db"
)

// A spool stands for a transaction in which rows are added later: it keeps them as the
// bytes that are sent, until it is told to. So what they were made of need not be held
// while they are written, which takes seconds where they are many thousands. Every
// other statement is done at once: it may not rely on rows that are still kept.
type spool struct {
	pgx.Tx
	tables map[string]*spooled // by statement
	kept   []copyOf
	room   []byte // to encode in
}

var _ db.DBTX = (*spool)(nil)

// spooled is how rows of a table are sent.
type spooled struct {
	table     pgx.Identifier
	columns   []string
	types     []uint32 // of the columns
	statement string
}

// A copyOf is a portion of rows.
type copyOf struct {
	into *spooled
	rows []byte // as COPY takes them
}

func newSpool(tx pgx.Tx) *spool { return &spool{Tx: tx, tables: map[string]*spooled{}} }

// CopyFrom keeps rows, which it reads at once.
func (s *spool) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	into, err := s.into(ctx, table, columns)
	if err != nil {
		return 0, err
	}
	encoded, count, err := encodeRows(s.room[:0], s.Conn().TypeMap(), into.types, rows)
	if err != nil {
		return 0, fmt.Errorf("rows of %s: %w", table.Sanitize(), err)
	}
	s.kept, s.room = append(s.kept, copyOf{into, bytes.Clone(encoded)}), encoded
	return count, nil
}

// into asks once for the types of a table's columns.
func (s *spool) into(ctx context.Context, table pgx.Identifier, columns []string) (*spooled, error) {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
	}
	list := strings.Join(quoted, ", ")
	statement := "COPY " + table.Sanitize() + " (" + list + ") FROM STDIN BINARY"
	if into, asked := s.tables[statement]; asked {
		return into, nil
	}
	query := "SELECT " + list + " FROM " + table.Sanitize()
	described, err := s.Conn().Prepare(ctx, query, query) // by its name the connection knows it again
	if err != nil {
		return nil, err
	}
	into := &spooled{table: table, columns: columns, statement: statement}
	for _, field := range described.Fields {
		into.types = append(into.types, field.DataTypeOID)
	}
	s.tables[statement] = into
	return into, nil
}

// send writes what is kept, in the order in which it came, and keeps nothing then. It
// rests between portions of a table.
func (s *spool) send(ctx context.Context) error {
	kept := s.kept
	s.kept, s.room = nil, nil
	for len(kept) > 0 {
		same := slices.IndexFunc(kept, func(p copyOf) bool { return p.into != kept[0].into })
		if same < 0 {
			same = len(kept)
		}
		err := restfully(ctx, same, func(i int) error {
			portion := kept[i]
			kept[i].rows = nil
			return portion.send(ctx, s.Conn())
		})
		if err != nil {
			return err
		}
		kept = kept[same:]
	}
	return nil
}

// send is traced as what pgx copies.
func (p copyOf) send(ctx context.Context, conn *pgx.Conn) error {
	tracer, traced := conn.Config().Tracer.(pgx.CopyFromTracer)
	if traced {
		ctx = tracer.TraceCopyFromStart(ctx, conn, pgx.TraceCopyFromStartData{TableName: p.into.table, ColumnNames: p.into.columns})
	}
	tag, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(p.rows), p.into.statement)
	if traced {
		tracer.TraceCopyFromEnd(ctx, conn, pgx.TraceCopyFromEndData{CommandTag: tag, Err: err})
	}
	return err
}

// copyHead begins rows in the binary format of COPY: its signature, no flags, no
// extension (PostgreSQL's documentation of COPY, "Binary Format").
const copyHead = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// encodeRows appends rows in the binary format of COPY, and says how many they are.
func encodeRows(to []byte, types *pgtype.Map, columns []uint32, rows pgx.CopyFromSource) (encoded []byte, count int64, err error) {
	encoded = append(to, copyHead...)
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return nil, 0, err
		}
		if len(values) != len(columns) {
			return nil, 0, fmt.Errorf("%d values in %d columns", len(values), len(columns))
		}
		encoded = binary.BigEndian.AppendUint16(encoded, uint16(len(values)))
		for i, value := range values {
			if encoded, err = appendValue(encoded, types, columns[i], value); err != nil {
				return nil, 0, err
			}
		}
		count++
	}
	encoded = binary.BigEndian.AppendUint16(encoded, 0xffff) // no more
	return encoded, count, rows.Err()
}

// appendValue writes a value after its length, which is -1 for null.
func appendValue(to []byte, types *pgtype.Map, kind uint32, value any) ([]byte, error) {
	const null = 0xffff_ffff
	at := len(to)
	to = binary.BigEndian.AppendUint32(to, null)
	with, err := types.Encode(kind, pgx.BinaryFormatCode, value, to)
	if err != nil || with == nil {
		return to, err
	}
	binary.BigEndian.PutUint32(with[at:], uint32(len(with)-at-4))
	return with, nil
}
