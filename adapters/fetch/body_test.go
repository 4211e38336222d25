package fetch_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"ratecard/adapters/fetch"
	"ratecard/domain"
	"ratecard/ports"
)

// encoders are the content encodings as servers in a hurry apply them.
var encoders = map[string]func(io.Writer) io.WriteCloser{
	"gzip":         func(w io.Writer) io.WriteCloser { return must(gzip.NewWriterLevel(w, gzip.BestSpeed)) },
	"br":           func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, brotli.BestSpeed) },
	"zstd":         func(w io.Writer) io.WriteCloser { return must(zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))) },
	"deflate":      func(w io.Writer) io.WriteCloser { return must(zlib.NewWriterLevel(w, zlib.BestSpeed)) },
	"bare deflate": func(w io.Writer) io.WriteCloser { return must(flate.NewWriter(w, flate.BestSpeed)) },
}

func must[W any](w W, err error) W {
	if err != nil {
		panic(err)
	}
	return w
}

func encode(name string, body []byte) []byte {
	var out bytes.Buffer
	w := encoders[name](&out)
	if _, err := w.Write(body); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func headerName(encoder string) string { return strings.TrimPrefix(encoder, "bare ") }

func TestEncodingsAreUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := []byte(rapid.StringN(0, 2000, -1).Draw(t, "body"))
		layers := rapid.SliceOfN(rapid.SampledFrom([]string{"gzip", "br", "zstd", "deflate", "bare deflate"}), 0, 2).Draw(t, "encodings")
		sent, names := body, []string{}
		for _, layer := range layers {
			sent = encode(layer, sent)
			names = append(names, headerName(layer))
		}
		url, _ := counted(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			for _, layer := range layers {
				if !strings.Contains(r.Header.Get("Accept-Encoding"), headerName(layer)) {
					t.Errorf("%s was not asked for", layer)
				}
			}
			w.Header().Set("Content-Encoding", strings.Join(names, ", "))
			write(w, string(sent))
		})
		f, _ := fetcher(fetch.Config{})
		got, err := f.Fetch(context.Background(), ports.FetchRequest{URL: url})
		if err != nil || !bytes.Equal(got.Body, body) {
			t.Fatalf("%v: got %q, %v", layers, got.Body, err)
		}
	})
}

func TestBodiesThatAreNotWhatTheySay(t *testing.T) {
	whole := encode("gzip", bytes.Repeat([]byte("price "), 1000))
	for name, c := range map[string]struct {
		encoding string
		body     []byte
		says     string
	}{
		"plain text as gzip":   {"gzip", []byte("not compressed"), `"gzip"`},
		"gzip that breaks off": {"gzip", whole[:len(whole)/2], `"gzip"`},
		"zstd nonsense":        {"zstd", []byte("nonsense nonsense"), `"zstd"`},
		"brotli nonsense":      {"br", bytes.Repeat([]byte{0xff}, 50), `"br"`},
		"unknown":              {"rot13", []byte("x"), `"rot13": expected one of gzip`},
		"too many layers":      {"gzip, gzip, gzip", []byte("x"), "3 content encodings"},
	} {
		t.Run(name, func(t *testing.T) {
			url, count := counted(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Content-Encoding", c.encoding)
				write(w, string(c.body))
			})
			f, _ := fetcher(fetch.Config{})
			_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url})
			if domain.KindOf(err) != domain.KindUpstream || !strings.Contains(err.Error(), c.says) || count() != 1 {
				t.Errorf("after %d requests: %v", count(), err)
			}
		})
	}
}

var megabyte = make([]byte, 1<<20)

// TestTooLarge sends 60 MB in every way there is, and looks that it is refused
// long before it is all in memory.
func TestTooLarge(t *testing.T) {
	const sent = 60 << 20
	sixty := func(w io.Writer) {
		for range 60 {
			if _, err := w.Write(megabyte); err != nil {
				return // we were hung up on
			}
		}
	}
	for _, name := range []string{"as it is", "without a length", "gzip", "br", "zstd", "deflate"} {
		t.Run(name, func(t *testing.T) {
			var bomb bytes.Buffer
			if encoder := encoders[name]; encoder != nil {
				w := encoder(&bomb)
				sixty(w)
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
			}
			url, count := counted(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				switch name {
				case "as it is":
					w.Header().Set("Content-Length", strconv.Itoa(sent))
					sixty(w)
				case "without a length":
					sixty(w)
				default:
					w.Header().Set("Content-Encoding", name)
					write(w, bomb.String())
				}
			})
			f, _ := fetcher(fetch.Config{})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url + "/big?x=1", Page: true})
			runtime.ReadMemStats(&after)
			if domain.KindOf(err) != domain.KindTooLarge || count() != 1 {
				t.Fatalf("after %d requests: %v", count(), err)
			}
			if want := url + "/big: the body is over the cap of 20 MB"; err.Error() != want {
				t.Errorf("got %q\nwant %q", err, want)
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 200 {
				t.Errorf("%d MB were allocated for it", used)
			}
		})
	}
}

func TestCapIsExact(t *testing.T) {
	for size, fits := range map[int]bool{99: true, 100: true, 101: false} {
		url, _ := counted(t, status(200, strings.Repeat("x", size)))
		f, _ := fetcher(fetch.Config{MaxBody: 100})
		got, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url})
		if fits && (err != nil || len(got.Body) != size) || !fits && domain.KindOf(err) != domain.KindTooLarge {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestPagesAreUTF8(t *testing.T) {
	const text = "≤ 200K – 10 € für Größe"
	encoded := func(e encoding.Encoding, s string) []byte {
		b, err := e.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	late := strings.Repeat("plain ", 500) + text
	for name, c := range map[string]struct {
		contentType string
		body        []byte
		want        string
		wantType    string
	}{
		"UTF-8 said":         {"text/html; charset=utf-8", []byte(text), text, "text/html; charset=utf-8"},
		"UTF-8 unsaid, late": {"text/markdown", []byte(late), late, "text/markdown"},
		"UTF-8 with a mark":  {"text/html", []byte("\ufeff" + text), text, "text/html"},
		"Latin by header":    {"text/html; charset=windows-1252", encoded(charmap.Windows1252, "10 € für"), "10 € für", "text/html; charset=utf-8"},
		"Japanese by meta":   {"text/html", encoded(japanese.ShiftJIS, `<meta charset="shift_jis">価格`), `<meta charset="shift_jis">価格`, "text/html; charset=utf-8"},
		"UTF-16 by its mark": {"text/html", encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text), text, "text/html; charset=utf-8"},
		"JSON is left alone": {"application/json", []byte("{\"a\":\"\xe9\"}"), "{\"a\":\"\xe9\"}", "application/json"},
		"no content type":    {"", []byte(text), text, ""},
		"a strange charset":  {"text/html; charset=klingon", []byte(text), text, "text/html; charset=klingon"},
		"an empty page":      {"text/html", nil, "", "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := counted(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header()["Content-Type"] = []string{c.contentType}
				write(w, string(c.body))
			})
			f, _ := fetcher(fetch.Config{})
			got, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url, Page: true})
			if err != nil || string(got.Body) != c.want || got.ContentType != c.wantType {
				t.Errorf("got %q (%s), %v", got.Body, got.ContentType, err)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	chain := func(length int) string {
		url, _ := counted(t, func(w http.ResponseWriter, _ *http.Request, n int) {
			if n < length {
				redirect(w, fmt.Sprintf("/%d", n))
			}
		})
		return url
	}
	f, clock := fetcher(fetch.Config{})
	if _, err := f.Fetch(t.Context(), ports.FetchRequest{URL: chain(5)}); err != nil {
		t.Errorf("five: %v", err)
	}
	if _, err := f.Fetch(t.Context(), ports.FetchRequest{URL: chain(6)}); domain.KindOf(err) != domain.KindUpstream || !strings.Contains(err.Error(), "more than 5 redirects") {
		t.Errorf("six: %v", err)
	}
	if len(clock.waits) != 0 {
		t.Error("too many redirects were tried again")
	}
}

// TestKeysStayWithTheirHost follows redirects to another host and back.
func TestKeysStayWithTheirHost(t *testing.T) {
	const secret = "sk-ant-geheim"
	var home, away *httptest.Server
	seen := map[string]http.Header{}
	record := func(to func() string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen[r.Host+r.URL.Path] = r.Header
			if to() != "" {
				redirect(w, to())
			}
		})
	}
	mux := http.NewServeMux()
	mux.Handle("/start", record(func() string { return "/inside?key=" + secret }))
	mux.Handle("/inside", record(func() string { return away.URL + "/away" }))
	mux.Handle("/back", record(func() string { return "" }))
	home = httptest.NewServer(mux)
	defer home.Close()
	away = httptest.NewServer(record(func() string { return home.URL + "/back" }))
	defer away.Close()

	f, _ := fetcher(fetch.Config{})
	_, err := f.Fetch(t.Context(), ports.FetchRequest{
		URL:    home.URL + "/start",
		Header: http.Header{"x-api-key": {secret}, "X-Goog-Api-Key": {secret}, "Authorization": {"Bearer " + secret}, "Anthropic-Version": {"2023-06-01"}},
		Accept: "application/json",
	})
	if err != nil {
		t.Fatal(err)
	}
	host := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	for place, trusted := range map[string]bool{host(home) + "/start": true, host(home) + "/inside": true, host(away) + "/away": false, host(home) + "/back": false} {
		got := seen[place]
		if got == nil {
			t.Fatalf("nobody came to %s", place)
		}
		if has := strings.Contains(fmt.Sprint(got), secret); has != trusted {
			t.Errorf("%s: the key is there: %t", place, has)
		}
		if got.Get("User-Agent") == "" || got.Get("Accept") != "application/json" {
			t.Errorf("%s: %v", place, got)
		}
	}
}
