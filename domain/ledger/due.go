package ledger

import (
	"time"

	"ratecard/domain"
)

// Due picks, from what is believed, what Arrive has to look at: all rows of
// the keys of which something that was announced begins or ends in
// (after, until]. last is the newest such instant, zero where nothing came.
func Due(believed []domain.Rate, after, until time.Time) (rows []domain.Rate, last time.Time) {
	var keys map[domain.RateKey]bool
	for i := range believed {
		row := &believed[i]
		for _, t := range [2]time.Time{row.Effective.From, row.Effective.To} {
			if !t.After(after) || t.After(until) || !row.Known.From.Before(t) {
				continue
			}
			if keys == nil {
				keys = map[domain.RateKey]bool{}
			}
			keys[row.RateKey] = true
			if t.After(last) {
				last = t
			}
		}
	}
	if keys == nil {
		return nil, last
	}
	for _, row := range believed {
		if keys[row.RateKey] {
			rows = append(rows, row)
		}
	}
	return rows, last
}
