package match_test

import (
	"strings"
	"testing"

	"ratecard/domain"
	"ratecard/domain/match"
)

// A section is a seller's list and one of its pages, and what becomes of them.
type section struct {
	title  string
	models []domain.Model
	page   match.Page
	want   []match.Pair
}

func sections(t *testing.T) (all []section) {
	t.Helper()
	for _, row := range told(t, "pages.txt") {
		if title, ok := strings.CutPrefix(row[0], "== "); ok {
			all = append(all, section{title: title, page: match.Page{Aliases: map[string][]string{}}})
			continue
		}
		if row[0] == "" {
			continue
		}
		s := &all[len(all)-1]
		switch row[0] {
		case "+":
			s.page.Names = append(s.page.Names, row[1])
		case "=":
			s.page.Aliases[row[1]] = row[2:]
		default:
			provider, _, _ := strings.Cut(s.title, " ")
			s.models = append(s.models, domain.Model{ModelKey: domain.ModelKey{Provider: domain.ProviderID(provider), ID: row[0]}})
			want := match.Pair{ModelID: row[0]}
			if row[1] != "-" {
				want.Name, want.How = row[1], match.How(row[2])
				s.page.Names = append(s.page.Names, row[1])
			}
			s.want = append(s.want, want)
		}
	}
	return all
}

// TestPagesOfOtherDates: whole lists against whole pages, from the first price
// pages to such as may come.
func TestPagesOfOtherDates(t *testing.T) {
	all := sections(t)
	if len(all) < 20 {
		t.Fatalf("%d sections, want at least 20", len(all))
	}
	for _, s := range all {
		pairs := match.Assign(s.models, s.page)
		for i, p := range pairs {
			if p != s.want[i] {
				t.Errorf("%s: %s: got %q by %q, want %q by %q", s.title, p.ModelID, p.Name, p.How, s.want[i].Name, s.want[i].How)
			}
		}
		for _, p := range match.Propose(s.models, s.page.Names, pairs, nil) {
			t.Errorf("%s: %q is proposed to %s", s.title, p.Name, p.ModelID)
		}
	}
}
