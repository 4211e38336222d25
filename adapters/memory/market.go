package memory

import (
	"context"
	"sync"

	"ratecard/domain"
	"ratecard/domain/cost"
	"ratecard/ports"
)

// Market is a store's, of which what models cost now is answered from what is held.
type Market struct {
	ports.Market
	Catalogue *Catalogue
}

// Offers implements ports.Market.
func (o Market) Offers(ctx context.Context, q ports.OfferQuery) (ports.Offers, error) {
	m, err := o.Catalogue.momentOf(q.ModelQuery)
	switch {
	case err != nil:
		return ports.Offers{}, err
	case m == nil:
		return o.Market.Offers(ctx, q)
	}
	wanted, priced := filterOf(q.ModelQuery), m.pricedIn(q.Tier, q.Region)
	answer := ports.Offers{Version: m.held.Version, Models: make([]*ports.ModelView, 0, len(m.list)), Priced: make([]cost.Offer, 0, len(m.list))}
	for i := range m.list {
		if wanted.takes(&m.list[i]) {
			answer.Models = append(answer.Models, m.list[i].ModelView)
			answer.Priced = append(answer.Priced, priced[i])
		}
	}
	return answer, nil
}

// A counter is where something is bought.
type counter struct {
	tier   domain.Tier
	region domain.Region
}

// laid are the models of a moment as they are priced, by where they are bought:
// laid out when somebody asks for the first time.
type laid struct {
	mu      sync.Mutex
	at      map[counter]func() []cost.Offer
	regions map[domain.Region]bool // that some rate is stated for
}

// pricedIn lays all models of a moment out to be priced in a tier and region. A
// region that no rate names has the prices of everywhere: so there are few.
func (m *moment) pricedIn(tier domain.Tier, region domain.Region) []cost.Offer {
	l := &m.laid
	l.mu.Lock()
	if l.at == nil {
		l.at, l.regions = map[counter]func() []cost.Offer{}, m.regions()
	}
	if !l.regions[region] {
		region = domain.RegionGlobal
	}
	where := counter{tier, region}
	if l.at[where] == nil {
		l.at[where] = sync.OnceValue(func() []cost.Offer {
			offers := make([]cost.Offer, len(m.list))
			for i := range m.list {
				offers[i] = ports.OfferOf(m.list[i].ModelView, tier, region)
			}
			return offers
		})
	}
	lay := l.at[where]
	l.mu.Unlock()
	return lay()
}

func (m *moment) regions() map[domain.Region]bool {
	named := map[domain.Region]bool{}
	for i := range m.list {
		for j := range m.list[i].Rates {
			named[m.list[i].Rates[j].Region] = true
		}
	}
	return named
}
