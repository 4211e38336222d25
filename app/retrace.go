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
	proofs := proofsOf(state.Rates)
	change.Restated = again.restate(change.Open, proofs, known)
	change.RestatedModifiers = again.restateRules(change.Open, proofs, known)
	change.Unlisted, change.Relisted = again.listing(fix, state)
	change.Counts.PricingUpdated = fix.Keys
	return change
}

// kept gives the keys of which a read states what was held then and never
// believed: what was decided, or taken back, is not undone by reading again.
func (p past) kept(read rereading, stated []ledger.Stated) map[domain.RateKey]bool {
	var held []domain.HeldChange
	for _, h := range p.withheld {
		if h.Source == read.Source && !read.At.Before(h.Since) && (h.Over.IsZero() || read.At.Before(h.Over)) {
			held = append(held, h)
		}
	}
	if len(held) == 0 {
		return nil
	}
	kept := map[domain.RateKey]bool{}
	for i := range stated {
		s := &stated[i]
		kept[s.Key] = kept[s.Key] || slices.ContainsFunc(held, func(h domain.HeldChange) bool { return h.Key == s.Key && h.New.Equal(s.Price.Amount) })
	}
	return kept
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
	rulings  []domain.Ruling // an administrator's word holds for the past as well
	rates    []domain.Rate   // evidence below 0: see mark
	unlisted map[domain.RateKey]time.Time
	before   map[string]time.Time // by source: its last good read
	cited    []citation
	rules    []ruleCitation
	stated   map[string]stating // by source: of its last reading
	latest   statedFor          // what was taken up last; zero: something else was since
}

// citation is a quote in a read of the past, on which rates rest.
type citation struct {
	read  int
	quote *domain.Quote
}

// statedFor is what decides what a reading states: so far as models only come,
// their number says which are known.
type statedFor struct {
	source  string
	reading *domain.Reading
	models  int
}

type stating struct {
	of     statedFor
	stated []ledger.Stated
}

// retrace goes the way of the reads again. What rests on a page that cannot be
// read again is believed from where it was: taking it away would say that
// nothing was there.
func (p past) retrace(state ledger.State) *trace {
	t := &trace{
		past: p, rulings: state.Rulings, unlisted: map[domain.RateKey]time.Time{}, before: map[string]time.Time{},
		stated: map[string]stating{},
	}
	stays, retired := p.stays(state.Rates), state.Retires(nil)
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
		t.rates, t.latest = ledger.Adopt(t.rates, stays[n].rows), statedFor{}
	}
	return stays[n:]
}

// read takes up one reading. One that only repeats what was taken up last
// changes nothing, unless a date that it prints has passed.
func (t *trace) read(i int, known []domain.ModelVersion, retired map[string]time.Time) {
	read := t.past.reads[i]
	of := statedFor{read.Source, read.reading, 0}
	for m := range known {
		if !unknown(known[m], read) {
			of.models++
		}
	}
	if of == t.latest && !slices.ContainsFunc(read.reading.Quotes, dated) {
		return
	}
	t.latest = of
	stated := t.says(of, read, known)
	diff := ledger.Diff(t.rates, t.unlisted, ledger.Reading{
		Seen: read.At, KnownAt: read.At, Retires: retired, Stated: stated,
		Before: map[string]time.Time{read.Source: t.before[read.Source]}, Kept: t.past.kept(read, stated),
	})
	if len(diff.Open)+len(diff.Supersede) > 0 {
		t.cite(diff.Open, i)
		t.rates = ledger.Apply(t.rates, diff)
	}
	for _, key := range diff.Unlisted {
		t.unlisted[key] = read.At
	}
	for _, key := range diff.Relisted {
		delete(t.unlisted, key)
	}
}

func dated(q domain.Quote) bool { return !q.From.IsZero() || !q.Until.IsZero() }

// unknown reports whether a model was discovered after a read was stored.
func unknown(m domain.ModelVersion, read rereading) bool { return m.DiscoveredAt.After(read.Known) }

// says gives what a reading states of the models that were known when it was
// stored.
func (t *trace) says(of statedFor, read rereading, known []domain.ModelVersion) []ledger.Stated {
	if last := t.stated[of.source]; last.of == of {
		return last.stated
	}
	models := modelsOf(slices.DeleteFunc(slices.Clone(known), func(m domain.ModelVersion) bool { return unknown(m, read) }))
	pairs := match.AssignRuled(models, pageOf(*read.reading), t.rulings)
	stated := statedBy(t.past.provider, read.Source, pairs, *read.reading)
	t.stated[of.source] = stating{of, stated}
	return stated
}

func modelsOf(versions []domain.ModelVersion) []domain.Model {
	models := make([]domain.Model, len(versions))
	for i := range versions {
		models[i] = versions[i].Model
	}
	return models
}

// cite notes what the rates that a read has opened rest on, as a number below
// 0: statements get their ids when they are written.
func (t *trace) cite(open []domain.Rate, read int) {
	quotes, numbers := t.past.reads[read].quotes(), map[*domain.Quote]int64{}
	for i := range open {
		row := &open[i]
		quote := quotes[row.Quote]
		if row.Evidence != 0 || row.Source != t.past.reads[read].Source || quote == nil {
			continue // a row of before, cut short
		}
		if numbers[quote] == 0 {
			t.cited = append(t.cited, citation{read, quote})
			numbers[quote] = -int64(len(t.cited))
		}
		row.Evidence = numbers[quote]
	}
	t.citeRules(open, read)
}

// restate gives the statements on which opened rates rest. A rate that begins
// as one that was believed does, with what that one rests on, rests on it still.
func (t *trace) restate(open []domain.Rate, proofs map[beginning]proof, known time.Time) []ledger.Restated {
	resting := map[int64][]int{}
	for i := range open {
		row := &open[i]
		if number := row.Evidence; number < 0 {
			if row.Evidence = proofs[beginningOf(*row)].statement; row.Evidence == 0 {
				resting[number] = append(resting[number], i)
			}
		}
	}
	var out []ledger.Restated
	for i, end := range t.past.ends(t.cited) {
		rests := resting[-int64(i+1)]
		if len(rests) == 0 {
			continue
		}
		if end.IsZero() {
			end = known
		}
		read := t.past.reads[t.cited[i].read]
		out = append(out, ledger.Restated{Rests: rests, Statement: domain.Statement{
			Provider: t.past.provider, Source: read.Source, Quote: *t.cited[i].quote,
			PageID: read.PageID, ConfigVersion: t.past.version, Stated: domain.Span{From: read.At, To: end},
		}})
	}
	return out
}

// beginning is what a rate says from when, and what stated it. Equal amounts
// are written alike.
type beginning struct {
	key      domain.RateKey
	amount   string
	from     int64 // microseconds
	source   string
	quote    domain.QuoteKey
	modifier domain.ModifierKey // zero: it is printed
}

func beginningOf(r domain.Rate) beginning {
	return beginning{r.RateKey, r.Amount.String(), r.Effective.From.UnixMicro(), r.Source, r.Quote, r.Modifier.ModifierKey}
}

// proof is what a believed rate rests on: statements by their ids.
type proof struct{ statement, modifier int64 }

func proofsOf(believed []domain.Rate) map[beginning]proof {
	proofs := make(map[beginning]proof, len(believed))
	for i := range believed {
		proofs[beginningOf(believed[i])] = proof{believed[i].Evidence, believed[i].Modifier.Evidence}
	}
	return proofs
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
