package porttest

import (
	"context"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// Present tests what ports.Catalogue promises of what is believed now. Questions
// are of noon and later.
func Present(t *testing.T, open func(testing.TB) Books) {
	run(t, func(tb testing.TB) Books {
		b := open(tb)
		b.Catalogue = present{b.Catalogue}
		return b
	}, map[string]func(*testing.T, Books){
		"models come with their rates in force":       modelsWithRates,
		"filters of one field mean or, several and":   filters,
		"price limits look at the plain price":        priceLimits,
		"pages hold every model once, in order":       pages,
		"every order, and back":                       orders,
		"an order ends with the version":              ordersExpire,
		"a model is found by id, or else by alias":    findsModels,
		"every layer of a rate is answered":           layers,
		"a listing while it changes loses no model":   listingWhileItChanges,
		"an unknown model has neither rates nor past": unknownModel,
	})
}

// present asks for what is believed now, whatever it is asked for.
type present struct{ ports.Catalogue }

func (p present) Models(ctx context.Context, q ports.ModelQuery) (ports.ModelPage, error) {
	q.AsOf.KnownAt = time.Time{}
	return p.Catalogue.Models(ctx, q)
}

func (p present) Model(ctx context.Context, provider domain.ProviderID, ref string, asOf domain.AsOf) ([]ports.ModelView, error) {
	asOf.KnownAt = time.Time{}
	return p.Catalogue.Model(ctx, provider, ref, asOf)
}
