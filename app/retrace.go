package app

import (
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/domain/match"
)

// correct decides what of a provider's believed list prices reading the past
// again changes from an instant on, if one is given. It is pure.
func (p past) correct(state ledger.State, start, known time.Time) ledger.Change {
	again := p.retrace(state)
	if !start.IsZero() {
		again.rates = ledger.Since(again.rates, state.Rates, start)
	}
	// Rates of sources that are gone are looked at too: what rests on pages that
	// cannot be read again is part of the way that was gone again.
	fix := ledger.Correct(state.Rates, again.rates, sourcesOf(state.Rates), known)
	change := ledger.Change{KnownAt: known, Supersede: fix.Supersede, Open: fix.Open, Events: fix.Events}
	change.Restated = again.restate(change.Open, state.Rates, known)
	change.Unlisted, change.Relisted = again.listing(fix, state)
	change.Counts.PricingUpdated = keysTouched(fix)
	return change
}

func sourcesOf(rates []domain.Rate) []string {
	var names []string
	for i := range rates {
		if !slices.Contains(names, rates[i].Source) {
			names = append(names, rates[i].Source)
		}
	}
	return names
}

// trace is the way that the believed rates would have come today.
type trace struct {
	past     past
	rates    []domain.Rate // evidence below 0: see mark
	unlisted map[domain.RateKey]time.Time
	before   map[string]time.Time // by source: its last good read
	cited    []citation
	numbers  map[citation]int64
	stated   map[statedFor][]ledger.Stated
}

// citation is a quote in a read of the past, on which rates rest.
type citation struct {
	read  int
	quote domain.QuoteKey
}

// statedFor is what decides what a reading states: so far as models only come,
// their number says which are known.
type statedFor struct {
	reading *domain.Reading
	models  int
}

// retrace goes the way of the reads again. What rests on a page that cannot be
// read again is believed from where it was: taking it away would say that
// nothing was there.
func (p past) retrace(state ledger.State) *trace {
	t := &trace{
		past: p, unlisted: map[domain.RateKey]time.Time{}, before: map[string]time.Time{},
		numbers: map[citation]int64{}, stated: map[statedFor][]ledger.Stated{},
	}
	stays, retired := p.stays(state.Rates), retires(state.Models, nil)
	for i, read := range p.reads {
		stays = t.adopt(stays, read.At)
		if read.reading != nil {
			t.read(i, state.Models, retired)
		}
		t.before[read.Source] = read.At
	}
	for len(stays) > 0 {
		stays = t.adopt(stays, stays[0].at)
	}
	return t
}

// stay is what is believed of a key because of a read that cannot be repeated,
// as it was believed from that read on.
type stay struct {
	at   time.Time // when the read was
	rows []domain.Rate
}

// stays gives what no read of the past can say again, in the order in which it
// came.
func (p past) stays(believed []domain.Rate) []stay {
	repeated := map[time.Time]bool{}
	for _, r := range p.reads {
		if r.reading != nil {
			repeated[r.At] = true
		}
	}
	lost := map[domain.RateKey][]time.Time{}
	byKey := map[domain.RateKey][]domain.Rate{}
	for _, row := range ledger.AsRead(believed) {
		byKey[row.RateKey] = append(byKey[row.RateKey], row)
		for _, at := range []time.Time{p.found(row), p.confirmed(row)} {
			if !repeated[at] && !slices.ContainsFunc(lost[row.RateKey], at.Equal) {
				lost[row.RateKey] = append(lost[row.RateKey], at)
			}
		}
	}
	var out []stay
	for key, instants := range lost {
		for _, at := range instants {
			if rows := p.from(byKey[key], at); len(rows) > 0 {
				out = append(out, stay{at, rows})
			}
		}
	}
	slices.SortFunc(out, func(a, b stay) int { return a.at.Compare(b.at) })
	return out
}

// from gives the rows of a key that were known after a read, from that read on.
func (p past) from(rows []domain.Rate, at time.Time) []domain.Rate {
	var out []domain.Rate
	for _, row := range rows {
		found := p.found(row)
		switch {
		case found.After(at), found.Before(at) && !row.Effective.Open() && !row.Effective.To.After(at):
			continue
		case found.Before(at) && row.Effective.From.Before(at):
			row.Effective.From = at
		}
		out = append(out, row)
	}
	return out
}

// found is when the read came that found a believed rate.
func (p past) found(row domain.Rate) time.Time {
	if row.Basis == domain.BasisObserved && !row.NotAfter.IsZero() {
		return row.NotAfter
	}
	return p.confirmed(row)
}

// confirmed is when the read came on which a believed rate rests: the one that
// found it, or a later one that moved its end.
func (p past) confirmed(row domain.Rate) time.Time {
	if origin, known := p.origins[row.Evidence]; known {
		return origin.At
	}
	return row.Known.From
}

// adopt takes up what stays of the reads until an instant, and gives the rest.
func (t *trace) adopt(stays []stay, until time.Time) []stay {
	n := 0
	for ; n < len(stays) && !stays[n].at.After(until); n++ {
		t.rates = ledger.Adopt(t.rates, stays[n].rows)
	}
	return stays[n:]
}

// read takes up one reading.
func (t *trace) read(i int, known []domain.ModelVersion, retired map[string]time.Time) {
	read := t.past.reads[i]
	diff := ledger.Diff(t.rates, t.unlisted, ledger.Reading{
		Seen: read.At, KnownAt: read.At, Retires: retired, Stated: t.says(read, known),
		Before: map[string]time.Time{read.Source: t.before[read.Source]},
	})
	for j := range diff.Open {
		t.mark(&diff.Open[j], i)
	}
	if len(diff.Open)+len(diff.Supersede) > 0 {
		t.rates = ledger.Apply(t.rates, diff)
	}
	for _, key := range diff.Unlisted {
		t.unlisted[key] = read.At
	}
	for _, key := range diff.Relisted {
		delete(t.unlisted, key)
	}
}

// says gives what a reading states of the models that were known when it was
// stored.
func (t *trace) says(read rereading, known []domain.ModelVersion) []ledger.Stated {
	unknown := func(m domain.ModelVersion) bool { return m.DiscoveredAt.After(read.Known) }
	of := statedFor{read.reading, 0}
	for i := range known {
		if !unknown(known[i]) {
			of.models++
		}
	}
	stated, done := t.stated[of]
	if !done {
		models := modelsOf(slices.DeleteFunc(slices.Clone(known), unknown))
		pairs := match.Assign(models, namesOf(read.reading.Quotes))
		stated = statedBy(t.past.provider, read.Source, pairs, *read.reading)
		t.stated[of] = stated
	}
	return stated
}

func modelsOf(versions []domain.ModelVersion) []domain.Model {
	models := make([]domain.Model, len(versions))
	for i := range versions {
		models[i] = versions[i].Model
	}
	return models
}

// mark notes what a rate that a read has opened rests on, as a number below 0:
// statements get their ids when they are written.
func (t *trace) mark(row *domain.Rate, read int) {
	if row.Evidence != 0 || row.Source != t.past.reads[read].Source {
		return
	}
	if t.past.reads[read].quote(row.Quote) == nil {
		return // a kept rate without evidence, cut short
	}
	cited := citation{read, row.Quote}
	number, known := t.numbers[cited]
	if !known {
		t.cited = append(t.cited, cited)
		number = -int64(len(t.cited))
		t.numbers[cited] = number
	}
	row.Evidence = number
}

// restate gives the statements on which opened rates rest. A rate that begins
// as one that was believed does, with what that one rests on, rests on it still.
func (t *trace) restate(open, believed []domain.Rate, known time.Time) []ledger.Restated {
	var out []ledger.Restated
	at := map[int64]int{}
	for i := range open {
		row := &open[i]
		if row.Evidence >= 0 {
			continue
		}
		number := row.Evidence
		row.Evidence = proofOf(believed, *row)
		if row.Evidence != 0 {
			continue
		}
		j, made := at[number]
		if !made {
			j = len(out)
			at[number] = j
			out = append(out, ledger.Restated{Statement: t.statement(t.cited[-number-1], known)})
		}
		out[j].Rests = append(out[j].Rests, i)
	}
	return out
}

// proofOf is the evidence of the believed rate that says from its beginning what
// a row says; 0: there is none.
func proofOf(believed []domain.Rate, row domain.Rate) int64 {
	for i := range believed {
		b := &believed[i]
		if b.RateKey == row.RateKey && b.Price.Equal(row.Price) && b.Effective.From.Equal(row.Effective.From) && b.Source == row.Source && b.Quote == row.Quote {
			return b.Evidence
		}
	}
	return 0
}

func (t *trace) statement(cited citation, known time.Time) domain.Statement {
	read := t.past.reads[cited.read]
	quote := *read.quote(cited.quote)
	said := domain.Span{From: read.At, To: t.past.until(cited.read, quote)}
	if said.Open() {
		said.To = known
	}
	return domain.Statement{
		Provider: t.past.provider, Source: read.Source, Quote: quote,
		PageID: read.PageID, ConfigVersion: t.past.version, Stated: said,
	}
}

// listing says which of the corrected keys their source does not list, though
// it is believed to, and the other way round. A key without a rate is not listed
// as missing.
func (t *trace) listing(fix ledger.RateChange, state ledger.State) (unlisted, relisted []domain.RateKey) {
	priced := map[domain.RateKey]bool{}
	for i := range t.rates {
		priced[t.rates[i].RateKey] = true
	}
	seen := map[domain.RateKey]bool{}
	for _, row := range slices.Concat(fix.Supersede, fix.Open) {
		key := row.RateKey
		if seen[key] {
			continue
		}
		seen[key] = true
		_, was := state.Unlisted[key]
		_, is := t.unlisted[key]
		switch is = is && priced[key]; {
		case is && !was:
			unlisted = append(unlisted, key)
		case was && !is:
			relisted = append(relisted, key)
		}
	}
	return unlisted, relisted
}
