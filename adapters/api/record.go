package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

const (
	largestBody    = 1 << 20  // bytes of a request
	largestImport  = 16 << 20 // bytes of a request that carries price lists
	requestTimeout = 30 * time.Second
	replayTimeout  = 10 * time.Minute // a provider's whole past is read
)

// allowance is how long a request may take; 0 for one that lasts as long as both
// sides want.
func allowance(path string) time.Duration {
	switch path {
	case "/api/admin/replay":
		return replayTimeout
	case streamPath:
		return 0
	}
	return requestTimeout
}

// extend lets a connection live as long as a request on it may take. Where that
// cannot be set, the server's own limits hold.
func extend(w http.ResponseWriter, allowed time.Duration, began time.Time) {
	c := http.NewResponseController(w)
	switch {
	case allowed == 0:
		_ = c.SetReadDeadline(time.Time{})
		_ = c.SetWriteDeadline(time.Time{})
	case allowed > requestTimeout:
		_ = c.SetReadDeadline(began.Add(allowed))
		_ = c.SetWriteDeadline(began.Add(allowed + writeTimeout - requestTimeout))
	}
}

// A tracing is what the log will say of a request.
type tracing struct {
	id     string         // the request's
	method string         // as it came
	caller string         // which key asked; never the key
	key    *domain.APIKey // the same; nil: none of those that are kept

	edition   ports.Edition // of the catalogue that is answered; zero: whichever is current
	challenge string        // how to ask for a key, where not in the usual way
}

// by is who asked, for people, in events.
func (t *tracing) by() string {
	if t.key == nil {
		return t.caller
	}
	return fmt.Sprintf("%s (key %d)", t.key.Name, t.key.ID)
}

type tracingKey struct{}

// trace gives the tracing of the request that a context belongs to.
func trace(ctx context.Context) *tracing {
	if t, ok := ctx.Value(tracingKey{}).(*tracing); ok {
		return t
	}
	return &tracing{}
}

// record gives every request an id, its limits and a line in the log, and turns
// a panic into an answer.
func (h *handler) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		t := &tracing{id: requestID(r), method: r.Method, caller: "none"}
		ctx := context.WithValue(r.Context(), tracingKey{}, t)
		extend(w, allowance(r.URL.Path), began)
		r = r.WithContext(ctx)
		if r.Method == http.MethodHead { // answered as GET; the server leaves out the body
			r.Method = http.MethodGet
		}
		answer := &answerWriter{ResponseWriter: w}
		setHeaders(w.Header(), t.id)
		defer h.log(ctx, r, t, answer, began)
		defer func() {
			if v := recover(); v != nil {
				h.answerPanic(answer, r, v)
			}
		}()
		if r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(answer, r.Body, bodyLimit(r.URL.Path))
		}
		next.ServeHTTP(answer, r)
	})
}

// bound ends what takes too long. What is at hand is sent before it.
func (h *handler) bound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allowed := allowance(r.URL.Path)
		if allowed == 0 {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), allowed)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// glimpse is how long a database that did not answer before has to give a sign of
// life, before somebody is told that it is away.
const glimpse = 250 * time.Millisecond

// reachable has those who ask for what only the database knows told at once that it
// is away, where that is known, rather than after every try to reach it.
func (h *handler) reachable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if edition, known := h.edition(); known && !edition.Away.IsZero() && ofStoreAlone(r) {
			ctx, cancel := context.WithTimeout(r.Context(), glimpse)
			err := h.cfg.Ready(ctx)
			cancel()
			if err != nil {
				h.write(w, r, &domain.Error{Kind: domain.KindUnavailable, Err: err, RetryAfter: comeBack,
					Message: "the database has been away since " + edition.Away.Format(time.RFC3339) + "; what is believed now is answered on"})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// comeBack is after how long somebody may ask again for what the database knows.
const comeBack = 5 * time.Second

// ofStoreAlone says whether a request is for what is held nowhere but in the store.
func ofStoreAlone(r *http.Request) bool {
	path := r.URL.Path
	switch {
	case path == "/api/events", path == feedPath, strings.HasSuffix(path, "/pricing-history"),
		strings.HasPrefix(path, "/api/evidence/"), strings.HasPrefix(path, "/api/analytics/"),
		tellsThePast(r.URL):
		return true
	case !strings.HasPrefix(path, "/api/admin/"), strings.HasSuffix(path, "/schema"):
		return false
	default: // of providers it is held how they are described
		return r.Method != http.MethodGet && r.Method != http.MethodHead || !strings.HasPrefix(path, "/api/admin/providers")
	}
}

func bodyLimit(path string) int64 {
	if path == "/api/admin/import" {
		return largestImport
	}
	return largestBody
}

// setHeaders are on every answer. Nothing that this program answers is a page
// that a browser should run, but for the documentation, which says so itself.
func setHeaders(header http.Header, id string) {
	header["X-Request-Id"] = []string{id}
	header["X-Content-Type-Options"] = nosniff
	header["Content-Security-Policy"] = notAPage
	header["Cache-Control"] = noStore
	header["Referrer-Policy"] = noReferrer
}

// Header values that are the same for everybody are made once, and never changed.
var (
	nosniff    = []string{"nosniff"}
	notAPage   = []string{"default-src 'none'; frame-ancestors 'none'; sandbox"}
	noStore    = []string{"no-store"}
	noReferrer = []string{"no-referrer"}
)

// log writes a request's line. The query stays out of it, whatever looks like a
// key in the path too: people paste keys where they do not belong.
func (h *handler) log(ctx context.Context, r *http.Request, t *tracing, answer *answerWriter, began time.Time) {
	level := slog.LevelInfo
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		level = slog.LevelDebug
	}
	h.cfg.Log.LogAttrs(ctx, level, "request",
		slog.String("method", clip(t.method)),
		slog.String("path", clip(withoutKeys(r.URL.Path))),
		slog.Int("status", answer.code()),
		slog.Int64("bytes", answer.bytes),
		slog.Duration("duration", time.Since(began)),
		slog.String("key", t.caller),
		slog.String("requestId", t.id))
}

func withoutKeys(path string) string {
	if !strings.Contains(path, "rc_") {
		return path
	}
	return looksLikeKey.ReplaceAllString(path, "rc_…")
}

var looksLikeKey = regexp.MustCompile(`rc_[A-Za-z0-9_-]{10,}`)

func (h *handler) answerPanic(w *answerWriter, r *http.Request, v any) {
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v) // the way to break off an answer
	}
	err := fmt.Errorf("panic: %v\n%s", v, debug.Stack())
	if w.status != 0 { // too late for another answer: let the caller see that this one broke off
		_ = h.problem(r.Context(), err) // for the log
		panic(http.ErrAbortHandler)
	}
	h.write(w, r, err)
}

var givenID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID is the caller's, where that is one, so that logs can be joined.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); id != "" && givenID.MatchString(id) && !strings.HasPrefix(id, "rc_") {
		return id
	}
	return rand.Text()
}

// An answerWriter remembers what was answered.
type answerWriter struct {
	http.ResponseWriter
	status int // 0 until the header was written
	bytes  int64
}

func (w *answerWriter) code() int {
	if w.status == 0 {
		return http.StatusOK // what net/http answers for a handler that wrote nothing
	}
	return w.status
}

func (w *answerWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *answerWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
