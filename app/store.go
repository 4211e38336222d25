package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// mostWarnings bounds what one run logs of what it holds.
const mostWarnings = 10

// store joins models and prices and writes what that changes. The joining is
// done where what is believed is known: under the provider's lock, in the
// transaction that writes it.
func (s *Sync) store(ctx context.Context, run *domain.Run, provider domain.Provider, found discovered, read *pageRead) {
	var joined joined
	unread := slices.Concat(found.blocked, run.Reads)
	s.step(ctx, run, domain.StepStorage, func() (string, error) {
		settings, err := s.Settings.Settings(ctx)
		if err != nil {
			return "", err
		}
		version, err := s.Ledger.Update(ctx, provider.ID, func(state ledger.State) (ledger.Change, error) {
			j := join(state, provider.ID, found, read, settings.Guard, s.now())
			ledger.WarnUnpriced(state, &j.change, settings.UnpricedAfter())
			j.change.Reads = run.Reads
			j.change.Events = append(j.change.Events, readEvents(provider.ID, unread, j.change.KnownAt)...)
			joined = j.report()
			return j.change, nil
		})
		if err != nil {
			return "", err
		}
		run.Version = version
		run.Held = len(joined.held)
		s.warn(ctx, joined.held)
		s.warnUnread(ctx, provider.ID, unread)
		return fmt.Sprintf("changed: models %d, prices %d", joined.models, joined.counts.PricingUpdated), nil
	})
	run.Steps = slices.Insert(run.Steps, len(run.Steps)-1, joined.step(run.Steps[len(run.Steps)-1]))
	discovered := run.Counts.ModelsDiscovered
	run.Counts = joined.counts
	run.Counts.ModelsDiscovered = discovered
}

// joined is what a run reports of a joining. What was joined is many times as large,
// and is not held while it is written.
type joined struct {
	at     time.Time // from which it is believed; zero: nothing could be joined
	models int       // that changed
	counts domain.Counts
	held   []domain.HeldChange
	detail string
}

func (j *joining) report() joined {
	detail := fmt.Sprintf("%d models priced, %d without a price, %d names without a model", j.priced, j.unpriced, j.unmatched)
	for _, note := range j.notes {
		detail += "; " + note
	}
	return joined{j.change.KnownAt, len(j.change.Models), j.change.Counts, j.change.Held, detail}
}

// step reports the joining as the step of its own that it is: it runs inside
// storage, where what is believed is known.
func (j joined) step(storage domain.Step) domain.Step {
	step := domain.Step{
		Name: domain.StepEnrichment, Outcome: domain.StepDone,
		Started: storage.Started, Ended: storage.Ended, Detail: j.detail,
	}
	if j.at.IsZero() {
		step.Outcome, step.Detail = domain.StepSkipped, "what is believed could not be read"
	}
	return step
}

// readEvents tells of the pages that could not be read.
func readEvents(provider domain.ProviderID, reads []domain.SourceRead, at time.Time) []domain.Event {
	var events []domain.Event
	for _, r := range reads {
		if !r.Good {
			events = append(events, domain.Event{
				At: at, Kind: r.Failure, Provider: provider,
				Payload: domain.PagePayload{Source: r.Source, Seen: r.Seen, Error: r.Error},
			})
		}
	}
	return events
}

// warn lets people know at once of what is held: until somebody confirms it,
// what is answered may be out of date.
func (s *Sync) warn(ctx context.Context, held []domain.HeldChange) {
	for _, h := range held[:min(len(held), mostWarnings)] {
		old := "none"
		if h.Old != nil {
			old = h.Old.String()
		}
		s.Log.WarnContext(ctx, "a change is held", "event", string(domain.EventChangeHeld),
			"provider", string(h.Key.Model.Provider), "model", h.Key.Model.ID, "tier", string(h.Key.Tier), "meter", string(h.Key.Meter),
			"old", old, "new", h.New.String(), "source", h.Source, "why", string(h.Doubts[0].Code))
	}
	if more := len(held) - mostWarnings; more > 0 {
		s.Log.WarnContext(ctx, "more changes are held", "event", string(domain.EventChangeHeld), "changes", more)
	}
}

// warnUnread lets people know of the pages that could not be read, and what was
// seen there: the last good prices stay, and age.
func (s *Sync) warnUnread(ctx context.Context, provider domain.ProviderID, reads []domain.SourceRead) {
	for _, r := range reads {
		if !r.Good {
			s.Log.WarnContext(ctx, "a page could not be read", "event", string(r.Failure),
				"provider", string(provider), "source", r.Source, "seen", string(r.Seen), "error", r.Error)
		}
	}
}
