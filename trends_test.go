package main

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/gen/oas"
)

// TestTrendsTellWhatSyncsFound: each step is what the model's price was at that
// instant, and whatever moved is told with both of its ends.
func TestTrendsTellWhatSyncsFound(t *testing.T) {
	r := newRunning(t, time.Minute)
	r.done(t, r.startSync(t, "anthropic"))
	r.pass(time.Hour)
	if err := r.site.Reprice("anthropic", haiku, decimal.RequireFromString("1.5")); err != nil {
		t.Fatal(err)
	}
	r.done(t, r.startSync(t, "anthropic"))
	r.pass(time.Hour)

	to := r.world.now().UTC().Format(time.RFC3339)
	from := r.world.now().Add(-90 * time.Minute).UTC().Format(time.RFC3339)
	var moved oas.PriceMoves
	r.ask(t, http.MethodGet, "/api/analytics/movers?from="+from+"&to="+to, "", &moved)
	if moved.Total == 0 {
		t.Fatal("nothing moved")
	}
	for _, m := range moved.Items {
		old, is := decimal.RequireFromString(m.OldAmount), decimal.RequireFromString(m.NewAmount)
		if m.Changes != 1 || !is.Equal(old.Mul(decimal.RequireFromString("1.5"))) || m.ChangePercent.Value != "50" {
			t.Errorf("by half: %+v", m)
		}
		if was := r.priceAt(t, m, from); was != m.OldAmount {
			t.Errorf("%s cost %s at %s, told is %s", m.ModelID, was, from, m.OldAmount)
		}
		if now := r.priceAt(t, m, to); now != m.NewAmount {
			t.Errorf("%s costs %s at %s, told is %s", m.ModelID, now, to, m.NewAmount)
		}
	}
	m := moved.Items[0]
	var trends oas.PriceTrends
	r.ask(t, http.MethodGet, "/api/analytics/price-trends?provider=anthropic&model="+url.QueryEscape(m.ModelID)+"&meter="+m.Meter+"&tier="+m.Tier+"&from="+from+"&to="+to, "", &trends)
	if len(trends.Items) != 1 || len(trends.Items[0].Steps) != 2 {
		t.Fatalf("%+v", trends)
	}
	for _, s := range trends.Items[0].Steps {
		if was := r.priceAt(t, m, s.At.Format(time.RFC3339Nano)); was != s.Amount.Value {
			t.Errorf("%s cost %s at %s, told is %s", m.ModelID, was, s.At, s.Amount.Value)
		}
	}
}

// priceAt is what a model cost at an instant, by the key of a move.
func (r *running) priceAt(t testing.TB, m oas.PriceMove, at string) string {
	t.Helper()
	var pricing oas.Pricing
	r.ask(t, http.MethodGet, "/api/models/"+url.PathEscape(m.ModelID)+"/pricing?provider="+m.Provider+"&at="+url.QueryEscape(at), "", &pricing)
	for _, rate := range pricing.Rates {
		if rate.Meter == m.Meter && rate.Tier == m.Tier && rate.Region == m.Region && rate.MinPromptTokens == m.MinPromptTokens {
			return rate.Amount
		}
	}
	return "nothing"
}
