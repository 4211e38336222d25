package app

import (
	"fmt"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/guard"
	"ratecard/domain/ledger"
	"ratecard/domain/match"
)

// This file lets the guard judge a reading, and keeps what it doubts from
// being believed.

// mostRefusals bounds what a run's step says of amounts that are refused.
const mostRefusals = 5

// judging is a reading before the guard.
type judging struct {
	state    ledger.State
	read     pageRead
	settings domain.Guard
	stated   []ledger.Stated
	knownAt  time.Time
	begins   map[domain.QuoteKey]bool        // what its source did not state before, or otherwise
	gone     []domain.Quote                  // what it states no longer
	refused  map[domain.QuoteKey]bool        // what is no price at all, said before or not
	renamed  map[string]bool                 // models that another name prices than before
	rates    map[domain.RateKey]*domain.Rate // believed at the reading, of the models that anything new is said of
	past     map[domain.RateKey][]domain.Rate
}

// judged is what becomes of a reading.
type judged struct {
	kept    map[domain.RateKey]bool // which stay as they are believed
	held    []domain.HeldChange     // that are held from now on
	settled []domain.HeldChange     // that were before
	accept  []domain.HeldChange     // among them: those to be believed now
	notes   []string
}

// judge asks the guard about everything that a reading changes. A reading that
// says what its source said last, of which nothing is held, is not looked at.
func (j *joining) judge(state ledger.State, read pageRead, stated []ledger.Stated, settings domain.Guard) judged {
	out := judged{kept: map[domain.RateKey]bool{}}
	g := judging{state: state, read: read, settings: settings, stated: stated, knownAt: j.change.KnownAt, refused: refusedOf(read.Quotes, settings)}
	if len(j.change.StatementsOpen)+len(j.change.StatementsEnd)+len(state.Held)+len(g.refused) == 0 && lastRead(state.LastReads) == read.read.Source {
		return out
	}
	g.survey(j.pairs, j.change)
	byQuote := g.byQuote()
	page := g.page(byQuote)
	verdict := guard.Judge(page, settings)
	out.follow(&g)
	refused := 0
	for i := range page.Now {
		q := &page.Now[i]
		why, no := verdict.Refused[i]
		doubts := verdict.Doubts[i]
		if no {
			if refused++; refused <= mostRefusals {
				out.notes = append(out.notes, fmt.Sprintf("%s for %s %s is refused: %s", q.Amount, clip(q.Name), q.Meter, why))
			}
		}
		if !no && len(doubts) == 0 {
			continue
		}
		for _, s := range byQuote[q.QuoteKey] {
			if !no && g.held(*s, doubts, &out) {
				continue
			}
			out.kept[s.Key] = true
		}
	}
	if more := refused - mostRefusals; more > 0 {
		out.notes = append(out.notes, fmt.Sprintf("%d more amounts are refused", more))
	}
	out.derived(stated)
	if len(out.held) > 0 {
		out.notes = append(out.notes, fmt.Sprintf("%d changes are held", len(out.held)))
	}
	return out
}

// refusedOf gives the quotes whose amounts are no price at all.
func refusedOf(quotes []domain.Quote, settings domain.Guard) map[domain.QuoteKey]bool {
	var refused map[domain.QuoteKey]bool
	for i := range quotes {
		if guard.Refused(quotes[i].Amount, settings) != "" {
			if refused == nil {
				refused = map[domain.QuoteKey]bool{}
			}
			refused[quotes[i].QuoteKey] = true
		}
	}
	return refused
}

// lastRead names the source that was read last.
func lastRead(reads map[string]time.Time) (source string) {
	var at time.Time
	for name, then := range reads {
		if source == "" || then.After(at) {
			source, at = name, then
		}
	}
	return source
}

// survey notes what of the reading is to be looked at closely.
func (g *judging) survey(pairs []match.Pair, c ledger.Change) {
	g.begins = map[domain.QuoteKey]bool{}
	for i := range c.StatementsOpen {
		g.begins[c.StatementsOpen[i].Quote.QuoteKey] = true
	}
	ended := make(map[int64]bool, len(c.StatementsEnd))
	for _, id := range c.StatementsEnd {
		ended[id] = true
	}
	for i := range g.state.Statements {
		if s := &g.state.Statements[i]; ended[s.ID] && !g.begins[s.Quote.QuoteKey] {
			g.gone = append(g.gone, s.Quote)
		}
	}
	g.renamed = map[string]bool{}
	for _, pair := range pairs {
		if old, looked := g.state.Matches[pair.ModelID]; looked && old.Name != "" && old.Name != pair.Name {
			g.renamed[pair.ModelID] = true
		}
	}
	g.believed(g.suspects())
}

// suspects are the models of which the reading may say something else than what
// is believed: all of them, where another source was read last.
func (g *judging) suspects() map[string]bool {
	all := lastRead(g.state.LastReads) != g.read.read.Source
	models := map[string]bool{}
	for i := range g.stated {
		if s := &g.stated[i]; all || g.begins[s.Quote] || g.refused[s.Quote] {
			models[s.Key.Model.ID] = true
		}
	}
	for i := range g.state.Held {
		models[g.state.Held[i].Key.Model.ID] = true
	}
	return models
}

// believed gathers the list prices of some models, at the reading and before.
func (g *judging) believed(models map[string]bool) {
	g.rates, g.past = map[domain.RateKey]*domain.Rate{}, map[domain.RateKey][]domain.Rate{}
	for i := range g.state.Rates {
		r := &g.state.Rates[i]
		if !models[r.Model.ID] || r.Layer != domain.LayerList {
			continue
		}
		g.past[r.RateKey] = append(g.past[r.RateKey], *r)
		if r.Effective.Contains(g.read.read.At) {
			g.rates[r.RateKey] = r
		}
	}
}

// byQuote gives what is printed of models by the quote that prints it.
func (g *judging) byQuote() map[domain.QuoteKey][]*ledger.Stated {
	models := g.suspects()
	of := make(map[domain.QuoteKey][]*ledger.Stated)
	for i := range g.stated {
		if s := &g.stated[i]; s.Price.Origin == domain.OriginPrinted && models[s.Key.Model.ID] {
			of[s.Quote] = append(of[s.Quote], s)
		}
	}
	return of
}

// page puts what is believed beside what is quoted. What its source said last
// stands, if nothing is held of it: so it is not looked up.
func (g *judging) page(byQuote map[domain.QuoteKey][]*ledger.Stated) guard.Page {
	last := map[domain.QuoteKey]*domain.Quote{}
	for i := range g.state.Statements {
		if s := &g.state.Statements[i]; s.Source == g.read.read.Source && g.begins[s.Quote.QuoteKey] {
			last[s.Quote.QuoteKey] = &s.Quote
		}
	}
	page := guard.Page{
		Now: make([]guard.Quoted, len(g.read.Quotes)), Gone: g.gone,
		First: len(g.state.LastReads) == 0 && len(g.state.Statements) == 0,
	}
	for i := range g.read.Quotes {
		q := &page.Now[i]
		q.Quote = g.read.Quotes[i]
		if over := g.read.Quotes[i].Until; !over.IsZero() && !over.End().After(g.read.read.At) {
			q.Old = &g.read.Quotes[i].Amount // says something of the past alone
			continue
		}
		stated := byQuote[q.QuoteKey]
		if len(stated) == 0 {
			if was := last[q.QuoteKey]; was != nil {
				q.Old = &was.Amount
			} else if !g.begins[q.QuoteKey] {
				q.Old = &g.read.Quotes[i].Amount
			}
			continue
		}
		g.compare(q, stated)
		if q.Old == nil && last[q.QuoteKey] != nil && g.allRenamed(stated) {
			q.Old = &last[q.QuoteKey].Amount
		} else if q.Old == nil && !g.begins[q.QuoteKey] && g.allRenamed(stated) {
			q.Old = &g.read.Quotes[i].Amount
		}
	}
	return page
}

// allRenamed reports whether none of the models was priced by this name before:
// whose price it is has changed, which is for the matching to say, and not the
// page.
func (g *judging) allRenamed(stated []*ledger.Stated) bool {
	return !slices.ContainsFunc(stated, func(s *ledger.Stated) bool { return !g.renamed[s.Key.Model.ID] })
}

// compare looks up what is believed of a quote. Where it prices several models,
// the one that it would change counts.
func (g *judging) compare(q *guard.Quoted, stated []*ledger.Stated) {
	for _, s := range stated {
		if g.renamed[s.Key.Model.ID] {
			continue
		}
		old := g.at(s.Key, s.Quote)
		if old == nil || q.Old != nil && old.Amount.Equal(q.Amount) {
			continue
		}
		q.Old = &old.Amount
		if q.WasThat = g.was(s.Key, q); !old.Amount.Equal(q.Amount) {
			return
		}
	}
}

// at is the believed rate that a quote speaks of: the one in force, or, where
// the quote begins later, the one that would be then.
func (g *judging) at(key domain.RateKey, quote domain.QuoteKey) *domain.Rate {
	if quote.From.IsZero() || !quote.From.Start().After(g.read.read.At) {
		return g.rates[key]
	}
	for i, row := range g.past[key] {
		if row.Effective.Contains(quote.From.Start()) {
			return &g.past[key][i]
		}
	}
	return g.rates[key]
}

// was is until when, of late, an amount was believed before another took its
// place.
func (g *judging) was(key domain.RateKey, q *guard.Quoted) (until time.Time) {
	if q.Old.Equal(q.Amount) {
		return until
	}
	since := g.read.read.At.AddDate(0, 0, -g.settings.WithDefaults().FlipDays)
	for _, row := range g.past[key] {
		if to := row.Effective.To; !row.Effective.Open() && to.After(since) && !to.After(g.read.read.At) && row.Amount.Equal(q.Amount) && to.After(until) {
			until = to
		}
	}
	return until
}

// held holds a change, unless there is none: the model's own price may be what
// is stated already. It reports whether nothing is to be kept.
func (g *judging) held(s ledger.Stated, doubts []domain.Doubt, out *judged) bool {
	old := g.at(s.Key, s.Quote)
	if old != nil && old.Amount.Equal(s.Price.Amount) {
		return true
	}
	if out.kept[s.Key] {
		return false // held with another quote of the same, or before
	}
	if slices.ContainsFunc(out.accept, func(h domain.HeldChange) bool { return h.Key == s.Key }) {
		return false
	}
	h := domain.HeldChange{
		Key: s.Key, Source: s.Source, Quote: s.Quote, New: s.Price.Amount, Doubts: doubts,
		Since: g.read.read.At, NotBefore: g.state.LastReads[s.Source], State: domain.HeldOpen,
	}
	if old != nil {
		amount := old.Amount
		h.Old, h.OldProof = &amount, old.Evidence
	}
	out.held = append(out.held, h)
	return false
}

// derived keeps what follows from a price that is kept.
func (out *judged) derived(stated []ledger.Stated) {
	if len(out.kept) == 0 {
		return
	}
	type printed struct {
		model domain.ModelKey
		quote domain.QuoteKey
	}
	kept := map[printed]bool{}
	for i := range stated {
		if s := &stated[i]; s.Price.Origin == domain.OriginPrinted && out.kept[s.Key] {
			kept[printed{s.Key.Model, s.Quote}] = true
		}
	}
	for i := range stated {
		if s := &stated[i]; s.Price.Origin == domain.OriginDerived && kept[printed{s.Key.Model, s.Quote}] {
			out.kept[s.Key] = true
		}
	}
}

// follow says what the reading means for the changes that were held before it,
// or rejected. What a source says again is not confirmed by that, nor what auto
// makes out on its page; what another source says is. What the source that it
// came of says no longer is over, and so is what auto proposed of a page that is
// read again as it should be: the guard judges that.
func (out *judged) follow(g *judging) {
	if len(g.state.Held) == 0 {
		return
	}
	said := map[domain.RateKey][]*ledger.Stated{}
	for i := range g.stated {
		if s := &g.stated[i]; s.Price.Origin == domain.OriginPrinted {
			said[s.Key] = append(said[s.Key], s)
		}
	}
	source := g.read.read.Source
	for _, h := range g.state.Held {
		same := slices.ContainsFunc(said[h.Key], func(s *ledger.Stated) bool { return s.Price.Amount.Equal(h.New) })
		switch {
		case same && (h.Source == source || autoOf(h.Source) == source):
			out.kept[h.Key] = true
		case h.Source == source, h.Source == autoOf(source) && (!same || h.State == domain.HeldOpen):
			h.Over = g.knownAt
			if h.State == domain.HeldOpen {
				h.State, h.By, h.Decided = domain.HeldWithdrawn, h.Source, g.knownAt
			}
			out.settled = append(out.settled, h)
		case same && h.State == domain.HeldOpen:
			h = released(h, source, "", g.knownAt)
			out.kept[h.Key] = true
			out.accept, out.settled = append(out.accept, h), append(out.settled, h)
		case same:
			out.kept[h.Key] = true
		}
	}
}
