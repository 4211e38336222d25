package api

import (
	"cmp"
	"context"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// The gate lets in who may. It stands in front of the router, so that what is
// routed around ogen, or not found at all, is guarded by the same rule: a path
// below /api/admin/ needs the scope admin, as the console does, any other below
// /api/ or /feeds/ the scope read.
type gate struct {
	h        *handler
	uses     uses
	failures failures
	limits   limits
}

const noScope = domain.Scope("")

func scopeFor(path string) domain.Scope {
	switch {
	case strings.HasPrefix(path, "/api/admin/"), inConsole(path):
		return domain.ScopeAdmin
	case strings.HasPrefix(path, "/api/"), takesBasic(path):
		return domain.ScopeRead
	}
	return noScope
}

// basicChallenge is how a program that takes Basic is told what to ask its user for.
const basicChallenge = `Basic realm="ratecard: a key as the password", charset="UTF-8"`

// takesBasic reports whether a path is for programs that send no headers of their
// own, and a key as a password if any.
func takesBasic(path string) bool {
	return strings.HasPrefix(path, "/feeds/") || strings.HasPrefix(path, exportsPath)
}

func (g *gate) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := g.admit(r)
		if limited := g.limits.keep(r.Context(), w.Header(), who, g.h.cfg.Now()); limited != nil {
			err = limited
		}
		if err != nil {
			g.h.write(w, r, err)
			return
		}
		if scopeFor(r.URL.Path) == domain.ScopeAdmin && r.Method != http.MethodGet {
			r = r.WithContext(ports.WithActor(r.Context(), g.actor(r)))
		}
		next.ServeHTTP(w, r)
	})
}

// admit lets in who may, and tells whose limit counts, also of who may not.
func (g *gate) admit(r *http.Request) (holder, error) {
	needed := scopeFor(r.URL.Path)
	if needed == noScope {
		return holder{}, nil
	}
	if inConsole(r.URL.Path) {
		trace(r.Context()).challenge = consoleChallenge
	}
	if takesBasic(r.URL.Path) {
		trace(r.Context()).challenge = basicChallenge
	}
	secret, err := presented(r)
	if err != nil {
		return holder{}, err
	}
	if secret == "" {
		if needed == domain.ScopeRead && g.h.cfg.AnonymousReads {
			trace(r.Context()).caller = "anonymous"
			return holder{address: subscriber(clientAddress(r, g.h.cfg.TrustedProxies)), limit: g.h.cfg.AnonymousLimit}, nil
		}
		also := ""
		if takesBasic(r.URL.Path) {
			also = ", or as the password of HTTP Basic"
		}
		return holder{}, domain.Errorf(domain.KindUnauthenticated,
			"this needs a key: send it as Authorization: Bearer KEY or as X-API-Key: KEY%s", also)
	}
	key, err := g.find(r, secret)
	if err != nil {
		return holder{}, err
	}
	who := holder{key: key.ID, limit: cmp.Or(key.RequestsPerMinute, g.h.cfg.KeyLimit)}
	if !key.Scope.Allows(needed) {
		return who, domain.Errorf(domain.KindForbidden, "this key has the scope %s; this needs the scope %s", key.Scope, needed)
	}
	return who, nil
}

// presented is the key that a request carries, empty for none.
func presented(r *http.Request) (string, error) {
	if _, password, basic := r.BasicAuth(); basic && (inConsole(r.URL.Path) || takesBasic(r.URL.Path)) {
		return password, nil
	}
	header := r.Header
	if given := header.Get("Authorization"); given != "" {
		scheme, secret, _ := strings.Cut(given, " ")
		if secret = strings.TrimSpace(secret); !strings.EqualFold(scheme, "Bearer") || secret == "" {
			return "", domain.Errorf(domain.KindUnauthenticated, "the Authorization header is not of the form Bearer KEY")
		}
		return secret, nil
	}
	return strings.TrimSpace(header.Get("X-API-Key")), nil
}

// actor is who asks for something, as the audit names him.
func (g *gate) actor(r *http.Request) ports.Actor {
	return ports.Actor{
		At: domain.Instant(g.h.cfg.Now()), By: trace(r.Context()).by(), Address: clientAddress(r, g.h.cfg.TrustedProxies).String(),
		Action: r.Method + " " + clip(withoutKeys(r.URL.Path)), Request: trace(r.Context()).id,
	}
}

// find gives the valid key with this secret and notes that it was used. Secrets
// are compared by their hashes, and those in constant time.
func (g *gate) find(r *http.Request, secret string) (domain.APIKey, error) {
	hash, now, t := app.HashSecret(secret), g.h.cfg.Now(), trace(r.Context())
	if key := g.h.cfg.Keys.Find(hash, now); key != nil && same(hash, key.Hash) {
		t.caller, t.key = strconv.FormatInt(key.ID, 10)+" "+key.Prefix, key
		g.noteUse(key)
		return *key, nil
	}
	address := clientAddress(r, g.h.cfg.TrustedProxies)
	if wait := g.failures.wait(address, now); wait > 0 {
		return domain.APIKey{}, tooMany(wait)
	}
	if own := g.h.cfg.AdminKeyHash; own != [32]byte{} && same(hash, own) {
		t.caller = "RATECARD_ADMIN_KEY"
		return domain.APIKey{ID: ownKey, Scope: domain.ScopeAdmin}, nil
	}
	g.failures.note(address, now)
	return domain.APIKey{}, domain.Errorf(domain.KindUnauthenticated, "this key is not known, has expired, or was revoked")
}

func same(a, b [32]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }

// A use is noted at most this often, off the request's path.
const (
	useInterval = time.Minute
	useTimeout  = 5 * time.Second
)

// uses remembers when the use of each key was last noted.
type uses struct {
	mu      sync.Mutex
	last    map[int64]time.Time
	pending sync.WaitGroup
}

// due reports whether the use of a key is to be noted now.
func (u *uses) due(key *domain.APIKey, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	last, known := u.last[key.ID]
	if !known {
		last = key.LastUsedAt
	}
	if now.Sub(last) < useInterval {
		return false
	}
	if u.last == nil {
		u.last = map[int64]time.Time{}
	}
	u.last[key.ID] = now
	return true
}

func (g *gate) noteUse(key *domain.APIKey) {
	if now := domain.Instant(g.h.cfg.Now()); g.uses.due(key, now) {
		g.noteUseOf(key.ID, now)
	}
}

func (g *gate) noteUseOf(id int64, at time.Time) {
	g.uses.pending.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), useTimeout)
		defer cancel()
		if err := g.h.cfg.Keys.Used(ctx, id, at); err != nil {
			g.h.cfg.Log.Warn("noting that a key was used", slog.Int64("key", id), slog.Any("error", err))
		}
	})
}

// admitted tells ogen, which asks again, what the gate has decided before.
type admitted struct{}

func (admitted) HandleBearer(ctx context.Context, _ oas.OperationName, _ oas.Bearer) (context.Context, error) {
	return ctx, nil
}

func (admitted) HandleAPIKey(ctx context.Context, _ oas.OperationName, _ oas.APIKey) (context.Context, error) {
	return ctx, nil
}

func (admitted) HandleBasic(ctx context.Context, _ oas.OperationName, _ oas.Basic) (context.Context, error) {
	return ctx, nil
}
