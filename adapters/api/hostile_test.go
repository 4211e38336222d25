package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ogen-go/ogen/openapi"

	"ratecard/gen/oas"
)

// TestHostileTextInEveryStringOfEveryOperation: in every parameter and in every
// text of every body, as their examples have them. It may choose nothing, be
// refused or be kept as what it is; nothing breaks of it, and it comes back in
// JSON alone.
func TestHostileTextInEveryStringOfEveryOperation(t *testing.T) {
	w, _ := inMemory(t)
	believe(t, w, noon.Add(-1), "3", "a", "b")
	asked := 0
	for _, text := range []string{`'; DROP TABLE rates; --`, `"><script>alert(1)</script>`} {
		for _, op := range parsedSpec(t).Operations {
			if strings.HasPrefix(op.Path.String(), "/api/admin/scraping-configs") || strings.HasPrefix(op.Path.String(), "/api/admin/providers") {
				continue // this server has none of them; their texts are tested where they are
			}
			for _, x := range everywhere(t, op, text) {
				x.key = w.admin
				answer := w.do(x)
				asked++
				if answer.Code >= http.StatusInternalServerError {
					t.Errorf("%s %s %s: %d %s", x.method, x.path, x.body, answer.Code, answer.Body)
				}
				header := answer.Header()
				if !inertType(header.Get("Content-Type")) || header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s %s: %v", x.method, x.path, header)
				}
			}
		}
	}
	if asked < 150 {
		t.Errorf("only %d places were found", asked)
	}
	list := decode[oas.PricingHistory](t, w.ask("/api/models/a/pricing-history")).Items
	if !slices.ContainsFunc(list, func(r oas.Rate) bool { return r.Layer == oas.RateLayerList && r.Amount == "3" }) {
		t.Errorf("afterwards the store has %+v", list)
	}
}

// inertType reports whether nothing of this type is run by a browser. A feed is XML,
// which could name a style sheet or be a page; that it is well-formed, and holds text
// alone, TestFeed sees.
func inertType(content string) bool {
	return strings.Contains(content, "json") || content == "application/atom+xml"
}

// withoutWhich are parameters without which an operation reads no other.
var withoutWhich = map[string][2]string{"compareModels": {"usage", "input:1"}}

// beside is what has to be asked for beside a parameter.
func beside(op *openapi.Operation, p *openapi.Parameter) string {
	if needed, also := withoutWhich[op.OperationID]; also && p.Name != needed[0] {
		return "&" + needed[0] + "=" + needed[1]
	}
	return ""
}

// everywhere puts a text into each place of an operation that takes one.
func everywhere(t *testing.T, op *openapi.Operation, text string) (all []exchange) {
	path := filled(op)
	body := ""
	var texts []string
	if op.RequestBody != nil {
		body = string(op.RequestBody.Content["application/json"].Example)
		var example any
		if err := json.Unmarshal([]byte(body), &example); err != nil {
			t.Fatalf("the example of %s: %v", op.OperationID, err)
		}
		texts = withEachText(t, example, text)
	}
	method := strings.ToUpper(op.HTTPMethod)
	for _, p := range op.Parameters {
		at := path + "?" + p.Name + "=" + url.QueryEscape(text)
		if p.In == openapi.LocationPath {
			at = strings.NewReplacer("{"+p.Name+"}", url.PathEscape(text)).Replace(op.Path.String())
			at = strings.NewReplacer("{id}", "1", "{provider}", "acme", "{version}", "1").Replace(at)
		}
		at += beside(op, p)
		all = append(all, exchange{method: method, path: at, body: body})
	}
	for _, changed := range texts {
		all = append(all, exchange{method: method, path: path, body: changed})
	}
	return all
}

// withEachText gives JSON once for each of its texts, with another in its place.
func withEachText(t *testing.T, whole any, text string) (all []string) {
	var walk func(at any, put func(any))
	keep := func() {
		written, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(written))
	}
	walk = func(at any, put func(any)) {
		switch v := at.(type) {
		case string:
			put(text)
			keep()
			put(v)
		case []any:
			for i := range v {
				walk(v[i], func(to any) { v[i] = to })
			}
		case map[string]any:
			for name := range v {
				walk(v[name], func(to any) { v[name] = to })
			}
		}
	}
	walk(whole, func(to any) { whole = to })
	return all
}
