package demosite

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"time"
)

var (
	//go:embed shell.html
	shellPage string
	//go:embed challenge.html
	challengePage string
	//go:embed login.html
	loginPage string
	//go:embed sorry.html
	sorryPage string
)

// loginPath is where a provider sends whoever it does not know.
const loginPath = "/login"

// pageTroubles are those of pages.
var pageTroubles = []Trouble{
	{Name: challenge, What: "Its pages are behind a riddle for browsers, under 403.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) {
		w.Header().Set("Cf-Mitigated", "challenge")
		page(w, http.StatusForbidden, challengePage)
	}},
	{Name: "challenge-200", What: "Its pages are behind a riddle for browsers, under 200 and without a header that says so.", serve: always(&challengePage)},
	{Name: "forbidden", What: "Its pages answer 403.", serve: bare(http.StatusForbidden)},
	{Name: "limited", What: "Its pages answer 429 and ask for an hour, in seconds.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) { tooMany(w, inSeconds(tired)) }},
	{Name: "limited-date", What: "Its pages answer 429 and ask for an hour, as a date.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) { tooMany(w, asDate(tired)) }},
	{Name: "unauthorized", What: "Its pages answer 401.", serve: bare(http.StatusUnauthorized)},
	{Name: "login", What: "Its pages are a form to log in with, under 200.", serve: always(&loginPage)},
	{Name: "login-redirect", What: "Its pages lead to a form to log in with.", serve: func(w http.ResponseWriter, r *http.Request, p misbehaving) {
		http.Redirect(w, r, "/"+string(p.provider)+loginPath+"?next="+url.QueryEscape(r.URL.Path), http.StatusFound)
	}},
	{Name: shell, What: "Its pages are empty until a browser runs their scripts.", serve: always(&shellPage)},
	{Name: "no-figures", What: "Its pages come without their figures.", serve: rewritten(withoutFigures)},
	{Name: "other-currency", What: "Its pages state their prices in euros.", serve: rewritten(inEuros)},
	{Name: "half", What: "Its pages break off in the middle, and their length says that this is all.", serve: rewritten(func(body []byte) []byte { return body[:len(body)/2] })},
	{Name: "cut", What: "Its pages break off in the middle, short of the length that was said.", serve: func(w http.ResponseWriter, r *http.Request, p misbehaving) { breakOff(w, p.body(r)) }},
	{Name: "cut-gzip", What: "Its pages come in gzip, of which the end is missing.", serve: func(w http.ResponseWriter, r *http.Request, p misbehaving) {
		whole := zipped(p.body(r))
		w.Header().Set("Content-Encoding", "gzip")
		send(w, whole[:len(whole)/2])
	}},
	{Name: "bomb", What: "Its pages are 64 MB of nothing, in 64 kB of gzip.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) {
		w.Header().Set("Content-Encoding", "gzip")
		send(w, bomb())
	}},
	{Name: "error-page", What: "Its pages say that something went wrong, under 200.", serve: always(&sorryPage)},
	{Name: "error-json", What: "Its pages answer 200 with an error in JSON.", serve: func(w http.ResponseWriter, _ *http.Request, _ misbehaving) {
		reply(w, http.StatusOK, map[string]any{"error": map[string]any{"code": 500, "message": "Internal error."}})
	}},
	{Name: "server-error", What: "Its pages answer 503.", serve: bare(http.StatusServiceUnavailable)},
	{Name: "gone", What: "Its pages answer 404.", serve: bare(http.StatusNotFound)},
	{Name: "empty", What: "Its pages are empty.", serve: rewritten(func([]byte) []byte { return nil })},
	{Name: "garbled", What: "Its pages are bytes that are no text.", serve: rewritten(func(body []byte) []byte {
		for i := range body {
			body[i] ^= 0xa5
		}
		return body
	})},
	{Name: "circle", What: "Its pages lead to themselves.", serve: func(w http.ResponseWriter, r *http.Request, _ misbehaving) {
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	}},
	{Name: "inward", What: "Its pages lead to where machines in a cloud are told their secrets.", serve: func(w http.ResponseWriter, r *http.Request, _ misbehaving) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	}},
	{Name: "silent", What: "Its pages do not answer.", serve: func(_ http.ResponseWriter, r *http.Request, _ misbehaving) { <-r.Context().Done() }},
}

func always(html *string) func(http.ResponseWriter, *http.Request, misbehaving) {
	return func(w http.ResponseWriter, _ *http.Request, _ misbehaving) { page(w, http.StatusOK, *html) }
}

func bare(status int) func(http.ResponseWriter, *http.Request, misbehaving) {
	return func(w http.ResponseWriter, _ *http.Request, _ misbehaving) {
		http.Error(w, http.StatusText(status), status)
	}
}

// rewritten serves the page of the day as something has made it.
func rewritten(rewrite func([]byte) []byte) func(http.ResponseWriter, *http.Request, misbehaving) {
	return func(w http.ResponseWriter, r *http.Request, p misbehaving) {
		answer := p.answer(r)
		if answer.status != http.StatusOK { // it leads elsewhere: there it is in trouble too
			p.well(w, r)
			return
		}
		w.Header().Set("Content-Type", answer.header.Get("Content-Type"))
		send(w, rewrite(answer.body.Bytes()))
	}
}

// unsent is an answer that nobody was sent.
type unsent struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (h *unsent) Header() http.Header         { return h.header }
func (h *unsent) WriteHeader(status int)      { h.status = status }
func (h *unsent) Write(b []byte) (int, error) { return h.body.Write(b) }

// answer is what the provider serves when all is well.
func (p misbehaving) answer(r *http.Request) *unsent {
	plain := r.Clone(r.Context())
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "Range"} {
		plain.Header.Del(name)
	}
	h := &unsent{status: http.StatusOK, header: http.Header{}}
	p.well(h, plain)
	return h
}

func (p misbehaving) body(r *http.Request) []byte { return p.answer(r).body.Bytes() }

// send answers with a body and its length.
func send(w http.ResponseWriter, body []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", htmlType)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // what fails here is the client's connection
}

// breakOff says how long a body is, and sends the first half of it.
func breakOff(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", htmlType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body[:len(body)/2]) // what fails here is the client's connection
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// bomb is made once: that takes a while.
var bomb = sync.OnceValue(func() []byte { return zipped(make([]byte, 64<<20)) })

func zipped(body []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(body) // a buffer takes all
	_ = z.Close()
	return out.Bytes()
}

// figures are amounts as the pages print them, and as the data behind them has them.
var figures = regexp.MustCompile(`\$\d[\d,.]*\d|\$\d|((?:,|&quot;,|\[0,)\s*)\d+(?:\.\d+)?\b|(Price\w*\\?":\\?")\d+`)

// withoutFigures is a page whose prices are not there.
func withoutFigures(body []byte) []byte {
	return figures.ReplaceAll(body, []byte("$1$2"))
}

var dollarAmount = regexp.MustCompile(`\$(\d)`)

func inEuros(body []byte) []byte {
	body = dollarAmount.ReplaceAll(body, []byte("€$1"))
	return bytes.ReplaceAll(body, []byte("USD"), []byte("EUR"))
}

func inSeconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

func asDate(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
