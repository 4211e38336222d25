package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// Runs implements ports.Runs.
type Runs struct {
	pool *conns
}

var (
	_ ports.Runs       = (*Runs)(nil)
	_ ports.StatusMark = (*Runs)(nil)
)

// NewRuns keeps the record of syncs in the store's database.
func NewRuns(s *Store) *Runs { return &Runs{pool: s.pool} }

// Begin implements ports.Runs.
func (s *Runs) Begin(ctx context.Context, run domain.Run) error {
	row, err := beginning(run)
	if err != nil {
		return err
	}
	err = transact(ctx, s.pool, writing, func(q *db.Queries) error {
		begun, err := q.BeginRun(ctx, row)
		if err != nil {
			return err
		}
		if run.Started.IsZero() || begun == 0 { // one that waits moves nothing else; a repeat
			return nil
		}
		if err := forget(ctx, q, row.ID); err != nil {
			return err
		}
		if err := q.BeginStatus(ctx, db.BeginStatusParams{Provider: row.Provider, Started: row.Started, Run: &row.ID}); err != nil {
			return err
		}
		return tell(ctx, q, domain.Beginning(run))
	})
	return problem(err, "recording that run %s of %s begins", run.ID, run.Provider)
}

// Finish implements ports.Runs.
func (s *Runs) Finish(ctx context.Context, run domain.Run) (told *domain.Event, err error) {
	id, err := parseID("run", run.ID)
	if err != nil {
		return nil, err
	}
	if run.Outcome == "" || run.Ended.IsZero() {
		return nil, domain.Errorf(domain.KindInvalid, "run %s of %s would be finished without an end and an outcome", run.ID, run.Provider)
	}
	err = transact(ctx, s.pool, writing, func(q *db.Queries) error {
		ended, err := q.FinishRun(ctx, ending(run, id))
		if err != nil {
			return err
		}
		if ended == 0 { // a repeat, or it was never begun
			_, err := one(ctx, q, id)
			return err
		}
		if err := record(ctx, q, id, run); err != nil {
			return err
		}
		told, err = end(ctx, q, id, run)
		return err
	})
	return told, problem(err, "recording how run %s of %s ended", run.ID, run.Provider)
}

// record writes what belongs to a run that has just ended.
func record(ctx context.Context, q *db.Queries, id uuid.UUID, run domain.Run) error {
	if err := forget(ctx, q, id); err != nil {
		return err
	}
	steps := make([]db.InsertStepsParams, len(run.Steps))
	for i, s := range run.Steps {
		steps[i] = stepRow(s, id, i)
	}
	if err := copied(ctx, q.InsertSteps, steps); err != nil {
		return err
	}
	return recordReads(ctx, q, id, run)
}

// end moves the provider's status and tells of the end.
func end(ctx context.Context, q *db.Queries, id uuid.UUID, run domain.Run) (*domain.Event, error) {
	text, err := q.LockTroubles(ctx, string(clean(run.Provider)))
	if err != nil {
		return nil, err
	}
	var before domain.Troubles
	if err := json.Unmarshal(text, &before); err != nil {
		return nil, domain.Wrap(domain.KindInternal, err, "the troubles of %s cannot be read", run.Provider)
	}
	status := standing(run, id)
	if status.Troubles, err = json.Marshal(before.After(run)); err != nil {
		return nil, err
	}
	if err := q.FinishStatus(ctx, status); err != nil {
		return nil, err
	}
	event := domain.Ending(run, before)
	return &event, tell(ctx, q, event)
}

// recordReads writes the attempts at sources. What they confirm is the
// ledger's to say, in the transaction that stores it.
func recordReads(ctx context.Context, q *db.Queries, id uuid.UUID, run domain.Run) error {
	if err := noteReads(ctx, q, run.Provider, run.Reads, false); err != nil || len(run.Reads) == 0 {
		return err
	}
	sources, err := q.Sources(ctx, string(run.Provider))
	if err != nil {
		return err
	}
	numbers := make(map[string]int64, len(sources))
	for _, s := range sources {
		numbers[s.Name] = s.Number
	}
	rows := make([]db.InsertReadsParams, len(run.Reads))
	for i, r := range run.Reads {
		rows[i] = readRow(r, id, i, numbers[clean(r.Source)])
	}
	return copied(ctx, q.InsertReads, rows)
}

func forget(ctx context.Context, q *db.Queries, id uuid.UUID) error {
	if err := q.ForgetSteps(ctx, id); err != nil {
		return err
	}
	return q.ForgetReads(ctx, id)
}

// Run implements ports.Runs.
func (s *Runs) Run(ctx context.Context, id string) (domain.Run, error) {
	key, err := uuid.Parse(id)
	if err != nil {
		return domain.Run{}, domain.Errorf(domain.KindNotFound, "there is no run %q", id)
	}
	var found domain.Run
	err = transact(ctx, s.pool, snapshot, func(q *db.Queries) (err error) {
		found, err = one(ctx, q, key)
		return err
	})
	return found, problem(err, "reading run %s", id)
}

// Sync implements ports.Runs.
func (s *Runs) Sync(ctx context.Context, syncID string) ([]domain.Run, error) {
	key, err := uuid.Parse(syncID)
	if err != nil {
		return nil, nil //nolint:nilerr // no sync has that id
	}
	var found []domain.Run
	err = transact(ctx, s.pool, snapshot, func(q *db.Queries) error {
		ids, err := q.RunsOfSync(ctx, key)
		if err != nil {
			return err
		}
		found, err = whole(ctx, q, ids)
		return err
	})
	return found, problem(err, "reading the runs of sync %s", syncID)
}

// Status implements ports.Runs.
func (s *Runs) Status(ctx context.Context) ([]domain.SyncStatus, error) {
	var list []domain.SyncStatus
	err := transact(ctx, s.pool, snapshot, func(q *db.Queries) error {
		rows, err := q.Statuses(ctx)
		if err != nil {
			return err
		}
		sources, err := q.Sources(ctx, "")
		if err != nil {
			return err
		}
		var ids []uuid.UUID
		for _, r := range rows {
			if r.LastRun != nil {
				ids = append(ids, *r.LastRun)
			}
		}
		runs, err := whole(ctx, q, ids)
		if err != nil {
			return err
		}
		list = standings(rows, sources, runs)
		return listings(ctx, q, list)
	})
	return list, problem(err, "reading the syncs' status")
}

// StatusMark implements ports.StatusMark.
func (s *Runs) StatusMark(ctx context.Context) (mark string, err error) {
	err = alone(ctx, s.pool, func(q *db.Queries) error {
		mark, err = q.StatusMark(ctx)
		return err
	})
	return mark, problem(err, "asking whether a sync's status has changed")
}

// standings joins each provider's status with its sources and its last run.
func standings(rows []db.SyncStatus, sources []db.Source, runs []domain.Run) []domain.SyncStatus {
	last := make(map[domain.ProviderID]*domain.Run, len(runs))
	for i := range runs {
		last[runs[i].Provider] = &runs[i]
	}
	read := make(map[domain.ProviderID][]domain.SourceStatus)
	for _, s := range sources {
		if s.LastAttempt.Valid {
			provider := domain.ProviderID(s.Provider)
			read[provider] = append(read[provider], sourceStatus(s))
		}
	}
	list := make([]domain.SyncStatus, len(rows))
	for i, r := range rows {
		list[i] = syncStatus(r)
		list[i].LastRun, list[i].Sources = last[list[i].Provider], read[list[i].Provider]
	}
	return list
}

// listings notes when each provider's list last came whole, and on what its
// models rest.
func listings(ctx context.Context, q *db.Queries, list []domain.SyncStatus) error {
	sources, err := q.ModelSources(ctx)
	if err != nil {
		return err
	}
	of := make(map[domain.ProviderID][]domain.ModelSource, len(list))
	for _, s := range sources {
		provider := domain.ProviderID(s.Provider)
		of[provider] = append(of[provider], domain.ModelSource{Source: s.Source, Models: int(s.Models)})
	}
	rows, err := q.LastListings(ctx)
	last := make(map[domain.ProviderID]time.Time, len(rows))
	for _, r := range rows {
		last[domain.ProviderID(r.Provider)] = instant(r.ListLastComplete)
	}
	for i := range list {
		list[i].LastListing, list[i].Models = last[list[i].Provider], of[list[i].Provider]
	}
	return err
}

func one(ctx context.Context, q *db.Queries, id uuid.UUID) (domain.Run, error) {
	found, err := whole(ctx, q, []uuid.UUID{id})
	if err != nil {
		return domain.Run{}, err
	}
	if len(found) == 0 {
		return domain.Run{}, domain.Errorf(domain.KindNotFound, "there is no run %s", id)
	}
	return found[0], nil
}

// whole reads runs with their steps and reads, by provider.
func whole(ctx context.Context, q *db.Queries, ids []uuid.UUID) ([]domain.Run, error) {
	rows, err := q.RunsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]domain.Run, len(rows))
	byID := make(map[uuid.UUID]*domain.Run, len(rows))
	for i, r := range rows {
		list[i] = run(r)
		byID[r.ID] = &list[i]
	}
	steps, err := q.StepsOfRuns(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range steps {
		byID[r.Run].Steps = append(byID[r.Run].Steps, step(r))
	}
	reads, err := q.ReadsOfRuns(ctx, ids)
	for _, r := range reads {
		byID[r.Run].Reads = append(byID[r.Run].Reads, sourceRead(r))
	}
	return list, err
}

func parseID(what, id string) (uuid.UUID, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return parsed, domain.Errorf(domain.KindInvalid, "%s %q: expected a UUID", what, id)
	}
	return parsed, nil
}
