package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"ratecard/adapters/cached"
	"ratecard/adapters/valkey"
	"ratecard/adapters/valkey/valkeytest"
)

// A way leads to a database, and can be cut.
type way struct {
	t       testing.TB
	network string
	to      string
	at      string // host:port of this end
	mu      sync.Mutex
	gate    net.Listener // nil while it is cut
	open    map[net.Conn]bool
}

// aWay makes the bench's servers reach its database by a way that can be cut.
func (b *bench) aWay(t testing.TB) *way {
	t.Helper()
	c, err := pgx.ParseConfig(b.dsn)
	if err != nil {
		t.Fatal(err)
	}
	w := &way{t: t, at: "127.0.0.1:0", open: map[net.Conn]bool{}}
	w.network, w.to = pgconn.NetworkAddress(c.Host, c.Port)
	w.mend()
	t.Cleanup(w.cut)
	u, err := url.Parse(b.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = w.at, "sslmode=disable"
	b.dsn = u.String()
	return w
}

// mend lets the database be reached.
func (w *way) mend() {
	w.t.Helper()
	gate, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", w.at)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.gate, w.at = gate, gate.Addr().String()
	w.mu.Unlock()
	go func() {
		for {
			from, err := gate.Accept()
			if err != nil {
				return
			}
			to, err := (&net.Dialer{}).DialContext(context.Background(), w.network, w.to)
			if err != nil {
				_ = from.Close()
				continue
			}
			w.mu.Lock()
			w.open[from], w.open[to] = true, true
			if w.gate != gate {
				_, _ = from.Close(), to.Close()
			}
			w.mu.Unlock()
			go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
		}
	}()
}

// cut ends every connection, and takes no other.
func (w *way) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gate != nil {
		_ = w.gate.Close()
		w.gate = nil
	}
	for conn := range w.open {
		_ = conn.Close()
	}
	clear(w.open)
}

const awayHeader = "Ratecard-Stale-Since"

// get asks with a key.
func (r *running) get(t testing.TB, key, path string) answered {
	t.Helper()
	req := r.request(t, http.MethodGet, path, "")
	req.Header.Set("X-API-Key", key)
	return r.send(t, req)
}

// copied waits until what all replicas share holds a key.
func copied(t testing.TB, server *valkeytest.Server, key string) {
	t.Helper()
	client, err := valkey.Open(server.URL, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	eventually(t, func() bool { return valkey.NewCache(client).Collect(t.Context(), []string{key})[0] != nil })
}

// TestReadsGoOnWithoutTheDatabase, told to be old; so does a replica that starts
// meanwhile, from what others copied. All recover by themselves.
func TestReadsGoOnWithoutTheDatabase(t *testing.T) {
	server := valkeytest.Start(t)
	site, b := newShop(t)
	b.world.paused = true
	b.valkeyURL = server.URL
	way := b.aWay(t)
	here, there := b.running(t, time.Minute), b.running(t, time.Minute)
	here.done(t, here.startSync(t, "acme"))
	var made struct{ Secret string }
	here.ask(t, http.MethodPost, "/api/admin/keys", `{"name":"gateway","scope":"read"}`, &made)
	copied(t, server, "pricing:acme:fallback")
	paths := []string{"/api/models?limit=50", "/api/models/acme-large-2", "/api/models/acme-large-2/pricing", "/api/sync/status", "/api/providers"}
	whole := map[string]string{}
	within(t, 10*time.Second, "a key at the other server", func() bool { return there.get(t, made.Secret, paths[0]).status == 200 })
	for _, path := range paths {
		got := here.get(t, made.Secret, path)
		if whole[path] = got.text; got.status != 200 || got.header.Get(awayHeader) != "" {
			t.Fatalf("%s: %d %s %v", path, got.status, got.text, got.header)
		}
	}
	same := func(r *running, path string) {
		t.Helper()
		got := r.get(t, made.Secret, path)
		if got.status != 200 {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
		if strings.HasPrefix(path, "/api/models") && !strings.HasSuffix(path, "/pricing") && got.text != whole[path] {
			t.Errorf("%s is answered\n%s\nand was\n%s", path, got.text, whole[path])
		}
	}

	way.cut()
	var lone *running
	for _, r := range []*running{here, there} {
		within(t, 30*time.Second, "the database's absence", func() bool {
			same(r, paths[0])
			return r.get(t, made.Secret, paths[0]).header.Get(awayHeader) != ""
		})
	}
	lone = b.running(t, time.Minute)
	for _, r := range []*running{here, there, lone} {
		for _, path := range paths {
			same(r, path)
			if r.get(t, made.Secret, path).header.Get(awayHeader) == "" {
				t.Errorf("%s does not tell that it is old", path)
			}
		}
		for path, want := range map[string]string{"/readyz": `"stale"`, "/healthz": `"stale"`} {
			if got := r.get(t, "", path); got.status != 200 || !strings.Contains(got.text, want) {
				t.Errorf("%s: %d %s", path, got.status, got.text)
			}
		}
		req := r.request(t, http.MethodPost, "/api/costs", `{"lines":[{"model":"acme-large-2","usage":{"input":1000000}}]}`)
		req.Header.Set("X-API-Key", made.Secret)
		if got := r.send(t, req); got.status != 200 || !strings.Contains(got.text, `"3"`) || got.header.Get(awayHeader) == "" {
			t.Errorf("a usage costs %d %s", got.status, got.text)
		}
		if got := r.get(t, "rc_unknown_unknown_unknown", paths[0]); got.status != 401 {
			t.Errorf("an unknown key gets %d", got.status)
		}
	}

	req := lone.request(t, http.MethodPost, "/api/admin/sync", "")
	req.Header.Set("X-API-Key", adminKey)
	if got := lone.send(t, req); got.status != 503 {
		t.Errorf("what needs the database is answered %d %s", got.status, got.text)
	}
	way.mend()
	for _, r := range []*running{here, there, lone} {
		within(t, 30*time.Second, "its return", func() bool {
			same(r, paths[0])
			return r.get(t, made.Secret, paths[0]).header.Get(awayHeader) == "" && strings.Contains(r.get(t, "", "/readyz").text, `"ok"`)
		})
	}
	site.show(strings.Replace(shopPage, "$3 / MTok | $15 / MTok", "$4 / MTok | $20 / MTok", 1))
	within(t, 30*time.Second, "work at the one that came without it", func() bool {
		req := lone.request(t, http.MethodPost, "/api/admin/sync", "")
		req.Header.Set("X-API-Key", adminKey)
		return lone.send(t, req).status == 202
	})
	for _, r := range []*running{here, there, lone} {
		within(t, 30*time.Second, "a new price", func() bool {
			return strings.Contains(r.get(t, made.Secret, paths[1]).text, `"inputCostPerMillion":"4"`)
		})
	}
	for _, r := range []*running{here, there, lone} {
		for _, secret := range []string{made.Secret, adminKey, valkeytest.Password} {
			if strings.Contains(r.log.String(), secret) {
				t.Error("a secret stands in the log")
			}
		}
	}
}

// TestProperty19_WhateverBecomesOfValkey: while it is wiped, killed, frozen and
// full under load, every answer is right and none fails; a change is seen through
// both replicas as soon as ever.
func TestProperty19_WhateverBecomesOfValkey(t *testing.T) {
	server := valkeytest.Start(t)
	site, b := newShop(t)
	b.world.paused = true
	b.valkeyURL = server.URL
	replicas := []*running{b.running(t, time.Minute), b.running(t, time.Minute)}
	cost := func(price int64) string { return fmt.Sprintf(`"inputCostPerMillion":"%d"`, price) }
	var settled, newest atomic.Int64 // what a model costs, and what it may cost already
	change := func(price int64) {
		t.Helper()
		newest.Store(price)
		site.show(strings.Replace(shopPage, "$3 / MTok | $15 / MTok", fmt.Sprintf("$%d / MTok | $%d0 / MTok", price, price), 1)) // whole, so that it is believed
		replicas[0].done(t, replicas[0].startSync(t, "acme"))
		for _, r := range replicas {
			within(t, 10*time.Second, fmt.Sprint("a price of ", price), func() bool { return strings.Contains(r.get(t, adminKey, "/api/models/acme-large-2").text, cost(price)) })
		}
		settled.Store(price)
	}
	change(3)
	ctx, end := context.WithCancel(t.Context())
	var load sync.WaitGroup
	var asked atomic.Int64
	for i := range 4 {
		load.Go(func() {
			for path := "/api/models/acme-large-2"; ctx.Err() == nil; asked.Add(1) {
				from := settled.Load()
				got := replicas[i%2].get(t, adminKey, path)
				right := false
				for price := from; price <= newest.Load(); price++ {
					right = right || strings.Contains(got.text, cost(price))
				}
				if got.status != 200 || !right {
					t.Errorf("%d %s where it costs %d to %d", got.status, got.text, from, newest.Load())
				}
				if got := replicas[i%2].get(t, adminKey, "/api/sync/status"); got.status != 200 {
					t.Errorf("%d %s", got.status, got.text)
				}
			}
		})
	}
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"wiped", server.Wipe}, {"killed", server.Kill}, {"back", server.Run}, {"frozen", server.Freeze}, {"thawed", server.Thaw},
		{"full", server.Fill}, {"relieved", server.Relieve},
	} {
		t.Log(step.name)
		step.do()
		change(settled.Load() + 1)
	}
	end()
	load.Wait()
	t.Logf("%d questions", asked.Load())
	if asked.Load() < 50 {
		t.Error("that is no load")
	}
	copied(t, server, "pricing:acme:acme-large-2") // it is used again
}

var sharedLifetimes = cached.Lifetimes{Models: time.Hour, Prices: time.Hour, Fallback: time.Hour}
