package providers

import (
	"context"
	"net/url"
	"strings"

	"ratecard/domain"
	"ratecard/ports"
)

// Keyed is a fetcher that shows a provider's key to that provider's own API,
// and to nobody else: some state their prices there too. Whatever stands
// elsewhere is fetched as it was asked for.
type Keyed struct {
	ports.Fetcher
	Providers func(context.Context) ([]domain.Provider, error)
	Key       func(env string) string // the key that a variable holds, empty for none
}

var _ ports.Fetcher = Keyed{}

// Fetch fetches; KindNoKey where the address is an API's and its key is not
// set.
func (k Keyed) Fetch(ctx context.Context, req ports.FetchRequest) (ports.Fetched, error) {
	all, err := k.Providers(ctx)
	if err != nil {
		return ports.Fetched{}, err
	}
	for _, p := range all {
		if p.API == nil || !below(req.URL, p.API.BaseURL) {
			continue
		}
		d, err := speaks(p)
		if err != nil {
			return ports.Fetched{}, err
		}
		key, err := keyOf(p, k.Key)
		if err != nil {
			return ports.Fetched{}, err
		}
		req.Header, req.Accept, req.Page = d.header(key), "application/json", false
		break
	}
	return k.Fetcher.Fetch(ctx, req)
}

// below reports whether an address stands below another at the same host.
func below(address, base string) bool {
	a, errA := url.Parse(address)
	b, errB := url.Parse(base)
	return errA == nil && errB == nil && a.User == nil && a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) &&
		strings.HasPrefix(a.Path, strings.TrimRight(b.Path, "/")+"/")
}

// keyOf is a provider's key, empty where its API is open.
func keyOf(p domain.Provider, held func(env string) string) (string, error) {
	if p.API.KeyEnv == "" {
		return "", nil
	}
	key := strings.TrimSpace(held(p.API.KeyEnv))
	if key == "" {
		return "", domain.Errorf(domain.KindNoKey, "%s: no key: %s is not set", p.ID, p.API.KeyEnv)
	}
	return key, nil
}
