package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// matching answers from a map.
type matching map[domain.ProviderID]ports.Printed

func (m matching) Rulings(context.Context) ([]domain.Ruling, error) { return nil, nil }

func (m matching) Printed(_ context.Context, provider domain.ProviderID) (ports.Printed, error) {
	return m[provider], nil
}

func models(provider string, ids ...string) (list []domain.Model) {
	for _, id := range ids {
		list = append(list, model(provider, id).Model)
	}
	return list
}

// unmatchedWorld has two sellers with something of every kind left over.
func unmatchedWorld(t *testing.T) *world {
	gone := models("acme", "acme-gone-1")
	gone[0].Usability = domain.UsabilityDeprecated
	ruled := func(kind domain.RulingKind, id, name string) domain.Ruling {
		return domain.Ruling{Kind: kind, Name: name, Model: domain.ModelKey{Provider: "acme", ID: id}}
	}
	return newWorld(t, func(w *world) {
		w.config.Matching = matching{
			"acme": {
				Models: append(gone, models("acme", "acme-large-2", "acme-small-2", "acme-research-2", "acme-tiny-2-0301", "acme-huge-2", "acme-old-1")...),
				Names:  []string{"Acme Large 2", "Acme Small 3", "Acme Reserach 2", "Acme Huge 2", "Acme Huge 2 mini"},
				Rulings: []domain.Ruling{
					ruled(domain.RulingForbid, "acme-huge-2", "Acme Huge 2"), ruled(domain.RulingPin, "acme-old-1", "Acme Old"),
				},
			},
			"zenith": {Models: models("zenith", "veo-3")},
		}
	})
}

func TestUnmatched(t *testing.T) {
	w := unmatchedWorld(t)
	get := func(query string) oas.UnmatchedPage {
		return decode[oas.UnmatchedPage](t, w.do(exchange{path: "/api/admin/unmatched" + query, key: w.admin}))
	}
	line := func(u oas.Unmatched) string {
		first := ""
		if len(u.Candidates) > 0 {
			first = " " + u.Candidates[0].Text
		}
		return fmt.Sprintf("%s %s %s %s%s", u.Provider, u.Kind, u.Text, u.Reason, first)
	}
	lines := func(items []oas.Unmatched) (out []string) {
		for _, u := range items {
			out = append(out, line(u))
		}
		return out
	}
	want := []string{
		"acme model acme-huge-2 forbidden Acme Huge 2",
		"acme model acme-old-1 unprinted Acme Old",
		"acme model acme-research-2 held Acme Reserach 2",
		"acme model acme-small-2 version Acme Small 3",
		"acme model acme-tiny-2-0301 variant Acme Huge 2",
		"acme name Acme Huge 2 forbidden acme-huge-2",
		"acme name Acme Huge 2 mini variant acme-huge-2",
		"acme name Acme Reserach 2 held acme-research-2",
		"acme name Acme Small 3 version acme-small-2",
		"zenith model veo-3 far",
	}
	whole := get("")
	if got := lines(whole.Items); !slices.Equal(got, want) || whole.Total != len(want) || !whole.NextCursor.Null {
		t.Errorf("got %d:\n%s\nwant\n%s", whole.Total, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var walked []string
	for query := "?limit=3"; ; {
		page := get(query)
		if walked = append(walked, lines(page.Items)...); page.NextCursor.Null {
			break
		}
		query = "?limit=3&cursor=" + page.NextCursor.Value
	}
	if !slices.Equal(walked, want) {
		t.Errorf("page by page:\n%s", strings.Join(walked, "\n"))
	}
	if got := get("?kind=name&provider=acme"); got.Total != 4 || got.Items[0].Kind != "name" {
		t.Errorf("names of one provider: %+v", got)
	}
	if got := get("?provider=nobody"); got.Total != 0 {
		t.Errorf("of nobody: %+v", got)
	}
	for _, query := range []string{"?cursor=nonsense", "?kind=page", "?limit=501"} {
		if p := problemOf(t, w.do(exchange{path: "/api/admin/unmatched" + query, key: w.admin})); p.Status != 400 {
			t.Errorf("%s: %+v", query, p)
		}
	}
}
