package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Catalogue implements ports.Catalogue.
type Catalogue struct {
	pool   *conns
	bodies *bodies
}

var _ ports.Catalogue = (*Catalogue)(nil)

// NewCatalogue reads the catalogue from the store's database.
func NewCatalogue(s *Store) *Catalogue { return &Catalogue{pool: s.pool, bodies: newBodies()} }

// Models implements ports.Catalogue.
func (c *Catalogue) Models(ctx context.Context, q ports.ModelQuery) (ports.ModelPage, error) {
	params, err := choice(q)
	if err != nil {
		return ports.ModelPage{}, err
	}
	if err := c.settle(ctx, "", q.AsOf.KnownAt); err != nil {
		return ports.ModelPage{}, problem(err, "listing models")
	}
	var page ports.ModelPage
	err = transact(ctx, c.pool, snapshot, func(q2 *db.Queries) error {
		page = ports.ModelPage{}
		var err error
		if page.Version, err = q2.CatalogueVersion(ctx); err != nil {
			return err
		}
		if q.Version != 0 && q.Version != page.Version {
			return final{domain.Errorf(domain.KindCursorExpired, "the catalogue has changed since the page before; start again without the cursor")}
		}
		chosen, err := q2.ChooseModels(ctx, params)
		if err != nil {
			return err
		}
		page.Total, page.More = int(chosen.Total), len(chosen.Page) > q.Limit
		page.Models, err = listed(ctx, q2, chosen.Page[:min(len(chosen.Page), q.Limit)], q.AsOf)
		return err
	})
	return page, problem(err, "listing models")
}

// settle waits until nothing is being written any more that may become known
// by an instant: what is read after it is answered alike for ever. It comes
// before the snapshot, which would not see what was waited for.
func (c *Catalogue) settle(ctx context.Context, provider domain.ProviderID, known time.Time) error {
	if known.IsZero() {
		return nil
	}
	return alone(ctx, c.pool, func(q *db.Queries) error {
		return q.AwaitUpdates(ctx, db.AwaitUpdatesParams{Space: ledgerLocks, Provider: string(clean(provider)), KnownAt: timestamp(known)})
	})
}

// knownAt is an instant at which something was believed. What is believed now
// is believed until further notice: so it is what will be believed in the end.
func knownAt(t time.Time) pgtype.Timestamptz {
	if t.IsZero() {
		t = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return timestamp(t)
}

// choice turns a query into the parameters of ChooseModels, which asks for one
// model more than the page holds, to know whether there are more.
func choice(q ports.ModelQuery) (db.ChooseModelsParams, error) {
	if q.Limit < 1 {
		return db.ChooseModelsParams{}, domain.Errorf(domain.KindInvalid, "a page holds at least 1 model, not %d", q.Limit)
	}
	usabilities := q.Usabilities
	if len(usabilities) == 0 {
		usabilities = []domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview}
	}
	p := db.ChooseModelsParams{
		HowMany:          int64(q.Limit) + 1,
		AttributesAt:     timestamp(q.AsOf.AttributesAt()),
		Providers:        cleanAll(q.Providers),
		Usabilities:      cleanAll(usabilities),
		Classes:          cleanAll(q.Classifications),
		MinContextWindow: numberOf(q.MinContextWindow),
		Text:             clean(q.Text),
		At:               timestamp(q.AsOf.At),
		KnownAt:          knownAt(q.AsOf.KnownAt),
		Sort:             string(cmp.Or(q.Sort, ports.SortID)),
		Descending:       q.Descending,
	}
	if q.After != nil {
		p.AfterID = pgtype.Text{String: clean(q.After.ID), Valid: true}
		p.AfterProvider = string(clean(q.After.Provider))
	}
	var err error
	p.Capabilities = make([][]byte, len(q.Capabilities))
	for i, c := range q.Capabilities {
		if p.Capabilities[i], err = capabilityList([]domain.Capability{{Type: c, Supported: true}}); err != nil {
			return p, err
		}
	}
	if p.MaxInputCost, err = limit("the limit of input cost", q.MaxInputCost); err != nil {
		return p, err
	}
	p.MaxOutputCost, err = limit("the limit of output cost", q.MaxOutputCost)
	return p, err
}

func limit(what string, d *decimal.Decimal) (pgtype.Numeric, error) {
	if d == nil {
		return pgtype.Numeric{}, nil
	}
	return numeric(what, *d)
}

// Model implements ports.Catalogue.
func (c *Catalogue) Model(ctx context.Context, provider domain.ProviderID, ref string, asOf domain.AsOf) ([]ports.ModelView, error) {
	if err := c.settle(ctx, provider, asOf.KnownAt); err != nil {
		return nil, problem(err, "looking up model %q", ref)
	}
	var found []ports.ModelView
	err := transact(ctx, c.pool, oneModel, func(q *db.Queries) error {
		rows, err := q.FindModels(ctx, db.FindModelsParams{
			AttributesAt: timestamp(asOf.AttributesAt()), Ref: clean(ref), Provider: string(clean(provider)),
		})
		if err != nil {
			return err
		}
		versions := make([]db.ModelVersionsAtRow, len(rows))
		for i := range rows {
			versions[i] = db.ModelVersionsAtRow(rows[i])
		}
		found, err = views(ctx, q, versions, asOf)
		return err
	})
	return found, problem(err, "looking up model %q", ref)
}

// listed gives the models of these numbers with their rates in force, in the
// same order.
func listed(ctx context.Context, q *db.Queries, numbers []int64, asOf domain.AsOf) ([]ports.ModelView, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	versions, err := q.ModelVersionsAt(ctx, timestamp(asOf.AttributesAt()), numbers)
	if err != nil {
		return nil, err
	}
	place := make(map[int64]int, len(numbers))
	for i, n := range numbers {
		place[n] = i
	}
	slices.SortFunc(versions, func(a, b db.ModelVersionsAtRow) int { return cmp.Compare(place[a.Number], place[b.Number]) })
	return views(ctx, q, versions, asOf)
}

// views gives models their rates in force, in a fixed number of queries.
func views(ctx context.Context, q *db.Queries, versions []db.ModelVersionsAtRow, asOf domain.AsOf) ([]ports.ModelView, error) {
	if len(versions) == 0 {
		return nil, nil
	}
	b, err := bare(versions)
	if err != nil {
		return nil, err
	}
	rates, err := ratesInForce(ctx, q, db.RatesInForceParams{Models: b.numbers, At: timestamp(asOf.At), KnownAt: knownAt(asOf.KnownAt)})
	if err != nil {
		return nil, err
	}
	if err := b.price(ctx, q, rates, asOf.KnownAt); err != nil || !asOf.KnownAt.IsZero() {
		return b.list, err
	}
	return b.list, markStale(ctx, q, ratesOf(b.list), asOf.At)
}

// bareModels are models on the way to their rates.
type bareModels struct {
	list    []ports.ModelView
	numbers []int64
	place   map[int64]int // in list, by number
}

func bare(versions []db.ModelVersionsAtRow) (bareModels, error) {
	b := bareModels{make([]ports.ModelView, len(versions)), make([]int64, len(versions)), make(map[int64]int, len(versions))}
	for i, r := range versions {
		var err error
		if b.list[i].ModelVersion, err = modelVersion(r); err != nil {
			return b, err
		}
		b.numbers[i], b.place[r.Number] = r.Number, i
	}
	return b, nil
}

// price gives the models these rates, with what they rest on and what is held of
// them.
func (b bareModels) price(ctx context.Context, q *db.Queries, rates []*db.RatesInForceRow, known time.Time) error {
	proofs, err := proofsOfRows(ctx, q, rates)
	if err != nil {
		return err
	}
	for _, of := range byModel(rates, b.place) {
		model := &b.list[b.place[of[0].Model]]
		model.Rates = make([]domain.RateView, len(of))
		for i, r := range of {
			model.Rates[i] = rateView(r, model.ModelKey, proofs)
		}
	}
	return heldOf(ctx, q, b.numbers, known, b.list, b.place)
}

func ratesOf(models []ports.ModelView) []*domain.RateView {
	var rates []*domain.RateView
	for i := range models {
		for j := range models[i].Rates {
			rates = append(rates, &models[i].Rates[j])
		}
	}
	return rates
}

// heldOf adds to models what was held of their prices.
func heldOf(ctx context.Context, q *db.Queries, numbers []int64, known time.Time, list []ports.ModelView, place map[int64]int) error {
	held, err := q.HeldAt(ctx, numbers, knownAt(known))
	for _, r := range held {
		model := &list[place[r.Model]]
		h, err := heldMark(r, model.ModelKey)
		if err != nil {
			return err
		}
		model.Held = append(model.Held, h)
		markHeld(model.Rates, h)
	}
	return err
}

// markHeld tells of a held change beside the rates that it would replace.
func markHeld(rates []domain.RateView, h domain.HeldChange) {
	for i := range rates {
		if r := &rates[i]; r.RateKey == h.Key && (r.Effective.Open() || r.Effective.To.After(h.Since)) {
			r.Held = &h
		}
	}
}

// byModel gives each model that has any its rates, as ports.ModelView orders
// them.
func byModel(rates []*db.RatesInForceRow, models map[int64]int) [][]*db.RatesInForceRow {
	of := make([][]*db.RatesInForceRow, len(models))
	for _, r := range rates {
		i := models[r.Model]
		of[i] = append(of[i], r)
	}
	for _, some := range of {
		slices.SortFunc(some, inOrder)
	}
	return slices.DeleteFunc(of, func(some []*db.RatesInForceRow) bool { return len(some) == 0 })
}

func inOrder(a, b *db.RatesInForceRow) int {
	return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Region, b.Region), cmp.Compare(a.MinPromptTokens, b.MinPromptTokens),
		cmp.Compare(a.Meter, b.Meter), cmp.Compare(a.Layer, b.Layer))
}

// manyModels is from how many models on their rates are found faster by the
// instants than by the models.
const manyModels = 100

// ratesInForce gives rows where the queries have put them: they are large, and
// there are many.
func ratesInForce(ctx context.Context, q *db.Queries, asked db.RatesInForceParams) ([]*db.RatesInForceRow, error) {
	if len(asked.Models) < manyModels {
		found, err := q.RatesInForce(ctx, asked)
		rows := make([]*db.RatesInForceRow, len(found))
		for i := range found {
			rows[i] = &found[i]
		}
		return rows, err
	}
	if err := q.PlanForMany(ctx); err != nil {
		return nil, err
	}
	found, err := q.RatesInForceOfMany(ctx, db.RatesInForceOfManyParams(asked))
	rows := make([]*db.RatesInForceRow, len(found))
	for i := range found {
		rows[i] = (*db.RatesInForceRow)(&found[i])
	}
	return rows, err
}

// History implements ports.Catalogue.
func (c *Catalogue) History(ctx context.Context, model domain.ModelKey, h ports.HistoryQuery) ([]domain.RateView, error) {
	if h.Range.Empty() {
		return nil, nil
	}
	if err := c.settle(ctx, model.Provider, h.KnownAt); err != nil {
		return nil, problem(err, "reading the history of %s", model)
	}
	var list []domain.RateView
	err := transact(ctx, c.pool, oneModel, func(q *db.Queries) error {
		found, err := q.RateHistory(ctx, db.RateHistoryParams{
			Provider: string(clean(model.Provider)), ID: clean(model.ID), KnownAt: knownAt(h.KnownAt),
			Overlapping: h.Overlapping, First: timestamp(h.Range.From), Until: timestamp(h.Range.To),
		})
		if err != nil {
			return err
		}
		rows := make([]*db.RatesInForceRow, len(found))
		for i := range found {
			rows[i] = (*db.RatesInForceRow)(&found[i])
		}
		proofs, err := proofsOfRows(ctx, q, rows)
		list = make([]domain.RateView, len(rows))
		for i, r := range rows {
			list[i] = rateView(r, model, proofs)
		}
		if err != nil || len(rows) == 0 {
			return err
		}
		held, err := q.HeldAt(ctx, []int64{rows[0].Model}, knownAt(h.KnownAt))
		for _, r := range held {
			mark, err := heldMark(r, model)
			if err != nil {
				return err
			}
			markHeld(list, mark)
		}
		if err != nil || h.Now.IsZero() {
			return err
		}
		one := []ports.ModelView{{Rates: list}}
		return markStale(ctx, q, ratesOf(one), h.Now)
	})
	if err != nil {
		return nil, problem(err, "reading the history of %s", model)
	}
	return list, nil
}

// Evidence implements ports.Catalogue.
func (c *Catalogue) Evidence(ctx context.Context, id int64) (domain.Evidence, error) {
	var e domain.Evidence
	err := transact(ctx, c.pool, snapshot, func(q *db.Queries) error {
		r, err := q.Statement(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Errorf(domain.KindNotFound, "there is no evidence %d", id)
		}
		if err != nil {
			return err
		}
		e.Statement = evidenceStatement(r)
		if e.Modifiers, err = modifiersOf(ctx, q, id); err != nil {
			return err
		}
		if !r.Page.Valid {
			return nil
		}
		e.Page, err = pageByID(ctx, q, c.bodies, r.Page.Int64)
		return err
	})
	if err != nil {
		return domain.Evidence{}, problem(err, "reading evidence %d", id)
	}
	return e, nil
}

// Events implements ports.Catalogue.
func (c *Catalogue) Events(ctx context.Context, after int64, limit int) ([]domain.Event, error) {
	var list []domain.Event
	err := transact(ctx, c.pool, snapshot, func(q *db.Queries) error {
		rows, err := q.ListEvents(ctx, after, int32(min(max(limit, 0), 1<<20)))
		list = eventsOf(rows)
		return err
	})
	return list, problem(err, "reading events")
}
