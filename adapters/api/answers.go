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

	mostKeptOfExports = 128 << 20 // bytes: they are few and large, and take no place from others
)

// An answer is one that was encoded, and may be sent again.
type answer struct {
	content       []string // its type
	plain, packed form     // packed in gzip; without a body where it is not worth it
}

// A form is a body with the headers that tell of it, made once.
type form struct {
	body        []byte
	tag, length []string
}

// name gives an answer the ETag of its plain body, without quotes.
func (a *answer) name(tag string) {
	a.plain.tag, a.packed.tag = []string{`"` + tag + `"`}, []string{`"` + tag + packedMark + `"`}
	a.plain.length, a.packed.length = []string{strconv.Itoa(len(a.plain.body))}, []string{strconv.Itoa(len(a.packed.body))}
}

// kept are the answers of one edition of the catalogue.
type kept struct {
	edition string
	mu      sync.RWMutex
	of      map[string]*answer
	size    int

	exports int                    // bytes of exports, which are not in size
	making  map[string]*sync.Mutex // of exports by path
}

func (k *kept) find(request string) *answer {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.of[request]
}

func (k *kept) keep(request string, a *answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	size, total, most := len(request)+len(a.plain.body)+len(a.packed.body), &k.size, mostKeptOf
	if strings.HasPrefix(request, exportsPath) {
		total, most = &k.exports, mostKeptOfExports
	}
	if _, there := k.of[request]; there || len(k.of) >= mostKept || *total+size > most {
		return
	}
	k.of[request] = a
	*total += size
}

// alone waits until nobody else makes the export at a path: it is large, and made once
// for all who ask at the same time.
func (k *kept) alone(path string) (done func()) {
	k.mu.Lock()
	one := k.making[path]
	if one == nil {
		one = new(sync.Mutex)
		k.making[path] = one
	}
	k.mu.Unlock()
	one.Lock()
	return one.Unlock
}

// answers sends again what was encoded for the same request, as long as nothing
// has changed. It stands behind the gate, so that it is asked only for those who
// may ask, and before anything is read of what they ask: what was asked before was
// found to be in order then.
type answers struct {
	h    *handler
	kept atomic.Pointer[kept]
}

func (a *answers) again(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if scopeFor(r.URL.Path) != domain.ScopeRead {
			a.checked(w, r, next)
			return
		}
		edition, known := a.edition(w)
		if r.Method != http.MethodGet || r.URL.Path == streamPath {
			a.checked(w, r, next)
			return
		}
		request := r.URL.EscapedPath() + "?" + r.URL.RawQuery
		if known {
			if found := a.of(edition.Tag).find(request); found != nil {
				found.send(w, r)
				return
			}
		}
		if err := checkText(r); err != nil {
			a.h.write(w, r, err)
			return
		}
		if !known || !ofEdition(r.URL) {
			a.hashed(w, r, next)
			return
		}
		tag := a.tag(edition.Tag, request)
		if have := known304(r, tag); have != nil {
			notModified(w, have)
			return
		}
		if made := a.ofThis(w, r, next, edition, request); made != nil {
			made.send(w, r)
		}
	})
}

// ofThis gives the answer to what was not asked for before in an edition; nil where it
// was sent, see make.
func (a *answers) ofThis(w http.ResponseWriter, r *http.Request, next http.Handler, edition ports.Edition, request string) *answer {
	trace(r.Context()).edition = edition
	if ofExports(r.URL) {
		done := a.of(edition.Tag).alone(r.URL.EscapedPath())
		defer done()
		if found := a.of(edition.Tag).find(request); found != nil {
			return found
		}
	}
	made := a.make(w, r, next)
	// What was encoded while something changed may be of either edition.
	if now, same := a.h.cfg.Editions.Edition(domain.Instant(a.h.cfg.Now())); made != nil && same && now.Tag == edition.Tag {
		if !tellsThePast(r.URL) { // what tells it asks the store, which may be ahead of the edition: its hash names it
			made.name(a.tag(edition.Tag, request))
		}
		a.of(edition.Tag).keep(request, made)
	}
	return made
}

// checked passes on what is answered anew each time. The console has parameters of
// its own.
func (a *answers) checked(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if !inConsole(r.URL.Path) {
		if err := checkText(r); err != nil {
			a.h.write(w, r, err)
			return
		}
	}
	next.ServeHTTP(w, r)
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
		made := &kept{edition: edition, of: map[string]*answer{}, making: map[string]*sync.Mutex{}}
		if a.kept.CompareAndSwap(old, made) {
			return made
		}
	}
}

// ofEdition reports whether an answer follows from the edition of the catalogue
// and the request alone: the listing, single models, rankings and exports, of no
// other instant than now.
func ofEdition(u *url.URL) bool {
	path := u.EscapedPath()
	if one, below := strings.CutPrefix(path, "/api/models/"); path != "/api/models" && path != "/api/compare" && (!below || strings.Contains(one, "/")) && !ofExports(u) {
		return false
	}
	if u.RawQuery == "" {
		return true
	}
	query := u.Query()
	return !query.Has("at") && !query.Has("knownAt")
}

// ofExports reports whether an address is that of an export, or of its hash.
func ofExports(u *url.URL) bool {
	return slices.Contains(domain.ExportFormats(), formatOf(u))
}

// tellsThePast reports whether an address is that of an export which has what models
// cost before, or of its hash.
func tellsThePast(u *url.URL) bool { return ofExports(u) && formatOf(u).TellsThePast() }

func formatOf(u *url.URL) domain.ExportFormat {
	format, _ := strings.CutPrefix(u.EscapedPath(), exportsPath)
	return domain.ExportFormat(strings.TrimSuffix(format, ".sha256"))
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
	return packed(b.header.Get("Content-Type"), b.body.Bytes())
}

// packed makes an answer of a body, whose hash names it.
func packed(content string, body []byte) *answer {
	made := &answer{content: []string{content}, plain: form{body: body}}
	if len(made.plain.body) >= worthToPack {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(made.plain.body) // into memory
		_ = z.Close()
		made.packed.body = packed.Bytes()
	}
	made.name(digest(made.plain.body))
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
var revalidate, varies, inGzip = []string{"private, no-cache"}, []string{"Accept-Encoding"}, []string{"gzip"}

func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	packs := acceptsGzip(r)
	if given := r.Header["If-None-Match"]; given != nil {
		for _, f := range []*form{&a.plain, &a.packed} {
			if f.body != nil && (f == &a.plain || packs) && named(given, f.tag[0]) {
				notModified(w, f.tag)
				return
			}
		}
	}
	header, sent := w.Header(), &a.plain
	if a.packed.body != nil {
		vary(header)
		if packs {
			sent = &a.packed
			header["Content-Encoding"] = inGzip
		}
	}
	header["Content-Type"] = a.content
	header["Cache-Control"] = revalidate
	header["Etag"] = sent.tag
	header["Content-Length"] = sent.length
	_, _ = w.Write(sent.body) // nobody is left to be told
}

// known304 gives the ETag of the form that the caller has and takes, if he has one
// of the answer that a tag names: then it need not be made.
func known304(r *http.Request, tag string) []string {
	given := r.Header["If-None-Match"]
	if given == nil {
		return nil
	}
	if plain := `"` + tag + `"`; named(given, plain) && !slices.Contains(given, "*") {
		return []string{plain}
	}
	if packed := `"` + tag + packedMark + `"`; acceptsGzip(r) && named(given, packed) && !slices.Contains(given, "*") {
		return []string{packed}
	}
	return nil
}

// vary adds what an answer varies by, without a list of its own where nobody else
// has said anything.
func vary(header http.Header) {
	if others := header["Vary"]; len(others) > 0 {
		header["Vary"] = append(others, varies...)
		return
	}
	header["Vary"] = varies
}

func notModified(w http.ResponseWriter, tag []string) {
	header := w.Header()
	header["Cache-Control"] = revalidate
	vary(header)
	header["Etag"] = tag
	w.WriteHeader(http.StatusNotModified)
}

// named reports whether a quoted ETag is among those that If-None-Match names; "*"
// is any. A weak one means the same here.
func named(given []string, tag string) bool {
	return slices.ContainsFunc(given, func(list string) bool { return list == "*" || strings.Contains(list, tag) })
}

// acceptsGzip reads Accept-Encoding as far as it concerns gzip.
func acceptsGzip(r *http.Request) bool {
	given := r.Header["Accept-Encoding"]
	if given == nil {
		return false
	}
	for part := range strings.SplitSeq(strings.Join(given, ","), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" || name == "*" {
			q := strings.TrimSpace(quality)
			return q != "q=0" && strings.Trim(q, "0") != "q=."
		}
	}
	return false
}
