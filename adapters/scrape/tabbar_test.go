package scrape_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// Tables below a line of tab names belong to the tabs in their order, if there
// are as many of them; else only the first is known.
func TestTablesBelowATabBar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tiers := rapid.SliceOfNDistinct(rapid.SampledFrom([]domain.Tier{domain.TierStandard, domain.TierBatch, domain.TierFlex, domain.TierPriority}), 2, 4, rapid.ID[domain.Tier]).Draw(t, "tiers")
		tables := rapid.IntRange(1, 5).Draw(t, "tables")
		var page strings.Builder
		page.WriteString("# Pricing\n\n## Lynx 3\n\n`lynx-3`\n\n")
		for _, tier := range tiers {
			fmt.Fprintf(&page, "[%s](#%s)", strings.ToUpper(string(tier[:1]))+string(tier[1:]), tier)
		}
		page.WriteString("More\n\n")
		var amounts []string
		for i := range tables {
			amounts = append(amounts, fmt.Sprintf("%d.%02d", i+1, rapid.IntRange(1, 99).Draw(t, "cents")))
			page.WriteString(lineOf("", "Paid tier, per 1M tokens in USD") + lineOf("---", "---") + lineOf("Input price", "$"+amounts[i]) + "\n")
		}
		want := map[domain.Tier]string{}
		if tables == len(tiers) {
			for i, tier := range tiers {
				want[tier] = amounts[i]
			}
		} else {
			want[tiers[0]] = amounts[0]
		}
		reading, err := scrape.New().Read([]byte(page.String()), sourceOf(scrape.ReaderSections))
		if err != nil {
			t.Fatalf("%v\n%s", err, page.String())
		}
		if len(reading.Quotes) != len(want) {
			t.Fatalf("read %v, want %v\n%s", reading.Quotes, want, page.String())
		}
		for _, q := range reading.Quotes {
			if want[q.Tier] == "" || !strings.HasPrefix(want[q.Tier], q.Amount.String()) {
				t.Fatalf("%s is %s, want %s\n%s", q.Tier, q.Amount, want[q.Tier], page.String())
			}
		}
	})
}
