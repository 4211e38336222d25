package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// GetSyncStatus answers GET /api/sync/status.
func (h *handler) GetSyncStatus(ctx context.Context) (*oas.SyncStatus, error) {
	statuses, judge, err := h.statuses(ctx)
	if err != nil {
		return nil, err
	}
	return judge.syncStatus(h.cfg.Providers.Known(ctx), statuses), nil
}

// ListProviders answers GET /api/providers.
func (h *handler) ListProviders(ctx context.Context) (*oas.ProviderList, error) {
	statuses, judge, err := h.statuses(ctx)
	if err != nil {
		return nil, err
	}
	all := standings(h.cfg.Providers.Known(ctx), statuses)
	return &oas.ProviderList{Items: encodeAll(all, judge.providerHealth), Total: len(all)}, nil
}

// statuses gives how every provider's syncs stand, and who judges what is stale.
func (h *handler) statuses(ctx context.Context) ([]domain.SyncStatus, judge, error) {
	statuses, err := h.cfg.Runs.Status(ctx)
	if err != nil {
		return nil, judge{}, err
	}
	settings, err := h.staleness(ctx)
	return statuses, judge{settings, domain.Instant(h.cfg.Now())}, err
}

// staleness gives the settings that say what is stale: those that are held, while
// the store is away.
func (h *handler) staleness(ctx context.Context) (domain.Settings, error) {
	edition, known := h.edition()
	held := domain.Settings{StaleAfterHours: edition.StaleAfterHours}
	if known && !edition.Away.IsZero() {
		return held, nil
	}
	settings, err := h.cfg.Scheduler.Current(ctx)
	if known && err != nil && domain.KindOf(err) == domain.KindUnavailable {
		return held, nil
	}
	return settings, err
}

// StartSync answers POST /api/admin/sync.
func (h *handler) StartSync(ctx context.Context, req oas.OptSyncRequest) (*oas.SyncStarted, error) {
	providers, err := h.chosen(ctx, req.Value.Providers, enabled)
	if err != nil {
		return nil, err
	}
	if len(providers) == 0 {
		return nil, domain.Errorf(domain.KindConflict, "no provider is enabled, so there is nothing to sync")
	}
	syncID, err := uuid.NewRandom()
	if err != nil {
		return nil, err
	}
	// Told of first: so it is never done without a record of who asked for it.
	err = h.cfg.Events.Tell(ctx, domain.Event{
		At: domain.Instant(h.cfg.Now()), Kind: domain.EventSyncRequested,
		Payload: domain.SyncRequestedPayload{SyncID: syncID.String(), Providers: providers, By: trace(ctx).by()},
	})
	if err != nil {
		return nil, err
	}
	queued, err := app.RequestSync(ctx, h.cfg.Queue, h.cfg.Runs, syncID.String(), domain.TriggerManual, providers)
	if err != nil {
		return nil, err
	}
	return encodeSyncStarted(syncID, queued)
}

func enabled(p domain.Provider) bool { return p.Enabled }

func anyProvider(domain.Provider) bool { return true }

// chosen are the providers that a request names: each described, once, and awake;
// every one that is awake, by id, where it names none.
func (h *handler) chosen(ctx context.Context, names []string, awake func(domain.Provider) bool) ([]domain.ProviderID, error) {
	described, err := h.cfg.Providers.All(ctx)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		ids := idsOf(slices.DeleteFunc(described, func(p domain.Provider) bool { return !awake(p) }))
		slices.Sort(ids)
		return ids, nil
	}
	var (
		chosen []domain.ProviderID
		faults []domain.FieldError
	)
	for i, name := range names {
		path := fmt.Sprintf("providers[%d]", i)
		at := slices.IndexFunc(described, func(p domain.Provider) bool { return string(p.ID) == name })
		switch {
		case at < 0:
			faults = append(faults, wrong(path, "%q is no provider; expected one of %s", clip(name), listIDs(described)))
		case !awake(described[at]):
			faults = append(faults, wrong(path, "%q is not enabled", name))
		case slices.Contains(chosen, domain.ProviderID(name)):
			faults = append(faults, wrong(path, "%q is named twice", name))
		default:
			chosen = append(chosen, domain.ProviderID(name))
		}
	}
	if faults != nil {
		return nil, invalid(faults...)
	}
	return chosen, nil
}

// listIDs writes the providers' ids for people.
func listIDs(providers []domain.Provider) string {
	ids := make([]string, len(providers))
	for i, p := range providers {
		ids[i] = string(p.ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}

func idsOf(providers []domain.Provider) []domain.ProviderID {
	ids := make([]domain.ProviderID, len(providers))
	for i, p := range providers {
		ids[i] = p.ID
	}
	return ids
}

// GetSync answers GET /api/admin/syncs/{syncId}.
func (h *handler) GetSync(ctx context.Context, params oas.GetSyncParams) (*oas.Sync, error) {
	runs, err := h.cfg.Runs.Sync(ctx, params.SyncID.String())
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, domain.Errorf(domain.KindNotFound, "no run of a sync %s has begun", params.SyncID)
	}
	return encodeSync(params.SyncID, runs)
}

// GetRun answers GET /api/admin/runs/{runId}.
func (h *handler) GetRun(ctx context.Context, params oas.GetRunParams) (*oas.Run, error) {
	run, err := h.cfg.Runs.Run(ctx, params.RunID.String())
	if err != nil {
		return nil, err
	}
	out, err := encodeRun(run)
	if err != nil {
		return nil, err
	}
	return &out, nil
}
