package api_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// archivist stands for what a replay reads from where nothing was ever read,
// and notes whose past was asked for.
type archivist struct {
	ports.Configs // of which a replay asks for the one in force

	asked  []domain.ProviderID
	active error
}

func (a *archivist) Active(_ context.Context, p domain.ProviderID) (domain.ScrapingVersion, error) {
	a.asked = append(a.asked, p)
	return domain.ScrapingVersion{Provider: p, Version: 1}, a.active
}
func (*archivist) Reads(context.Context, domain.ProviderID) ([]ports.PageRead, error) {
	return []ports.PageRead{{Source: "gone", PageID: 1, At: noon, Known: noon}}, nil
}
func (*archivist) Withheld(context.Context, domain.ProviderID) ([]domain.HeldChange, error) {
	return nil, nil
}

func (*archivist) Origins(context.Context, domain.ProviderID) (map[int64]ports.PageRead, error) {
	return nil, nil
}
func (*archivist) Update(_ context.Context, _ domain.ProviderID, decide ports.Decide) (int64, error) {
	_, err := decide(ledger.State{})
	return 7, err
}
func (*archivist) Stated(context.Context, domain.ProviderID, string) ([]domain.Quote, error) {
	return nil, nil
}

func withReplay(a *archivist) func(*world) {
	return func(w *world) {
		w.config.Replay = app.NewReplay(app.ReplayConfig{Archive: a, Configs: a, Ledger: a, Now: func() time.Time { return noon }})
	}
}

func TestAReplayIsOfEveryProviderOrOfThoseNamed(t *testing.T) {
	for body, want := range map[string][]domain.ProviderID{
		"":                                      {"acme", "asleep", "zenith"},
		`{"apply":true}`:                        {"acme", "asleep", "zenith"},
		`{"providers":["asleep"]}`:              {"asleep"},
		`{"providers":["zenith"],"apply":true}`: {"zenith"},
	} {
		var a archivist
		w := newWorld(t, withReplay(&a))
		got := decode[oas.ReplayResult](t, w.do(exchange{method: "POST", path: "/api/admin/replay", key: w.admin, body: body}))
		if !slices.Equal(a.asked, want) || len(got.Providers) != len(want) || got.Applied != (len(body) > 0 && body[len(body)-5:] == "true}") {
			t.Errorf("%q: asked for %v, answered %+v", body, a.asked, got)
		}
		for _, p := range got.Providers {
			if p.CatalogueVersion != 7 || p.Differences == nil || len(p.Skipped) != 1 || p.Skipped[0].Source != "gone" || !p.Skipped[0].ReadAt.Equal(noon) || p.Skipped[0].Reads != 1 {
				t.Errorf("%q: %+v", body, p)
			}
		}
	}
}

func TestAReplayThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		fail error
		kind oas.ProblemKind
		code int
	}{
		"unknown provider":  {`{"providers":["nobody"]}`, nil, "invalid", http.StatusBadRequest},
		"provider twice":    {`{"providers":["acme","acme"]}`, nil, "invalid", http.StatusBadRequest},
		"unknown field":     {`{"write":true}`, nil, "invalid", http.StatusBadRequest},
		"apply is a word":   {`{"apply":"yes"}`, nil, "invalid", http.StatusBadRequest},
		"no configuration":  {`{"providers":["acme"]}`, domain.Errorf(domain.KindNotFound, "no configuration"), "not_found", http.StatusNotFound},
		"the store is away": {`{}`, domain.Errorf(domain.KindUnavailable, "away"), "unavailable", http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withReplay(&archivist{active: test.fail}))
			answer := w.do(exchange{method: "POST", path: "/api/admin/replay", key: w.admin, body: test.body})
			if p := problemOf(t, answer); answer.Code != test.code || p.Kind != test.kind {
				t.Errorf("%d %+v", answer.Code, p)
			}
		})
	}
}
