package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/domain/match"
	"ratecard/ports"
)

// askAgain is how long after they were asked the other sources of a held
// change are asked again.
const askAgain = time.Hour

// Recheck asks other sources about changes that are held.
type Recheck struct {
	sync *Sync
	held ports.HeldChanges
}

// NewRecheck makes a Recheck that reads as a sync does.
func NewRecheck(sync *Sync, held ports.HeldChanges) *Recheck { return &Recheck{sync, held} }

// Due gives the providers whose other sources are to be asked: those with a
// change that is held, of which nobody else was asked within the hour. None
// while syncs are paused.
func (r *Recheck) Due(ctx context.Context) ([]domain.ProviderID, error) {
	settings, err := r.sync.Settings.Settings(ctx)
	if err != nil || settings.Paused {
		return nil, err
	}
	return r.held.Waiting(ctx, r.sync.now().Add(-askAgain))
}

// Run reads the sources of a provider that did not themselves make all of its
// held changes, in their order. A source that states what another one's held
// change says releases it; one that states anything else leaves it held, and
// that is noted. Nothing else changes but what those sources are known to state. A
// provider without held changes is not asked.
func (r *Recheck) Run(ctx context.Context, provider domain.Provider) error {
	waiting, err := r.held.List(ctx, ports.HeldQuery{State: domain.HeldOpen, Providers: []domain.ProviderID{provider.ID}, Limit: 1 << 16})
	if err != nil || len(waiting.Changes) == 0 {
		return err
	}
	config, err := r.sync.Configs.Active(ctx, provider.ID)
	if err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, r.sync.Timeout)
	defer cancel()
	var asked []otherRead
	sites := newVisit(r.sync.Fetcher)
	for _, source := range config.Scraping.Sources {
		other := func(h domain.HeldChange) bool { return !samePage(h.Source, source.Name) }
		if _, refused := sites.refusedBy(source.URL); refused || !slices.ContainsFunc(waiting.Changes, other) || asking.Err() != nil {
			continue
		}
		read := otherRead{read: domain.SourceRead{Source: source.Name, ConfigVersion: config.Version, At: r.sync.now()}}
		reading, _, err := r.sync.readSource(asking, sites, provider.ID, source, &read.read)
		if domain.KindOf(err) == domain.KindNoKey {
			continue
		}
		if read.read.Good = err == nil; read.read.Good {
			read.reading = reading
		} else {
			read.read.Error, read.read.Failure, read.read.Seen = err.Error(), failure(err), domain.SeenIn(err)
		}
		asked = append(asked, read)
	}
	storing, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer cancel()
	var confirmed []domain.HeldChange
	_, err = r.sync.Ledger.Update(storing, provider.ID, func(state ledger.State) (ledger.Change, error) {
		change := confirm(state, provider.ID, asked, knownAt(state, r.sync.now()))
		confirmed = change.Settled
		return change, nil
	})
	for _, h := range confirmed {
		r.sync.Log.InfoContext(ctx, "a held change was looked at", "provider", string(provider.ID), "model", h.Key.Model.ID,
			"meter", string(h.Key.Meter), "new", h.New.String(), "state", string(h.State), "by", h.By)
	}
	return errors.Join(err, ctx.Err())
}

// otherRead is what another source said, or why it could not be read.
type otherRead struct {
	reading domain.Reading
	read    domain.SourceRead
}

// confirm decides what other sources change about what is held. It is pure.
func confirm(state ledger.State, provider domain.ProviderID, asked []otherRead, at time.Time) ledger.Change {
	change := ledger.Change{KnownAt: at}
	held := map[int64]domain.HeldChange{}
	for _, h := range state.Held {
		if h.State == domain.HeldOpen {
			h.LookedAt, h.Looks = at, nil
			held[h.ID] = h
		}
	}
	reads := state.LastReads
	for _, other := range asked {
		change.Looks = append(change.Looks, other.read)
		var said map[domain.RateKey]ledger.Stated
		if other.read.Good && other.read.At.After(reads[other.read.Source]) {
			said = saidBy(state, provider, other)
			end, begin := ledger.DiffStatements(state.Statements, ledger.Said{
				Provider: provider, Source: other.read.Source, Quotes: other.reading.Quotes,
				PageID: other.read.PageID, ConfigVersion: other.read.ConfigVersion, At: other.read.At,
			})
			change.StatementsEnd, change.StatementsOpen = append(change.StatementsEnd, end...), append(change.StatementsOpen, begin...)
		}
		for id, h := range held {
			if samePage(h.Source, other.read.Source) || h.State != domain.HeldOpen {
				continue
			}
			held[id] = heard(h, other, said, at)
		}
	}
	var believe []domain.HeldChange
	accepted := map[domain.RateKey]bool{}
	for _, was := range state.Held { // in their order
		h, open := held[was.ID]
		if !open {
			continue
		}
		if h.State == domain.HeldReleased && !accepted[h.Key] {
			accepted[h.Key] = true
			believe = append(believe, h)
		}
		change.Settled = append(change.Settled, h)
	}
	accept(state, believe, &change)
	change.Events = append(change.Events, heldEvents(change)...)
	change.Events = append(change.Events, readEvents(provider, change.Looks, at)...)
	return change
}

// saidBy gives what another source prints of the models, by key.
func saidBy(state ledger.State, provider domain.ProviderID, other otherRead) map[domain.RateKey]ledger.Stated {
	models := make([]domain.Model, len(state.Models))
	for i := range state.Models {
		models[i] = state.Models[i].Model
	}
	pairs := match.AssignRuled(models, pageOf(other.reading), state.Rulings)
	said := map[domain.RateKey]ledger.Stated{}
	for _, s := range statedBy(provider, other.read.Source, pairs, other.reading) {
		over := !s.Quote.Until.IsZero() && !s.Quote.Until.End().After(other.read.At)
		if _, twice := said[s.Key]; s.Price.Origin == domain.OriginPrinted && !over && (!twice || s.Quote.From.IsZero()) {
			said[s.Key] = s
		}
	}
	return said
}

// heard notes what another source says of a held change, and releases it where
// that is the same.
func heard(h domain.HeldChange, other otherRead, said map[domain.RateKey]ledger.Stated, at time.Time) domain.HeldChange {
	look := domain.Look{Source: other.read.Source, Error: other.read.Error}
	if s, states := said[h.Key]; states {
		look.Amount = s.Price.Amount.String()
		if s.Price.Amount.Equal(h.New) {
			h = released(h, other.read.Source, "", at)
		}
	}
	h.Looks = append(slices.Clone(h.Looks), look)
	return h
}
