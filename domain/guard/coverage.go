package guard

import "ratecard/domain"

// Coverage refuses a reading that repeats less than a part of what its source
// last stated (half, unless the settings say otherwise): a page that lost most
// of its figures was read wrongly or served broken, however many rows came.
// Amounts and dates do not count, only what has a price at all. A source that
// was never read is covered by anything.
func Coverage(last, reading []domain.Quote, settings domain.Guard) error {
	wanted := settings.WithDefaults().CoveragePercent
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
	if 100*covered < wanted*len(said) {
		return domain.Errorf(domain.KindBroken,
			"the page states %d of the %d prices that this source last stated: under %d %%, so it is not believed", covered, len(said), wanted)
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
