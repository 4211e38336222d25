package containers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ogen-go/ogen/ogenerrors"
	"github.com/testcontainers/testcontainers-go"

	"ratecard/gen/oas"
)

// The model whose price is changed.
const (
	seller = "anthropic"
	sold   = "claude-opus-4-7"
)

// replica is one server, and a client of it, which is another after a restart.
type replica struct {
	name      string
	container testcontainers.Container
	client    atomic.Pointer[oas.Client]
	stale     atomic.Bool // its last answer said that the database is away
}

// connect finds where the replica answers now.
func (r *replica) connect(ctx context.Context) error {
	url, err := r.container.PortEndpoint(ctx, string(servePort), "http")
	if err != nil {
		return err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	client, err := oas.NewClient(url, security{}, oas.WithClient(&http.Client{Transport: marked{transport, &r.stale}, Timeout: patience}))
	if err != nil {
		return err
	}
	r.client.Store(client)
	return nil
}

type security struct{}

func (security) Bearer(context.Context, oas.OperationName) (oas.Bearer, error) {
	return oas.Bearer{Token: adminKey}, nil
}

func (security) APIKey(context.Context, oas.OperationName) (oas.APIKey, error) {
	return oas.APIKey{}, ogenerrors.ErrSkipClientSecurity
}

func (security) Basic(context.Context, oas.OperationName) (oas.Basic, error) {
	return oas.Basic{}, ogenerrors.ErrSkipClientSecurity
}

// marked notes what the client does not hand out: whether an answer is marked stale.
type marked struct {
	under http.RoundTripper
	stale *atomic.Bool
}

func (m marked) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := m.under.RoundTrip(req)
	if err == nil {
		m.stale.Store(resp.Header.Get("Ratecard-Stale-Since") != "")
	}
	return resp, err
}

// sync has providers synced, all where none is named, and tells when the last was done.
func (r *replica) sync(ctx context.Context, providers ...string) (time.Time, error) {
	var ended time.Time
	started, err := r.client.Load().StartSync(ctx, oas.NewOptSyncRequest(oas.SyncRequest{Providers: providers}))
	if err != nil {
		return ended, err
	}
	for {
		sync, err := r.client.Load().GetSync(ctx, oas.GetSyncParams{SyncID: started.SyncID})
		if err != nil {
			return ended, err
		}
		if !sync.Done {
			pause(ctx, 10*time.Millisecond)
			continue
		}
		for _, run := range sync.Runs {
			if run.Outcome.Value != oas.RunOutcomeSuccess {
				err = errors.Join(err, fmt.Errorf("%s: %s: %+v", run.Provider, run.Outcome.Value, run.Steps))
			}
			if run.EndedAt.Value.After(ended) {
				ended = run.EndedAt.Value
			}
		}
		return ended, err
	}
}

// amount is what the replica answers that the model's input costs.
func (r *replica) amount(ctx context.Context) (string, error) {
	model, err := r.client.Load().GetModel(ctx, oas.GetModelParams{ID: sold, Provider: oas.NewOptString(seller)})
	if err != nil {
		return "", err
	}
	for _, entry := range model.Pricing {
		if entry.Tier == "standard" && entry.Region == "global" && entry.MinPromptTokens == 0 {
			return entry.InputCostPerMillion.Value, nil
		}
	}
	return "", fmt.Errorf("%s has no standard price: %+v", sold, model.Pricing)
}

// catalogue is every model that the replica lists, page by page.
func (r *replica) catalogue(ctx context.Context) ([]oas.Model, error) {
	var all []oas.Model
	params := oas.ListModelsParams{Limit: oas.NewOptInt(20)}
	for {
		page, err := r.client.Load().ListModels(ctx, params)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.NextCursor.Null {
			return all, nil
		}
		params.Cursor = oas.NewOptString(page.NextCursor.Value)
	}
}

// seen waits until the replica answers an amount, and tells when it did.
func (r *replica) seen(ctx context.Context, amount string) (time.Time, error) {
	for {
		got, err := r.amount(ctx)
		switch {
		case err != nil:
			return time.Time{}, fmt.Errorf("%s: %w", r.name, err)
		case got == amount:
			return time.Now(), nil
		}
		select {
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("%s answers %s, not %s", r.name, got, amount)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// restart ends the replica as an orchestrator does, and starts it again.
func (r *replica) restart(ctx context.Context) error {
	within := 40 * time.Second
	if err := r.container.Stop(ctx, &within); err != nil {
		return err
	}
	state, err := r.container.State(ctx)
	if err != nil {
		return err
	}
	if state.ExitCode != 0 {
		return fmt.Errorf("%s ended with %d", r.name, state.ExitCode)
	}
	if err := r.container.Start(ctx); err != nil {
		return err
	}
	return r.connect(ctx)
}
