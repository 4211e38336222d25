package api_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/gen/oas"
)

func TestWhoMayDoWhat(t *testing.T) {
	const read, admin, feed, open = "/api/models", "/api/admin/keys", "/feeds/price-changes.atom", "/healthz"
	basic := func(user, password string) map[string]string {
		return map[string]string{"Basic": user + ":" + password} // encoded when the key is known
	}
	tests := map[string]struct {
		anonymousReads bool
		header         map[string]string
		key            string // "reader", "admin" or a secret
		path           string
		status         int
	}{
		"no key, open":             {path: open, status: 200},
		"no key, read":             {path: read, status: 401},
		"no key, admin":            {path: admin, status: 401},
		"no key, no such path":     {path: "/api/nowhere", status: 401},
		"anonymous, read":          {anonymousReads: true, path: read, status: 200},
		"anonymous, admin":         {anonymousReads: true, path: admin, status: 401},
		"reader, read":             {key: "reader", path: read, status: 200},
		"reader, admin":            {key: "reader", path: admin, status: 403},
		"admin, read":              {key: "admin", path: read, status: 200},
		"admin, admin":             {key: "admin", path: admin, status: 200},
		"unknown, read":            {key: "rc_unknown", path: read, status: 401},
		"unknown though anonymous": {anonymousReads: true, key: "rc_unknown", path: read, status: 401},
		"X-API-Key":                {header: map[string]string{"X-API-Key": "reader"}, path: read, status: 200},
		"x-api-key, admin":         {header: map[string]string{"x-api-key": "admin"}, path: admin, status: 200},
		"bearer in small letters":  {header: map[string]string{"Authorization": "bearer reader"}, path: read, status: 200},
		"Basic":                    {header: map[string]string{"Authorization": "Basic cmVhZGVy"}, path: read, status: 401},
		"Basic, feed":              {header: basic("anybody", "reader"), path: feed, status: 200},
		"Basic, no user, feed":     {header: basic("", "reader"), path: feed, status: 200},
		"Basic, no password, feed": {header: basic("reader", ""), path: feed, status: 401},
		"Basic, unknown, feed":     {header: basic("", "rc_unknown"), path: feed, status: 401},
		"Basic, key, read":         {header: basic("", "reader"), path: read, status: 401},
		"Basic, admin, admin":      {header: basic("", "admin"), path: admin, status: 401},
		"bearer, feed":             {key: "reader", path: feed, status: 200},
		"no key, feed":             {path: feed, status: 401},
		"anonymous, feed":          {anonymousReads: true, path: feed, status: 200},
		"Bearer of nothing":        {header: map[string]string{"Authorization": "Bearer "}, path: read, status: 401},
		"escaped admin path":       {key: "reader", path: "/api/%61dmin/keys", status: 403},
		"escaped slash":            {key: "reader", path: "/api%2Fadmin%2Fkeys", status: 403},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(w *world) { w.config.AnonymousReads = test.anonymousReads })
			secret := strings.NewReplacer("reader", w.reader, "admin", w.admin)
			header := map[string]string{}
			for k, v := range test.header {
				if v = secret.Replace(v); k == "Basic" {
					k, v = "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(v))
				}
				header[k] = v
			}
			answer := w.do(exchange{path: test.path, key: secret.Replace(test.key), header: header})
			if answer.Code != test.status {
				t.Errorf("status %d: %s", answer.Code, answer.Body)
			}
			challenged := answer.Header().Get("WWW-Authenticate") != ""
			if challenged != (test.status == http.StatusUnauthorized) {
				t.Errorf("WWW-Authenticate %q", answer.Header().Get("WWW-Authenticate"))
			}
			if test.status >= 400 {
				problemOf(t, answer)
			}
		})
	}
}

func TestWithoutAnAdministratorsKeyNobodyIsOne(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.AdminKeyHash = [32]byte{} })
	if answer := w.do(exchange{path: "/api/admin/keys", key: w.admin}); answer.Code != http.StatusUnauthorized {
		t.Errorf("status %d", answer.Code)
	}
}

func TestKeysLife(t *testing.T) {
	w := newWorld(t)
	created := decode[oas.CreatedKey](t, w.do(exchange{method: "POST", path: "/api/admin/keys", key: w.admin, body: `{"name":"gateway","scope":"read"}`}))
	if !strings.HasPrefix(created.Secret, "rc_") || !strings.HasPrefix(created.Secret, created.Key.Prefix) || len(created.Secret) < 40 {
		t.Errorf("secret %q, prefix %q", created.Secret, created.Key.Prefix)
	}
	if answer := w.do(exchange{path: "/api/models", key: created.Secret}); answer.Code != http.StatusOK {
		t.Errorf("the new key: status %d", answer.Code)
	}
	list := w.do(exchange{path: "/api/admin/keys", key: w.admin})
	if strings.Contains(list.Body.String(), created.Secret) {
		t.Error("the list shows a secret")
	}
	if keys := decode[oas.KeyList](t, list); keys.Total != 2 || keys.Items[0].Name != "gateway" {
		t.Errorf("%+v", keys)
	}
	first := w.do(exchange{method: "DELETE", path: "/api/admin/keys/2", key: w.admin})
	w.now = w.now.Add(time.Hour)
	again := w.do(exchange{method: "DELETE", path: "/api/admin/keys/2", key: w.admin})
	if first.Code != 200 || first.Body.String() != again.Body.String() {
		t.Errorf("revoked %s, and again %s", first.Body, again.Body)
	}
	if answer := w.do(exchange{path: "/api/models", key: created.Secret}); answer.Code != http.StatusUnauthorized {
		t.Errorf("the revoked key: status %d", answer.Code)
	}
}

func TestUseIsNotedOnceAMinute(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.get("/api/models")
		w.now = w.now.Add(15 * time.Second)
	}
	w.serveOut(t) // returns when what is pending is done
	slices.SortFunc(w.keys.uses, time.Time.Compare)
	if want := []time.Time{noon, noon.Add(time.Minute)}; !slices.EqualFunc(w.keys.uses, want, time.Time.Equal) {
		t.Errorf("noted %v, expected %v", w.keys.uses, want)
	}
}

func TestKeysStayOutOfTheLog(t *testing.T) {
	w := newWorld(t)
	secret := w.reader
	for _, x := range []exchange{
		{path: "/api/models", key: secret},
		{path: "/api/models?q=" + secret, key: secret},
		{path: "/api/models/" + secret, key: secret},
		{path: "/api/" + secret, header: map[string]string{"X-API-Key": secret, "X-Request-Id": secret}},
		{method: "DELETE", path: "/api/admin/keys/" + secret, key: w.admin},
		{method: "POST", path: "/api/admin/keys", key: w.admin, body: `{"name":"` + secret + `","scope":"x"}`},
		{path: "/api/models", key: "rc_wrong" + secret[3:]},
	} {
		w.do(x)
	}
	if log := w.log.String(); strings.Contains(log, secret[len(secret)-20:]) || strings.Contains(log, w.admin) {
		t.Errorf("a key is in the log:\n%s", log)
	}
	if !strings.Contains(w.log.String(), "key=\"1 rc_") {
		t.Errorf("the log does not say who asked:\n%s", w.log.String())
	}
}
