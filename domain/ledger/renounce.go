package ledger

import (
	"time"

	"ratecard/domain"
)

// Renounce takes back every list rate of a model that matches: whoever says
// that a row of a page is not this model's price says that it never was. What
// was believed stays on record as such; rates of other layers are not looked at.
func Renounce(believed []domain.Rate, unlisted map[domain.RateKey]time.Time, knownAt time.Time, matches func(domain.Rate) bool) RateChange {
	var c RateChange
	held := layerOf(believed, domain.LayerList)
	for _, key := range held.keys {
		var left []domain.Rate
		for _, row := range held.timelines[key] {
			if !matches(row) {
				left = append(left, row)
			}
		}
		c.amend(key, held.timelines[key], left, knownAt)
		if _, missing := unlisted[key]; missing && len(left) == 0 {
			c.Relisted = append(c.Relisted, key)
		}
	}
	return c
}
