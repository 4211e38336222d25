package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Held implements ports.HeldChanges.
type Held struct{ pool *conns }

var _ ports.HeldChanges = (*Held)(nil)

// NewHeld answers from the store's database.
func NewHeld(s *Store) *Held { return &Held{pool: s.pool} }

// List implements ports.HeldChanges.
func (h *Held) List(ctx context.Context, want ports.HeldQuery) (page ports.HeldPage, err error) {
	state, of := string(want.State), cleanAll(want.Providers)
	err = transact(ctx, h.pool, snapshot, func(q *db.Queries) error {
		page = ports.HeldPage{}
		total, err := q.CountHeldChanges(ctx, state, of)
		if err != nil {
			return err
		}
		page.Total = int(total)
		rows, err := q.HeldChanges(ctx, db.HeldChangesParams{
			State: state, Providers: of, Before: number(want.Before), HowMany: int32(min(want.Limit, 1<<20)) + 1,
		})
		if err != nil {
			return err
		}
		page.More = len(rows) > want.Limit
		page.Changes = make([]domain.HeldChange, min(len(rows), want.Limit))
		for i := range page.Changes {
			if page.Changes[i], err = heldChange(rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return page, problem(err, "listing held changes")
}

// Get implements ports.HeldChanges.
func (h *Held) Get(ctx context.Context, id int64) (domain.HeldChange, error) {
	rows, err := db.New(h.pool).HeldChanges(ctx, db.HeldChangesParams{ID: pgtype.Int8{Int64: id, Valid: true}, Providers: []string{}, HowMany: 1})
	switch {
	case err != nil:
		return domain.HeldChange{}, problem(err, "reading held change %d", id)
	case len(rows) == 0:
		return domain.HeldChange{}, domain.Errorf(domain.KindNotFound, "there is no held change %d", id)
	}
	return heldChange(rows[0])
}

// Waiting implements ports.HeldChanges.
func (h *Held) Waiting(ctx context.Context, lookedBefore time.Time) ([]domain.ProviderID, error) {
	names, err := db.New(h.pool).ProvidersWithHeld(ctx, timestamp(lookedBefore))
	providers := make([]domain.ProviderID, len(names))
	for i, name := range names {
		providers[i] = domain.ProviderID(name)
	}
	return providers, problem(err, "asking whose changes are held")
}

// bearing reads the changes that a provider's next reading has to know of.
func bearing(ctx context.Context, q *db.Queries, provider domain.ProviderID, keys map[int64]domain.RateKey, quotes map[int64]sourced) ([]domain.HeldChange, error) {
	rows, err := q.BearingChanges(ctx, string(provider))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	list := make([]domain.HeldChange, len(rows))
	for i, r := range rows {
		list[i] = domain.HeldChange{
			ID: r.ID, Key: keys[r.Key], Source: r.Source, Quote: quotes[r.Quote].QuoteKey, Old: amountOf(r.OldAmount), New: amount(r.NewAmount),
			OldProof: r.OldProof.Int64, NewProof: r.NewProof.Int64, Since: instant(r.Since), NotBefore: instant(r.NotBefore),
			State: domain.HeldState(r.State), Over: instant(r.OverAt), Decided: instant(r.DecidedAt), By: r.DecidedBy, Reason: r.Reason,
			LookedAt: instant(r.LookedAt),
		}
		if err := heldLists(&list[i], r.Doubts, r.Looks); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func heldChange(r db.HeldChangesRow) (domain.HeldChange, error) {
	h := domain.HeldChange{
		ID: r.ID, Key: domain.RateKey{
			Model: domain.ModelKey{Provider: domain.ProviderID(r.Provider), ID: r.Model}, Layer: domain.LayerList,
			Tier: domain.Tier(r.Tier), Meter: domain.Meter(r.Meter), Region: domain.Region(r.Region), MinPromptTokens: r.MinPromptTokens,
		},
		Source: r.Source, Quote: domain.QuoteKey{Name: r.Name}, Old: amountOf(r.OldAmount), New: amount(r.NewAmount),
		OldProof: r.OldProof.Int64, NewProof: r.NewProof.Int64, Since: instant(r.Since), NotBefore: instant(r.NotBefore),
		State: domain.HeldState(r.State), Over: instant(r.OverAt), Decided: instant(r.DecidedAt), By: r.DecidedBy, Reason: r.Reason,
		LookedAt: instant(r.LookedAt),
	}
	return h, heldLists(&h, r.Doubts, r.Looks)
}

// heldMark is what readers are told of a held change.
func heldMark(r db.HeldAtRow, model domain.ModelKey) (domain.HeldChange, error) {
	h := domain.HeldChange{
		ID: r.ID, Key: domain.RateKey{
			Model: model, Layer: domain.Layer(r.Layer), Tier: domain.Tier(r.Tier), Meter: domain.Meter(r.Meter),
			Region: domain.Region(r.Region), MinPromptTokens: r.MinPromptTokens,
		},
		Old: amountOf(r.OldAmount), New: amount(r.NewAmount), Since: instant(r.Since), State: domain.HeldOpen,
	}
	return h, heldLists(&h, r.Doubts, []byte("[]"))
}

func heldLists(h *domain.HeldChange, doubts, looks []byte) error {
	if err := json.Unmarshal(doubts, &h.Doubts); err != nil {
		return domain.Wrap(domain.KindInternal, err, "the reasons of held change %d cannot be read", h.ID)
	}
	if err := json.Unmarshal(looks, &h.Looks); err != nil {
		return domain.Wrap(domain.KindInternal, err, "what was said of held change %d cannot be read", h.ID)
	}
	return nil
}

func amountOf(n pgtype.Numeric) *decimal.Decimal {
	if !n.Valid {
		return nil
	}
	d := amount(n)
	return &d
}

// held writes the changes that are held from now on, and what became of those
// that were.
func (w *writer) held(ctx context.Context) error {
	if err := w.settle(ctx); err != nil {
		return err
	}
	ids, err := w.reserve(ctx, "held_changes_id_seq", len(w.change.Held))
	if err != nil {
		return err
	}
	rows := make([]db.InsertHeldChangesParams, len(ids))
	for i := range w.change.Held {
		h := &w.change.Held[i]
		quote := w.book.quotes[w.quoteOf(h.Source, h.Quote)]
		h.ID, h.NewProof = ids[i], w.book.stated[quote]
		h.Doubts = slices.Clone(h.Doubts)
		for d := range h.Doubts {
			h.Doubts[d].Other = clean(h.Doubts[d].Other)
		}
		doubts, err := json.Marshal(h.Doubts)
		if err != nil {
			return err
		}
		rows[i] = db.InsertHeldChangesParams{
			ID: h.ID, Key: w.book.keys[h.Key], Source: w.book.sources[clean(h.Source)], Quote: quote, Doubts: doubts,
			OldProof: number(h.OldProof), NewProof: number(h.NewProof), Since: timestamp(h.Since), NotBefore: timestamp(h.NotBefore),
			HeldFrom: timestamp(w.knownAt), State: string(domain.HeldOpen),
		}
		if rows[i].NewAmount, err = numeric("a held amount", h.New); err != nil {
			return err
		}
		if h.Old != nil {
			if rows[i].OldAmount, err = numeric("a held amount", *h.Old); err != nil {
				return err
			}
		}
	}
	return copied(ctx, w.q.InsertHeldChanges, rows)
}

func (w *writer) settle(ctx context.Context) error {
	if len(w.change.Settled) == 0 {
		return nil
	}
	var p db.SettleHeldChangesParams
	for _, h := range w.change.Settled {
		looks := slices.Clone(h.Looks)
		for i := range looks {
			looks[i].Error = clean(looks[i].Error)
		}
		text, err := json.Marshal(looks)
		if err != nil {
			return err
		}
		if h.Looks == nil {
			text = []byte("[]")
		}
		p.Ids, p.States = append(p.Ids, h.ID), append(p.States, string(h.State))
		p.OverAt, p.DecidedAt = append(p.OverAt, timestamp(h.Over)), append(p.DecidedAt, timestamp(h.Decided))
		p.DecidedBy, p.Reasons = append(p.DecidedBy, clean(h.By)), append(p.Reasons, clean(h.Reason))
		p.LookedAt, p.Looks = append(p.LookedAt, timestamp(h.LookedAt)), append(p.Looks, text)
	}
	_, err := w.q.SettleHeldChanges(ctx, p)
	return err
}

// numbered adds to an event that tells of a change which is held from now on
// the numbers that only the store gives.
func (w *writer) numbered(e domain.Event) domain.Event {
	told, ok := e.Payload.(domain.HeldPayload)
	if !ok || told.ID != 0 {
		return e
	}
	for i := range w.change.Held {
		h := &w.change.Held[i]
		if k := h.Key; k.Model.ID == clean(e.Model) && k.Tier == told.Tier && k.Meter == told.Meter && k.Region == told.Region &&
			k.MinPromptTokens == told.MinPromptTokens && h.Source == told.Source {
			told.ID, told.EvidenceID = h.ID, h.NewProof
		}
	}
	e.Payload = told
	return e
}
