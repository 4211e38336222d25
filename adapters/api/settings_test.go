package api_test

import (
	"net/http"
	"testing"

	"ratecard/gen/oas"
)

func TestSettingsThatCannotBe(t *testing.T) {
	w := newWorld(t)
	put := func(body string) exchange {
		return exchange{method: http.MethodPut, path: "/api/admin/settings", key: w.admin, body: body}
	}
	got := decode[oas.Settings](t, w.do(put(`{"paused":false}`)))
	if got.StaleAfterHours != 36 {
		t.Errorf("with nothing set it is %d hours", got.StaleAfterHours)
	}
	usual := oas.GuardSettings{CoveragePercent: 50, SteadyPercent: 90, MovingPercent: 50, LargestFactor: 20, LargestAmount: 1_000_000, FlipDays: 7}
	if got.Guard != usual {
		t.Errorf("with nothing set the guard is %+v", got.Guard)
	}
	decode[oas.Settings](t, w.do(put(`{"paused":true,"staleAfterHours":12,"guard":{"largestFactor":5,"coveragePercent":0}}`)))
	for name, c := range map[string]struct{ body, field string }{
		"no hours":         {`{"paused":true,"staleAfterHours":0}`, "staleAfterHours"},
		"negative":         {`{"paused":true,"staleAfterHours":-1}`, "staleAfterHours"},
		"over a year":      {`{"paused":true,"staleAfterHours":8761}`, "staleAfterHours"},
		"half an hour":     {`{"paused":true,"staleAfterHours":0.5}`, "staleAfterHours"},
		"a word":           {`{"paused":true,"staleAfterHours":"36"}`, "staleAfterHours"},
		"misspelt":         {`{"paused":true,"staleAfter":36}`, "staleAfter"},
		"a share over all": {`{"paused":true,"guard":{"steadyPercent":101}}`, "guard.steadyPercent"},
		"no factor":        {`{"paused":true,"guard":{"largestFactor":1}}`, "guard.largestFactor"},
		"no such doubt":    {`{"paused":true,"guard":{"strict":true}}`, "guard.strict"},
		"not said whether": {`{"staleAfterHours":36}`, "paused"},
	} {
		answer := w.do(put(c.body))
		if answer.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
			continue
		}
		if p := problemOf(t, answer); len(p.Errors) != 1 || p.Errors[0].Path != c.field {
			t.Errorf("%s: %+v", name, p.Errors)
		}
	}
	if got := decode[oas.Settings](t, w.do(exchange{path: "/api/admin/settings", key: w.admin})); got.StaleAfterHours != 12 || !got.Paused ||
		got.Guard.LargestFactor != 5 || got.Guard.CoveragePercent != 0 || got.Guard.FlipDays != 7 {
		t.Errorf("what was refused changed something: %+v", got)
	}
}
