package cached

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// Standings gives what is believed now from the copies of other replicas, where
// those are what the store believes, and else from the store. What it gave is
// copied for others.
type Standings struct {
	store ports.Standings
	cache ports.Cache
	packer
	lives Lifetimes
	now   func() time.Time

	mu      sync.Mutex
	changes ports.Changes // as last heard of
	parts   map[domain.ProviderID]part
	lists   map[domain.ProviderID]list // of the copies that parts were put together from, or taken apart into
	news    chan struct{}              // of either; stays until it is taken
}

var _ ports.Standings = (*Standings)(nil)

// Config says whose copies are kept, and how.
type Config struct {
	Cache     ports.Cache
	Lifetimes Lifetimes
	Version   string // of the program
	Database  string // by its name, without secrets
	Now       func() time.Time
}

// NewStandings answers for a store. Tend has to run.
func NewStandings(store ports.Standings, c Config) *Standings {
	return &Standings{
		store: store, cache: c.Cache, packer: newPacker(c.Version, c.Database), lives: c.Lifetimes, now: c.Now,
		parts: map[domain.ProviderID]part{}, lists: map[domain.ProviderID]list{}, news: make(chan struct{}, 1),
	}
}

// Changes implements ports.Standings.
func (s *Standings) Changes(ctx context.Context) (ports.Changes, error) {
	changes, err := s.store.Changes(ctx)
	if err == nil {
		s.note(changes, nil)
	}
	return changes, err
}

// Standing implements ports.Standings. The store says what is current; copies that
// are not are left aside. All is told, whatever the caller has.
func (s *Standings) Standing(ctx context.Context, q ports.StandingQuery) (ports.Standing, error) {
	changes, err := s.store.Changes(ctx)
	if err != nil {
		return ports.Standing{}, err
	}
	providers, all := q.Of, len(q.Of) == 0
	names := changes.Names(q.Stale)
	if all {
		providers = slices.Sorted(maps.Keys(names))
	}
	parts := map[domain.ProviderID]part{}
	for _, p := range providers {
		if found, is := s.gather(ctx, p, names[p]); is {
			parts[p] = found
		}
	}
	for {
		missing := slices.DeleteFunc(slices.Clone(providers), func(p domain.ProviderID) bool { return parts[p].Name == names[p] && names[p] != "" })
		if len(missing) == 0 {
			break
		}
		old := s.whole()
		read, err := s.store.Standing(ctx, ports.StandingQuery{Of: missing, Held: editionsOf(old), At: q.At, Stale: q.Stale})
		if err != nil {
			return ports.Standing{}, err
		}
		// Those that were found before may have changed meanwhile: look again.
		changes, names = read.Changes, read.Names(q.Stale)
		maps.Copy(parts, split(read, names, old))
		if all {
			providers = slices.Sorted(maps.Keys(names))
		}
		providers = slices.DeleteFunc(providers, func(p domain.ProviderID) bool { return names[p] == "" })
	}
	s.note(changes, parts)
	return join(changes, providers, parts), nil
}

// whole are the parts that are held of which an edition tells all.
func (s *Standings) whole() map[domain.ProviderID]part {
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := maps.Clone(s.parts)
	maps.DeleteFunc(parts, func(_ domain.ProviderID, of part) bool { return of.Name != of.Edition })
	return parts
}

func editionsOf(parts map[domain.ProviderID]part) map[domain.ProviderID]string {
	editions := make(map[domain.ProviderID]string, len(parts))
	for p, of := range parts {
		editions[p] = of.Edition
	}
	return editions
}

// split gives the part of each provider that was read, with what was held of it
// where only some of it was.
func split(read ports.Standing, names map[domain.ProviderID]string, held map[domain.ProviderID]part) map[domain.ProviderID]part {
	parts := make(map[domain.ProviderID]part, len(read.Of))
	for _, p := range read.Of {
		parts[p] = part{Name: names[p], Edition: read.Providers[p], Ended: read.Ended[p]}
	}
	for _, m := range read.Models {
		of := parts[m.Provider]
		of.Models = append(of.Models, m)
		for _, r := range m.Rates {
			if other, is := read.Elsewhere[r.ID]; is {
				if of.Elsewhere == nil {
					of.Elsewhere = map[int64]time.Time{}
				}
				of.Elsewhere[r.ID] = other
			}
		}
		parts[m.Provider] = of
	}
	for p := range read.Partly {
		of := parts[p]
		of.Models = ports.Amended(held[p].Models, of.Models)
		parts[p] = of
	}
	return parts
}

// join puts parts together again.
func join(changes ports.Changes, providers []domain.ProviderID, parts map[domain.ProviderID]part) ports.Standing {
	s := ports.Standing{Changes: changes, Of: providers, Ended: map[domain.ProviderID]time.Time{}, Elsewhere: map[int64]time.Time{}}
	for _, p := range providers {
		of := parts[p]
		s.Models = append(s.Models, of.Models...)
		maps.Copy(s.Elsewhere, of.Elsewhere)
		if !of.Ended.IsZero() {
			s.Ended[p] = of.Ended
		}
	}
	slices.SortFunc(s.Models, func(a, b ports.ModelView) int {
		return cmpKeys(a.ModelKey, b.ModelKey)
	})
	return s
}

func cmpKeys(a, b domain.ModelKey) int {
	if c := strings.Compare(a.ID, b.ID); c != 0 {
		return c
	}
	return strings.Compare(string(a.Provider), string(b.Provider))
}

// gather puts a provider's part together from its copies, if every one is there
// that belongs to what has that name. Only those are asked for that are not held.
func (s *Standings) gather(ctx context.Context, p domain.ProviderID, name string) (part, bool) {
	l, is := s.list(ctx, p)
	if !is || l.Name != name || len(l.Details) != len(l.IDs) || len(l.Prices) != len(l.IDs) {
		return part{}, false
	}
	held := s.held(p)
	if len(held) == 0 { // as a whole it comes twice as fast
		if f, is := s.fallback(ctx, p); is && f.Part.Name == name {
			s.listed(p, l)
			return f.Part, true
		}
	}
	of := part{Name: l.Name, Edition: l.Edition, Ended: l.Ended, Elsewhere: l.Elsewhere, Models: make([]ports.ModelView, len(l.IDs))}
	var keys []string
	var missing []int // places in the list
	for i, id := range l.IDs {
		if model, is := held[l.sums(i)]; is { // of the same id: the sums are of that too
			of.Models[i] = *model
			continue
		}
		m := domain.ModelKey{Provider: p, ID: id}
		keys, missing = append(keys, keyDetails(m), keyPrices(m)), append(missing, i)
	}
	found := s.cache.Collect(ctx, keys)
	for n, i := range missing {
		var rates prices
		details, priced := found[2*n], found[2*n+1]
		if !has(details, l.Details[i]) || !s.unpack(keys[2*n], details, &of.Models[i].ModelVersion) ||
			!has(priced, l.Prices[i]) || !s.unpack(keys[2*n+1], priced, &rates) {
			return part{}, false
		}
		of.Models[i].Rates, of.Models[i].Held = rates.Rates, rates.Held
	}
	s.listed(p, l)
	return of, true
}

func (s *Standings) listed(p domain.ProviderID, l list) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists[p] = l
}

// held are the models that are held of a provider, by the sums of their copies.
func (s *Standings) held(p domain.ProviderID) map[[2]string]*ports.ModelView {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, l := s.parts[p], s.lists[p]
	if l.Name != of.Name {
		return nil
	}
	held := make(map[[2]string]*ports.ModelView, len(l.IDs))
	for i := range l.IDs {
		held[l.sums(i)] = &of.Models[i]
	}
	return held
}

func (l *list) sums(i int) [2]string { return [2]string{string(l.Details[i]), string(l.Prices[i])} }

// has reports whether a copy is the one that has a sum.
func has(copied, sum []byte) bool {
	return len(copied) > sumSize && string(copied[:sumSize]) == string(sum)
}

func (s *Standings) list(ctx context.Context, p domain.ProviderID) (l list, is bool) {
	is = s.unpack(keyList(p), s.cache.Get(ctx, keyList(p)), &l)
	return l, is
}

// note takes in what was heard and read, for Tend.
func (s *Standings) note(changes ports.Changes, parts map[domain.ProviderID]part) {
	s.mu.Lock()
	if changes.Version >= s.changes.Version {
		s.changes = changes
	}
	maps.Copy(s.parts, parts)
	s.mu.Unlock()
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// Tend keeps the copies complete and current until ctx ends: after every change,
// and, as often as it is asked what has changed, where some were lost.
func (s *Standings) Tend(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.news:
		}
		select { // whoever is first does it for all
		case <-ctx.Done():
			return
		case <-time.After(rand.N(spread)):
		}
		s.tend(ctx)
	}
}

// spread is the time over which replicas that hear of the same spread their work.
const spread = time.Second

func (s *Standings) tend(ctx context.Context) {
	s.mu.Lock()
	changes, parts := s.changes, maps.Clone(s.parts)
	s.mu.Unlock()
	for p, of := range parts {
		if of.Edition != changes.Providers[p] || ctx.Err() != nil { // another comes
			continue
		}
		told := tell(changes, p)
		if l, is := s.list(ctx, p); !is || l.Name != of.Name || l.Told != told {
			s.keep(ctx, p, of, changes, told)
		}
	}
}

// tell names all that a provider's fallback says besides its part.
func tell(changes ports.Changes, p domain.ProviderID) string {
	return fmt.Sprint(readsOf(changes, p), changes.Settings, slices.Sorted(maps.Keys(changes.Providers)))
}

func readsOf(changes ports.Changes, p domain.ProviderID) (reads []read) {
	for of, at := range changes.Reads {
		if of.Provider == p {
			reads = append(reads, read{of.Name, at.UTC()})
		}
	}
	slices.SortFunc(reads, func(a, b read) int { return strings.Compare(a.Source, b.Source) })
	return reads
}

// keep copies a part: taken apart, and whole. The list comes last, and lives no
// longer than what it names; so copies that are lost by their age are made again.
func (s *Standings) keep(ctx context.Context, p domain.ProviderID, of part, changes ports.Changes, told string) {
	l := list{Told: told, Name: of.Name, Edition: of.Edition, Ended: of.Ended, Elsewhere: of.Elsewhere}
	copies, whole := make([]ports.Copy, 0, 2*len(of.Models)+2), true
	add := func(key string, v any, lives time.Duration) []byte {
		packed := s.pack(key, v)
		if packed == nil {
			whole = false
			return nil
		}
		copies = append(copies, ports.Copy{Key: key, Value: packed, For: lives})
		return packed[:sumSize]
	}
	for i := range of.Models {
		m := &of.Models[i]
		l.IDs = append(l.IDs, m.ID)
		l.Details = append(l.Details, add(keyDetails(m.ModelKey), m.ModelVersion, s.lives.Models))
		l.Prices = append(l.Prices, add(keyPrices(m.ModelKey), prices{m.Rates, m.Held}, s.lives.Prices))
	}
	add(keyFallback(p), fallback{
		Part: of, At: domain.Instant(s.now()), Version: changes.Version, Providers: changes.Providers, Reads: readsOf(changes, p), Settings: changes.Settings,
	}, s.lives.Fallback)
	add(keyList(p), l, min(s.lives.Models, s.lives.Prices, s.lives.Fallback))
	if !whole { // something in it cannot be packed: then all is asked of the store
		return
	}
	s.cache.Keep(ctx, copies)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts[p].Name == l.Name {
		s.lists[p] = l
	}
}
