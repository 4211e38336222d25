package api

import (
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// amount writes money as a decimal without exponent and trailing zeros.
func amount(d decimal.Decimal) string { return d.String() }

// timeOrNull is null for the zero time.
func timeOrNull(t time.Time) oas.NilDateTime {
	if t.IsZero() {
		return oas.NilDateTime{Null: true}
	}
	return oas.NewNilDateTime(t.UTC())
}

func timePtr(t *time.Time) oas.NilDateTime {
	if t == nil {
		return oas.NilDateTime{Null: true}
	}
	return oas.NewNilDateTime(t.UTC())
}

// textOrNull is null for the empty string.
func textOrNull[T ~string](s T) oas.NilString {
	if s == "" {
		return oas.NilString{Null: true}
	}
	return oas.NewNilString(string(s))
}

func intPtr(n *int64) oas.NilInt64 {
	if n == nil {
		return oas.NilInt64{Null: true}
	}
	return oas.NewNilInt64(*n)
}

// intOrNull is null for 0, where 0 stands for none.
func intOrNull(n int64) oas.NilInt64 {
	if n == 0 {
		return oas.NilInt64{Null: true}
	}
	return oas.NewNilInt64(n)
}

func dateOrNull(d domain.Date) oas.NilString { return textOrNull(d.String()) }

// encodeAll encodes a list; an empty one is [], never null.
func encodeAll[F, T any](values []F, encode func(F) T) []T {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = encode(v)
	}
	return out
}

// encodeEach is encodeAll for what may fail.
func encodeEach[F, T any](values []F, encode func(F) (T, error)) ([]T, error) {
	out := make([]T, len(values))
	for i, v := range values {
		var err error
		if out[i], err = encode(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}
