package ports_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/ports"
)

// Amended models are those that were read, and of those that were held the others.
func TestAmended(t *testing.T) {
	models := func(name string) *rapid.Generator[[]ports.ModelView] {
		return rapid.Custom(func(t *rapid.T) []ports.ModelView {
			ids := rapid.SliceOfDistinct(rapid.StringMatching("[a-e]{0,2}"), rapid.ID[string]).Draw(t, "ids")
			slices.Sort(ids)
			list := make([]ports.ModelView, len(ids))
			for i, id := range ids {
				list[i].ID, list[i].DisplayName = id, name
			}
			return list
		})
	}
	named := func(lists ...[]ports.ModelView) map[string]string {
		names := map[string]string{}
		for _, list := range lists {
			for _, m := range list {
				names[m.ID] = m.DisplayName
			}
		}
		return names
	}
	rapid.Check(t, func(t *rapid.T) {
		held, read := models("held").Draw(t, "held"), models("read").Draw(t, "read")
		before := slices.Clone(held)
		got := ports.Amended(held, read)
		if !slices.IsSortedFunc(got, func(a, b ports.ModelView) int { return strings.Compare(a.ID, b.ID) }) {
			t.Fatalf("not in order: %v", got)
		}
		want := named(held, read)
		if len(got) != len(want) {
			t.Fatalf("%d models, want %d", len(got), len(want))
		}
		for id, name := range named(got) {
			if want[id] != name {
				t.Fatalf("%q is as %s, want %s", id, name, want[id])
			}
		}
		if !slices.EqualFunc(held, before, func(a, b ports.ModelView) bool { return a.ModelKey == b.ModelKey && a.DisplayName == b.DisplayName }) {
			t.Fatal("what was held is changed")
		}
	})
}
