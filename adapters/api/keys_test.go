package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ratecard/gen/oas"
)

// opens reports whether a secret reads.
func (w *world) opens(secret string) bool {
	return w.do(exchange{path: "/api/sync/status", key: secret}).Code == http.StatusOK
}

func (w *world) posting(path, body string) exchange {
	return exchange{method: http.MethodPost, path: path, key: w.admin, body: body}
}

func TestKeyExpires(t *testing.T) {
	w, _ := storedLocked(t)
	end := w.now.Add(time.Hour)
	made := decode[oas.CreatedKey](t, w.do(w.posting("/api/admin/keys", fmt.Sprintf(`{"name":"for an hour","scope":"read","expiresAt":%q}`, end.Format(time.RFC3339)))))
	if !made.Key.ExpiresAt.Value.Equal(end) {
		t.Errorf("it expires at %v, want %v", made.Key.ExpiresAt, end)
	}
	for at, valid := range map[time.Time]bool{w.now: true, end.Add(-time.Microsecond): true, end: false, end.AddDate(1, 0, 0): false} {
		w.now = at
		if got := w.opens(made.Secret); got != valid {
			t.Errorf("at %s it opens: %v", at, got)
		}
	}
}

// TestRotatedKeysAreBothValidMeanwhile: for a day, or as long as is said.
func TestRotatedKeysAreBothValidMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		body    string
		overlap time.Duration
	}{
		"nothing said": {"", 24 * time.Hour},
		"two hours":    {`{"overlapHours":2}`, 2 * time.Hour},
		"none":         {`{"overlapHours":0}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := storedLocked(t)
			old := decode[oas.CreatedKey](t, w.do(w.posting("/api/admin/keys", `{"name":"gateway","scope":"read"}`)))
			made := decode[oas.RotatedKey](t, w.do(w.posting(fmt.Sprintf("/api/admin/keys/%d/rotate", old.Key.ID), c.body)))
			if made.Key.Name != "gateway" || made.Key.Scope != oas.ScopeRead || made.Key.Replaces.Value != old.Key.ID || made.Secret == old.Secret {
				t.Errorf("%+v", made)
			}
			end := w.now.Add(c.overlap)
			if c.overlap > 0 && (!w.opens(old.Secret) || !w.opens(made.Secret)) {
				t.Error("not both open")
			}
			w.now = end
			if w.opens(old.Secret) || !w.opens(made.Secret) {
				t.Error("after the overlap the new one alone should open")
			}
		})
	}
}

// TestRevokedRotatedKeyEndsAtOnce, and its successor does not.
func TestRevokedRotatedKeyEndsAtOnce(t *testing.T) {
	w, _ := storedLocked(t)
	old := decode[oas.CreatedKey](t, w.do(w.posting("/api/admin/keys", `{"name":"gateway","scope":"read"}`)))
	made := decode[oas.RotatedKey](t, w.do(w.posting(fmt.Sprintf("/api/admin/keys/%d/rotate", old.Key.ID), "")))
	w.do(exchange{method: http.MethodDelete, path: fmt.Sprintf("/api/admin/keys/%d", old.Key.ID), key: w.admin})
	if w.opens(old.Secret) || !w.opens(made.Secret) {
		t.Error("the old one opens still, or the new one does not")
	}
	if again := w.do(w.posting(fmt.Sprintf("/api/admin/keys/%d/rotate", old.Key.ID), "")); again.Code != http.StatusConflict {
		t.Errorf("rotating a revoked key: %d %s", again.Code, again.Body)
	}
}

func TestKeysThatCannotBeMadeOrRotated(t *testing.T) {
	w, _ := storedLocked(t)
	w.do(w.posting("/api/admin/keys", `{"name":"gateway","scope":"read"}`))
	for name, c := range map[string]struct {
		path, body string
		status     int
		field      string
	}{
		"expired when made":        {"/api/admin/keys", `{"name":"a","scope":"read","expiresAt":"2026-03-01"}`, 400, "expiresAt"},
		"expiry no time":           {"/api/admin/keys", `{"name":"a","scope":"read","expiresAt":"soon"}`, 400, "expiresAt"},
		"expiry empty":             {"/api/admin/keys", `{"name":"a","scope":"read","expiresAt":""}`, 400, "expiresAt"},
		"expiry beyond all":        {"/api/admin/keys", `{"name":"a","scope":"read","expiresAt":"9999-12-31"}`, 400, "expiresAt"},
		"rotating none":            {"/api/admin/keys/99/rotate", "", 404, ""},
		"rotating no number":       {"/api/admin/keys/one/rotate", "", 400, "id"},
		"rotating number 0":        {"/api/admin/keys/0/rotate", "", 400, "id"},
		"negative overlap":         {"/api/admin/keys/1/rotate", `{"overlapHours":-1}`, 400, "overlapHours"},
		"overlap of two years":     {"/api/admin/keys/1/rotate", `{"overlapHours":17520}`, 400, "overlapHours"},
		"overlap of half an hour":  {"/api/admin/keys/1/rotate", `{"overlapHours":0.5}`, 400, "overlapHours"},
		"successor expired before": {"/api/admin/keys/1/rotate", `{"expiresAt":"2020-01-01"}`, 400, "expiresAt"},
		"unknown field":            {"/api/admin/keys/1/rotate", `{"scope":"admin"}`, 400, "scope"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := w.do(w.posting(c.path, c.body))
			if answer.Code != c.status {
				t.Fatalf("status %d: %s", answer.Code, answer.Body)
			}
			if p := problemOf(t, answer); c.field != "" && (len(p.Errors) != 1 || p.Errors[0].Path != c.field) {
				t.Errorf("%+v", p.Errors)
			}
		})
	}
	if keys := decode[oas.KeyList](t, w.do(exchange{path: "/api/admin/keys", key: w.admin})); keys.Total != 1 || !keys.Items[0].ExpiresAt.Null {
		t.Errorf("something was changed: %+v", keys)
	}
}

// TestKeysHoldWhileTheStoreIsAway, and what needs the store says so.
func TestKeysHoldWhileTheStoreIsAway(t *testing.T) {
	w, store := storedLocked(t)
	made := decode[oas.CreatedKey](t, w.do(w.posting("/api/admin/keys", `{"name":"gateway","scope":"read"}`)))
	store.Close()
	if answer := w.do(exchange{path: "/api/nowhere", key: made.Secret}); answer.Code != http.StatusNotFound {
		t.Errorf("the key was not taken: %d %s", answer.Code, answer.Body)
	}
	if answer := w.do(exchange{path: "/api/nowhere", key: "rc_unknown"}); answer.Code != http.StatusUnauthorized {
		t.Errorf("an unknown key: %d %s", answer.Code, answer.Body)
	}
}

// TestSecretsStayOutOfWhatIsKept: not in the log, the events, the audit or any
// answer but the one that makes the key.
func TestSecretsStayOutOfWhatIsKept(t *testing.T) {
	w, store := storedLocked(t)
	made := decode[oas.CreatedKey](t, w.do(w.posting("/api/admin/keys", `{"name":"gateway","scope":"admin"}`)))
	heir := decode[oas.RotatedKey](t, w.do(w.posting(fmt.Sprintf("/api/admin/keys/%d/rotate", made.Key.ID), `{}`)))
	kept := []string{}
	for _, x := range []exchange{
		w.posting("/api/admin/keys/"+heir.Secret+"/rotate", ""),
		w.posting("/api/admin/keys", `{"name":"x","scope":"`+heir.Secret+`"}`),
		w.posting("/api/admin/sync", `{"providers":["`+heir.Secret+`"]}`),
		{path: "/api/admin/audit?cursor=" + heir.Secret[:20], key: heir.Secret},
		{method: http.MethodDelete, path: fmt.Sprintf("/api/admin/keys/%d", made.Key.ID), key: heir.Secret},
		{path: "/api/models", key: made.Secret},
		{path: "/api/admin/keys", key: heir.Secret},
		{path: "/api/admin/audit", key: heir.Secret},
		{path: "/api/events?limit=500", key: heir.Secret},
	} {
		answer := w.do(x)
		if strings.HasPrefix(x.path, "/api/admin/audit?") || x.method == "" {
			kept = append(kept, answer.Body.String())
		}
	}
	kept = append(kept, w.log.String())
	rows, err := store.Pool().Query(t.Context(), `SELECT row_to_json(t)::text FROM (SELECT * FROM events) t
		UNION ALL SELECT row_to_json(t)::text FROM (SELECT * FROM audit) t UNION ALL SELECT row_to_json(t)::text FROM (SELECT * FROM api_keys) t`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, text)
	}
	if len(kept) < 12 || !strings.Contains(strings.Join(kept, " "), "key.revoked") {
		t.Fatalf("too little is looked at: %d texts", len(kept))
	}
	for _, text := range kept {
		for _, secret := range []string{made.Secret, heir.Secret, w.admin} {
			if strings.Contains(text, secret[len(secret)-16:]) {
				t.Errorf("a secret stands in %.300s", text)
			}
		}
	}
}
