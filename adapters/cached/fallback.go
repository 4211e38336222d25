package cached

import (
	"context"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// Fallback gives what was believed when it was last copied, for a start while the
// store is away, and since when it may not be believed any more. The providers are
// those that are known to the program; of others the copies tell. False where a
// copy of one is missing: half a catalogue would be wrong.
func (s *Standings) Fallback(ctx context.Context, providers []domain.ProviderID) (ports.Standing, time.Time, bool) {
	copies := map[domain.ProviderID]fallback{}
	var newest fallback
	look := func(p domain.ProviderID) {
		if f, is := s.fallback(ctx, p); is {
			if copies[p] = f; f.Version >= newest.Version {
				newest = f
			}
		}
	}
	for _, p := range providers {
		look(p)
	}
	for p := range newest.Providers {
		if _, is := copies[p]; !is && !slices.Contains(providers, p) {
			look(p)
		}
	}
	changes := ports.Changes{
		Version: newest.Version, Settings: newest.Settings,
		Providers: map[domain.ProviderID]string{}, Reads: map[ports.SourceOf]time.Time{},
	}
	var (
		of    []domain.ProviderID
		since time.Time
	)
	parts := map[domain.ProviderID]part{}
	for p := range newest.Providers {
		f, is := copies[p]
		if !is {
			return ports.Standing{}, time.Time{}, false
		}
		of, parts[p], changes.Providers[p] = append(of, p), f.Part, f.Part.Edition
		for _, r := range f.Reads {
			changes.Reads[ports.SourceOf{Provider: p, Name: r.Source}] = r.At
		}
		if since.IsZero() || f.At.Before(since) {
			since = f.At
		}
	}
	return join(changes, of, parts), since, len(of) > 0
}

// fallback is a large copy, asked for once.
func (s *Standings) fallback(ctx context.Context, p domain.ProviderID) (f fallback, is bool) {
	key := keyFallback(p)
	is = s.unpack(key, s.cache.Collect(ctx, []string{key})[0], &f)
	return f, is
}
