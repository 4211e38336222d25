package api_test

import (
	"fmt"
	"testing"
	"time"

	"ratecard/gen/oas"
)

// TestAliases pins, forbids and releases over HTTP.
func TestAliases(t *testing.T) {
	w, store := stored(t)
	listed(t, store)
	send := func(body string) (int, string) {
		w.now = w.now.Add(time.Minute)
		answer := w.post("/api/admin/aliases", body)
		return answer.Code, answer.Body.String()
	}
	list := func() oas.AliasList {
		return decode[oas.AliasList](t, w.do(exchange{path: "/api/admin/aliases", key: w.admin}))
	}
	w.now = noon.Add(time.Minute)
	ban := decode[oas.Alias](t, w.post("/api/admin/aliases", `{"model":"large-1","name":"Another Large 1","ruling":"forbid","reason":"sold otherwise"}`))
	if ban.ModelID != "large-1" || ban.Provider != "acme" || ban.Name != "Another Large 1" || ban.Ruling != "forbid" ||
		ban.By != "RATECARD_ADMIN_KEY" || ban.Reason != "sold otherwise" || !ban.MadeAt.Equal(w.now) {
		t.Errorf("%+v", ban)
	}
	for body, status := range map[string]int{
		`{"model":"large-1","name":"another  large 1","ruling":"pin","reason":"x"}`:    409,
		`{"model":"large-1","name":"another  large 1","ruling":"forbid","reason":"x"}`: 201, // again, which changes nothing
		`{"model":"nobody-1","name":"Large 1","ruling":"pin","reason":"x"}`:            404,
		`{"model":"large-1","name":"Printed Nowhere","ruling":"pin","reason":"x"}`:     400,
		`{"model":"large-1","name":"Large 1","ruling":"maybe","reason":"x"}`:           400,
		`{"model":"large-1","name":"Large 1","ruling":"pin","reason":" "}`:             400,
	} {
		if got, answer := send(body); got != status {
			t.Errorf("%s: status %d, want %d: %s", body, got, status, answer)
		}
	}
	if held := list(); held.Total != 1 || len(held.Items) != 1 || held.Items[0] != ban {
		t.Errorf("%+v, want the ban alone", held)
	}
	path := fmt.Sprintf("/api/admin/aliases/%d", ban.ID)
	if released := decode[oas.Alias](t, w.do(exchange{method: "DELETE", path: path + "?reason=it+is+the+same", key: w.admin})); released != ban {
		t.Errorf("released %+v", released)
	}
	if answer := w.do(exchange{method: "DELETE", path: path, key: w.admin}); answer.Code != 404 || list().Total != 0 {
		t.Errorf("released again: status %d; %+v hold", answer.Code, list())
	}
	var told []string
	for _, e := range decode[oas.EventPage](t, w.do(exchange{path: "/api/events?limit=500", key: w.admin})).Items {
		if e.Kind == "match.forbidden" || e.Kind == "match.released" {
			told = append(told, e.Kind+" "+e.Model.Value)
		}
	}
	if fmt.Sprint(told) != "[match.forbidden large-1 match.released large-1]" {
		t.Errorf("told %v", told)
	}
}
