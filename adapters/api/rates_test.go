package api_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/oas"
)

func (w *world) post(path, body string) *httptest.ResponseRecorder {
	return w.do(exchange{method: "POST", path: path, key: w.admin, body: body})
}

// listed stores the model large-1, whose input is listed at 3.
func listed(t testing.TB, store *postgres.Store) {
	t.Helper()
	const id = "large-1"
	began := day(2026, 1, 10)
	rate, said := printed{id, domain.TierStandard, domain.MeterInput, 0, "3", began}.rateAndStatement("acme", 0)
	err := write(t.Context(), store, "acme", ledger.Change{
		KnownAt: began, Models: []domain.Model{storedModel("acme", id)}, Open: []domain.Rate{rate},
		StatementsOpen: []domain.Statement{said},
		Reads:          []domain.SourceRead{{Source: "page", At: began, Good: true, Quotes: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) input(t testing.TB, model string) string {
	t.Helper()
	pricing := decode[oas.Model](t, w.ask("/api/models/"+model)).Pricing
	if len(pricing) == 0 || pricing[0].InputCostPerMillion.Null {
		return "none"
	}
	return pricing[0].InputCostPerMillion.Value
}

// layers are the layers that price a model's input at an instant.
func (w *world) layers(t testing.TB, model, at string) string {
	t.Helper()
	var out []string
	for _, r := range decode[oas.Pricing](t, w.ask("/api/models/"+model+"/pricing?at="+at)).Rates {
		out = append(out, fmt.Sprint(r.Layer, " ", r.Amount))
	}
	return strings.Join(out, ", ")
}

// rateEvents are the events of rates, as kind, old, new, by, reason.
func (w *world) rateEvents(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, e := range decode[oas.EventPage](t, w.ask("/api/events?limit=500")).Items {
		var p domain.RatePayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			t.Fatalf("%v %s", err, e.Payload)
		}
		if strings.HasPrefix(e.Kind, "rate.") {
			out = append(out, strings.Join([]string{e.Kind, p.Old, p.New, p.By, p.Reason}, "|"))
		}
	}
	return out
}

func TestManualRateOverlaysAndEnds(t *testing.T) {
	w, store := stored(t)
	listed(t, store)
	entered := decode[oas.ManualRate](t, w.post("/api/admin/manual-rates",
		`{"model":"large-1","meter":"input","amount":"2.50","from":"2026-02-01","reason":"frame contract"}`))
	if entered.Amount != "2.5" || entered.ListAmount.Value != "3" || entered.State != "in_force" || entered.Tier != "standard" || entered.Unit != "1M tokens" ||
		entered.By.Value != "RATECARD_ADMIN_KEY" || entered.Reason.Value != "frame contract" || !entered.From.Equal(day(2026, 2, 1)) || !entered.To.Null {
		t.Errorf("%+v", entered)
	}
	if got := w.input(t, "large-1"); got != "2.5" {
		t.Errorf("the model's price is %s", got)
	}
	for at, want := range map[string]string{"2026-01-31": "list 3", "2026-02-01": "manual 2.5, list 3"} {
		if got := w.layers(t, "large-1", at); got != want {
			t.Errorf("on %s: %s, want %s", at, got, want)
		}
	}

	// Another within its time replaces it there, and there alone.
	w.now = noon.Add(30 * time.Minute)
	key := decode[oas.CreatedKey](t, w.post("/api/admin/keys", `{"name":"pricing desk","scope":"admin"}`))
	desk := w.do(exchange{method: "POST", path: "/api/admin/manual-rates", key: key.Secret,
		body: `{"model":"large-1","provider":"acme","meter":"input","amount":"1","from":"2026-04-01","to":"2026-04-30","reason":"spring offer"}`})
	scheduled := decode[oas.ManualRate](t, desk)
	if by := fmt.Sprintf("pricing desk (key %d)", key.Key.ID); scheduled.State != "scheduled" || scheduled.By.Value != by || !scheduled.To.Value.Equal(day(2026, 5, 1)) {
		t.Errorf("%+v", scheduled)
	}
	for at, want := range map[string]string{"2026-03-31": "manual 2.5, list 3", "2026-04-30T23:00:00Z": "manual 1, list 3", "2026-05-01": "manual 2.5, list 3"} {
		if got := w.layers(t, "large-1", at); got != want {
			t.Errorf("on %s: %s, want %s", at, got, want)
		}
	}
	list := decode[oas.ManualRateList](t, w.do(exchange{path: "/api/admin/manual-rates", key: w.admin}))
	var have []string
	for _, r := range list.Items {
		have = append(have, fmt.Sprintf("%s %s %s", r.From.Format(time.DateOnly), r.Amount, r.State))
	}
	if want := []string{"2026-05-01 2.5 scheduled", "2026-04-01 1 scheduled", "2026-02-01 2.5 in_force"}; !slices.Equal(have, want) || list.Total != 3 {
		t.Errorf("listed %v, want %v", have, want)
	}

	// A scheduled one is withdrawn, one in force ends; what was stays.
	w.now = noon.Add(time.Hour)
	gone := decode[oas.EndedManualRate](t, w.post(fmt.Sprintf("/api/admin/manual-rates/%d/end", scheduled.ID), `{"reason":"offer dropped"}`))
	if !gone.Withdrawn {
		t.Errorf("%+v", gone)
	}
	if got := w.layers(t, "large-1", "2026-04-15"); got != "list 3" {
		t.Errorf("after the withdrawal: %s", got)
	}
	w.now = noon.Add(2 * time.Hour)
	inForce := list.Items[2].ID
	ended := decode[oas.EndedManualRate](t, w.post(fmt.Sprintf("/api/admin/manual-rates/%d/end", inForce), `{"reason":"contract ended"}`))
	if ended.Withdrawn || !ended.End.Equal(w.now) {
		t.Errorf("%+v", ended)
	}
	if got := w.input(t, "large-1"); got != "3" {
		t.Errorf("after its end the model's price is %s", got)
	}
	if got := w.layers(t, "large-1", "2026-02-15"); got != "manual 2.5, list 3" {
		t.Errorf("in its time: %s", got)
	}
	desks := fmt.Sprintf("pricing desk (key %d)", key.Key.ID)
	want := []string{
		"rate.opened||2.5|RATECARD_ADMIN_KEY|frame contract",
		"rate.scheduled|2.5|1|" + desks + "|spring offer",
		"rate.scheduled|2.5|2.5|" + desks + "|spring offer",
		"rate.withdrawn|1||RATECARD_ADMIN_KEY|offer dropped",
		"rate.ended|2.5||RATECARD_ADMIN_KEY|contract ended",
	}
	if got := w.rateEvents(t); !slices.Equal(got, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// What was believed before is still answered.
	before := decode[oas.Pricing](t, w.ask("/api/models/large-1/pricing?at=2026-04-15&knownAt=2026-03-01T12:30:00Z"))
	if len(before.Rates) != 2 || before.Rates[0].Amount != "1" {
		t.Errorf("as it was believed before: %+v", before.Rates)
	}
}

// TestManualRateTwice: what is on record is not written again, whatever begins
// when; a rate of the past is told of as a correction.
func TestManualRateTwice(t *testing.T) {
	w, store := stored(t)
	listed(t, store)
	const body = `{"model":"large-1","meter":"output","amount":"0","reason":"free for us"}`
	first := decode[oas.ManualRate](t, w.post("/api/admin/manual-rates", body))
	told := len(w.rateEvents(t))
	w.now = noon.Add(time.Hour)
	if again := decode[oas.ManualRate](t, w.post("/api/admin/manual-rates", body)); again != first {
		t.Errorf("%+v, first %+v", again, first)
	}
	if n := len(w.rateEvents(t)); n != told {
		t.Errorf("%d events, %d before", n, told)
	}
	past := decode[oas.ManualRate](t, w.post("/api/admin/manual-rates",
		`{"model":"large-1","meter":"input","amount":"1","from":"2026-02-01","to":"2026-02-10T00:00:00Z","reason":"credit note"}`))
	if past.State != "past" || past.ListAmount.Value != "3" || past.Reason.Value != "credit note" || !past.To.Value.Equal(day(2026, 2, 10)) {
		t.Errorf("%+v", past)
	}
	events := w.rateEvents(t)
	if got := events[len(events)-1]; got != "rate.corrected||1|RATECARD_ADMIN_KEY|credit note" {
		t.Errorf("told %s", got)
	}
	if p := problemOf(t, w.post(fmt.Sprintf("/api/admin/manual-rates/%d/end", past.ID), `{"reason":"x"}`)); p.Kind != "conflict" {
		t.Errorf("ending what has ended: %+v", p)
	}
}

const twoLists = `{"lists":[
	{"provider":"acme","at":"2026-02-01","models":[
		{"id":"large-1","displayName":"Theirs","contextWindow":5,"rates":[{"meter":"input","amount":"2.90"},{"meter":"output","amount":"0"}]},
		{"id":"gpt-new","displayName":"New Preview","maxOutputTokens":1000,"rates":[
			{"meter":"input","amount":"1.000000000001"},{"meter":"input","minPromptTokens":200001,"amount":"2"},
			{"tier":"batch","region":"us-east-1","meter":"web_search","amount":"0.01"}]}]},
	{"provider":"acme","at":"2026-01-01T00:00:00Z","models":[{"id":"large-1","rates":[{"meter":"input","amount":"4"}]},{"id":"old-1","rates":[{"meter":"input","amount":"9"}]}]},
	{"provider":"zenith","at":"2026-01-01","models":[]}]}`

func TestImport(t *testing.T) {
	w, store := stored(t)
	listed(t, store)
	first := decode[oas.Imported](t, w.post("/api/admin/import", twoLists))
	if first.Opened != 6 || first.Changed != 1 || first.Ended != 1 || first.Unchanged != 0 || first.ModelsFound != 2 || first.ModelsChanged != 0 || first.RowsWritten != 7 {
		t.Errorf("%+v", first)
	}
	if l := first.Lists[0]; len(first.Lists) != 3 || l.Provider != "acme" || l.Opened != 4 || l.Changed != 1 || l.Ended != 1 || !l.At.Equal(day(2026, 2, 1)) {
		t.Errorf("%+v", first.Lists)
	}
	for at, want := range map[string]string{
		"2025-12-31": "", "2026-01-01": "imported 4", "2026-01-31": "list 3, imported 4", "2026-02-01": "list 3, imported 2.9, imported 0",
	} {
		if got := w.layers(t, "large-1", at); got != want {
			t.Errorf("on %s: %s, want %s", at, got, want)
		}
	}
	if got := w.layers(t, "old-1", "2026-01-31") + " then " + w.layers(t, "old-1", "2026-02-01"); got != "imported 9 then " {
		t.Errorf("what was removed: %s", got)
	}
	if m := decode[oas.Model](t, w.ask("/api/models/large-1")); m.DisplayName != "The large-1" || m.Source != "api" || !m.ContextWindow.Null || m.Pricing[0].InputCostPerMillion.Value != "3" {
		t.Errorf("what the provider said became %+v", m)
	}
	m := decode[oas.Model](t, w.ask("/api/models/gpt-new"))
	if m.DisplayName != "New Preview" || m.Source != "import" || m.Usability != "preview" || m.MaxOutputTokens.Value != 1000 || !m.DiscoveredAt.Equal(noon) ||
		!slices.Equal(m.Classification, []oas.Classification{"chat"}) || len(m.Pricing) != 3 || m.Pricing[0].InputCostPerMillion.Value != "1.000000000001" || m.Pricing[0].ContextLimit.Value != 200000 {
		t.Errorf("%+v", m)
	}
	if old := decode[oas.Model](t, w.ask("/api/models/old-1")); old.PricingStatus != "TBD" || old.Usability != "available" {
		t.Errorf("%+v", old)
	}
	told := w.rateEvents(t)
	if !slices.Contains(told, "rate.opened||2.9|RATECARD_ADMIN_KEY|") || !slices.Contains(told, "rate.corrected||9|RATECARD_ADMIN_KEY|") {
		t.Errorf("told %v", told)
	}

	w.now = noon.Add(time.Hour)
	again := decode[oas.Imported](t, w.post("/api/admin/import", twoLists))
	if again.RowsWritten != 0 || again.ModelsFound+again.ModelsChanged != 0 || len(w.rateEvents(t)) != len(told) {
		t.Errorf("a second import: %+v", again)
	}
	if again.Unchanged != 7 {
		t.Errorf("%d unchanged of 7", again.Unchanged)
	}

	// A list between two others, later, holds between them; a newer one knows better.
	w.now = noon.Add(90 * time.Minute)
	between := `{"lists":[{"provider":"acme","at":"2026-01-15","models":[{"id":"old-1","displayName":"Older","rates":[{"meter":"input","amount":"8"}]}]}]}`
	decode[oas.Imported](t, w.post("/api/admin/import", between))
	var amounts []string
	for _, at := range []string{"2026-01-14", "2026-01-15", "2026-01-31", "2026-02-01"} {
		amounts = append(amounts, w.layers(t, "old-1", at))
	}
	if want := []string{"imported 9", "imported 8", "imported 8", ""}; !slices.Equal(amounts, want) {
		t.Errorf("with a list between: %q", amounts)
	}
	if m := decode[oas.Model](t, w.ask("/api/models/old-1")); m.DisplayName != "old-1" {
		t.Errorf("an older list renamed it %s", m.DisplayName)
	}
	w.now = noon.Add(2 * time.Hour)
	newer := `{"lists":[{"provider":"acme","at":"2026-02-20","models":[{"id":"old-1","displayName":"Newer"},{"id":"large-1","displayName":"Theirs"}]}]}`
	if got := decode[oas.Imported](t, w.post("/api/admin/import", newer)); got.ModelsChanged != 1 {
		t.Errorf("%+v", got)
	}
	if m := decode[oas.Model](t, w.ask("/api/models/old-1")); m.DisplayName != "Newer" {
		t.Errorf("a newer list left it %s", m.DisplayName)
	}
}

func TestBadRatesAreToldApart(t *testing.T) {
	w, store := stored(t)
	listed(t, store)
	listed2 := func(model string) string {
		return `{"lists":[{"provider":"acme","at":"2026-01-01","models":[]},{"provider":"acme","at":"2026-01-02","models":[` + model + `]}]}`
	}
	rate := func(fields string) string {
		return listed2(`{"id":"m","rates":[{"meter":"input","amount":"1"},{` + fields + `}]}`)
	}
	manual := func(fields string) string { return `{"model":"large-1",` + fields + `}` }
	const ok = `"meter":"input","amount":"1","reason":"r"`
	for name, test := range map[string]struct {
		body, path, says string
	}{
		"amount is a number":    {rate(`"meter":"output","amount":2.5`), "lists[1].models[0].rates[1].amount", "expected a string"},
		"amount is a word":      {rate(`"meter":"output","amount":"cheap"`), "lists[1].models[0].rates[1].amount", "decimal"},
		"amount negative":       {rate(`"meter":"output","amount":"-1"`), "lists[1].models[0].rates[1].amount", "sign"},
		"amount with exponent":  {rate(`"meter":"output","amount":"1e9"`), "lists[1].models[0].rates[1].amount", "exponent"},
		"amount absurd":         {rate(`"meter":"output","amount":"1000000.01"`), "lists[1].models[0].rates[1].amount", "1000000"},
		"amount NaN":            {rate(`"meter":"output","amount":"NaN"`), "lists[1].models[0].rates[1].amount", "decimal"},
		"amount missing":        {rate(`"meter":"output"`), "lists[1].models[0].rates[1].amount", "missing"},
		"amount null":           {rate(`"meter":"output","amount":null`), "lists[1].models[0].rates[1].amount", "null"},
		"meter missing":         {rate(`"amount":"1"`), "lists[1].models[0].rates[1].meter", "missing"},
		"meter is prose":        {rate(`"meter":"Input tokens","amount":"1"`), "lists[1].models[0].rates[1].meter", "cache_read"},
		"unknown tier":          {rate(`"meter":"output","tier":"bulk","amount":"1"`), "lists[1].models[0].rates[1].tier", "batch"},
		"odd region":            {rate(`"meter":"output","region":"the moon","amount":"1"`), "lists[1].models[0].rates[1].region", "global"},
		"negative threshold":    {rate(`"meter":"output","minPromptTokens":-1,"amount":"1"`), "lists[1].models[0].rates[1].minPromptTokens", "-1"},
		"threshold a fraction":  {rate(`"meter":"output","minPromptTokens":1.5,"amount":"1"`), "lists[1].models[0].rates[1].minPromptTokens", "whole number"},
		"rate twice":            {rate(`"meter":"input","tier":"standard","amount":"2"`), "lists[1].models[0].rates[1]", "rates[0]"},
		"unknown field":         {rate(`"meter":"output","price":"2"`), "lists[1].models[0].rates[1].price", "amount"},
		"model twice":           {listed2(`{"id":"m"},{"id":"m"}`), "lists[1].models[1].id", "models[0]"},
		"model without id":      {listed2(`{"displayName":"M"}`), "lists[1].models[0].id", "missing"},
		"model with a blank id": {listed2(`{"id":" "}`), "lists[1].models[0].id", "printable"},
		"model with a NUL":      {listed2(`{"id":"a\u0000"}`), "lists[1].models[0].id", "printable"},
		"window of nothing":     {listed2(`{"id":"m","contextWindow":0}`), "lists[1].models[0].contextWindow", "leave it out"},
		"model is a word":       {listed2(`"m"`), "lists[1].models[0]", "expected an object"},
		"models missing":        {`{"lists":[{"provider":"acme","at":"2026-01-01"}]}`, "lists[0].models", "missing"},
		"no provider":           {`{"lists":[{"at":"2026-01-01","models":[]}]}`, "lists[0].provider", "missing"},
		"odd provider":          {`{"lists":[{"provider":"Acme Inc.","at":"2026-01-01","models":[]}]}`, "lists[0].provider", "acme"},
		"at is no time":         {`{"lists":[{"provider":"acme","at":"yesterday","models":[]}]}`, "lists[0].at", "RFC 3339"},
		"at in the future":      {`{"lists":[{"provider":"acme","at":"2026-03-02","models":[]}]}`, "lists[0].at", "future"},
		"one instant twice":     {`{"lists":[{"provider":"acme","at":"2026-01-01","models":[]},{"provider":"acme","at":"2026-01-01T01:00:00+01:00","models":[]}]}`, "lists[1].at", "lists[0]"},
		"no lists":              {`{"lists":[]}`, "lists", "at least 1"},
		"a list alone":          {`{"provider":"acme","at":"2026-01-01","models":[]}`, "at", "expected lists"},

		"manual: no reason":      {manual(`"meter":"input","amount":"1"`), "reason", "missing"},
		"manual: blank reason":   {manual(`"meter":"input","amount":"1","reason":" "`), "reason", "spaces"},
		"manual: amount":         {manual(`"meter":"input","amount":"-1","reason":"r"`), "amount", "decimal"},
		"manual: amount number":  {manual(`"meter":"input","amount":1,"reason":"r"`), "amount", "expected a string"},
		"manual: tier":           {manual(ok + `,"tier":"bulk"`), "tier", "standard"},
		"manual: meter":          {manual(`"meter":"","amount":"1","reason":"r"`), "meter", "input"},
		"manual: ends before":    {manual(ok + `,"from":"2026-02-01","to":"2026-01-01"`), "to", "before"},
		"manual: ends at once":   {manual(ok + `,"from":"2026-02-01","to":"2026-02-01T00:00:00Z"`), "to", "after"},
		"manual: ended long ago": {manual(ok + `,"to":"2026-02-01"`), "to", "begins"},
		"manual: from":           {manual(ok + `,"from":"soon"`), "from", "RFC 3339"},
	} {
		t.Run(name, func(t *testing.T) {
			path := "/api/admin/import"
			if strings.HasPrefix(name, "manual: ") {
				path = "/api/admin/manual-rates"
			}
			answer := w.post(path, test.body)
			p := problemOf(t, answer)
			at := slices.IndexFunc(p.Errors, func(e oas.FieldProblem) bool { return e.Path == test.path })
			if p.Status != 400 || at < 0 || !strings.Contains(p.Errors[at].Message, test.says) {
				t.Errorf("want %q at %s: %s", test.says, test.path, answer.Body)
			}
		})
	}
	for name, test := range map[string]struct {
		path, body string
		kind       oas.ProblemKind
	}{
		"unknown model":   {"/api/admin/manual-rates", `{"model":"nothing-1",` + ok + `}`, "not_found"},
		"of another":      {"/api/admin/manual-rates", `{"model":"large-1","provider":"zenith",` + ok + `}`, "not_found"},
		"no such rate":    {"/api/admin/manual-rates/99/end", `{"reason":"r"}`, "not_found"},
		"reason is blank": {"/api/admin/manual-rates/99/end", `{"reason":" "}`, "invalid"},
		"over 16 MiB":     {"/api/admin/import", `{"lists":[{"provider":"` + strings.Repeat("x", 17<<20) + `"}]}`, "too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			if p := problemOf(t, w.post(test.path, test.body)); p.Kind != test.kind {
				t.Errorf("%+v", p)
			}
		})
	}
	if got := w.layers(t, "large-1", "2026-02-01"); got != "list 3" {
		t.Errorf("what was refused left %s", got)
	}
	if n := len(decode[oas.EventPage](t, w.ask("/api/events")).Items); n != 0 {
		t.Errorf("what was refused told %d events", n)
	}
}
