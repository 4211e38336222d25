package api

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"ratecard/domain"
)

// ConsolePath is where Config.Console is served. It is for browsers, which
// send no headers of ours: there HTTP's own dialogue asks for the key, as the
// password of any user. That a browser then adds it to whatever other sites
// have it ask for is why those are refused.
const ConsolePath = "/riverui"

const consoleChallenge = `Basic realm="ratecard: an admin key as the password", charset="UTF-8"`

// consolePolicy lets the console run its own scripts, and talk to this host
// alone.
const consolePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func inConsole(path string) bool {
	return path == ConsolePath || strings.HasPrefix(path, ConsolePath+"/")
}

// withConsole serves the console in front of the operations.
func (h *handler) withConsole(operations http.Handler) http.Handler {
	if h.cfg.Console == nil {
		return operations
	}
	foreign := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !inConsole(r.URL.Path) {
			operations.ServeHTTP(w, r)
			return
		}
		if err := foreign.Check(r); err != nil {
			h.write(w, r, domain.Wrap(domain.KindForbidden, err, "another site asked for this; only the console itself may"))
			return
		}
		if err := h.audit(r); err != nil {
			h.write(w, r, err)
			return
		}
		w.Header().Set("Content-Security-Policy", consolePolicy)
		h.cfg.Console.ServeHTTP(w, r)
	})
}

// audit tells who does what in the console, before it is done: nothing is done
// unseen.
func (h *handler) audit(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodOptions {
		return nil // record answers HEAD as GET
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return domain.Wrap(domain.KindTooLarge, err, "the body could not be read to its end")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	act := domain.JobPayload{By: trace(r.Context()).by(), Method: r.Method, Path: clip(r.URL.Path), Jobs: jobsNamed(body)}
	err = h.cfg.Events.Tell(r.Context(), domain.Event{At: domain.Instant(h.cfg.Now()), Kind: domain.EventJobActed, Payload: act})
	if err == nil {
		h.cfg.Log.LogAttrs(r.Context(), slog.LevelInfo, "background work was handled by hand",
			slog.String("event", string(domain.EventJobActed)), slog.String("by", act.By), slog.String("method", act.Method), slog.String("path", act.Path), slog.Any("jobs", act.Jobs),
			slog.String("requestId", trace(r.Context()).id))
	}
	return err
}

// jobsNamed are the jobs that a request to the console means.
func jobsNamed(body []byte) []string {
	var named struct {
		IDs []json.Number `json:"ids"`
	}
	if json.Unmarshal(body, &named) != nil {
		return nil // the console says what is wrong with it
	}
	var ids []string
	for _, id := range named.IDs {
		ids = append(ids, id.String())
	}
	return ids
}
