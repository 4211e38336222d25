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
	away  func() time.Time
	cache ports.Cache
	packer
	asking singleflight.Group
}

var _ ports.Runs = (*Runs)(nil)

// NewRuns answers for a store, of which away tells since when it has not answered;
// zero: it does.
func NewRuns(runs ports.Runs, marks ports.StatusMark, away func() time.Time, c Config) *Runs {
	return &Runs{Runs: runs, marks: marks, away: away, cache: c.Cache, packer: newPacker(c.Version, c.Database)}
}

// Status implements ports.Runs.
func (r *Runs) Status(ctx context.Context) ([]domain.SyncStatus, error) {
	s, kept := r.kept(ctx)
	if kept && !r.away().IsZero() { // which is asked for a sign of life by others
		return s.List, nil
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	mark, err := r.marks.StatusMark(bounded)
	switch {
	case err != nil && kept && unanswered(err):
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
