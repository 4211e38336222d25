package memory

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// Catalogue is what a store believes now, held here as a snapshot that is
// replaced whole: so it is answered at once, and while the store is away. It is
// computed anew from snapshot and clock whenever something scheduled begins or
// ends. What was believed at another time is asked of the store.
type Catalogue struct {
	ports.Catalogue
	store ports.Standings
	now   func() time.Time

	turn    sync.Mutex             // of those who replace the snapshot, so that none brings back an older one
	moment  atomic.Pointer[moment] // with the snapshot that it is of
	next    atomic.Pointer[moment] // made before it comes, so that nobody waits for it; nil: none
	making  sync.Mutex             // of a moment
	wanted  atomic.Int64           // the version that this process knows to be there, and could not read
	away    atomic.Int64           // since when the store has not answered, in Unix microseconds; 0: it does
	doubted chan struct{}          // see Doubt
}

var _ ports.Catalogue = (*Catalogue)(nil)

// shelves are a snapshot, by provider.
type shelves struct {
	ports.Changes
	of   map[domain.ProviderID]shelf
	read time.Time // when: what had ended by then is left out
}

// A shelf is what is believed of one provider. Its name says whether it has to be
// filled again.
type shelf struct {
	name      string
	edition   string    // see ports.StandingQuery
	ended     time.Time // when the last rate ended that is left out
	models    []ports.ModelView
	elsewhere map[int64]time.Time
}

// lookAhead is how long before a source goes stale it is asked who else states
// the same.
const lookAhead = 3 * askAgain

// NewCatalogue reads what a store believes.
func NewCatalogue(ctx context.Context, catalogue ports.Catalogue, store ports.Standings, now func() time.Time) (*Catalogue, error) {
	c := newCatalogue(catalogue, store, now)
	return c, c.refresh(ctx)
}

func newCatalogue(catalogue ports.Catalogue, store ports.Standings, now func() time.Time) *Catalogue {
	return &Catalogue{Catalogue: catalogue, store: store, now: now, doubted: make(chan struct{}, 1)}
}

// Revive gives what a store was copied to believe, while it is away itself; since
// when what it believes may be otherwise.
func Revive(catalogue ports.Catalogue, store ports.Standings, copied ports.Standing, since time.Time, now func() time.Time) *Catalogue {
	c := newCatalogue(catalogue, store, now)
	c.away.Store(since.UnixMicro())
	at := domain.Instant(now())
	c.hold(stack(&shelves{}, copied, at), at)
	return c
}

// Away is since when the store has not answered; zero: it does.
func (c *Catalogue) Away() time.Time {
	if since := c.away.Load(); since != 0 {
		return time.UnixMicro(since).UTC()
	}
	return time.Time{}
}

// Doubt says that the store did not answer somebody, so that Follow asks it whether
// it is away.
func (c *Catalogue) Doubt() {
	select {
	case c.doubted <- struct{}{}:
	default:
	}
}

// held is the snapshot; nil before there is one.
func (c *Catalogue) held() *shelves {
	if m := c.moment.Load(); m != nil {
		return m.held
	}
	return nil
}

// Reach waits until the snapshot has a version of the catalogue, of which the
// caller knows that it is there. Until it returns, what is older is answered;
// where the version cannot be had, not any more, but while the store is away.
func (c *Catalogue) Reach(ctx context.Context, version int64) error {
	if c.held().Version >= version {
		return nil
	}
	err := c.refresh(ctx)
	for err != nil {
		wanted := c.wanted.Load()
		if wanted >= version || c.wanted.CompareAndSwap(wanted, version) {
			break
		}
	}
	return err
}

// refresh reads what has changed.
func (c *Catalogue) refresh(ctx context.Context) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	err := c.read(ctx)
	switch {
	case err == nil:
		c.away.Store(0)
	case ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded):
		c.away.CompareAndSwap(0, c.now().UnixMicro())
	}
	return err
}

func (c *Catalogue) read(ctx context.Context) error {
	now := domain.Instant(c.now())
	s := c.held()
	if s == nil {
		all, err := c.store.Standing(ctx, ports.StandingQuery{At: now, Stale: now.Add(lookAhead)})
		if err == nil {
			c.hold(stack(&shelves{}, all, now), now)
		}
		return err
	}
	changes, err := c.store.Changes(ctx)
	if err != nil {
		return err
	}
	for {
		outdated := s.outdated(changes, now)
		if len(outdated) == 0 {
			break
		}
		read, err := c.store.Standing(ctx, ports.StandingQuery{Of: outdated, Held: s.editions(), At: now, Stale: now.Add(lookAhead)})
		if err != nil {
			return err
		}
		// Another provider may have changed meanwhile: look again.
		s, changes = stack(s, read, now), read.Changes
	}
	if old := c.held(); s != old || !sameReads(changes, old.Changes) {
		c.hold(&shelves{changes, s.of, now}, now)
	}
	return nil
}

// hold takes a snapshot when what is asked of it next is ready.
func (c *Catalogue) hold(s *shelves, now time.Time) {
	m := s.at(now)
	c.making.Lock()
	defer c.making.Unlock()
	c.moment.Store(m)
}

// sameReads reports whether nothing is told otherwise, given that no provider is.
func sameReads(a, b ports.Changes) bool {
	return a.Version == b.Version && a.Settings == b.Settings && maps.EqualFunc(a.Reads, b.Reads, time.Time.Equal)
}

// outdated are the providers of which something is told otherwise now.
func (s *shelves) outdated(changes ports.Changes, now time.Time) []domain.ProviderID {
	var list []domain.ProviderID
	for p, name := range changes.Names(now.Add(lookAhead)) {
		if have, known := s.of[p]; !known || have.name != name {
			list = append(list, p)
		}
	}
	return list
}

// editions are those of which a snapshot has all: what another source states of rates
// that are stale is told besides.
func (s *shelves) editions() map[domain.ProviderID]string {
	held := map[domain.ProviderID]string{}
	for p, of := range s.of {
		if of.name == of.edition {
			held[p] = of.edition
		}
	}
	return held
}

// stack puts what was read in the place of what was held of the same providers.
func stack(old *shelves, read ports.Standing, now time.Time) *shelves {
	s := &shelves{read.Changes, map[domain.ProviderID]shelf{}, now}
	maps.Copy(s.of, old.of)
	names := read.Names(now.Add(lookAhead))
	fresh := map[domain.ProviderID]shelf{}
	for _, p := range read.Of {
		fresh[p] = shelf{name: names[p], edition: read.Providers[p], ended: read.Ended[p], elsewhere: read.Elsewhere}
	}
	for _, m := range read.Models {
		of := fresh[m.Provider]
		of.models = append(of.models, m)
		fresh[m.Provider] = of
	}
	for p, of := range fresh {
		if read.Partly[p] {
			of.models = ports.Amended(old.of[p].models, of.models)
		}
		s.of[p] = of
	}
	return s
}

// Follow reads what has changed whenever it is woken, and every half minute,
// until ctx ends. While the store is away, what was last read is answered on.
func (c *Catalogue) Follow(ctx context.Context, woken <-chan struct{}, log *slog.Logger) {
	again := time.NewTicker(askAgain)
	defer again.Stop()
	c.follow(ctx, woken, again.C, log)
}

func (c *Catalogue) follow(ctx context.Context, woken <-chan struct{}, again <-chan time.Time, log *slog.Logger) {
	told := false // that the store is away
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.boundary(): // so that no reader has to
			c.cross()
			continue
		case <-woken:
		case <-again:
		case <-c.doubted:
		}
		bounded, cancel := context.WithTimeout(ctx, patience)
		err := c.refresh(bounded)
		switch {
		case err != nil && !told && ctx.Err() == nil:
			log.Warn("reading what has changed in the catalogue; until it works what was last read is answered", slog.Any("error", err))
		case err == nil && told:
			log.Info("what has changed in the catalogue can be read again")
		}
		told = err != nil
		cancel()
	}
}

// prepare is how long before something begins or ends the catalogue is made as it
// will be then.
const prepare = time.Second

// boundary tells when the next thing begins or ends, and a little before; nil where
// none is known.
func (c *Catalogue) boundary() <-chan time.Time {
	m := c.moment.Load()
	if m == nil || m.edition.Until.IsZero() {
		return nil
	}
	left := m.edition.Until.Sub(c.now())
	if next := c.next.Load(); next == nil || !next.follows(m) {
		left -= prepare
	}
	return time.After(max(left, time.Millisecond))
}

// cross makes the moment that comes next, or lets it come.
func (c *Catalogue) cross() {
	m, next := c.moment.Load(), c.next.Load()
	if next == nil || !next.follows(m) {
		c.next.Store(m.held.at(m.edition.Until))
		return
	}
	c.momentAt(c.now())
}

// Ledger lets those who write wait until what they wrote is answered.
type Ledger struct {
	ports.Ledger
	Catalogue *Catalogue
}

// Update implements ports.Ledger.
func (l Ledger) Update(ctx context.Context, provider domain.ProviderID, decide ports.Decide) (int64, error) {
	version, err := l.Ledger.Update(ctx, provider, decide)
	if err == nil {
		// Where that fails the store is asked instead, and Follow tries again.
		_ = l.Catalogue.Reach(ctx, version)
	}
	return version, err
}
