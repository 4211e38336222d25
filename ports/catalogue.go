package ports

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// ModelQuery chooses models. Several values of one field mean "or", different
// fields mean "and"; an empty field chooses all. Unknown values never pass a
// limit. Price limits look at standard, global, lowest threshold.
type ModelQuery struct {
	AsOf             domain.AsOf
	Providers        []domain.ProviderID
	Classifications  []domain.Class
	Usabilities      []domain.Usability // empty: the active ones
	Capabilities     []string           // one of them supported
	MinContextWindow *int64
	MaxInputCost     *decimal.Decimal // USD per 1M tokens
	MaxOutputCost    *decimal.Decimal // USD per 1M tokens
	Text             string           // part of id or display name, any case
	Sort             ModelSort        // zero: by id
	Descending       bool             // the other way round; what is not known stays last
	After            *domain.ModelKey // the last model of the page before
	Version          int64            // the catalogue version of the page before; 0: any
	Limit            int              // at least 1
}

// ModelSort is by what a listing is ordered. Equals are ordered by id, then
// provider. Costs are those that price limits look at.
type ModelSort string

// The orders. Only a walk by id can go on when the catalogue has changed.
const (
	SortID            ModelSort = "id"
	SortName          ModelSort = "name" // A to Z in any case
	SortInputCost     ModelSort = "inputCost"
	SortOutputCost    ModelSort = "outputCost"
	SortContextWindow ModelSort = "contextWindow"
	SortUpdatedAt     ModelSort = "updatedAt"
)

// ModelView is a model with its rates in force.
type ModelView struct {
	domain.ModelVersion
	Rates []domain.RateView   // in force at the query's instant, ordered by tier, region, threshold, meter
	Held  []domain.HeldChange // of its list prices, at the query's KnownAt: key, old, new, doubts and since; oldest first
}

// ModelPage is one page of a listing.
type ModelPage struct {
	Models  []ModelView
	Total   int // of all pages
	More    bool
	Version int64 // the catalogue version it was read at
}

// HistoryQuery chooses records of a model's rates by their effective time
// (PROPERTIES 36). A zero From or To is unbounded; both ends are inclusive.
type HistoryQuery struct {
	Range       domain.Span // To is the first instant after the range
	Overlapping bool        // those in force at some moment of the range instead of those that began in it
	KnownAt     time.Time   // zero: now
	Now         time.Time   // when staleness is judged, for what is believed now; zero: it is not
}

// Catalogue answers what is believed. Every method reads one consistent
// snapshot.
//
// What was believed at an instant that has passed is answered alike for ever:
// whoever asks for one waits until the updates that have begun, and may become
// known by it, are done. A zero KnownAt asks for what is believed now, as far as
// it is stored, and waits for nobody. What is deleted (see Retention) is no
// longer answered.
//
// What is believed now is answered with its staleness: a list rate is stale while
// no source that states it was read well for longer than the settings promise. It
// is judged at AsOf.At, or at HistoryQuery.Now.
type Catalogue interface {
	// Models lists models with their rates: KindCursorExpired where the catalogue
	// has another version than is asked for.
	Models(ctx context.Context, q ModelQuery) (ModelPage, error)
	// Model finds every model whose id, or else whose alias, is ref: none, one
	// or several (several providers sell it). An id wins over an alias.
	// provider may be empty.
	Model(ctx context.Context, provider domain.ProviderID, ref string, asOf domain.AsOf) ([]ModelView, error)
	// History gives a model's rates, past, in force and scheduled, newest
	// effective time first within a key. Unknown model: none.
	History(ctx context.Context, model domain.ModelKey, q HistoryQuery) ([]domain.RateView, error)
	// Evidence gives a statement with its page; KindNotFound where there is
	// none of that id.
	Evidence(ctx context.Context, id int64) (domain.Evidence, error)
	// Events gives events with ids above after, oldest first, at most limit.
	Events(ctx context.Context, after int64, limit int) ([]domain.Event, error)
}
