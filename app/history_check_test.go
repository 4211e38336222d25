package app_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// check compares everything that is believed now with the model.
func (h *history) check() {
	if differ := h.differs(h.want); differ != "" {
		h.t.Fatalf("at %s %s", h.now, differ)
	}
}

func (h *history) state() ledger.State {
	var state ledger.State
	_, err := h.one.ledger.Update(context.Background(), h.seller, func(s ledger.State) (ledger.Change, error) {
		state = s
		return ledger.Change{}, nil
	})
	if err != nil {
		h.t.Fatalf("reading what is believed: %v", err)
	}
	return state
}

// differs says where the books and an account are not the same; empty where
// they are. Rates of one key must not overlap, and every gap must be one that
// the account has: since what was forgotten, to the microsecond.
func (h *history) differs(want *account) string {
	state := h.state()
	got := map[domain.RateKey]course{}
	for _, r := range state.Rates {
		c := got[r.RateKey]
		if n := len(c); n > 0 && (c[n-1].to.IsZero() || r.Effective.From.Before(c[n-1].to)) {
			return fmt.Sprintf("rates of %v overlap: %v and %v", r.RateKey, c[n-1], r.Effective)
		}
		got[r.RateKey] = append(c, piece{r.Effective.From, r.Effective.To, r.Amount.String()})
	}
	for key := range want.rates {
		if _, known := got[key]; !known {
			got[key] = nil
		}
	}
	for key, c := range got {
		if is, must := c.joined().since(want.forgotten), want.now(key).since(want.forgotten); !slices.Equal(is, must) {
			return fmt.Sprintf("%v costs\n%v, it must cost\n%v", key, is, must)
		}
		if _, unlisted := state.Unlisted[key]; unlisted != want.unlisted[key] {
			return fmt.Sprintf("%v: unlisted is %v, it must be %v", key, unlisted, want.unlisted[key])
		}
	}
	for _, m := range state.Models {
		must, _ := want.model(m.ID)
		if is := seenOf(m); !is.alike(must) {
			return fmt.Sprintf("%s is %+v, it must be %+v", m.ID, is, must)
		}
	}
	if len(state.Models) != len(want.models) {
		return fmt.Sprintf("%d models are known, it must be %d", len(state.Models), len(want.models))
	}
	return ""
}

func seenOf(m domain.ModelVersion) seen {
	s := seen{name: m.DisplayName, active: m.Usability.Active(), source: m.Source}
	if m.RetiresAt != nil {
		s.ends = *m.RetiresAt
	}
	return s
}

// alike compares what was seen, whenever it was.
func (s seen) alike(o seen) bool {
	s.known, o.known = time.Time{}, time.Time{}
	return s == o
}

// An answer was given to a question about the past: what one model cost, or
// with an empty model, what was in the catalogue. It stands for ever.
type answer struct {
	model string
	asOf  domain.AsOf
	said  map[string]string
}

// ask asks a few new questions about instants of all kinds, and a few old ones.
func (h *history) ask() {
	for range 3 {
		known := one(h.draw, h.calm...)
		at := one(h.draw, one(h.draw, h.calm...), h.day(-400, 60).Start(), known)
		if at.Before(h.want.forgotten) {
			at = h.want.forgotten
		}
		a := answer{model: one(h.draw, slices.Concat(h.names, []string{""})...), asOf: domain.AsOf{At: at, KnownAt: known}}
		a.said = h.answer(a)
		if must := h.must(a); !maps.Equal(a.said, must) {
			h.t.Errorf("of %q in force at %s as known at %s it said\n%v, it must say\n%v", a.model, at, known, a.said, must)
		}
		h.given = append(h.given, a)
	}
	for range 5 {
		a := one(h.draw, h.given...)
		if a.asOf.At.Before(h.want.forgotten) {
			continue
		}
		if again := h.answer(a); !maps.Equal(again, a.said) {
			h.t.Errorf("at %s: of %q in force at %s as known at %s it said\n%v, and now it says\n%v", h.now, a.model, a.asOf.At, a.asOf.KnownAt, a.said, again)
		}
	}
}

func (h *history) answer(a answer) map[string]string {
	said := map[string]string{}
	if a.model != "" {
		rows, err := h.two.catalogue.History(context.Background(), domain.ModelKey{Provider: h.seller, ID: a.model}, ports.HistoryQuery{
			Range: domain.Span{From: a.asOf.At, To: a.asOf.At.Add(time.Microsecond)}, Overlapping: true, KnownAt: a.asOf.KnownAt,
		})
		if err != nil {
			h.t.Fatalf("asking for the history: %v", err)
		}
		for _, r := range rows {
			said[rateName(r.RateKey)] = r.Amount.String()
		}
		return said
	}
	page, err := h.two.catalogue.Models(context.Background(), ports.ModelQuery{
		AsOf: a.asOf, Limit: 1000, Providers: []domain.ProviderID{h.seller}, Usabilities: []domain.Usability{domain.UsabilityAvailable, domain.UsabilityDeprecated},
	})
	if err != nil {
		h.t.Fatalf("asking for the catalogue: %v", err)
	}
	for _, m := range page.Models {
		said[m.ID] = fmt.Sprintf("%+v", seenOf(m.ModelVersion))
		for _, r := range m.Rates {
			said[rateName(r.RateKey)] = r.Amount.String()
		}
	}
	return said
}

func rateName(k domain.RateKey) string {
	return fmt.Sprintf("%s %s %s %s %d", k.Model.ID, k.Layer, k.Tier, k.Meter, k.MinPromptTokens)
}

// must is what the model of the rules answers.
func (h *history) must(a answer) map[string]string {
	said := map[string]string{}
	for id := range h.want.models {
		if a.model != "" {
			continue
		}
		if was, there := h.want.was(id, a.asOf.AttributesAt()); there {
			was.known = time.Time{}
			said[id] = fmt.Sprintf("%+v", was)
		}
	}
	for key := range h.want.rates {
		_, there := said[key.Model.ID]
		if there = there || key.Model.ID == a.model; !there {
			continue
		}
		if amount := h.want.cost(key, a.asOf.At, a.asOf.KnownAt); amount != "" {
			said[rateName(key)] = amount
		}
	}
	return said
}
