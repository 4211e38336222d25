package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ratecard/domain"
	"ratecard/gen/oas"
)

func compareWorld(t *testing.T) *world {
	w := newWorld(t)
	window := int64(1000)
	small := model("acme", "small-1", rate("standard", "input", 0, "0.1"), rate("standard", "output", 0, "0.1"))
	small.ContextWindow = &window
	half := model("acme", "half-1", rate("standard", "input", 0, "2"))
	free := model("zenith", "free-1", rate("standard", "input", 0, "0"), rate("standard", "output", 0, "0"))
	w.catalogue.models = append(w.catalogue.models,
		model("acme", "cheap-1", rate("standard", "input", 0, "1"), rate("standard", "output", 0, "5"), rate("batch", "input", 0, "0.5")),
		model("zenith", "dear-1", rate("standard", "input", 0, "3"), rate("standard", "output", 0, "15")),
		free, half, model("acme", "none-1"),
		model("zenith", "same-1", rate("standard", "input", 0, "1.0"), rate("standard", "output", 0, "5.00")), small)
	return w
}

// lines tells a ranking in short.
func lines(c oas.Comparison) string {
	var out []string
	for _, m := range c.Items {
		line := fmt.Sprintf("- %s %s", m.ID, m.Status)
		if !m.Rank.Null {
			line = fmt.Sprintf("%d %s %s %s %s ×%s", m.Rank.Value, m.ID, m.Status, m.Cost.Value, m.Total.Value, m.TimesCheapest.Value)
		}
		for _, missing := range m.Missing {
			line += " " + missing.What + " " + string(missing.Reason)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// TestCompare: 12,000 × 1 + 800 × 5 are 16,000 millionths; with three times the
// prices three times that. Who is free, and who is not known, by hand.
func TestCompare(t *testing.T) {
	w := compareWorld(t)
	got := decode[oas.Comparison](t, w.get("/api/compare?usage=output:800,input:12000,web_search:0&requests=1000"))
	if want := `1 free-1 free 0 0 ×0
2 cheap-1 priced 0.016 16 ×1
2 same-1 priced 0.016 16 ×1
4 dear-1 priced 0.048 48 ×3
- half-1 incomplete output no_rate
- none-1 TBD input no_rate output no_rate
- small-1 exceeds_context_window`; lines(got) != want {
		t.Errorf("got\n%s\nwant\n%s", lines(got), want)
	}
	if string(got.Workload.Usage) != `{"input":12000,"output":800}` || got.Workload.Requests != 1000 || got.Workload.Tier != "standard" ||
		got.Workload.Region != "global" || got.Workload.PromptTokens != 12000 {
		t.Errorf("the workload is %s %+v", got.Workload.Usage, got.Workload)
	}
	if got.Total != 7 || !got.NextCursor.Null || got.CatalogueVersion != 41 || !got.At.Equal(noon) || !got.KnownAt.Null {
		t.Errorf("got %+v", got)
	}
	if p := got.Items[1].Parts; len(p) != 2 || p[0].Arithmetic != "12000 × 1 / 1000000 = 0.012" || p[1].EvidenceID.Value != 7 {
		t.Errorf("the arithmetic is %+v", p)
	}
	batch := decode[oas.Comparison](t, w.get("/api/compare?usage=input:2000&tier=batch&limit=2"))
	if want := "1 cheap-1 priced 0.001 0.001 ×1\n- dear-1 tier_not_priced input no_rate"; lines(batch) != want {
		t.Errorf("got\n%s\nwant\n%s", lines(batch), want)
	}
	third := decode[oas.Comparison](t, w.get("/api/compare?usage=input:3,output:1&requests=1000000000000000"))
	if want := "3 small-1 priced 0.0000004 400000000 ×"; !strings.Contains(lines(third), "2 small-1 priced 0.0000004 400000000 ×1") {
		t.Errorf("got\n%s\nwant %s", lines(third), want)
	}
}

func TestCompareGoesOn(t *testing.T) {
	w := compareWorld(t)
	const path = "/api/compare?usage=input:12000,output:800&limit=2"
	var ids []string
	cursor := ""
	for {
		page := decode[oas.Comparison](t, w.get(path+cursor))
		for _, m := range page.Items {
			ids = append(ids, m.ID)
		}
		if page.NextCursor.Null {
			break
		}
		cursor = "&cursor=" + page.NextCursor.Value
		for where, other := range map[string]string{"workload": "/api/compare?usage=input:12000,output:801", "filters": path + "&provider=acme", "requests": path + "&requests=2"} {
			if p := problemOf(t, w.get(other+cursor)); p.Kind != "invalid" || p.Errors[0].Path != "cursor" || !strings.Contains(p.Detail, "of another workload") {
				t.Errorf("with another %s: %+v", where, p)
			}
		}
		for _, other := range []string{"/api/models?limit=2", "/api/admin/audit?limit=2", "/api/admin/unmatched?limit=2"} {
			if p := problemOf(t, w.do(exchange{path: other + cursor, key: w.admin})); p.Kind != "invalid" || p.Errors[0].Path != "cursor" {
				t.Errorf("%s takes it: %+v", other, p)
			}
		}
	}
	if got := strings.Join(ids, " "); got != "free-1 cheap-1 same-1 dear-1 half-1 none-1 small-1" {
		t.Errorf("got %s", got)
	}
	listing := decode[oas.ModelPage](t, w.get("/api/models?limit=2")).NextCursor.Value
	if p := problemOf(t, w.get(path+"&cursor="+listing)); p.Kind != "invalid" || p.Errors[0].Path != "cursor" {
		t.Errorf("the listing's cursor: %+v", p)
	}
}

func TestCompareRefuses(t *testing.T) {
	w := compareWorld(t)
	tests := map[string]struct{ query, path, says string }{
		"no usage":           {"", "usage", "missing"},
		"empty usage":        {"usage=", "usage", "leave it out"},
		"nothing used":       {"usage=input:0", "usage", "above 0"},
		"no count":           {"usage=input", "usage[0]", "meter:count"},
		"empty count":        {"usage=output:1,input:", "usage[1]", "whole number"},
		"no meter":           {"usage=:5", "usage.", "name of a meter"},
		"empty among meters": {"usage=input:5,,output:1", "usage[1]", "at least 1"},
		"a meter of theirs":  {"usage=Input+Tokens:5", "usage.Input Tokens", "name of a meter"},
		"a meter twice":      {"usage=input:5,output:2,input:5", "usage[2]", "twice"},
		"usage twice":        {"usage=input:5&usage=output:2", "usage", "commas"},
		"negative":           {"usage=input:-5", "usage.input", "-5"},
		"a fraction":         {"usage=input:1.5", "usage[0]", "1.5"},
		"an exponent":        {"usage=input:1e9", "usage[0]", "1e9"},
		"a plus":             {"usage=input:%2B5", "usage[0]", "whole number"},
		"no number":          {"usage=input:many", "usage[0]", "many"},
		"absurd":             {"usage=input:1000000000000001", "usage.input", "1000000000000000"},
		"beyond all":         {"usage=input:99999999999999999999999", "usage[0]", "1000000000000000"},
		"too many meters":    {"usage=" + strings.TrimSuffix(strings.Repeat("a:1,", 51), ","), "usage", "50"},
		"a long meter":       {"usage=" + strings.Repeat("a", 101) + ":1", "usage." + strings.Repeat("a", 100) + "…", "name of a meter"},
		"no requests":        {"usage=input:1&requests=0", "requests", "0"},
		"negative requests":  {"usage=input:1&requests=-1", "requests", "-1"},
		"half a request":     {"usage=input:1&requests=0.5", "requests", "whole number"},
		"too many requests":  {"usage=input:1&requests=1000000000000001", "requests", "1000000000000000"},
		"unknown tier":       {"usage=input:1&tier=gold", "tier", "standard, batch"},
		"odd region":         {"usage=input:1&region=U+S", "region", "global"},
		"sort":               {"usage=input:1&sort=id", "sort", "minContextWindow"},
		"limit":              {"usage=input:1&limit=501", "limit", "500"},
		"cost no number":     {"usage=input:1&maxInputCost=cheap", "maxInputCost", "decimal"},
		"unknown class":      {"usage=input:1&classification=poet", "classification[0]", "multimodal"},
		"at is no time":      {"usage=input:1&at=yesterday", "at", "RFC 3339"},
		"known in future":    {"usage=input:1&knownAt=2027-01-01", "knownAt", "future"},
		"cursor":             {"usage=input:1&cursor=!!!", "cursor", "nextCursor"},
		"cursor cut off":     {"usage=input:1&cursor=BAAA", "cursor", "nextCursor"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := problemOf(t, w.get("/api/compare?"+test.query))
			if p.Kind != "invalid" || len(p.Errors) != 1 || p.Errors[0].Path != test.path || !strings.Contains(p.Errors[0].Message, test.says) {
				t.Errorf("got %s %+v; want %q at %q", p.Kind, p.Errors, test.says, test.path)
			}
		})
	}
	all := problemOf(t, w.get("/api/compare?usage=input:-1,B:2&tier=x&region=Y"))
	if len(all.Errors) != 4 {
		t.Errorf("of four faults are told %+v", all.Errors)
	}
	w.catalogue.fail = domain.Errorf(domain.KindUnavailable, "the database is away")
	if p := problemOf(t, w.get("/api/compare?usage=input:1")); p.Status != http.StatusServiceUnavailable {
		t.Errorf("got %+v", p)
	}
}
