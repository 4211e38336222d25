package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// ListModels answers GET /api/models.
func (h *handler) ListModels(ctx context.Context, params oas.ListModelsParams) (*oas.ModelPage, error) {
	query, err := h.modelQuery(ctx, params)
	if err != nil {
		return nil, err
	}
	page, err := h.cfg.Catalogue.Models(ctx, query)
	if err != nil {
		return nil, err
	}
	return encodeModelPage(page, query), nil
}

func (h *handler) modelQuery(ctx context.Context, params oas.ListModelsParams) (ports.ModelQuery, error) {
	w, err := h.walkOf(ctx, params)
	if err != nil {
		return ports.ModelQuery{}, err
	}
	query, err := filtersOf(params)
	if err != nil {
		return ports.ModelQuery{}, err
	}
	query.Sort, query.Descending = w.order.by, w.order.descending
	w.ask(&query, params.Limit)
	return query, nil
}

// filtersOf reads which models are chosen.
func filtersOf(params oas.ListModelsParams) (ports.ModelQuery, error) {
	maxInput, err := money("maxInputCost", params.MaxInputCost)
	if err != nil {
		return ports.ModelQuery{}, err
	}
	maxOutput, err := money("maxOutputCost", params.MaxOutputCost)
	if err != nil {
		return ports.ModelQuery{}, err
	}
	query := ports.ModelQuery{
		Providers:       as[domain.ProviderID](params.Provider),
		Classifications: as[domain.Class](params.Classification),
		Usabilities:     as[domain.Usability](params.Usability),
		Capabilities:    params.Capability,
		MaxInputCost:    maxInput,
		MaxOutputCost:   maxOutput,
		Text:            params.Q.Value,
	}
	if n, given := params.MinContextWindow.Get(); given {
		query.MinContextWindow = &n
	}
	return query, nil
}

// as converts words of one kind into words of another.
func as[T, F ~string](values []F) []T {
	if len(values) == 0 {
		return nil
	}
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = T(v)
	}
	return out
}

// asOf reads of when an answer is to be. Asked for no instant, it is what is
// believed now, as far as it is stored: a zero KnownAt. Whoever gives one of the
// two means an answer that can be had again, so the other is this very instant.
func (h *handler) asOf(ctx context.Context, at, known oas.OptString) (domain.AsOf, error) {
	now := domain.Instant(h.cfg.Now())
	when := domain.AsOf{At: now}
	if !at.Set && !known.Set {
		if edition := trace(ctx).edition; !edition.At.IsZero() { // in which nothing moves
			when.At = edition.At
		}
		return when, nil
	}
	var err error
	if when.At, err = instantOr("at", at, now); err != nil {
		return when, err
	}
	when.KnownAt, err = knownAt(known, now)
	return when, err
}

// walkOf reads where a listing begins, or goes on: at the instants and in the
// order in which it began. What is given again with a cursor must be what was
// given before.
func (h *handler) walkOf(ctx context.Context, params oas.ListModelsParams) (walk, error) {
	by, descending := strings.CutPrefix(string(params.Sort.Or(oas.ListModelsSortID)), "-")
	sorted := order{ports.ModelSort(by), descending}
	w, err := h.walkFrom(ctx, params.Cursor, params.At, params.KnownAt)
	switch {
	case err != nil:
		return w, err
	case w.after == nil:
		w.order = sorted
	case w.question != 0: // a ranking's
		return w, notOurs()
	case params.Sort.Set && sorted != w.order:
		return w, notAsBefore("sort")
	}
	return w, nil
}

// walkFrom reads where a walk goes on, or of which instants it begins.
func (h *handler) walkFrom(ctx context.Context, cursor, at, known oas.OptString) (walk, error) {
	w, err := decodeWalk(cursor)
	if err != nil {
		return w, err
	}
	given, err := h.asOf(ctx, at, known)
	switch {
	case err != nil:
		return w, err
	case w.after == nil:
		w.when = given
	case at.Set && !given.At.Equal(w.when.At):
		return w, notAsBefore("at")
	case known.Set && !given.KnownAt.Equal(w.when.KnownAt):
		return w, notAsBefore("knownAt")
	case w.when.At.IsZero():
		w.when = given // each page answers for its own now
	}
	return w, nil
}

func notAsBefore(name string) error {
	return invalid(wrong(name, "is not that of the first page; leave it out, the cursor has it, or leave the cursor out to start again"))
}

// GetModel answers GET /api/models/{id}.
func (h *handler) GetModel(ctx context.Context, params oas.GetModelParams) (*oas.Model, error) {
	when, err := h.asOf(ctx, params.At, params.KnownAt)
	if err != nil {
		return nil, err
	}
	model, err := h.modelAt(ctx, params.ID, params.Provider, when)
	if err != nil {
		return nil, err
	}
	return encodeModel(model), nil
}

// model finds the one model that answers to an id or alias today.
func (h *handler) model(ctx context.Context, ref string, provider oas.OptString) (ports.ModelView, error) {
	return h.modelAt(ctx, ref, provider, domain.AsOf{At: domain.Instant(h.cfg.Now())})
}

// modelAt finds the one that answered to it at an instant.
func (h *handler) modelAt(ctx context.Context, ref string, provider oas.OptString, when domain.AsOf) (ports.ModelView, error) {
	found, err := h.cfg.Catalogue.Model(ctx, domain.ProviderID(provider.Value), ref, when)
	switch {
	case err != nil:
		return ports.ModelView{}, err
	case len(found) == 1:
		return found[0], nil
	}
	name := fmt.Sprintf("%q", clip(ref))
	if provider.Value != "" {
		name += fmt.Sprintf(" of provider %q", clip(provider.Value))
	}
	if !when.KnownAt.IsZero() {
		name += " as of " + when.AttributesAt().Format(time.RFC3339Nano)
	}
	if len(found) == 0 {
		return ports.ModelView{}, domain.Errorf(domain.KindNotFound, "no model has the id or alias %s", name)
	}
	ambiguous := domain.Errorf(domain.KindAmbiguous,
		"%d models answer to %s; say which one by its id and ?provider=", len(found), name)
	for _, m := range found {
		ambiguous.Candidates = append(ambiguous.Candidates, m.ModelKey)
	}
	return ports.ModelView{}, ambiguous
}

// GetPricing answers GET /api/models/{id}/pricing.
func (h *handler) GetPricing(ctx context.Context, params oas.GetPricingParams) (*oas.Pricing, error) {
	now := domain.Instant(h.cfg.Now())
	at, err := instantOr("at", params.At, now)
	if err != nil {
		return nil, err
	}
	known, err := knownAt(params.KnownAt, now)
	if err != nil {
		return nil, err
	}
	model, err := h.model(ctx, params.ID, params.Provider)
	if err != nil {
		return nil, err
	}
	// Asked of the history, since rates may be known of a time before the model
	// itself was first seen.
	query := ports.HistoryQuery{Range: moments(at), Overlapping: true, KnownAt: known}
	if !params.At.Set && !params.KnownAt.Set { // what is believed now
		query.Now = now
	}
	rates, err := h.cfg.Catalogue.History(ctx, model.ModelKey, query)
	if err != nil {
		return nil, err
	}
	return encodePricing(model.ModelKey, domain.AsOf{At: at, KnownAt: known}, rates), nil
}

// GetPricingHistory answers GET /api/models/{id}/pricing-history.
func (h *handler) GetPricingHistory(ctx context.Context, params oas.GetPricingHistoryParams) (*oas.PricingHistory, error) {
	span, err := dateRange(params.From, params.To)
	if err != nil {
		return nil, err
	}
	known, err := knownAt(params.KnownAt, domain.Instant(h.cfg.Now()))
	if err != nil {
		return nil, err
	}
	model, err := h.model(ctx, params.ID, params.Provider)
	if err != nil {
		return nil, err
	}
	rates, err := h.cfg.Catalogue.History(ctx, model.ModelKey, ports.HistoryQuery{
		Range:       span,
		Overlapping: params.Overlapping.Value,
		KnownAt:     known,
	})
	if err != nil {
		return nil, err
	}
	return encodeHistory(model.ModelKey, known, rates), nil
}
