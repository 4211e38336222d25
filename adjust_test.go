package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/postgres"
	"ratecard/domain"
)

// layers are what /pricing answers of a model's input, by layer; the one that
// applies first.
func (r *running) layers(t testing.TB, model string) string {
	t.Helper()
	var pricing struct {
		Rates []struct{ Layer, Tier, Meter, Amount, Origin string }
	}
	r.ask(t, http.MethodGet, "/api/models/"+model+"/pricing?provider=acme", "", &pricing)
	var found []string
	for _, rate := range pricing.Rates {
		if rate.Meter == "input" && rate.Tier == "standard" {
			found = append(found, rate.Layer+" "+rate.Amount)
			if (rate.Layer == "adjusted") != (rate.Origin == "derived") {
				t.Errorf("the %s rate is %s", rate.Layer, rate.Origin)
			}
		}
	}
	return strings.Join(found, ", ")
}

// inputCost is what the model itself is said to cost.
func (r *running) inputCost(t testing.TB, model string) string {
	t.Helper()
	var m struct {
		Pricing []struct{ InputCostPerMillion string }
	}
	r.ask(t, http.MethodGet, "/api/models/"+model+"?provider=acme", "", &m)
	return m.Pricing[0].InputCostPerMillion
}

// TestPercentOverlaysTheListPrice: a discount follows the list price in the very
// change that moves it, the list price stays beside it, a manual amount beats it,
// and its end restores what was.
func TestPercentOverlaysTheListPrice(t *testing.T) {
	s, b := newShop(t)
	b.world.paused = true
	b.run(t)
	r := b.running(t, time.Minute)
	const path, model = "/api/admin/manual-rates/adjustments", "acme-large-2"
	look := func(when, layers, cost string) {
		t.Helper()
		if got := r.layers(t, model); got != layers {
			t.Errorf("%s: %s, want %s", when, got, layers)
		}
		if got := r.inputCost(t, model); got != cost {
			t.Errorf("%s it costs %s, want %s", when, got, cost)
		}
	}
	look("before", "list 3", "3")

	var made struct {
		ID                     int64
		Percent, State, Reason string
		ModelID                *string
	}
	r.ask(t, http.MethodPost, path, `{"provider":"acme","percent":"-12.5","reason":"frame contract"}`, &made)
	if made.Percent != "-12.5" || made.State != "in_force" || made.ModelID != nil || made.Reason != "frame contract" {
		t.Errorf("%+v", made)
	}
	look("with a discount", "adjusted 2.625, list 3", "2.625")
	versions := b.version(t)
	again := made
	r.ask(t, http.MethodPost, path, `{"provider":"acme","percent":"-12.5","reason":"frame contract"}`, &again)
	if again.ID != made.ID || b.version(t) != versions {
		t.Errorf("entered again it is %+v, and the version was raised by %d", again, b.version(t)-versions)
	}

	// The page moves: both move, in one change.
	last := lastEvent(t, postgres.NewCatalogue(b.store))
	s.show(strings.Replace(shopPage, "$3 / MTok | $15 / MTok", "$3.10 / MTok | $15.50 / MTok", 1))
	b.run(t) // as another replica would: this one hears of it
	eventually(t, func() bool { return r.inputCost(t, model) != "2.625" })
	look("the page moved", "adjusted 2.7125, list 3.1", "2.7125")
	if told := b.told(t, last, domain.EventRateChanged); len(told) != 4 {
		t.Errorf("told %v", told)
	}
	if n := b.count(t, `(SELECT known_from FROM rates r JOIN rate_keys k ON k.number = r.key JOIN models m ON m.number = k.model
		WHERE k.layer IN ('list', 'adjusted') AND k.meter = 'input' AND m.id = 'acme-large-2' AND upper_inf(r.effective) GROUP BY known_from) x`); n != 1 {
		t.Errorf("the list price and the adjusted one are known since %d instants", n)
	}

	// A manual amount lies above it, and what is closer replaces it.
	var rate struct{ ID int64 }
	r.ask(t, http.MethodPost, "/api/admin/manual-rates", `{"model":"`+model+`","provider":"acme","meter":"input","amount":"1","reason":"special"}`, &rate)
	look("with an amount", "manual 1, adjusted 2.7125, list 3.1", "1")
	r.ask(t, http.MethodPost, fmt.Sprintf("/api/admin/manual-rates/%d/end", rate.ID), `{"reason":"over"}`, nil)
	look("the amount ended", "adjusted 2.7125, list 3.1", "2.7125")
	var own struct{ ID int64 }
	r.ask(t, http.MethodPost, path, `{"provider":"acme","model":"`+model+`","meter":"input","percent":"10","reason":"resold"}`, &own)
	look("with a mark-up of its own", "adjusted 3.41, list 3.1", "3.41")
	if got := r.layers(t, "acme-small-2"); got != "adjusted 0.875, list 1" {
		t.Errorf("the other model: %s", got)
	}
	r.ask(t, http.MethodPost, fmt.Sprintf("%s/%d/end", path, own.ID), `{"reason":"over"}`, nil)
	look("the mark-up ended", "adjusted 2.7125, list 3.1", "2.7125")
	r.ask(t, http.MethodPost, fmt.Sprintf("%s/%d/end", path, made.ID), `{"reason":"over"}`, nil)
	look("the discount ended", "list 3.1", "3.1")

	var list struct {
		Total int
		Items []struct{ State string }
	}
	r.ask(t, http.MethodGet, path, "", &list)
	if list.Total != 2 || list.Items[0].State != "past" || list.Items[1].State != "past" {
		t.Errorf("%+v", list)
	}
	var kinds []string
	for _, e := range r.audit(t) {
		kinds = append(kinds, e.Changes[0].Event)
	}
	if want := "adjustment.entered rate.opened rate.ended adjustment.entered adjustment.ended adjustment.ended"; strings.Join(kinds, " ") != want {
		t.Errorf("audited %v, want %s", kinds, want)
	}
}

// TestAdjustmentOfWhatIsToCome: one that begins later is announced and comes, one
// that is withdrawn never does.
func TestAdjustmentOfWhatIsToCome(t *testing.T) {
	_, b := newShop(t)
	b.world.paused = true
	b.run(t)
	r := b.running(t, time.Minute)
	const path, model = "/api/admin/manual-rates/adjustments", "acme-large-2"
	from := b.world.now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	var made struct {
		ID    int64
		State string
	}
	for range 2 {
		r.ask(t, http.MethodPost, path, `{"provider":"acme","percent":"-50","from":"`+from+`","reason":"next year"}`, &made)
		if got := r.layers(t, model); got != "list 3" || made.State != "scheduled" {
			t.Errorf("before it begins: %s, %s", got, made.State)
		}
	}
	var ended struct{ State string }
	r.ask(t, http.MethodPost, fmt.Sprintf("%s/%d/end", path, made.ID), `{"reason":"not agreed"}`, &ended)
	if ended.State != "withdrawn" {
		t.Errorf("%+v", ended)
	}
	r.ask(t, http.MethodPost, path, `{"provider":"acme","percent":"-25","from":"`+from+`","reason":"agreed"}`, nil)
	b.pass(25 * time.Hour)
	if got := r.layers(t, model); got != "adjusted 2.25, list 3" {
		t.Errorf("when it has begun: %s", got)
	}
}

func TestAdjustmentsThatCannotBe(t *testing.T) {
	_, b := newShop(t)
	b.world.paused = true
	b.run(t)
	r := b.running(t, time.Minute)
	const path = "/api/admin/manual-rates/adjustments"
	r.ask(t, http.MethodPost, path, `{"provider":"acme","percent":"5","to":"2099-01-01","reason":"a"}`, nil)
	before := b.count(t, "adjustments") + b.count(t, "rates")
	for name, c := range map[string]struct {
		path, body string
		status     int
		field      string
	}{
		"no percentage":       {path, `{"provider":"acme","reason":"a"}`, 400, "percent"},
		"zero":                {path, `{"provider":"acme","percent":"0.0","reason":"a"}`, 400, "percent"},
		"more than all of it": {path, `{"provider":"acme","percent":"-100.01","reason":"a"}`, 400, "percent"},
		"tenfold and more":    {path, `{"provider":"acme","percent":"1000.5","reason":"a"}`, 400, "percent"},
		"a sign of percent":   {path, `{"provider":"acme","percent":"5%","reason":"a"}`, 400, "percent"},
		"an exponent":         {path, `{"provider":"acme","percent":"1e2","reason":"a"}`, 400, "percent"},
		"too fine":            {path, `{"provider":"acme","percent":"1.1234567","reason":"a"}`, 400, "percent"},
		"a number":            {path, `{"provider":"acme","percent":5,"reason":"a"}`, 400, "percent"},
		"no provider":         {path, `{"percent":"5","reason":"a"}`, 400, "provider"},
		"a strange provider":  {path, `{"provider":"Acme!","percent":"5","reason":"a"}`, 400, "provider"},
		"nobody known":        {path, `{"provider":"nobody","percent":"5","reason":"a"}`, 404, ""},
		"no such model":       {path, `{"provider":"acme","model":"large-9","percent":"5","reason":"a"}`, 404, ""},
		"no such tier":        {path, `{"provider":"acme","tier":"cheap","percent":"5","reason":"a"}`, 400, "tier"},
		"a strange meter":     {path, `{"provider":"acme","meter":"In Put","percent":"5","reason":"a"}`, 400, "meter"},
		"no reason":           {path, `{"provider":"acme","percent":"5"}`, 400, "reason"},
		"a blank reason":      {path, `{"provider":"acme","percent":"5","reason":"  "}`, 400, "reason"},
		"ends before":         {path, `{"provider":"acme","percent":"5","from":"2026-02-01","to":"2026-01-01","reason":"a"}`, 400, "to"},
		"is over":             {path, `{"provider":"acme","percent":"5","to":"2020-01-01","reason":"a"}`, 400, "to"},
		"begins at no time":   {path, `{"provider":"acme","percent":"5","from":"soon","reason":"a"}`, 400, "from"},
		"unknown field":       {path, `{"provider":"acme","percent":"5","reason":"a","amount":"1"}`, 400, "amount"},
		"ending none":         {path + "/99/end", `{"reason":"a"}`, 404, ""},
		"ending no number":    {path + "/one/end", `{"reason":"a"}`, 400, "id"},
		"ending unreasoned":   {path + "/1/end", `{}`, 400, "reason"},
		"ending after it":     {path + "/1/end", `{"reason":"a","at":"2100-01-01"}`, 409, ""},
		"ending at no time":   {path + "/1/end", `{"reason":"a","at":"never"}`, 400, "at"},
	} {
		req := r.request(t, http.MethodPost, c.path, c.body)
		req.Header.Set("X-API-Key", adminKey)
		got := r.send(t, req)
		if got.status != c.status || c.field != "" && !strings.Contains(got.text, `"path":"`+c.field+`"`) {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	if after := b.count(t, "adjustments") + b.count(t, "rates"); after != before {
		t.Errorf("%d rows, %d before", after, before)
	}
}
