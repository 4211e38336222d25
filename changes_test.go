package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/api"
	"ratecard/adapters/export"
	"ratecard/adapters/memory"
	"ratecard/adapters/postgres"
	"ratecard/adapters/scrape"
	"ratecard/app"
	"ratecard/domain"
)

// asker asks the interface over a bench's store.
type asker struct{ server *api.Server }

func (b *bench) keyring(t testing.TB) *memory.Keyring {
	t.Helper()
	keys, err := memory.NewKeyring(t.Context(), postgres.NewKeys(b.store))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func (b *bench) asker(t testing.TB) asker {
	t.Helper()
	catalogue := postgres.NewCatalogue(b.store)
	server, err := api.New(api.Config{
		Locator:  scrape.New(),
		Exporter: export.Writer{}, Timelines: catalogue, Catalogue: catalogue, Manual: catalogue, Adjustments: postgres.NewLedger(b.store), Audit: postgres.NewAudit(b.store), Ledger: postgres.NewLedger(b.store), Matching: postgres.NewLedger(b.store), Held: postgres.NewHeld(b.store),
		Runs: postgres.NewRuns(b.store), Keys: b.keyring(t), Scheduler: newTestScheduler(b),
		Providers: newProviders(config{}, b.world, b.store), AnonymousReads: true, AdminKeyHash: app.HashSecret(siteKey), Spec: openapi, Now: b.world.now,
		Log: slog.New(slog.DiscardHandler), Ready: b.store.Ping,
	})
	if err != nil {
		t.Fatal(err)
	}
	return asker{server}
}

func (a asker) get(t fataler, path string, into any) {
	t.Helper()
	answer := httptest.NewRecorder()
	a.server.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	if answer.Code != 200 {
		t.Fatalf("%s: status %d: %s", path, answer.Code, answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// fataler is what testing.TB and rapid.T have in common here.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

type toldRate struct {
	ID       int64
	At       time.Time
	Kind     string
	Provider string
	Model    string
	Payload  domain.RatePayload
}

// told gives the events of rates after an id, of which there are at most 500
// at a time.
func (a asker) told(t fataler, after int64) (events []toldRate, last int64) {
	t.Helper()
	last = after
	for {
		var page struct {
			Items      []toldRate
			NextCursor int64
		}
		a.get(t, fmt.Sprintf("/api/events?limit=500&after=%d", last), &page)
		if len(page.Items) == 0 {
			return events, last
		}
		for _, e := range page.Items {
			if strings.HasPrefix(e.Kind, "rate.") {
				events = append(events, e)
			}
		}
		last = page.NextCursor
	}
}

type recordedRate struct {
	Layer, Tier, Meter, Region, Amount string
	MinPromptTokens                    int64
	EffectiveDate                      time.Time
	EndDate, KnownTo                   *time.Time
	KnownFrom                          time.Time
	EvidenceID                         *int64
}

func (e toldRate) of(r recordedRate) bool {
	p := e.Payload
	return r.Layer == string(p.Layer) && r.Tier == string(p.Tier) && r.Meter == string(p.Meter) &&
		r.Region == string(p.Region) && r.MinPromptTokens == p.MinPromptTokens
}

// checkRecorded sees that what an event tells of a change stands in the history
// as it was believed from then on: the new price from the instant on at which
// it takes effect, the old one until then.
func (a asker) checkRecorded(t fataler, e toldRate) {
	t.Helper()
	effective, err := time.Parse(time.RFC3339Nano, e.Payload.Effective)
	if err != nil {
		t.Fatalf("%s of %s takes effect at %q", e.Kind, e.Model, e.Payload.Effective)
	}
	var history struct{ Items []recordedRate }
	a.get(t, "/api/models/"+url.PathEscape(e.Model)+"/pricing-history?provider="+e.Provider+"&knownAt="+e.At.Format(time.RFC3339Nano), &history)
	begins := slices.ContainsFunc(history.Items, func(r recordedRate) bool {
		return e.of(r) && r.Amount == e.Payload.New && r.EffectiveDate.Equal(effective) && !r.KnownFrom.After(e.At)
	})
	ends := slices.ContainsFunc(history.Items, func(r recordedRate) bool {
		return e.of(r) && r.Amount == e.Payload.Old && r.EndDate != nil && r.EndDate.Equal(effective)
	})
	if e.Payload.New != "" && !begins {
		t.Fatalf("%s of %s %s: no record of %s from %s on: %+v", e.Kind, e.Model, e.Payload.Meter, e.Payload.New, effective, history.Items)
	}
	if e.Kind == string(domain.EventRateChanged) && !ends {
		t.Fatalf("%s of %s %s: no record of %s until %s: %+v", e.Kind, e.Model, e.Payload.Meter, e.Payload.Old, effective, history.Items)
	}
}

// checkEvidence sees that an event names the statement behind its new price.
func (a asker) checkEvidence(t testing.TB, e toldRate) {
	t.Helper()
	var evidence struct {
		Amount string
		Place  struct{ Cell string }
		Around *struct {
			Found bool
			Row   []string
		}
		Page struct{ URL, SHA256 string }
	}
	if e.Payload.EvidenceID == 0 {
		t.Fatalf("%s of %s %s rests on nothing", e.Kind, e.Model, e.Payload.Meter)
	}
	a.get(t, fmt.Sprintf("/api/evidence/%d", e.Payload.EvidenceID), &evidence)
	if evidence.Amount != e.Payload.New || evidence.Place.Cell == "" || evidence.Around == nil || !evidence.Around.Found || len(evidence.Around.Row) == 0 || evidence.Page.URL == "" || len(evidence.Page.SHA256) != 64 {
		t.Errorf("%s of %s to %s rests on %+v", e.Kind, e.Model, e.Payload.New, evidence)
	}
}

// listPrices are the list prices in force now, by what they are the price of.
func (b *bench) listPrices(t testing.TB) map[domain.RateKey]string {
	t.Helper()
	out := map[domain.RateKey]string{}
	rows, err := b.store.Pool().Query(context.Background(), `
		SELECT m.provider, m.id, k.layer, k.tier, k.meter, k.region, k.min_prompt_tokens, r.amount::text
		FROM rates r JOIN rate_keys k ON k.number = r.key JOIN models m ON m.number = k.model WHERE r.effective @> $1::timestamptz`, b.world.now())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var k domain.RateKey
		var amount string
		if err := rows.Scan(&k.Model.Provider, &k.Model.ID, &k.Layer, &k.Tier, &k.Meter, &k.Region, &k.MinPromptTokens, &amount); err != nil {
			t.Fatal(err)
		}
		out[k] = trimmed(amount)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return out
}

func trimmed(amount string) string {
	if strings.Contains(amount, ".") {
		amount = strings.TrimRight(strings.TrimRight(amount, "0"), ".")
	}
	return amount
}

// TestProperty37_ChangeRecording: every price that differs from one day to the
// next is told of with its old and new value, when it takes effect, when it
// was seen and the evidence; nothing else is told as a change; and the history
// says the same, then and ever after.
func TestProperty37_ChangeRecording(t *testing.T) {
	t.Run("over the days of the demo", func(t *testing.T) {
		b := newBench(t)
		ask := b.asker(t)
		var all []toldRate
		before, last := map[domain.RateKey]string{}, int64(0)
		for day := 1; day <= b.site.Days(); day++ {
			b.site.SetDay(day)
			began := b.world.now()
			for _, provider := range b.world.providers {
				b.whose = provider.ID
				b.run(t)
			}
			ended, now := b.world.now(), b.listPrices(t)
			want := map[domain.RateKey]string{}
			for key, amount := range now {
				if before[key] != amount {
					want[key] = before[key] + " → " + amount
				}
			}
			var events []toldRate
			events, last = ask.told(t, last)
			for _, e := range events {
				if e.At.Before(began.Add(-time.Microsecond)) || e.At.After(ended) {
					t.Errorf("day %d: %s was seen at %s, not between %s and %s", day, e.Kind, e.At, began, ended)
				}
				if e.Payload.New != "" {
					ask.checkRecorded(t, e)
					ask.checkEvidence(t, e)
				}
				if p := e.Payload; e.Kind == string(domain.EventRateOpened) || e.Kind == string(domain.EventRateChanged) {
					key := domain.RateKey{
						Model: domain.ModelKey{Provider: domain.ProviderID(e.Provider), ID: e.Model}, Layer: p.Layer,
						Tier: p.Tier, Meter: p.Meter, Region: p.Region, MinPromptTokens: p.MinPromptTokens,
					}
					if want[key] != p.Old+" → "+p.New {
						t.Errorf("day %d: told %s of %v: %s → %s, want %q", day, e.Kind, key, p.Old, p.New, want[key])
					}
					delete(want, key)
				}
			}
			for key, change := range want {
				t.Errorf("day %d: nothing told that %v went %s", day, key, change)
			}
			before, all = now, append(all, events...)
			b.pass(24 * time.Hour)
		}
		changed := 0
		for _, e := range all {
			if e.Kind == string(domain.EventRateChanged) {
				changed++
			}
			if e.Payload.New != "" {
				ask.checkRecorded(t, e) // as it was believed then, whatever came later
			}
		}
		if changed == 0 {
			t.Error("no day changed a price: nothing was tested")
		}
	})

	t.Run("whatever changes", func(t *testing.T) {
		b := &bench{world: world{now: time.Now}}
		b.open(t)
		ask, book := b.asker(t), postgres.NewLedger(b.store)
		cases, last := 0, int64(0)
		rapid.Check(t, func(t *rapid.T) {
			cases++
			provider := domain.ProviderID(fmt.Sprintf("p%d", cases))
			at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			was := map[domain.Meter]string{}
			for range rapid.IntRange(1, 4).Draw(t, "changes") {
				at = at.Add(time.Duration(rapid.Int64Range(1, 90*24*3600*1e6).Draw(t, "microseconds later")) * time.Microsecond)
				is, list := map[domain.Meter]string{}, app.ImportedList{Provider: provider, At: at, Models: []app.ImportedModel{{ID: "a/b m-1"}}}
				for _, meter := range []domain.Meter{domain.MeterInput, domain.MeterOutput} {
					if amount := rapid.SampledFrom([]string{"", "0", "0.000000000001", "2.5", "75", "1000000"}).Draw(t, string(meter)); amount != "" {
						is[meter] = amount
						list.Models[0].Rates = append(list.Models[0].Rates, app.ImportedRate{Meter: meter, Amount: amount})
					}
				}
				began := domain.Instant(time.Now())
				if _, err := app.Import(context.Background(), book, []app.ImportedList{list}, "a test", func() time.Time { return began }); err != nil {
					t.Fatal(err)
				}
				var events []toldRate
				events, last = ask.told(t, last)
				told := map[domain.Meter]string{}
				for _, e := range events {
					if e.At.Before(began) || e.At.After(began.Add(time.Millisecond)) || e.Payload.Effective != at.Format(time.RFC3339Nano) || e.Payload.By != "a test" {
						t.Fatalf("told %+v of a change that was seen at %s and takes effect at %s", e, began, at)
					}
					told[e.Payload.Meter] = e.Kind + " " + e.Payload.Old + " → " + e.Payload.New
					ask.checkRecorded(t, e)
				}
				for _, meter := range []domain.Meter{domain.MeterInput, domain.MeterOutput} {
					if want := change(was[meter], is[meter]); told[meter] != want {
						t.Fatalf("%s from %q to %q: told %q, want %q", meter, was[meter], is[meter], told[meter], want)
					}
				}
				was = is
			}
		})
	})
}

// change is what is told of a price that was and is; "" stands for none.
func change(was, is string) string {
	kind := domain.EventRateChanged
	switch {
	case was == is:
		return ""
	case was == "":
		kind = domain.EventRateOpened
	case is == "":
		kind = domain.EventRateEnded
	}
	return fmt.Sprint(kind, " ", was, " → ", is)
}
