package postgres

import (
	"context"
	"maps"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/gen/db"
)

// sources makes the sources that the change names and notes how reading them
// went.
func (w *writer) sources(ctx context.Context) error {
	missing := map[string]bool{}
	need := func(name string) {
		if _, ok := w.book.sources[name]; !ok {
			missing[name] = true
		}
	}
	for _, s := range w.change.StatementsOpen {
		need(clean(s.Source))
	}
	for _, s := range w.change.ModifiersOpen {
		need(clean(s.Source))
	}
	for _, h := range w.change.Held {
		need(clean(h.Source))
	}
	for _, r := range w.change.Looks {
		need(clean(r.Source))
	}
	for _, r := range w.change.Open {
		if source := w.quoteOf(r.Source, r.Quote); source != (sourced{}) {
			need(source.source)
		}
	}
	if len(missing) > 0 {
		if err := w.makeSources(ctx, slices.Collect(maps.Keys(missing))); err != nil {
			return err
		}
	}
	return noteReads(ctx, w.q, w.provider, w.change.Reads, true)
}

// looks notes which sources were asked about held changes.
func (w *writer) looks(ctx context.Context) error {
	var p db.InsertLooksParams
	for _, r := range w.change.Looks {
		if number, known := w.book.sources[clean(r.Source)]; known && r.Good {
			p.Sources, p.Pages, p.At = append(p.Sources, number), append(p.Pages, r.PageID), append(p.At, timestamp(r.At))
		}
	}
	if err := noteReads(ctx, w.q, w.provider, w.change.Looks, false); err != nil || len(p.At) == 0 {
		return err
	}
	return w.q.InsertLooks(ctx, p)
}

func (w *writer) makeSources(ctx context.Context, names []string) error {
	for _, name := range names {
		if err := fits("a source's name", name); err != nil {
			return err
		}
	}
	if err := w.q.MakeSources(ctx, string(w.provider), names); err != nil {
		return err
	}
	sources, err := w.q.Sources(ctx, string(w.provider))
	for _, s := range sources {
		w.book.sources[s.Name] = s.Number
	}
	return err
}

// noteReads moves the standing of the sources that were read. believed says
// that what was read is stored in this transaction: only then is a good read
// the confirmation of what was believed before.
func noteReads(ctx context.Context, q *db.Queries, provider domain.ProviderID, reads []domain.SourceRead, believed bool) error {
	if len(reads) == 0 {
		return nil
	}
	good, last := map[string]time.Time{}, map[string]domain.SourceRead{}
	for _, r := range reads {
		name := clean(r.Source)
		if believed && r.Good && r.At.After(good[name]) {
			good[name] = r.At
		}
		if !r.At.Before(last[name].At) {
			last[name] = r
		}
	}
	rows := db.NoteReadsParams{Provider: string(provider), Names: slices.Sorted(maps.Keys(last))}
	for _, name := range rows.Names {
		rows.Good = append(rows.Good, timestamp(good[name]))
		rows.Attempts = append(rows.Attempts, timestamp(last[name].At))
		rows.Errors = append(rows.Errors, clean(last[name].Error))
	}
	return q.NoteReads(ctx, rows)
}

// quotes numbers the quotes of the change that have no number yet.
func (w *writer) quotes(ctx context.Context) error {
	c := &w.change
	stated, rates := len(c.StatementsOpen), len(c.Open)
	at := func(place int) sourced { // of what names a quote
		if place < stated {
			return w.quoteOf(c.StatementsOpen[place].Source, c.StatementsOpen[place].Quote.QuoteKey)
		}
		if place -= stated; place < rates {
			return w.quoteOf(c.Open[place].Source, c.Open[place].Quote)
		}
		place -= rates
		return w.quoteOf(c.Held[place].Source, c.Held[place].Quote)
	}
	var found []int32 // places: the quotes themselves are large
	for place := range stated + rates + len(c.Held) {
		q := at(place)
		if _, ok := w.book.quotes[q]; !ok && q != (sourced{}) {
			w.book.quotes[q] = 0 // until it is reserved below
			found = append(found, int32(place))
		}
	}
	numbers, err := w.reserve(ctx, "source_quotes_number_seq", len(found))
	if err != nil {
		return err
	}
	return made(ctx, w.q.InsertQuotes, len(found), func(i int) (db.InsertQuotesParams, error) {
		q := at(int(found[i]))
		w.book.quotes[q] = numbers[i]
		return quoteRow(q.QuoteKey, numbers[i], w.book.sources[q.source]), fits("a printed name", q.Name)
	})
}

// quoteOf gives a quote as it is stored.
func (w *writer) quoteOf(source string, q domain.QuoteKey) sourced {
	q.Name, q.Tier, q.Meter, q.Region = clean(q.Name), clean(q.Tier), clean(q.Meter), clean(q.Region)
	return sourced{source: clean(source), QuoteKey: q}
}

// statements ends what is stated no longer and writes what is stated now.
func (w *writer) statements(ctx context.Context) error {
	if len(w.change.StatementsEnd) > 0 {
		ended, err := w.q.EndStatements(ctx, timestamp(w.knownAt), w.change.StatementsEnd)
		if err != nil {
			return err
		}
		if want := int64(len(w.change.StatementsEnd)); ended != want {
			return domain.Errorf(domain.KindConflict, "%d statements of %s would end, and %d of them are made", want, w.provider, ended)
		}
	}
	ids, err := w.reserve(ctx, "source_statements_id_seq", len(w.change.StatementsOpen))
	if err != nil {
		return err
	}
	return made(ctx, w.q.InsertStatements, len(ids), func(i int) (db.InsertStatementsParams, error) {
		s := w.change.StatementsOpen[i]
		if s.Stated.From.IsZero() {
			s.Stated.From = w.knownAt
		}
		quote := w.book.quotes[w.quoteOf(s.Source, s.Quote.QuoteKey)]
		w.book.stated[quote] = ids[i]
		return statementRow(s, ids[i], quote)
	})
}

// proven are rates with the statements on which they rest, found by what an event
// says of a rate.
type proven struct {
	rates     []domain.Rate
	statement func(rate int) int64   // 0: none
	first     map[domain.RateKey]int // places in rates
	next      []int                  // of the same key; -1: none
}

func provenBy(rates []domain.Rate, statement func(rate int) int64) proven {
	p := proven{rates, statement, make(map[domain.RateKey]int, len(rates)), make([]int, len(rates))}
	for i := len(rates) - 1; i >= 0; i-- {
		if statement(i) == 0 {
			continue
		}
		key := cleanKey(rates[i].RateKey)
		next, more := p.first[key]
		if !more {
			next = -1
		}
		p.first[key], p.next[i] = i, next
	}
	return p
}

// prove adds to an event that tells of a rate the statement it rests on: that
// of the rate which begins, or else ends, at the instant the event names.
func (p proven) prove(e domain.Event) domain.Event {
	told, ok := e.Payload.(domain.RatePayload)
	if !ok || told.EvidenceID != 0 {
		return e
	}
	effective, err := time.Parse(time.RFC3339Nano, told.Effective)
	if err != nil {
		return e // tells of no instant: of a rate that is unlisted, say
	}
	effective = domain.Instant(effective)
	place, some := p.first[cleanKey(domain.RateKey{
		Model: domain.ModelKey{Provider: e.Provider, ID: e.Model}, Layer: told.Layer,
		Tier: told.Tier, Meter: told.Meter, Region: told.Region, MinPromptTokens: told.MinPromptTokens,
	})]
	for some && place >= 0 {
		span := p.rates[place].Effective
		begins, ends := domain.Instant(span.From), domain.Instant(span.To)
		if begins.Equal(effective) || ends.Equal(effective) {
			told.EvidenceID = p.statement(place)
		}
		if begins.Equal(effective) {
			break
		}
		place = p.next[place]
	}
	e.Payload = told
	return e
}
