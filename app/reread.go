package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/domain/guard"
	"ratecard/ports"
)

// past is what the good reads of a provider's pages say today.
type past struct {
	provider domain.ProviderID
	version  int // of the configuration that they are read with
	reads    []rereading
	origins  map[int64]ports.PageRead // of the statements on which believed rates rest
	withheld []domain.HeldChange      // what was held and never believed
	repeated int
	skipped  []Skipped
}

// rereading is one read of the past, repeated. A nil reading: it could not be.
type rereading struct {
	ports.PageRead
	reading *domain.Reading
}

// quotes gives what was printed by what it was printed for. The first mention
// counts.
func (r rereading) quotes() map[domain.QuoteKey]*domain.Quote {
	of := make(map[domain.QuoteKey]*domain.Quote, len(r.reading.Quotes))
	for i := range r.reading.Quotes {
		q := &r.reading.Quotes[i]
		if _, again := of[q.QuoteKey]; !again {
			of[q.QuoteKey] = q
		}
	}
	return of
}

// readAgain repeats the reads of a provider's pages. One body at a time is
// held, and of the readings those that differ.
func (r *Replay) readAgain(ctx context.Context, provider domain.ProviderID) (past, error) {
	config, err := r.Configs.Active(ctx, provider)
	if err != nil {
		return past{}, err
	}
	p := past{provider: provider, version: config.Version}
	if p.origins, err = r.Archive.Origins(ctx, provider); err != nil {
		return past{}, err
	}
	if p.withheld, err = r.Archive.Withheld(ctx, provider); err != nil {
		return past{}, err
	}
	reads, err := r.Archive.Reads(ctx, provider)
	if err != nil {
		return past{}, err
	}
	library := library{replay: r, sources: config.Scraping.Sources, pages: map[int64]opened{}, last: map[string]*domain.Reading{}}
	covered := map[string]*domain.Reading{} // by source: the last reading that was believed
	for _, read := range reads {
		page, err := library.open(ctx, read)
		if err != nil {
			return past{}, err
		}
		refusal := page.refusal
		if strings.HasSuffix(read.Source, autoOf("")) || refusal == nil && guessed(*page.reading) {
			refusal = domain.Errorf(domain.KindUnread, "auto read it: that it confirmed stands, and what people made of its proposals")
		}
		if last := covered[read.Source]; refusal == nil && last != nil && last != page.reading {
			refusal = guard.Coverage(last.Quotes, page.reading.Quotes, domain.Guard{})
		}
		if refusal != nil {
			p.skip(read, refusal.Error())
			continue
		}
		covered[read.Source] = page.reading
		p.repeated++
		p.reads = append(p.reads, rereading{read, page.reading})
	}
	return p, nil
}

// skip notes a read that does not count.
func (p *past) skip(read ports.PageRead, reason string) {
	p.reads = append(p.reads, rereading{PageRead: read})
	i := slices.IndexFunc(p.skipped, func(s Skipped) bool { return s.Source == read.Source && s.PageID == read.PageID && s.Reason == reason })
	if i < 0 {
		i = len(p.skipped)
		p.skipped = append(p.skipped, Skipped{Source: read.Source, PageID: read.PageID, At: read.At, Reason: reason})
	}
	p.skipped[i].Reads++
}

// complete reports whether what was last believed of each source is part of the
// past that was read.
func (p past) complete(lastReads map[string]time.Time) bool {
	newest := map[string]time.Time{}
	for _, read := range p.reads {
		newest[read.Source] = read.At
	}
	for source, at := range lastReads {
		if at.After(newest[source]) {
			return false
		}
	}
	return true
}

// library opens stored pages and reads each once.
type library struct {
	replay  *Replay
	sources []domain.Source
	pages   map[int64]opened
	last    map[string]*domain.Reading // by source: pages that say the same share one reading
}

// opened is what became of a stored page: a reading, or why there is none.
type opened struct {
	reading *domain.Reading
	refusal error
}

// open reads the page of a read. The error is for what has nothing to do with
// the page: then nothing can be said of it.
func (l *library) open(ctx context.Context, read ports.PageRead) (opened, error) {
	if page, known := l.pages[read.PageID]; known {
		return page, nil
	}
	page, err := l.read(ctx, read)
	if err == nil && read.PageID != 0 {
		l.pages[read.PageID] = page
	}
	return page, err
}

func (l *library) read(ctx context.Context, read ports.PageRead) (opened, error) {
	i := slices.IndexFunc(l.sources, func(s domain.Source) bool { return s.Name == read.Source })
	if i < 0 {
		return opened{refusal: domain.Errorf(domain.KindNotFound, "the configuration has no source %q any more", read.Source)}, nil
	}
	if err := ctx.Err(); err != nil {
		return opened{}, err
	}
	if read.PageID == 0 {
		return opened{refusal: domain.Errorf(domain.KindNotFound, "the page is no longer kept")}, nil
	}
	page, err := l.replay.Pages.Page(ctx, read.PageID)
	if domain.KindOf(err) == domain.KindNotFound {
		return opened{refusal: err}, nil
	}
	if err != nil {
		return opened{}, err
	}
	reading, refusal := l.replay.Reader.Read(page.Body, l.sources[i])
	if refusal != nil {
		return opened{refusal: refusal}, nil //nolint:nilerr // that it cannot be read is what is to be told
	}
	if last := l.last[read.Source]; last != nil && alike(*last, reading) {
		return opened{reading: last}, nil
	}
	l.last[read.Source] = &reading
	return opened{reading: &reading}, nil
}

// alike compares what two readings make believed, and where it stood.
func alike(a, b domain.Reading) bool {
	return slices.EqualFunc(a.Quotes, b.Quotes, func(p, q domain.Quote) bool {
		return p.QuoteKey == q.QuoteKey && p.Place == q.Place && p.Amount.Equal(q.Amount)
	}) && slices.EqualFunc(a.Modifiers, b.Modifiers, func(m, n domain.Modifier) bool {
		return m.Key() == n.Key() && m.Place == n.Place && m.Text == n.Text
	})
}

// ends gives, for each citation in the order of the reads, when its source first
// said something else; zero: it never did.
func (p past) ends(cited []citation) []time.Time {
	ends := make([]time.Time, len(cited))
	holds := map[string][]int{} // by source: the citations that still hold
	last := map[string]*domain.Reading{}
	next := 0
	for i, read := range p.reads {
		if read.reading == nil {
			continue
		}
		if held := holds[read.Source]; len(held) > 0 && last[read.Source] != read.reading {
			says := read.quotes()
			holds[read.Source] = slices.DeleteFunc(held, func(c int) bool {
				now, still := says[cited[c].quote.QuoteKey]
				if still = still && now.Amount.Equal(cited[c].quote.Amount); !still {
					ends[c] = read.At
				}
				return !still
			})
		}
		last[read.Source] = read.reading
		for ; next < len(cited) && cited[next].read == i; next++ {
			holds[read.Source] = append(holds[read.Source], next)
		}
	}
	return ends
}
