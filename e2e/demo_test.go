package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ratecard/gen/oas"
)

// TestDemo walks through the demo as a new user does: what it prints, what it
// answers, a second sync that changes nothing, and its end.
func TestDemo(t *testing.T) {
	ctx := t.Context()
	r := demo(t, stateDir(t))
	for _, want := range []string{
		"Day 1", "Day 5", "groq: success", "google: partial", "the key was refused", "openai: partial", "page.unread", "page.blocked", "rate.withdrawn", "model.found", "rate.changed", "model.deprecated", "rate.scheduled",
		"proof", "history",
	} {
		if !strings.Contains(r.stdout.String(), want) {
			t.Errorf("the demo did not print %q:\n%s", want, r.stdout)
		}
	}
	c := r.client(t)
	checkCut(ctx, t, c)
	checkGone(ctx, t, c)
	checkSecondSync(ctx, t, c)

	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, r.stderr)
	}
}

// checkCut: before the cut the old price is answered, after it the new one,
// each with the cell it was read from.
func checkCut(ctx context.Context, t *testing.T, c *oas.Client) {
	t.Helper()
	const model = "claude-haiku-4-5-20251001"
	history, err := c.GetPricingHistory(ctx, oas.GetPricingHistoryParams{ID: model})
	if err != nil {
		t.Fatal(err)
	}
	var found []oas.Rate
	for _, r := range history.Items {
		if r.Tier == "standard" && r.Meter == "input" {
			found = append(found, r)
		}
	}
	if len(found) != 2 || found[0].Amount != "0.9" || found[1].Amount != "1" || !found[0].EndDate.Null || !found[1].EndDate.Value.Equal(found[0].EffectiveDate) {
		t.Fatalf("history of the standard input price: %+v", found)
	}
	for _, r := range found {
		at := r.EffectiveDate.Add(time.Hour).Format(time.RFC3339)
		pricing, err := c.GetPricing(ctx, oas.GetPricingParams{ID: model, At: oas.NewOptString(at)})
		if err != nil {
			t.Fatal(err)
		}
		for _, then := range pricing.Rates {
			if then.Tier == "standard" && then.Meter == "input" && then.Amount != r.Amount {
				t.Errorf("at %s %s, want %s", at, then.Amount, r.Amount)
			}
		}
		proof, err := c.GetEvidence(ctx, oas.GetEvidenceParams{ID: r.EvidenceID.Value})
		if err != nil {
			t.Fatal(err)
		}
		if proof.Amount != r.Amount || !strings.HasPrefix(proof.Place.Cell, "$"+strings.TrimRight(r.Amount, "0")) {
			t.Errorf("the price %s rests on the cell %q", r.Amount, proof.Place.Cell)
		}
	}
}

// checkGone: the model that left the list is not listed and still answers with
// its last prices, marked as listed by nobody.
func checkGone(ctx context.Context, t *testing.T, c *oas.Client) {
	t.Helper()
	const model = "claude-sonnet-4-20250514"
	gone, err := c.GetModel(ctx, oas.GetModelParams{ID: model})
	if err != nil {
		t.Fatal(err)
	}
	if gone.Usability != oas.UsabilityDeprecated || gone.DeprecatedAt.Null || len(gone.Pricing) == 0 {
		t.Errorf("the model that was removed: %s since %v with %d prices", gone.Usability, gone.DeprecatedAt, len(gone.Pricing))
	}
	pricing, err := c.GetPricing(ctx, oas.GetPricingParams{ID: model})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range pricing.Rates {
		if r.UnlistedSince.Null {
			t.Errorf("%s %s of a removed model is not marked as unlisted", r.Tier, r.Meter)
		}
	}
	listed, err := c.ListModels(ctx, oas.ListModelsParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range listed.Items {
		if m.ID == model {
			t.Error("the model that was removed is listed among the active ones")
		}
	}
}

func checkSecondSync(ctx context.Context, t *testing.T, c *oas.Client) {
	t.Helper()
	started, err := c.StartSync(ctx, oas.OptSyncRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		sync, err := c.GetSync(ctx, oas.GetSyncParams{SyncID: started.SyncID})
		if err != nil {
			t.Fatal(err)
		}
		if !sync.Done {
			<-time.After(20 * time.Millisecond)
			continue
		}
		if run := sync.Runs[0]; run.Outcome.Value != oas.RunOutcomeSuccess || run.ModelsAdded+run.ModelsUpdated+run.ModelsDeprecated+run.PricingUpdated != 0 {
			t.Errorf("a second sync of the same day: %+v", run)
		}
		return
	}
}

// TestKilledDemoLeavesNothing: after kill -9 its Postgres is gone, and the
// next demo starts as if nothing had happened.
func TestKilledDemoLeavesNothing(t *testing.T) {
	state := stateDir(t)
	r := demo(t, state)
	pid := postmaster(t, state)
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = r.cmd.Wait() // it was killed
	deadline := time.Now().Add(20 * time.Second)
	for syscall.Kill(pid, 0) == nil {
		if time.Now().After(deadline) {
			t.Fatalf("Postgres (%d) outlived its program", pid)
		}
		<-time.After(50 * time.Millisecond)
	}
	demo(t, state)
}

// postmaster is the process that the demo's Postgres says it is.
func postmaster(t *testing.T, state string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(state, "ratecard", "demo", "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
