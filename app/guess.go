package app

import (
	"context"
	"fmt"
	"strings"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// unreadPage is a source whose readers could not read its page.
type unreadPage struct {
	source domain.Source
	read   domain.SourceRead
	body   []byte // nil: none came
}

// autoOf names a source whose page is read without its configuration.
func autoOf(source string) string { return source + "/" + domain.ReaderAuto }

// pageName is the name of a source by which its page is read with its
// configuration.
func pageName(source string) string { return strings.TrimSuffix(source, autoOf("")) }

// samePage tells whether two sources are one page, read with its configuration
// or without it.
func samePage(a, b string) bool { return pageName(a) == pageName(b) }

// unconfigured is a source whose readers are set aside for the one that needs no
// configuration.
func unconfigured(s domain.Source) domain.Source {
	s.Name, s.Readers = autoOf(s.Name), []domain.ReaderConfig{{Reader: domain.ReaderAuto}}
	return s
}

// guessed tells whether a reading was auto's alone.
func guessed(r domain.Reading) bool {
	return strings.TrimPrefix(r.Strategy, byBrowser) == domain.ReaderAuto
}

// keepProposed keeps as it is believed what auto alone states: that it says the
// same confirms, and nothing that it says changes anything.
func keepProposed(kept map[domain.RateKey]bool, stated []ledger.Stated, quotes []domain.Quote) {
	proposed := map[domain.QuoteKey]bool{}
	for i := range quotes {
		if quotes[i].Proposed() {
			proposed[quotes[i].QuoteKey] = true
		}
	}
	for i := range stated {
		if proposed[stated[i].Quote] {
			kept[stated[i].Key] = true
		}
	}
}

// guess reads, when no source could be read, the first of their pages that auto
// understands. It confirms or proposes prices, and changes nothing else: no
// rules, no remarks. Nil: it understands none.
func (s *Sync) guess(ctx context.Context, run *domain.Run, provider domain.ProviderID, pages []unreadPage) (*pageRead, string) {
	for _, page := range pages {
		if page.body == nil {
			continue
		}
		source := unconfigured(page.source)
		read := page.read
		read.Source, read.Error, read.Failure = source.Name, "", ""
		reading, err := s.believable(ctx, provider, source, page.body, &read)
		if err != nil {
			continue
		}
		read.Good = true
		run.Reads = append(run.Reads, read)
		proposed := domain.Reading{Strategy: reading.Strategy, Quotes: reading.Quotes, Warnings: reading.Warnings}
		return &pageRead{proposed, read}, fmt.Sprintf("; %d prices were made out on the page of %s without its configuration: they confirm what is believed, or are held", len(reading.Quotes), page.source.Name)
	}
	return nil, ""
}
