package api_test

import (
	"net/http"
	"strings"
	"testing"

	"ratecard/domain"
	"ratecard/gen/oas"
)

func costWorld(t *testing.T) *world {
	w := newWorld(t)
	w.catalogue.models = append(w.catalogue.models,
		model("acme", "large-2", rate("standard", "input", 0, "2.5"), rate("standard", "output", 0, "10"), rate("batch", "input", 0, "1.25")),
		model("acme", "shared-1"), model("zenith", "shared-1", rate("standard", "input", 0, "1")))
	return w
}

func (w *world) costs(body string) exchange {
	return exchange{method: http.MethodPost, path: "/api/costs", key: w.reader, body: body}
}

func TestCosts(t *testing.T) {
	w := costWorld(t)
	got := decode[oas.Costs](t, w.do(w.costs(`{"lines":[
		{"model":"large-2","usage":{"input":1200,"output":350}},
		{"model":"large-2","rawUsage":{"prompt_tokens":1200,"completion_tokens":350,"prompt_tokens_details":{"cached_tokens":200}}},
		{"model":"large-2","rawUsage":{"service_tier":"batch","usage":{"prompt_tokens":4,"completion_tokens":0}}},
		{"model":"large-2","tier":"priority","usage":{"input":1}},
		{"model":"shared-1","usage":{"input":1}},
		{"model":"shared-1","provider":"zenith","usage":{"input":1}},
		{"model":"shared-1","provider":"acme","usage":{"input":1}},
		{"model":"large-2","at":"2020-01-01","usage":{"input":1}},
		{"model":"nobody","usage":{"input":1}}
	]}`)))
	want := []struct{ status, subtotal, total string }{
		{"priced", "0.0065", "0.0065"},
		{"incomplete", "0.006", ""},
		{"priced", "0.000005", "0.000005"},
		{"tier_not_priced", "0", ""},
		{"ambiguous_model", "0", ""},
		{"priced", "0.000001", "0.000001"},
		{"TBD", "0", ""},
		{"before_history", "0", ""},
		{"unknown_model", "0", ""},
	}
	if len(got.Lines) != len(want) || got.CatalogueVersion != 41 || got.Subtotal != "0.012506" || !got.Total.Null || !got.KnownAt.Null {
		t.Fatalf("got %+v", got)
	}
	for i, line := range got.Lines {
		if string(line.Status) != want[i].status || line.Subtotal != want[i].subtotal || line.Total.Value != want[i].total || line.Total.Null != (want[i].total == "") {
			t.Errorf("line %d: %s %s %+v, want %+v", i, line.Status, line.Subtotal, line.Total, want[i])
		}
	}
	if part := got.Lines[0].Parts[0]; part.Arithmetic != "1200 × 2.5 / 1000000 = 0.003" || part.EvidenceID.Value != 7 {
		t.Errorf("got %+v", part)
	}
	if missing := got.Lines[1].Missing; len(missing) != 1 || missing[0].What != "cache_read" || missing[0].Quantity != 200 || missing[0].Reason != "no_rate" {
		t.Errorf("got %+v", missing)
	}
	if c := got.Lines[4].Candidates; len(c) != 2 || c[1].Provider != "zenith" {
		t.Errorf("got %+v", c)
	}
}

func TestCostsRefuse(t *testing.T) {
	w := costWorld(t)
	line := func(fields string) string { return `{"lines":[{"model":"large-2",` + fields + `}]}` }
	tests := map[string]struct{ body, path, says string }{
		"no lines":             {`{"lines":[]}`, "lines", "1"},
		"too many lines":       {`{"lines":[` + strings.TrimSuffix(strings.Repeat(`{"model":"a","usage":{}},`, 1001), ",") + `]}`, "lines", "1000"},
		"no usage":             {`{"lines":[{"model":"large-2"}]}`, "lines[0]", "either usage"},
		"two usages":           {line(`"usage":{"input":1},"rawUsage":{"prompt_tokens":1}`), "lines[0]", "either usage"},
		"negative":             {line(`"usage":{"input":-1}`), "lines[0].usage.input", "-1"},
		"a fraction":           {line(`"usage":{"input":1.5}`), "lines.usage.input", ""},
		"no meter":             {line(`"usage":{"Input Tokens":1}`), "lines[0].usage.Input Tokens", "meter"},
		"unknown tier":         {line(`"tier":"gold","usage":{"input":1}`), "lines[0].tier", "standard, batch"},
		"odd region":           {line(`"region":"U S","usage":{"input":1}`), "lines[0].region", "global"},
		"at is no time":        {line(`"at":"yesterday","usage":{"input":1}`), "lines[0].at", "RFC 3339"},
		"known in the future":  {`{"knownAt":"2027-01-01","lines":[{"model":"large-2","usage":{"input":1}}]}`, "knownAt", "future"},
		"empty model":          {`{"lines":[{"model":"","usage":{"input":1}}]}`, "lines[0].model", "at least 1"},
		"usage is a text":      {line(`"rawUsage":"many"`), "lines[0].rawUsage", "JSON object"},
		"usage is null":        {line(`"rawUsage":null`), "lines[0].rawUsage", "JSON object"},
		"contradicting itself": {line(`"rawUsage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":2}}`), "lines[0].rawUsage.prompt_tokens_details.cached_tokens", "contains"},
		"a tier of theirs":     {line(`"rawUsage":{"prompt_tokens":1,"service_tier":"scale"}`), "lines[0].rawUsage.service_tier", "name the tier"},
		"unknown field":        {line(`"price":1`), "lines[0].price", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer := w.do(w.costs(test.body))
			p := problemOf(t, answer)
			if p.Kind != "invalid" || len(p.Errors) != 1 || p.Errors[0].Path != test.path || !strings.Contains(p.Errors[0].Message, test.says) {
				t.Errorf("got %s %+v; want %q at %q", p.Kind, p.Errors, test.says, test.path)
			}
		})
	}
	w.catalogue.fail = domain.Errorf(domain.KindUnavailable, "the database is away")
	if p := problemOf(t, w.do(w.costs(line(`"usage":{"input":1}`)))); p.Status != http.StatusServiceUnavailable {
		t.Errorf("got %+v", p)
	}
	if p := problemOf(t, w.do(exchange{method: http.MethodPost, path: "/api/costs", body: line(`"usage":{}`)})); p.Status != http.StatusUnauthorized {
		t.Errorf("without a key: got %+v", p)
	}
}
