package app

import (
	"context"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// ReplayConfig is what a replay needs.
type ReplayConfig struct {
	Archive ports.Archive
	Pages   ports.Pages
	Configs ports.Configs
	Reader  ports.Reader
	Ledger  ports.Ledger
	Months  int // for which prices are kept after their end; 0: for ever
	Now     func() time.Time
}

// Replay reads stored pages again, as they would be read today.
type Replay struct{ ReplayConfig }

// NewReplay makes a Replay.
func NewReplay(c ReplayConfig) *Replay { return &Replay{c} }

// Replayed says what a replay of one provider came to.
type Replayed struct {
	Provider    domain.ProviderID
	Reads       int // good reads of the past that could be repeated
	Skipped     []Skipped
	Differences []ledger.Difference // between what is believed and what reading again says
	Version     int64               // the catalogue version after it
}

// Skipped is a page of the past that could not be read again. What was believed
// because of it stays believed.
type Skipped struct {
	Source string
	PageID int64
	At     time.Time // when it was first read
	Reads  int       // how often it was
	Reason string
}

// Run repeats the good reads of a provider's pages, in their order, with
// today's readers, today's configuration and the models known today, and says
// where that differs from what is believed of the past. With apply, what is
// believed is corrected; what was believed before stays on record as such. A
// repeat finds nothing left to correct.
//
// What ended before the time for which prices are kept is not brought back. A
// model is priced by the reads since it was discovered alone: what came
// before was said of nothing that we knew.
func (r *Replay) Run(ctx context.Context, provider domain.ProviderID, apply bool) (Replayed, error) {
	out, err := r.once(ctx, provider, apply)
	for range attempts - 1 {
		if domain.KindOf(err) != domain.KindConflict {
			break
		}
		out, err = r.once(ctx, provider, apply)
	}
	return out, err
}

// attempts is how often the past is read before it is said that syncs are in
// the way: with each attempt only what they have stored since is new.
const attempts = 3

func (r *Replay) once(ctx context.Context, provider domain.ProviderID, apply bool) (Replayed, error) {
	past, err := r.readAgain(ctx, provider)
	if err != nil {
		return Replayed{}, err
	}
	out := Replayed{Provider: provider, Reads: past.repeated, Skipped: past.skipped}
	out.Version, err = r.Ledger.Update(ctx, provider, func(state ledger.State) (ledger.Change, error) {
		if !past.complete(state.LastReads) {
			return ledger.Change{}, domain.Errorf(domain.KindConflict,
				"a reading of %s was stored meanwhile, and its run has not ended: ask again when it has", provider)
		}
		now := domain.Instant(r.Now())
		change := past.correct(state, r.start(now), knownAt(state, now))
		out.Differences = ledger.Differences(state.Rates, ledger.Apply(state.Rates, ledger.RateChange{Supersede: change.Supersede, Open: change.Open}))
		if !apply {
			return ledger.Change{}, nil
		}
		return change, nil
	})
	return out, err
}

// start is the instant before which nothing is corrected; zero: there is none.
func (r *Replay) start(now time.Time) time.Time {
	if r.Months == 0 {
		return time.Time{}
	}
	return monthsBefore(now, r.Months)
}
