package cached

import (
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// Lifetimes are for how long copies are kept.
type Lifetimes struct {
	Models   time.Duration // of a provider's list of models, and of each model
	Prices   time.Duration // of each model's rates
	Fallback time.Duration // of what is answered while the store is away
}

// The keys. A list is of the models of one provider, by their ids.
const (
	keyStatus      = "sync:status"
	keyKeys        = "keys:fallback"
	statusLifetime = 5 * time.Minute
)

func keyList(p domain.ProviderID) string     { return "model:" + string(p) + ":list" }
func keyFallback(p domain.ProviderID) string { return "pricing:" + string(p) + ":fallback" }
func keyDetails(m domain.ModelKey) string {
	return "model:" + string(m.Provider) + ":" + m.ID + ":details"
}
func keyPrices(m domain.ModelKey) string { return "pricing:" + string(m.Provider) + ":" + m.ID }

// A part is what is believed now of one provider.
type part struct {
	Name      string // see ports.Changes.Names
	Edition   string // see ports.Changes.Providers
	Models    []ports.ModelView
	Ended     time.Time           // see ports.Standing
	Elsewhere map[int64]time.Time // see ports.Standing
}

// A list names the copies that a part was taken apart into.
type list struct {
	Told      string // all that a fallback says besides
	Name      string
	Edition   string
	Ended     time.Time
	Elsewhere map[int64]time.Time
	IDs       []string
	Details   [][]byte // the sums of the copies, by id
	Prices    [][]byte
}

// Prices are the rates of a model.
type prices struct {
	Rates []domain.RateView
	Held  []domain.HeldChange
}

// A fallback is a part with all that is needed to answer from it alone.
type fallback struct {
	Part      part
	At        time.Time // when the store said so
	Version   int64
	Providers map[domain.ProviderID]string // all there are
	Reads     []read                       // of the provider's sources
	Settings  domain.Settings
}

type read struct {
	Source string
	At     time.Time
}
