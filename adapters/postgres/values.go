package postgres

import (
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// This file converts single values. A zero time is null, and so an open end
// of a range; a zero id is null.

// Amounts are kept within these powers of ten: far beyond any price, and far
// below what would fill the memory when written out.
const smallestExponent, largestExponent = -100, 100

func numeric(what string, d decimal.Decimal) (pgtype.Numeric, error) {
	if e := d.Exponent(); e < smallestExponent || e > largestExponent {
		return pgtype.Numeric{}, domain.Errorf(domain.KindInvalid, "%s has the exponent %d: expected %d to %d", what, e, smallestExponent, largestExponent)
	}
	return pgtype.Numeric{Int: d.Coefficient(), Exp: d.Exponent(), Valid: true}, nil
}

// amount takes no more memory than it needs: what is copied has room to grow, and
// what many rows repeat is shared.
func amount(n pgtype.Numeric) decimal.Decimal {
	if !n.Int.IsInt64() {
		return decimal.NewFromBigInt(n.Int, n.Exp)
	}
	coefficient := n.Int.Int64()
	place := &amounts[(uint64(coefficient)*31+uint64(n.Exp))*0x9e3779b97f4a7c15>>52] // the upper bits are mixed best
	if same := place.Load(); same != nil && same.Exponent() == n.Exp && same.CoefficientInt64() == coefficient {
		return *same
	}
	fresh := decimal.New(coefficient, n.Exp)
	place.Store(&fresh)
	return fresh
}

// amounts are those that were read last, by what they are: thousands of rates state a
// few hundred of them, are held for long, and looked through whenever memory is
// collected.
var amounts [1 << 12]atomic.Pointer[decimal.Decimal]

func timestamp(t time.Time) pgtype.Timestamptz {
	if t.IsZero() {
		return pgtype.Timestamptz{}
	}
	return pgtype.Timestamptz{Time: domain.Instant(t), Valid: true}
}

func timestampOf(t *time.Time) pgtype.Timestamptz {
	if t == nil {
		return pgtype.Timestamptz{}
	}
	return pgtype.Timestamptz{Time: domain.Instant(*t), Valid: true}
}

func instant(t pgtype.Timestamptz) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
}

func timestamps(list []time.Time) []pgtype.Timestamptz {
	out := make([]pgtype.Timestamptz, len(list))
	for i, t := range list {
		out[i] = timestamp(t)
	}
	return out
}

func instants(list []pgtype.Timestamptz) []time.Time {
	if len(list) == 0 {
		return nil
	}
	out := make([]time.Time, len(list))
	for i, t := range list {
		out[i] = instant(t)
	}
	return out
}

func instantOf(t pgtype.Timestamptz) *time.Time {
	if !t.Valid {
		return nil
	}
	u := t.Time.UTC()
	return &u
}

func span(from, to pgtype.Timestamptz) domain.Span {
	return domain.Span{From: instant(from), To: instant(to)}
}

func timeRange(s domain.Span) pgtype.Range[pgtype.Timestamptz] {
	r := pgtype.Range[pgtype.Timestamptz]{
		Lower: timestamp(s.From), LowerType: pgtype.Inclusive,
		Upper: timestamp(s.To), UpperType: pgtype.Exclusive, Valid: true,
	}
	if s.From.IsZero() {
		r.LowerType = pgtype.Unbounded
	}
	if s.Open() {
		r.UpperType = pgtype.Unbounded
	}
	return r
}

func day(d domain.Date) pgtype.Date {
	if d.IsZero() {
		return pgtype.Date{}
	}
	return pgtype.Date{Time: d.Start(), Valid: true}
}

func date(d pgtype.Date) domain.Date {
	if !d.Valid {
		return domain.Date{}
	}
	return domain.DateOf(d.Time)
}

func number(n int64) pgtype.Int8 { return pgtype.Int8{Int64: n, Valid: n != 0} }

func numberOf(n *int64) pgtype.Int8 {
	if n == nil {
		return pgtype.Int8{}
	}
	return pgtype.Int8{Int64: *n, Valid: true}
}

func countOf(n pgtype.Int8) *int64 {
	if !n.Valid {
		return nil
	}
	return &n.Int64
}
