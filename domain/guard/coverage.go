package guard

import "ratecard/domain"

// Coverage refuses a reading that repeats less than half of what its source
// last stated: a page that lost most of its figures was read wrongly or served
// broken, however many rows came. Amounts and dates do not count, only what
// has a price at all. A source that was never read is covered by anything.
func Coverage(last, reading []domain.Quote) error {
	said := undated(last)
	if len(said) == 0 {
		return nil
	}
	covered := 0
	for key := range undated(reading) {
		if said[key] {
			covered++
		}
	}
	if 2*covered < len(said) {
		return domain.Errorf(domain.KindBroken,
			"the page states %d of the %d prices that this source last stated: under half, so it is not believed", covered, len(said))
	}
	return nil
}

func undated(quotes []domain.Quote) map[domain.QuoteKey]bool {
	set := make(map[domain.QuoteKey]bool, len(quotes))
	for i := range quotes {
		k := quotes[i].QuoteKey
		k.From, k.Until = domain.Date{}, domain.Date{}
		set[k] = true
	}
	return set
}
