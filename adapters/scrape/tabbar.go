package scrape

import (
	"slices"
	"strings"

	"ratecard/domain"
)

// A tabBar is a line that holds the names of tabs and nothing else, as
// converters leave it that lose which pane is whose: "[Standard][Batch][Flex]".
// A name that is no tier is one of a tab that is none, or of no tab at all.
type tabBar []domain.Tier

// tabBarOf reads a tab bar: at least two tiers, each once, among links or words
// that stand alone.
func tabBarOf(t text, voc vocabulary) tabBar {
	var names []string
	for _, r := range t {
		switch s := strings.TrimSpace(r.text); {
		case s == "":
		case r.kind == link:
			names = append(names, s)
		case r.kind == plain:
			names = append(names, strings.Fields(s)...)
		default:
			return nil
		}
	}
	if len(names) < 2 || len(names) > 12 {
		return nil
	}
	var bar tabBar
	known := 0
	for _, name := range names {
		if strings.EqualFold(name, "more") { // opens the tabs that there was no room for
			continue
		}
		tier, ok := voc.exactly(name)
		if ok && slices.Contains(bar, tier) || len(wordsOf(name)) > 3 {
			return nil
		}
		if ok {
			known++
		}
		bar = append(bar, tier)
	}
	if known < 2 || 2*known < len(bar) {
		return nil
	}
	return bar
}

// of gives the tiers of n panes in the order of their tabs: empty for a tab that
// is no tier; nil where the numbers differ, so that nobody knows which is whose.
func (bar tabBar) of(n int) []domain.Tier {
	tiers := slices.DeleteFunc(slices.Clone(bar), func(t domain.Tier) bool { return t == "" })
	switch n {
	case len(tiers):
		return tiers
	case len(bar):
		return bar
	}
	return nil
}

// unbar gives the panes under a tab bar to the open section, each with the tier
// of its tab. Where their numbers differ only the first is known: a page opens
// with its first tab.
func (f *sectionFinder) unbar() {
	tiers := f.bar.of(len(f.panes))
	for i, t := range f.panes {
		switch {
		case tiers != nil && tiers[i] != "":
			t.tier = tiers[i]
		case tiers != nil || i > 0 || f.bar[0] == "":
			continue
		default:
			t.tier = f.bar[0]
		}
		f.open.tables = append(f.open.tables, t)
	}
	f.bar, f.panes = nil, nil
}

// listsModels tells whether a table has a column of models: whichever section it
// stands in, its rows are not that section's model.
func listsModels(t *table) bool {
	return slices.ContainsFunc(t.rows[0], func(c *cell) bool {
		words := wordsOf(c.text.words())
		return len(words) <= 2 && anyOf(words, "model", "models")
	})
}
