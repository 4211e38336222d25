package ledger

import (
	"errors"
	"slices"
	"time"

	"ratecard/domain"
)

// segment is a stretch of time for which a reading states a price. A zero
// from means that no beginning is stated.
type segment struct {
	from, to time.Time
	stated   Stated
}

var errContradiction = errors.New("stated twice with different prices for the same time")

// arrange puts what is stated of one key in the order of time: dated rows end
// at the next one's beginning, and a row without a beginning starts where the
// one before it ends ("through August 31: $2" beside a plain "$3").
func arrange(stated []Stated) ([]segment, error) {
	stated = slices.Clone(stated)
	slices.SortStableFunc(stated, func(a, b Stated) int { return order(a).Compare(order(b)) })
	var out []segment
	for _, s := range stated {
		seg := segment{stated: s}
		if !s.Quote.From.IsZero() {
			seg.from = s.Quote.From.Start()
		}
		if !s.Quote.Until.IsZero() {
			seg.to = s.Quote.Until.End()
		}
		if n := len(out); n > 0 {
			last := &out[n-1]
			switch {
			case seg.from.Equal(last.from) && seg.to.Equal(last.to) && s.Price.Equal(last.stated.Price):
				continue // the same thing said twice
			case seg.from.IsZero() && !last.to.IsZero():
				seg.from = last.to
			case last.to.IsZero() && seg.from.After(last.from):
				last.to = seg.from
			case last.to.IsZero() || seg.from.Before(last.to):
				return nil, errContradiction
			}
		}
		if !seg.to.IsZero() && !seg.from.Before(seg.to) {
			return nil, errors.New("stated to end before it begins")
		}
		out = append(out, seg)
	}
	return out, nil
}

// order sorts what is stated: rows that only end first, then rows without any
// date, then by stated beginning.
func order(s Stated) time.Time {
	switch {
	case !s.Quote.From.IsZero():
		return s.Quote.From.Start()
	case !s.Quote.Until.IsZero():
		return time.Time{}
	default:
		return time.Time{}.Add(1)
	}
}

// overlay lays the stated segments over what is believed of a key. From the
// first of them on, what is stated is all there is; before it, what was
// believed stays. A reading of which nothing applies any more changes nothing.
func overlay(old []domain.Rate, segments []segment, r Reading) []domain.Rate {
	fresh := make([]domain.Rate, 0, len(segments))
	for _, seg := range segments {
		if row, ok := settle(seg, old, r); ok {
			fresh = append(fresh, row)
		}
	}
	if len(fresh) == 0 {
		return old
	}
	cut := fresh[0].Effective.From
	out := make([]domain.Rate, 0, len(old)+len(fresh))
	for _, row := range old {
		if row.Effective.Open() || row.Effective.To.After(cut) {
			row.Effective.To = cut
		}
		if !row.Effective.Empty() {
			out = append(out, row)
		}
	}
	return append(out, fresh...)
}

// settle turns a segment into the row that it makes true. The second result
// is false for what is over and adds nothing to what is believed.
func settle(seg segment, old []domain.Rate, r Reading) (domain.Rate, bool) {
	span := domain.Span{From: seg.from, To: seg.to}
	if ended(span, r.Seen) && (len(old) > 0 || seg.from.IsZero()) {
		return domain.Rate{}, false
	}
	begin, basis := seg.from, domain.BasisStated
	if current := inForce(old, seg, r.Seen); current != nil {
		return confirm(*current, seg), true
	}
	if before := r.Before[seg.stated.Source]; seg.from.IsZero() || (len(old) > 0 && seg.from.Before(before)) {
		begin, basis = r.Seen, domain.BasisObserved
	}
	row := domain.Rate{
		RateKey:   seg.stated.Key,
		Price:     seg.stated.Price,
		Effective: domain.Span{From: begin, To: seg.to},
		Basis:     basis,
		Source:    seg.stated.Source,
		Quote:     seg.stated.Quote,
		Modifier:  domain.Derived{ModifierKey: seg.stated.Modifier},
	}
	if basis == domain.BasisObserved {
		row.NotBefore, row.NotAfter = r.Before[row.Source], r.Seen
	}
	return row, !row.Effective.Empty()
}

// confirm keeps a believed row as it is; where the reading moves its end, the
// new end rests on what is stated now.
func confirm(row domain.Rate, seg segment) domain.Rate {
	if !row.Effective.To.Equal(seg.to) {
		row.Effective.To = seg.to
		row.Source, row.Quote, row.Evidence = seg.stated.Source, seg.stated.Quote, 0
		row.Modifier = domain.Derived{ModifierKey: seg.stated.Modifier}
	}
	return row
}

// inForce finds the believed row that a segment only confirms: the one in
// force at the reading with the same price, or a scheduled one that begins as
// stated with the same price.
func inForce(old []domain.Rate, seg segment, seen time.Time) *domain.Rate {
	scheduled := seg.from.After(seen)
	for i := range old {
		if !old[i].Price.Equal(seg.stated.Price) {
			continue
		}
		if scheduled && old[i].Effective.From.Equal(seg.from) || !scheduled && old[i].Effective.Contains(seen) {
			return &old[i]
		}
	}
	return nil
}
