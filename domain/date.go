package domain

import (
	"fmt"
	"time"
)

// Date is a UTC calendar day as a page prints it. The zero Date is none. It is small:
// every quote has two.
type Date struct {
	Year       int32
	Month, Day int8
}

// DateOf is the UTC day of an instant.
func DateOf(t time.Time) Date {
	y, m, d := t.UTC().Date()
	return Date{int32(y), int8(m), int8(d)}
}

// ParseDate reads an ISO date (2006-01-02); the empty string is no date.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: expected YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Start is the first instant of the day: 00:00 UTC.
func (d Date) Start() time.Time {
	return time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, time.UTC)
}

// End is the first instant after the day: an inclusive end date means its
// whole day.
func (d Date) End() time.Time { return d.Start().AddDate(0, 0, 1) }

// String is the ISO form, empty for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes the ISO form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO form.
func (d *Date) UnmarshalText(b []byte) error {
	parsed, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
