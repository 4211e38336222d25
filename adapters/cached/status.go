package cached

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"ratecard/domain"
	"ratecard/ports"
)

// patience is with a store that does not answer, before what it last said is
// answered.
const patience = 2 * time.Second

// A status is how syncs stood.
type status struct {
	Mark string
	List []domain.SyncStatus
}

// Runs is the record of syncs, of which how they stand is answered from a copy: as
// long as nothing has changed, and while the store is away.
type Runs struct {
	ports.Runs
	marks ports.StatusMark
	watch Watch
	cache ports.Cache
	packer
	asking singleflight.Group
}

var _ ports.Runs = (*Runs)(nil)

// Watch knows whether a store is away.
type Watch interface {
	// Away is since when it has not answered; zero: it does.
	Away() time.Time
	// Doubt says that it did not answer somebody.
	Doubt()
}

// NewRuns answers for a store that is watched.
func NewRuns(runs ports.Runs, marks ports.StatusMark, watch Watch, c Config) *Runs {
	return &Runs{Runs: runs, marks: marks, watch: watch, cache: c.Cache, packer: newPacker(c.Version, c.Database)}
}

// Status implements ports.Runs.
func (r *Runs) Status(ctx context.Context) ([]domain.SyncStatus, error) {
	s, kept := r.kept(ctx)
	if kept && !r.watch.Away().IsZero() { // whoever watches it asks for a sign of life
		return s.List, nil
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	mark, err := r.marks.StatusMark(bounded)
	switch {
	case err != nil && kept && unanswered(err):
		r.watch.Doubt()
		return s.List, nil
	case err != nil:
		return nil, err
	case kept && s.Mark == mark:
		return s.List, nil
	}
	// Whoever asks at the same time has the same answer; it is nobody's to break off.
	ctx = context.WithoutCancel(ctx)
	found, err, _ := r.asking.Do(mark, func() (any, error) {
		ctx, cancel := context.WithTimeout(ctx, 2*patience)
		defer cancel()
		if s, kept := r.kept(ctx); kept && s.Mark == mark { // by who asked just before
			return s.List, nil
		}
		s := status{Mark: mark}
		if s.List, err = r.Runs.Status(ctx); err == nil {
			r.cache.Keep(ctx, []ports.Copy{{Key: keyStatus, Value: r.pack(keyStatus, s), For: statusLifetime}})
		}
		return s.List, err
	})
	list, _ := found.([]domain.SyncStatus)
	return list, err
}

func (r *Runs) kept(ctx context.Context) (s status, is bool) {
	is = r.unpack(keyStatus, r.cache.Get(ctx, keyStatus), &s)
	return s, is
}

// unanswered reports whether an error says that the store does not answer.
func unanswered(err error) bool {
	kind := domain.KindOf(err)
	return kind == domain.KindUnavailable || kind == domain.KindTimeout
}
