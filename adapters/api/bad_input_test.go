package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// hostile holds what people put into fields to see whether it is run.
var hostile = []string{
	`'; DROP TABLE rates; --`,
	`1 OR 1=1`,
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`../../etc/passwd`,
	"%s%n{{.}}${7*7}",
}

func TestBadInputIsToldApart(t *testing.T) {
	big := `{"name":"` + strings.Repeat("x", 2<<20) + `","scope":"read"}`
	type want struct {
		status int
		kind   oas.ProblemKind
		path   string // of a field error, "" for none
		says   string // somewhere in the answer
	}
	tests := map[string]struct {
		exchange
		want
	}{
		"unknown model":          {exchange{path: "/api/models/nothing-1"}, want{404, "not_found", "", "nothing-1"}},
		"unknown model, pricing": {exchange{path: "/api/models/nothing-1/pricing"}, want{404, "not_found", "", "nothing-1"}},
		"unknown model, history": {exchange{path: "/api/models/nothing-1/pricing-history"}, want{404, "not_found", "", "nothing-1"}},
		"not of that provider":   {exchange{path: "/api/models/shared-1?provider=nobody"}, want{404, "not_found", "", "nobody"}},
		"ambiguous id":           {exchange{path: "/api/models/shared-1"}, want{409, "ambiguous", "", "?provider="}},

		"cursor not base64":     {exchange{path: "/api/models?cursor=!!!"}, want{400, "invalid", "cursor", "nextCursor"}},
		"cursor of elsewhere":   {exchange{path: "/api/models?cursor=aGVsbG8"}, want{400, "invalid", "cursor", ""}},
		"cursor without a name": {exchange{path: "/api/models?cursor=AQ"}, want{400, "invalid", "cursor", ""}},
		"cursor of NULs":        {exchange{path: "/api/models?cursor=AWEAAGI"}, want{400, "invalid", "cursor", ""}},
		"cursor too long":       {exchange{path: "/api/models?cursor=" + strings.Repeat("a", 3000)}, want{400, "invalid", "cursor", "2000"}},

		"limit 0":                 {exchange{path: "/api/models?limit=0"}, want{400, "invalid", "limit", "0"}},
		"limit 501":               {exchange{path: "/api/models?limit=501"}, want{400, "invalid", "limit", "500"}},
		"limit no number":         {exchange{path: "/api/models?limit=many"}, want{400, "invalid", "limit", "whole number"}},
		"limit beyond all":        {exchange{path: "/api/models?limit=99999999999999999999"}, want{400, "invalid", "limit", "range"}},
		"limit empty":             {exchange{path: "/api/models?limit="}, want{400, "invalid", "limit", ""}},
		"unknown class":           {exchange{path: "/api/models?classification=chat,poet"}, want{400, "invalid", "classification[1]", "multimodal"}},
		"unknown usability":       {exchange{path: "/api/models?usability=gone"}, want{400, "invalid", "usability[0]", "preview"}},
		"empty provider":          {exchange{path: "/api/models?provider="}, want{400, "invalid", "provider", "leave it out"}},
		"empty among providers":   {exchange{path: "/api/models?provider=acme,,zenith"}, want{400, "invalid", "provider[1]", "at least 1"}},
		"negative window":         {exchange{path: "/api/models?minContextWindow=-1"}, want{400, "invalid", "minContextWindow", "-1"}},
		"cost no number":          {exchange{path: "/api/models?maxInputCost=cheap"}, want{400, "invalid", "maxInputCost", "decimal"}},
		"cost negative":           {exchange{path: "/api/models?maxOutputCost=-1"}, want{400, "invalid", "maxOutputCost", "decimal"}},
		"cost with an exponent":   {exchange{path: "/api/models?maxInputCost=1e400000000"}, want{400, "invalid", "maxInputCost", "decimal"}},
		"cost NaN":                {exchange{path: "/api/models?maxInputCost=NaN"}, want{400, "invalid", "maxInputCost", "decimal"}},
		"misspelt parameter":      {exchange{path: "/api/models?provder=acme"}, want{400, "invalid", "provder", "minContextWindow"}},
		"parameter of another":    {exchange{path: "/api/sync/status?limit=1"}, want{400, "invalid", "limit", "no parameters"}},
		"parameter twice":         {exchange{path: "/api/models?provider=a&provider=b"}, want{400, "invalid", "provider", "commas"}},
		"broken escape":           {exchange{path: "/api/models?q=%zz"}, want{400, "invalid", "query", "percent"}},
		"semicolon":               {exchange{path: "/api/models?q=a;b"}, want{400, "invalid", "query", "&"}},
		"NUL":                     {exchange{path: "/api/models?q=%00"}, want{400, "invalid", "q", "NUL"}},
		"NUL in an id":            {exchange{path: "/api/models/a%00b"}, want{400, "invalid", "path", "NUL"}},
		"not UTF-8":               {exchange{path: "/api/models?q=%ff%fe"}, want{400, "invalid", "q", "UTF-8"}},
		"long text":               {exchange{path: "/api/models?q=" + strings.Repeat("a", 201)}, want{400, "invalid", "q", "200"}},
		"long id":                 {exchange{path: "/api/models/" + strings.Repeat("a", 501)}, want{400, "invalid", "id", "500"}},
		"at is no time":           {exchange{path: "/api/models/small-1/pricing?at=yesterday"}, want{400, "invalid", "at", "RFC 3339"}},
		"at is no day":            {exchange{path: "/api/models/small-1/pricing?at=2026-02-30"}, want{400, "invalid", "at", "RFC 3339"}},
		"at lost its plus":        {exchange{path: "/api/models/small-1/pricing?at=2026-01-01T00:00:00+02:00"}, want{400, "invalid", "at", "%2B"}},
		"at before computers":     {exchange{path: "/api/models/small-1/pricing?at=0001-01-01"}, want{400, "invalid", "at", "1970"}},
		"knownAt in the future":   {exchange{path: "/api/models/small-1/pricing?knownAt=2026-03-01T12:00:01Z"}, want{400, "invalid", "knownAt", "future"}},
		"from after to":           {exchange{path: "/api/models/small-1/pricing-history?from=2026-02-01&to=2026-01-01"}, want{400, "invalid", "to", "before"}},
		"overlapping is no bool":  {exchange{path: "/api/models/small-1/pricing-history?overlapping=perhaps"}, want{400, "invalid", "overlapping", "true or false"}},
		"evidence is no number":   {exchange{path: "/api/evidence/abc"}, want{400, "invalid", "id", "whole number"}},
		"unknown evidence":        {exchange{path: "/api/evidence/99"}, want{404, "not_found", "", "99"}},
		"page of unknown":         {exchange{path: "/api/evidence/99/page"}, want{404, "not_found", "", "99"}},
		"negative event":          {exchange{path: "/api/events?after=-1"}, want{400, "invalid", "after", "-1"}},
		"run is no UUID":          {exchange{path: "/api/admin/runs/17"}, want{400, "invalid", "runId", ""}},
		"unknown run":             {exchange{path: "/api/admin/runs/0f9a3c1e-5f0b-4a4e-9d0e-0c8f4a1f2b3c"}, want{404, "not_found", "", "0f9a3c1e"}},
		"unknown sync":            {exchange{path: "/api/admin/syncs/0f9a3c1e-5f0b-4a4e-9d0e-0c8f4a1f2b3c"}, want{404, "not_found", "", "0f9a3c1e"}},
		"unknown path":            {exchange{path: "/api/nowhere"}, want{404, "not_found", "", "/docs"}},
		"unknown path outside":    {exchange{path: "/favicon.ico"}, want{404, "not_found", "", "/docs"}},
		"unknown documentation":   {exchange{path: "/docs/secrets.html"}, want{404, "not_found", "", "/docs"}},
		"trailing slash":          {exchange{path: "/api/models/"}, want{400, "invalid", "id", "missing"}},
		"wrong method":            {exchange{method: "DELETE", path: "/api/models"}, want{405, "method_not_allowed", "", "GET"}},
		"wrong method, docs":      {exchange{method: "POST", path: "/docs/"}, want{405, "method_not_allowed", "", "GET"}},
		"method nobody knows":     {exchange{method: "BREW", path: "/api/models"}, want{405, "method_not_allowed", "", "GET"}},
		"body is no JSON":         {exchange{method: "POST", path: "/api/admin/keys", body: `name=x`}, want{400, "invalid", "body", "JSON"}},
		"body breaks off":         {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"x"`}, want{400, "invalid", "body", "JSON"}},
		"body goes on":            {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"x","scope":"read"}{}`}, want{400, "invalid", "body", "trailing"}},
		"body is a list":          {exchange{method: "POST", path: "/api/admin/keys", body: `[]`}, want{400, "invalid", "body", "JSON object"}},
		"no body":                 {exchange{method: "POST", path: "/api/admin/keys", header: map[string]string{"Content-Type": "application/json"}}, want{400, "invalid", "body", "missing"}},
		"field of a wrong type":   {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":7,"scope":"read"}`}, want{400, "invalid", "name", ""}},
		"field missing":           {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"x"}`}, want{400, "invalid", "scope", "missing"}},
		"unknown field":           {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"x","scope":"read","admin":true}`}, want{400, "invalid", "admin", "expected name, scope"}},
		"unknown scope":           {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"x","scope":"root"}`}, want{400, "invalid", "scope", "read, admin"}},
		"empty name":              {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"","scope":"read"}`}, want{400, "invalid", "name", "at least 1"}},
		"blank name":              {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"  ","scope":"read"}`}, want{400, "invalid", "name", "spaces"}},
		"name with a NUL":         {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"a\u0000","scope":"read"}`}, want{400, "invalid", "name", "printable"}},
		"long name":               {exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"` + strings.Repeat("ä", 101) + `","scope":"read"}`}, want{400, "invalid", "name", "100"}},
		"oversized body":          {exchange{method: "POST", path: "/api/admin/keys", body: big}, want{413, "too_large", "", "1048576"}},
		"a form":                  {exchange{method: "POST", path: "/api/admin/keys", body: `name=x`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}, want{415, "unsupported_media", "", "application/json"}},
		"content type not said":   {exchange{method: "POST", path: "/api/admin/keys", body: `{}`, header: map[string]string{"Content-Type": ""}}, want{415, "unsupported_media", "", "application/json"}},
		"content type is rubbish": {exchange{method: "POST", path: "/api/admin/keys", body: `{}`, header: map[string]string{"Content-Type": ";;;"}}, want{415, "unsupported_media", "", "application/json"}},
		"unknown provider":        {exchange{method: "POST", path: "/api/admin/sync", body: `{"providers":["acme","nobody"]}`}, want{400, "invalid", "providers[1]", "acme, asleep, zenith"}},
		"sleeping provider":       {exchange{method: "POST", path: "/api/admin/sync", body: `{"providers":["asleep"]}`}, want{400, "invalid", "providers[0]", "not enabled"}},
		"provider twice":          {exchange{method: "POST", path: "/api/admin/sync", body: `{"providers":["acme","acme"]}`}, want{400, "invalid", "providers[1]", "twice"}},
		"no providers":            {exchange{method: "POST", path: "/api/admin/sync", body: `{"providers":[]}`}, want{400, "invalid", "providers", "at least 1"}},
		"providers are a word":    {exchange{method: "POST", path: "/api/admin/sync", body: `{"providers":"acme"}`}, want{400, "invalid", "providers", ""}},
		"key is no number":        {exchange{method: "DELETE", path: "/api/admin/keys/first"}, want{400, "invalid", "id", "whole number"}},
		"unknown key":             {exchange{method: "DELETE", path: "/api/admin/keys/99"}, want{404, "not_found", "", "99"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.catalogue.models = append(w.catalogue.models, model("acme", "shared-1"), model("zenith", "shared-1"), model("acme", "small-1"))
			test.key = w.admin
			answer := w.do(test.exchange)
			text := answer.Body.String()
			p := problemOf(t, answer)
			if p.Status != test.status || p.Kind != test.kind {
				t.Errorf("answered %d %s: %s", p.Status, p.Kind, text)
			}
			if test.want.path != "" && (len(p.Errors) != 1 || p.Errors[0].Path != test.want.path) {
				t.Errorf("errors %v, expected one at %q", p.Errors, test.want.path)
			}
			if !strings.Contains(text, test.says) {
				t.Errorf("%q is not said: %s", test.says, text)
			}
			if strings.Contains(text, "decode ") || strings.Contains(text, "strconv") {
				t.Errorf("speaks of its own insides: %s", text)
			}
			if p.Kind == "ambiguous" && len(p.Candidates) != 2 {
				t.Errorf("candidates %v", p.Candidates)
			}
		})
	}
}

// Text is text wherever it is put: it may choose nothing or be refused, but
// never breaks anything and never comes back as anything but JSON.
func TestHostileTextIsOnlyText(t *testing.T) {
	places := []func(text string) exchange{
		func(s string) exchange { return exchange{path: "/api/models/" + url.PathEscape(s)} },
		func(s string) exchange { return exchange{path: "/api/models/" + url.PathEscape(s) + "/pricing"} },
		func(s string) exchange { return exchange{path: "/api/models/small-1?provider=" + url.QueryEscape(s)} },
		func(s string) exchange { return exchange{path: "/api/evidence/" + url.PathEscape(s)} },
		func(s string) exchange { return exchange{path: "/api/admin/runs/" + url.PathEscape(s)} },
		func(s string) exchange { return exchange{path: "/api/models?" + url.QueryEscape(s) + "=1"} },
		func(s string) exchange {
			return exchange{method: "POST", path: "/api/admin/sync", body: `{"providers":[` + quote(s) + `]}`}
		},
		func(s string) exchange {
			return exchange{method: "POST", path: "/api/admin/keys", body: `{"name":` + quote(s) + `,"scope":"read"}`}
		},
		func(s string) exchange {
			return exchange{method: "POST", path: "/api/admin/keys", body: `{"name":"x","scope":` + quote(s) + `}`}
		},
	}
	for _, name := range []string{"provider", "classification", "usability", "capability", "minContextWindow", "maxInputCost", "maxOutputCost", "q", "sort", "limit", "cursor", "at", "knownAt"} {
		places = append(places, func(s string) exchange { return exchange{path: "/api/models?" + name + "=" + url.QueryEscape(s)} })
	}
	for _, name := range []string{"requests", "tier", "region", "provider", "q", "cursor", "at"} {
		places = append(places, func(s string) exchange {
			return exchange{path: "/api/compare?usage=input:1&" + name + "=" + url.QueryEscape(s)}
		})
	}
	for _, usage := range []string{"%s", "%s:1", "input:%s"} {
		places = append(places, func(s string) exchange {
			return exchange{path: "/api/compare?usage=" + url.QueryEscape(strings.Replace(usage, "%s", s, 1))}
		})
	}
	for _, name := range []string{"at", "knownAt"} {
		places = append(places, func(s string) exchange {
			return exchange{path: "/api/models/small-1/pricing?" + name + "=" + url.QueryEscape(s)}
		})
	}
	w := newWorld(t)
	w.catalogue.models = append(w.catalogue.models, model("acme", "small-1"))
	for _, text := range hostile {
		for _, place := range places {
			x := place(text)
			x.key = w.admin
			answer := w.do(x)
			if answer.Code >= 500 {
				t.Errorf("%s %s: status %d: %s", x.method, x.path, answer.Code, answer.Body)
			}
			if ct := answer.Header().Get("Content-Type"); !strings.Contains(ct, "json") {
				t.Errorf("%s: content type %q", x.path, ct)
			}
			if got := answer.Header().Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("%s: X-Content-Type-Options %q", x.path, got)
			}
		}
	}
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func TestStoreErrorsKeepTheirKind(t *testing.T) {
	w := newWorld(t)
	w.catalogue.fail = domain.Errorf(domain.KindUnavailable, "the database is away")
	if p := problemOf(t, w.get("/api/models")); p.Status != http.StatusServiceUnavailable || p.Detail != "the database is away" {
		t.Errorf("%+v", p)
	}
}
