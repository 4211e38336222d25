package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"

	"ratecard/domain"
	"ratecard/ports"
)

// Editions tells which edition of the catalogue is answered; *memory.Catalogue
// does.
type Editions interface {
	// Edition gives what names all that is answered at an instant; false where
	// that is not known.
	Edition(at time.Time) (ports.Edition, bool)
}

// What is kept of one edition. What does not fit is encoded each time.
const (
	mostKept    = 4096     // answers
	mostKeptOf  = 32 << 20 // bytes, of all of them
	worthToPack = 1 << 10  // bytes of an answer
)

// An answer is one that was encoded, and may be sent again.
type answer struct {
	tag     string // the ETag of the plain body, without its quotes
	content string // its type
	plain   []byte
	packed  []byte // gzip; nil where it is not worth it
}

// kept are the answers of one edition of the catalogue.
type kept struct {
	edition string
	mu      sync.RWMutex
	of      map[string]*answer
	size    int
}

func (k *kept) find(request string) *answer {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.of[request]
}

func (k *kept) keep(request string, a *answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	size := len(request) + len(a.plain) + len(a.packed)
	if _, there := k.of[request]; there || len(k.of) >= mostKept || k.size+size > mostKeptOf {
		return
	}
	k.of[request], k.size = a, k.size+size
}

// answers sends again what was encoded for the same request, as long as nothing
// has changed. It stands behind the gate, so that it is asked only for those who
// may ask.
type answers struct {
	h    *handler
	kept atomic.Pointer[kept]
}

func (a *answers) again(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if scopeFor(r.URL.Path) != domain.ScopeRead {
			next.ServeHTTP(w, r)
			return
		}
		edition, known := a.edition(w)
		if r.Method != http.MethodGet || strings.HasSuffix(r.URL.Path, "/stream") {
			next.ServeHTTP(w, r)
			return
		}
		if !known || !ofEdition(r.URL) {
			a.hashed(w, r, next)
			return
		}
		request := r.URL.EscapedPath() + "?" + r.URL.RawQuery
		k := a.of(edition.Tag)
		if found := k.find(request); found != nil {
			found.send(w, r)
			return
		}
		tag := a.tag(edition.Tag, request)
		if matches(r, tag) {
			notModified(w, r, tag)
			return
		}
		trace(r.Context()).edition = edition
		made := a.make(w, r, next)
		if made == nil {
			return
		}
		// What was encoded while something changed may be of either edition.
		if now, same := a.h.cfg.Editions.Edition(domain.Instant(a.h.cfg.Now())); same && now.Tag == edition.Tag {
			made.tag = tag
			k.keep(request, made)
		}
		made.send(w, r)
	})
}

// edition is the one that is answered now. That the store is away is told in a
// header: the body is the same.
func (a *answers) edition(w http.ResponseWriter) (ports.Edition, bool) {
	edition, known := a.h.edition()
	if !edition.Away.IsZero() {
		w.Header().Set("Ratecard-Stale-Since", edition.Away.Format(time.RFC3339))
	}
	return edition, known
}

// of gives what is kept of an edition, and forgets the one before.
func (a *answers) of(edition string) *kept {
	for {
		old := a.kept.Load()
		if old != nil && old.edition == edition {
			return old
		}
		made := &kept{edition: edition, of: map[string]*answer{}}
		if a.kept.CompareAndSwap(old, made) {
			return made
		}
	}
}

// ofEdition reports whether an answer follows from the edition of the catalogue
// and the request alone: the listing and single models, of no other instant than
// now.
func ofEdition(u *url.URL) bool {
	path := u.EscapedPath()
	if one, below := strings.CutPrefix(path, "/api/models/"); path != "/api/models" && (!below || strings.Contains(one, "/")) {
		return false
	}
	if u.RawQuery == "" {
		return true
	}
	query := u.Query()
	return !query.Has("at") && !query.Has("knownAt")
}

// tag names an answer: alike in every replica of one version of the program.
func (a *answers) tag(edition, request string) string {
	return digest([]byte(a.h.cfg.Version + "\n" + edition + "\n" + request))
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// hashed sends an answer under the hash of its body.
func (a *answers) hashed(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if made := a.make(w, r, next); made != nil {
		made.send(w, r)
	}
}

// make has an answer encoded. What is not one that may be sent again (an error)
// is sent at once, and nil.
func (a *answers) make(w http.ResponseWriter, r *http.Request, next http.Handler) *answer {
	b := &buffered{header: w.Header(), status: http.StatusOK}
	next.ServeHTTP(b, r)
	if b.status != http.StatusOK {
		w.WriteHeader(b.status)
		_, _ = b.body.WriteTo(w) // nobody is left to be told
		return nil
	}
	made := &answer{tag: digest(b.body.Bytes()), content: b.header.Get("Content-Type"), plain: b.body.Bytes()}
	if len(made.plain) >= worthToPack {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(made.plain) // into memory
		_ = z.Close()
		made.packed = packed.Bytes()
	}
	return made
}

// buffered keeps an answer back until it is whole.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffered) Header() http.Header         { return b.header }
func (b *buffered) WriteHeader(status int)      { b.status = status }
func (b *buffered) Write(p []byte) (int, error) { return b.body.Write(p) }

// packedMark ends the ETag of a body in gzip: other bytes have another ETag.
const packedMark = "-gz"

// revalidate lets callers keep an answer, and has them ask each time whether it
// still holds.
var revalidate, varies = []string{"private, no-cache"}, []string{"Accept-Encoding"}

func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	if matches(r, a.tag) || r.Header.Get("If-None-Match") == "*" {
		notModified(w, r, a.tag)
		return
	}
	header, body, tag := w.Header(), a.plain, a.tag
	if a.packed != nil {
		header["Vary"] = append(header["Vary"], varies...)
		if acceptsGzip(r) {
			body, tag = a.packed, tag+packedMark
			header["Content-Encoding"] = []string{"gzip"}
		}
	}
	header["Content-Type"] = []string{a.content}
	header["Cache-Control"] = revalidate
	header["Etag"] = []string{`"` + tag + `"`}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) // nobody is left to be told
}

func notModified(w http.ResponseWriter, r *http.Request, tag string) {
	header := w.Header()
	if strings.Contains(r.Header.Get("If-None-Match"), tag+packedMark) {
		tag += packedMark
	}
	header["Cache-Control"] = revalidate
	header["Vary"] = append(header["Vary"], varies...)
	header["Etag"] = []string{`"` + tag + `"`}
	w.WriteHeader(http.StatusNotModified)
}

// matches reports whether the caller has this answer, in either form.
func matches(r *http.Request, tag string) bool {
	given := r.Header["If-None-Match"]
	return len(given) > 0 && slices.ContainsFunc(given, func(list string) bool {
		return strings.Contains(list, `"`+tag+`"`) || strings.Contains(list, `"`+tag+packedMark+`"`)
	})
}

// acceptsGzip reads Accept-Encoding as far as it concerns gzip.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" || name == "*" {
			q := strings.TrimSpace(quality)
			return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
		}
	}
	return false
}
