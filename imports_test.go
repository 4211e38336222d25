package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/adapters/postgres"
	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// recordedHistory is what another catalogue recorded of one provider: its whole
// state at every instant at which something changed.
type recordedHistory struct {
	provider domain.ProviderID
	changes  int
	lists    []app.ImportedList
}

// recordedChange is one line of such a file.
type recordedChange struct {
	At      time.Time                  `json:"at"`
	Event   string                     `json:"event"`
	ID      string                     `json:"id"`
	Name    string                     `json:"name"`
	Context *int64                     `json:"context"`
	Output  *int64                     `json:"output_limit"`
	Cost    map[string]json.RawMessage `json:"cost"`
}

// recordedHistories reads the histories of the recorded corpus, or skips.
func recordedHistories(t testing.TB) []recordedHistory {
	t.Helper()
	corpus := os.Getenv("RATECARD_CORPUS")
	if corpus == "" {
		t.Skip("RATECARD_CORPUS is not set: there is no recorded history to import")
	}
	files, err := filepath.Glob(filepath.Join(corpus, "history", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Skipf("%s holds no history/*.jsonl (%v)", corpus, err)
	}
	var all []recordedHistory
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ToLower(strings.TrimSuffix(filepath.Base(file), ".jsonl"))
		all = append(all, readHistory(t, domain.ProviderID(name), text))
	}
	return all
}

// readHistory makes a complete list of every instant. The lines of one instant
// are one change of the catalogue.
func readHistory(t testing.TB, provider domain.ProviderID, text []byte) recordedHistory {
	t.Helper()
	h := recordedHistory{provider: provider}
	sold := map[string]app.ImportedModel{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c recordedChange
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", provider, err)
		}
		if delete(sold, c.ID); c.Event != "removed" {
			sold[c.ID] = c.model(t)
		}
		h.changes++
		if last := len(h.lists) - 1; last < 0 || h.lists[last].At.Before(c.At) {
			h.lists = append(h.lists, app.ImportedList{Provider: provider, At: c.At})
		}
		list := &h.lists[len(h.lists)-1]
		list.Models = list.Models[:0:0]
		for _, m := range sold {
			list.Models = append(list.Models, m)
		}
	}
	return h
}

// known takes the catalogue's 0 for what it means there.
func known(tokens *int64) *int64 {
	if tokens != nil && *tokens == 0 {
		return nil
	}
	return tokens
}

// meterNames are the recorded catalogue's names; others are kept.
var meterNames = map[string]domain.Meter{"inputCached": domain.MeterCacheRead, "outputCached": domain.MeterCacheWrite}

func (c recordedChange) model(t testing.TB) app.ImportedModel {
	t.Helper()
	m := app.ImportedModel{ID: c.ID, DisplayName: c.Name, ContextWindow: known(c.Context), MaxOutputTokens: known(c.Output)}
	var rates func(cost map[string]json.RawMessage, from int64)
	rates = func(cost map[string]json.RawMessage, from int64) {
		for name, value := range cost {
			var inner map[string]json.RawMessage
			var steps []map[string]json.RawMessage
			switch {
			case name == "tier":
			case json.Unmarshal(value, &inner) == nil: // context_over_200k
				rates(inner, 200_001)
			case json.Unmarshal(value, &steps) == nil:
				for _, step := range steps {
					var tier struct {
						Size int64 `json:"size"`
					}
					if err := json.Unmarshal(step["tier"], &tier); err != nil {
						t.Fatalf("%s: %v", c.ID, err)
					}
					rates(step, tier.Size)
				}
			default:
				meter, renamed := meterNames[name]
				if !renamed {
					meter = domain.Meter(name)
				}
				amount := decimal.RequireFromString(string(value)).String()
				m.Rates = append(m.Rates, app.ImportedRate{Meter: meter, MinPromptTokens: from, Amount: amount})
			}
		}
	}
	rates(c.Cost, 0)
	return m
}

// state is what a list prices, one line for each rate.
func state(list app.ImportedList) []string {
	var out []string
	for _, m := range list.Models {
		for _, r := range m.Rates {
			out = append(out, fmt.Sprint(m.ID, " ", r.Meter, " ", r.MinPromptTokens, " ", r.Amount))
		}
	}
	slices.Sort(out)
	return out
}

// stateAt is what the catalogue answers for an instant, of the imported layer.
func stateAt(t testing.TB, c ports.Catalogue, provider domain.ProviderID, models []string, at time.Time) []string {
	t.Helper()
	var out []string
	for _, id := range models {
		rates, err := c.History(context.Background(), domain.ModelKey{Provider: provider, ID: id},
			ports.HistoryQuery{Range: domain.Span{From: at, To: at.Add(time.Microsecond)}, Overlapping: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rates {
			if r.Layer == domain.LayerImported {
				out = append(out, fmt.Sprint(id, " ", r.Meter, " ", r.MinPromptTokens, " ", r.Amount))
			}
		}
	}
	slices.Sort(out)
	return out
}

func (h recordedHistory) models() []string {
	var ids []string
	for _, list := range h.lists {
		for _, m := range list.Models {
			ids = append(ids, m.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// replay imports a history change by change, and gives how many rates that
// wrote.
func (h recordedHistory) replay(t testing.TB, store *postgres.Store) (written int) {
	t.Helper()
	for _, list := range h.lists {
		result, err := app.Import(context.Background(), postgres.NewLedger(store), []app.ImportedList{list}, "a test", time.Now)
		if err != nil {
			t.Fatal(err)
		}
		written += result.Written
	}
	return written
}

// TestRecordedHistoryImported: months of another catalogue's changes, imported
// change by change, are answered as they were at every instant and just before
// it; imported again they change nothing; and all at once, in any order, they
// make the same history.
func TestRecordedHistoryImported(t *testing.T) {
	histories := recordedHistories(t)
	b := &bench{world: world{now: time.Now}}
	b.open(t)
	store := b.store
	catalogue := postgres.NewCatalogue(store)

	began, changes, lists := time.Now(), 0, 0
	for _, h := range histories {
		if h.replay(t, store) == 0 {
			t.Errorf("%s: nothing was written", h.provider)
		}
		changes, lists = changes+h.changes, lists+len(h.lists)
	}
	took := time.Since(began)
	t.Logf("%d changes at %d instants of %d providers: imported in %s", changes, lists, len(histories), took.Round(time.Millisecond))
	if took > 20*time.Second {
		t.Errorf("it took %s, more than 20 s", took)
	}

	for _, h := range histories {
		models, before := h.models(), []string(nil)
		for _, list := range h.lists {
			if got := stateAt(t, catalogue, h.provider, models, list.At.Add(-time.Microsecond)); !slices.Equal(got, before) {
				t.Fatalf("%s just before %s: %d rates, want %d", h.provider, list.At, len(got), len(before))
			}
			want := state(list)
			if got := stateAt(t, catalogue, h.provider, models, list.At); !slices.Equal(got, want) {
				t.Fatalf("%s at %s:\n%s\nwant\n%s", h.provider, list.At, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			before = want
		}
	}

	tables := []string{"models", "model_versions", "rate_keys", "rates", "superseded_rates", "events"}
	rows := map[string]int{}
	for _, table := range tables {
		rows[table] = b.count(t, table)
	}
	began = time.Now()
	for _, h := range histories {
		if n := h.replay(t, store); n != 0 {
			t.Errorf("%s again: %d rates written", h.provider, n)
		}
	}
	t.Logf("again, with nothing to write: %s", time.Since(began).Round(time.Millisecond))
	for _, table := range tables {
		if n := b.count(t, table); n != rows[table] {
			t.Errorf("%s: %d rows after the second time, %d before", table, n, rows[table])
		}
	}

	began = time.Now()
	var all []app.ImportedList
	for _, h := range histories {
		for _, list := range h.lists {
			list.Provider = "other-" + list.Provider
			all = append(all, list)
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if _, err := app.Import(t.Context(), postgres.NewLedger(store), all, "a test", time.Now); err != nil {
		t.Fatal(err)
	}
	t.Logf("all at once, in disorder: %s", time.Since(began).Round(time.Millisecond))
	for _, h := range histories {
		for _, id := range h.models() {
			one, other := spansOf(t, catalogue, h.provider, id), spansOf(t, catalogue, "other-"+h.provider, id)
			if !slices.Equal(one, other) {
				t.Errorf("%s %s: in disorder\n%s\nchange by change\n%s", h.provider, id, strings.Join(other, "\n"), strings.Join(one, "\n"))
			}
		}
	}
}

// spansOf is the whole believed history of a model, a line for each rate.
func spansOf(t testing.TB, c ports.Catalogue, provider domain.ProviderID, id string) []string {
	t.Helper()
	rates, err := c.History(context.Background(), domain.ModelKey{Provider: provider, ID: id}, ports.HistoryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rates {
		out = append(out, fmt.Sprint(r.Meter, " ", r.MinPromptTokens, " ", r.Amount, " ", r.Effective.From, " ", r.Effective.To))
	}
	return out
}
