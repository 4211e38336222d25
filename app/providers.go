package app

import (
	"context"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// ProvidersConfig is what knowing and changing providers needs.
type ProvidersConfig struct {
	Own  []domain.Provider // as this release and the operator's files describe them
	Kept ports.Providers   // what administrators say of them
	// Parse reads and checks a provider file; KindInvalid names every field that
	// cannot be, by its path.
	Parse   func([]byte) (domain.Provider, error)
	Configs ports.Configs
	Pages   ports.Pages
	Reader  ports.Explainer
	// KeyHeld reports whether the environment holds a key in a variable; the error
	// says why it cannot be read.
	KeyHeld func(env string) (bool, error)
	Now     func() time.Time
	Reach   domain.Reach // what may be fetched from
}

// Providers are those that are described: by the program, by files, and by what
// administrators say while it runs, which goes before both. That is read from the
// store whenever it is asked, so that it holds for the very next sync, on every
// replica.
type Providers struct {
	ProvidersConfig
	last atomic.Pointer[[]domain.Provider] // as they were read last
	rest atomic.Pointer[time.Time]         // until when a store that could not be asked is left alone
}

// NewProviders makes Providers.
func NewProviders(c ProvidersConfig) *Providers { return &Providers{ProvidersConfig: c} }

// All gives every provider as it is in force, enabled or not.
func (p *Providers) All(ctx context.Context) ([]domain.Provider, error) {
	inForce, err := p.InForce(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]domain.Provider, len(inForce))
	for i, one := range inForce {
		all[i] = one.Provider
	}
	last := slices.Clone(all)
	p.last.Store(&last)
	return all, nil
}

// Known gives every provider as All does, or, where the store cannot be asked, as
// they were when it last could.
func (p *Providers) Known(ctx context.Context) []domain.Provider {
	if rest := p.rest.Load(); rest == nil || !p.Now().Before(*rest) {
		asking, end := context.WithTimeout(ctx, knownWithin)
		defer end()
		all, err := p.All(asking)
		if err == nil {
			return all
		}
		if ctx.Err() == nil {
			until := p.Now().Add(knownWithin)
			p.rest.Store(&until)
		}
	}
	if last := p.last.Load(); last != nil {
		return *last
	}
	return p.Own
}

// knownWithin is how long the store is waited for where there is something to fall
// back on, and how long one that could not be asked is left alone.
const knownWithin = 2 * time.Second

// Enabled gives those that are synced.
func (p *Providers) Enabled(ctx context.Context) ([]domain.ProviderID, error) {
	all, err := p.All(ctx)
	var ids []domain.ProviderID
	for _, one := range all {
		if one.Enabled {
			ids = append(ids, one.ID)
		}
	}
	return ids, err
}

// Provider gives one; KindNotFound where none of that id is described.
func (p *Providers) Provider(ctx context.Context, id domain.ProviderID) (domain.Provider, error) {
	one, err := p.One(ctx, id)
	return one.Provider, err
}

// ProviderInForce is a provider with what was said of it.
type ProviderInForce struct {
	domain.Provider
	Said    domain.ProviderEntry // without a version where nothing was
	KeyHeld bool                 // whether the environment holds the key of its list; true where it needs none
}

// InForce gives every provider with what was said of it: the program's own and
// those of files in their order, then the others by id.
func (p *Providers) InForce(ctx context.Context) ([]ProviderInForce, error) {
	entries, err := p.Kept.Entries(ctx)
	if err != nil {
		return nil, err
	}
	said := make(map[domain.ProviderID]domain.ProviderEntry, len(entries))
	for _, e := range entries {
		said[e.ID] = e
	}
	all := make([]ProviderInForce, 0, len(p.Own)+len(entries))
	for _, own := range p.Own {
		all = append(all, p.with(own, said[own.ID]))
		delete(said, own.ID)
	}
	for _, e := range entries {
		if _, left := said[e.ID]; left && e.Description != nil { // one without may have had a file
			all = append(all, p.with(domain.Provider{}, e))
		}
	}
	return all, nil
}

func (p *Providers) with(own domain.Provider, e domain.ProviderEntry) ProviderInForce {
	out := ProviderInForce{Provider: e.Over(own), Said: e, KeyHeld: true}
	if out.API != nil && out.API.KeyEnv != "" && p.KeyHeld != nil {
		held, err := p.KeyHeld(out.API.KeyEnv)
		out.KeyHeld = held && err == nil
	}
	return out
}

// One gives one provider with what was said of it; KindNotFound where none of that
// id is described.
func (p *Providers) One(ctx context.Context, id domain.ProviderID) (ProviderInForce, error) {
	all, err := p.InForce(ctx)
	if err != nil {
		return ProviderInForce{}, err
	}
	i := slices.IndexFunc(all, func(one ProviderInForce) bool { return one.ID == id })
	if i < 0 {
		return ProviderInForce{}, domain.Errorf(domain.KindNotFound, "no provider %q is described", id)
	}
	return all[i], nil
}

// NewDescription asks for a provider to be described.
type NewDescription struct {
	Provider    domain.ProviderID
	Description []byte // JSON, as a provider file
	Seen        int    // the version of what was said that the author saw; 0: nothing was
	By          string
}

// SavedDescription is a provider as it is in force, and what in its scraping
// configuration can do nothing with the pages as they last came, by its path.
type SavedDescription struct {
	ProviderInForce
	Misfits []domain.FieldError
}

// Put describes a provider, for the very next sync on every replica; one of that
// id that the program or a file describes is described so from now on. What is in
// force already changes nothing, and the very description of the program or the
// file takes back what was put. Where the description says nothing of enabled,
// the provider stays as it is. Its scraping configuration is put in force where it
// is another than the description had before; else the one in force stays.
// KindInvalid, by path, for what a file could not say either, for addresses that
// are never fetched, for a key that is not for this provider, and for a source
// none of whose readers fits its page.
func (p *Providers) Put(ctx context.Context, want NewDescription) (SavedDescription, error) {
	described, err := p.Parse(want.Description)
	if err != nil {
		return SavedDescription{}, err
	}
	if err := p.check(want.Provider, described); err != nil {
		return SavedDescription{}, err
	}
	before, err := p.One(ctx, want.Provider)
	known := err == nil
	if err != nil && domain.KindOf(err) != domain.KindNotFound {
		return SavedDescription{}, err
	}
	if known && !saysEnabled(want.Description) {
		described.Enabled = before.Enabled
	}
	misfits, err := fitting{p.Configs, p.Pages, p.Reader}.misfits(ctx, want.Provider, described.Scraping)
	if err != nil {
		return SavedDescription{}, under("scraping", err)
	}
	misfits = below("scraping", misfits)
	if known && describedAlike(before.Provider, described) {
		return SavedDescription{before, misfits}, nil
	}
	entry := domain.ProviderEntry{ID: want.Provider, Version: want.Seen, Description: &described, By: want.By, At: domain.Instant(p.Now())}
	own := slices.IndexFunc(p.Own, func(o domain.Provider) bool { return describedAlike(o, described) })
	if own >= 0 {
		entry.Description = nil
	}
	payload := domain.ProviderPayload{Version: want.Seen + 1, New: &described, By: want.By}
	if known {
		payload.Old = &before.Provider
	}
	var scraping *domain.Scraping
	if !known || !reflect.DeepEqual(before.Scraping, described.Scraping) {
		scraping = &described.Scraping
	}
	if _, err := p.Kept.Save(ctx, entry, scraping, told(entry, domain.EventProviderSaved, payload)); err != nil {
		return SavedDescription{}, err
	}
	now, err := p.One(ctx, want.Provider)
	return SavedDescription{now, misfits}, err
}

// Switch takes a provider into every sync, or out of every sync: its models keep
// answering. What is so already changes nothing.
func (p *Providers) Switch(ctx context.Context, id domain.ProviderID, on bool, by string) (ProviderInForce, error) {
	before, err := p.One(ctx, id)
	if err != nil || before.Enabled == on {
		return before, err
	}
	entry := before.Said
	entry.ID, entry.Enabled, entry.By, entry.At = id, &on, by, domain.Instant(p.Now())
	kind := domain.EventProviderDisabled
	if on {
		kind = domain.EventProviderEnabled
	}
	payload := domain.ProviderPayload{Version: entry.Version + 1, By: by}
	if _, err := p.Kept.Save(ctx, entry, nil, told(entry, kind, payload)); err != nil {
		return ProviderInForce{}, err
	}
	return p.One(ctx, id)
}

func told(e domain.ProviderEntry, kind domain.EventKind, payload domain.ProviderPayload) domain.Event {
	return domain.Event{At: e.At, Kind: kind, Provider: e.ID, Payload: payload}
}

// describedAlike tells whether two descriptions say the same, wherever they come from.
func describedAlike(a, b domain.Provider) bool {
	a.Origin = b.Origin
	return reflect.DeepEqual(a, b)
}
