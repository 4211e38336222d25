package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/db"
	"ratecard/ports"
)

// writer prepares one change, within the transaction that loaded the book. Rows
// are numbered here before they are written: so they can name each other, and
// each table is written at once. What ends is ended at once, and what is new spooled.
type writer struct {
	rows      *spool
	q         *db.Queries // of rows
	book      *book
	provider  domain.ProviderID
	change    ledger.Change
	knownAt   time.Time
	proofs    []proof        // of change.Open, by place
	arrived   []domain.Event // of what was announced and came before the change
	announced time.Time      // the newest instant of it; zero: none
}

// A proof is what a rate rests on, by number. Whoever decided on a change cannot know
// it of what is stated with it: it is numbered here.
type proof struct {
	statement int64 // 0: none
	modifier  int64 // its statement, by which the rate is derived; 0 for a printed one
}

// newWriter copies what writing fills in: the change stays decide's own, which
// may give the same one again when the transaction is run again. Its rates, which are
// many and large, are never changed.
func newWriter(tx pgx.Tx, b *book, provider domain.ProviderID, change ledger.Change) *writer {
	change.Models, change.Held = slices.Clone(change.Models), slices.Clone(change.Held)
	w := &writer{rows: newSpool(tx), book: b, provider: provider, change: change, knownAt: domain.Instant(change.KnownAt)}
	w.q = db.New(w.rows)
	w.proofs = make([]proof, len(change.Open))
	for i := range change.Open {
		w.proofs[i] = proof{change.Open[i].Evidence, change.Open[i].Modifier.Evidence}
	}
	return w
}

// prepare makes the change ready to be written.
func (w *writer) prepare(ctx context.Context, state ledger.State) (prepared, error) {
	if w.believes() && !w.knownAt.After(state.LastKnown) {
		return prepared{}, domain.Errorf(domain.KindConflict, "a change of %s would be known at %s, not after the last one at %s",
			w.provider, w.knownAt.Format(time.RFC3339Nano), state.LastKnown.Format(time.RFC3339Nano))
	}
	w.arrive(state)
	for _, part := range []func(context.Context) error{
		w.sources, w.looks, w.models, w.quotes, w.statements, w.modifiers, w.restate, w.keys, w.rates, w.listing, w.held, w.rulings, w.matches, w.unpriced, w.adjustments, w.standing,
	} {
		if err := part(ctx); err != nil {
			return prepared{}, err
		}
	}
	return w.ready(ctx)
}

// believes reports whether the change carries something that becomes known.
func (w *writer) believes() bool {
	c := w.change
	return c.Visible() || len(c.StatementsEnd)+len(c.StatementsOpen)+len(c.ModifiersEnd)+len(c.ModifiersOpen)+len(c.Rulings)+len(c.Released)+len(c.Matches)+len(c.Settled)+len(c.Adjust)+len(c.AdjustEnd) > 0
}

// reserve takes the next numbers of an identity column.
func (w *writer) reserve(ctx context.Context, sequence string, count int) ([]int64, error) {
	if count == 0 {
		return nil, nil
	}
	return w.q.Reserve(ctx, sequence, int64(count))
}

func (w *writer) models(ctx context.Context) error {
	var found []domain.Model
	var known []int64
	for i := range w.change.Models {
		m := &w.change.Models[i]
		m.Provider, m.ID = w.provider, clean(m.ID)
		if number, ok := w.book.models[m.ID]; ok {
			known = append(known, number)
		} else {
			found = append(found, *m)
		}
	}
	if err := w.newModels(ctx, found); err != nil {
		return err
	}
	if len(known) > 0 {
		if _, err := w.q.EndModelVersions(ctx, timestamp(w.knownAt), known); err != nil {
			return err
		}
	}
	return made(ctx, w.q.InsertModelVersions, len(w.change.Models), func(i int) (db.InsertModelVersionsParams, error) {
		m := w.change.Models[i]
		return modelRow(m, w.book.models[m.ID], domain.Span{From: w.knownAt})
	})
}

func (w *writer) newModels(ctx context.Context, found []domain.Model) error {
	numbers, err := w.reserve(ctx, "models_number_seq", len(found))
	if err != nil {
		return err
	}
	rows := make([]db.InsertModelsParams, len(found))
	for i, m := range found {
		if err := fits("a model's id", m.ID); err != nil {
			return err
		}
		w.book.models[m.ID] = numbers[i]
		rows[i] = db.InsertModelsParams{Number: numbers[i], Provider: string(m.Provider), ID: m.ID, DiscoveredAt: timestamp(w.knownAt)}
	}
	return copied(ctx, w.q.InsertModels, rows)
}

// keys numbers the keys of the opened rates and of the held changes that have
// no number yet.
func (w *writer) keys(ctx context.Context) error {
	rates, held := w.change.Open, w.change.Held
	for i := range held {
		held[i].Key = w.key(held[i].Key)
	}
	at := func(place int) domain.RateKey {
		if place < len(rates) {
			return w.key(rates[place].RateKey)
		}
		return held[place-len(rates)].Key
	}
	var found []int32 // places: the keys themselves are large
	for place := range len(rates) + len(held) {
		key := at(place)
		if _, ok := w.book.keys[key]; !ok {
			w.book.keys[key] = 0 // until it is reserved below
			found = append(found, int32(place))
		}
	}
	numbers, err := w.reserve(ctx, "rate_keys_number_seq", len(found))
	if err != nil {
		return err
	}
	return made(ctx, w.q.InsertRateKeys, len(found), func(i int) (db.InsertRateKeysParams, error) {
		key := at(int(found[i]))
		model, ok := w.book.models[key.Model.ID]
		if !ok {
			return db.InsertRateKeysParams{}, domain.Errorf(domain.KindInvalid, "a rate of %s, which is no known model", key.Model)
		}
		w.book.keys[key] = numbers[i]
		return rateKeyRow(key, numbers[i], model), nil
	})
}

// key gives the key of one of the provider's rates as it is stored.
func (w *writer) key(k domain.RateKey) domain.RateKey {
	k.Model.Provider = w.provider
	return cleanKey(k)
}

func (w *writer) rates(ctx context.Context) error {
	if err := w.supersede(ctx); err != nil {
		return err
	}
	ids, err := w.reserve(ctx, "rates_id_seq", len(w.change.Open))
	if err != nil {
		return err
	}
	return made(ctx, w.q.InsertRates, len(ids), func(i int) (db.InsertRatesParams, error) {
		r, rests := &w.change.Open[i], &w.proofs[i]
		quote := w.book.quotes[w.quoteOf(r.Source, r.Quote)]
		if rests.statement == 0 {
			rests.statement = w.book.stated[quote]
		}
		if rests.modifier == 0 {
			rests.modifier = w.derivedBy(r)
		}
		return rateRow(r, ids[i], w.book.keys[w.key(r.RateKey)], quote, *rests, w.knownAt)
	})
}

func (w *writer) supersede(ctx context.Context) error {
	if len(w.change.Supersede) == 0 {
		return nil
	}
	ids := make([]int64, len(w.change.Supersede))
	for i, r := range w.change.Supersede {
		if !w.book.believed[r.ID] {
			return domain.Errorf(domain.KindConflict, "rate %d of %s is not believed, or not twice", r.ID, r.Model)
		}
		delete(w.book.believed, r.ID)
		ids[i] = r.ID
	}
	_, err := w.q.SupersedeRates(ctx, timestamp(w.knownAt), ids)
	return err
}

// listing notes which rates their source lists no longer, or again.
func (w *writer) listing(ctx context.Context) error {
	relisted, err := w.numbersOf(w.change.Relisted)
	if err != nil {
		return err
	}
	if len(relisted) > 0 {
		if _, err := w.q.EndUnlisted(ctx, timestamp(w.knownAt), relisted); err != nil {
			return err
		}
	}
	unlisted, err := w.numbersOf(w.change.Unlisted)
	if err != nil {
		return err
	}
	rows := make([]db.InsertUnlistedParams, len(unlisted))
	for i, key := range unlisted {
		rows[i] = db.InsertUnlistedParams{Key: key, Unlisted: timeRange(domain.Span{From: w.knownAt})}
	}
	return copied(ctx, w.q.InsertUnlisted, rows)
}

func (w *writer) numbersOf(keys []domain.RateKey) ([]int64, error) {
	numbers := make([]int64, len(keys))
	for i, k := range keys {
		number, ok := w.book.keys[w.key(k)]
		if !ok {
			return nil, domain.Errorf(domain.KindInvalid, "%s has no rate of tier %s, meter %s, region %s from %d tokens",
				k.Model, k.Tier, k.Meter, k.Region, k.MinPromptTokens)
		}
		numbers[i] = number
	}
	return numbers, nil
}

// standing keeps what the provider's next update has to know.
func (w *writer) standing(ctx context.Context) error {
	if w.believes() {
		err := w.q.SaveLastKnown(ctx, db.SaveLastKnownParams{
			Provider: string(w.provider), LastKnown: timestamp(w.knownAt), AnnouncedUntil: timestamp(w.announced),
		})
		if err != nil {
			return err
		}
	}
	if w.change.Imported != nil {
		if err := w.q.SaveImported(ctx, string(w.provider), timestamps(w.change.Imported)); err != nil {
			return err
		}
	}
	if list := w.change.List; list != nil {
		return w.q.SaveListState(ctx, db.SaveListStateParams{
			Provider: string(w.provider), LastComplete: timestamp(list.LastComplete), KeyFingerprint: clean(list.KeyFingerprint),
			DoubtedSince: timestamp(list.DoubtedSince), DoubtedDigest: clean(list.DoubtedDigest),
		})
	}
	return nil
}

// ready is the change as it is written.
func (w *writer) ready(ctx context.Context) (prepared, error) {
	p := prepared{rows: w.rows, provider: w.provider, visible: w.change.Visible()}
	if !p.visible && len(w.change.Events) == 0 && !w.freshens() {
		return p, nil
	}
	p.news = newSpool(w.rows.Tx)
	if p.visible {
		p.touched = w.touched()
	}
	q := db.New(p.news)
	// What came by itself is nobody's doing.
	if err := logEvents(ports.Unasked(ctx), q, w.arrived); err != nil {
		return p, err
	}
	proofs := provenBy(w.change.Open, func(rate int) int64 { return w.proofs[rate].statement })
	return p, logMade(ctx, q, len(w.change.Events), func(i int) domain.Event {
		return w.numbered(proofs.prove(w.change.Events[i]))
	})
}

// touched are the models of which readers see something else; nil where it may be any:
// many rates may be derived by a modifier that ended.
func (w *writer) touched() []int64 {
	c := w.change
	if len(c.ModifiersEnd) > 0 {
		return nil
	}
	numbers := make([]int64, 0, len(c.Models)+len(c.Open))
	add := func(model string) { numbers = append(numbers, w.book.models[clean(model)]) }
	for _, m := range c.Models {
		add(m.ID)
	}
	for _, rates := range [][]domain.Rate{c.Supersede, c.Open} {
		for _, r := range rates {
			add(r.Model.ID)
		}
	}
	for _, keys := range [][]domain.RateKey{c.Unlisted, c.Relisted} {
		for _, k := range keys {
			add(k.Model.ID)
		}
	}
	for _, held := range [][]domain.HeldChange{c.Held, c.Settled} {
		for _, h := range held {
			add(h.Key.Model.ID)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// freshens reports whether a source was read well that was announced as stale.
func (w *writer) freshens() bool {
	return slices.ContainsFunc(w.change.Reads, func(r domain.SourceRead) bool { return r.Good && w.book.stale[clean(r.Source)] })
}
