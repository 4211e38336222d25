package fetch_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http/httpproxy"

	"ratecard/adapters/demosite"
	"ratecard/adapters/fetch"
	"ratecard/adapters/fetch/chromium"
	"ratecard/domain"
	"ratecard/ports"
)

// operators is a forward proxy such as operators have. It knows where every name
// leads, and who may use it.
type operators struct {
	*httptest.Server
	where func(address string) string // the address behind "host:port"
	mu    sync.Mutex
	asked []string // "METHOD target"
}

func newOperators(t *testing.T, where func(string) string) *operators {
	t.Helper()
	o := &operators{where: where}
	plain := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.Host = r.In.Host },
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, where(address))
		}},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked = append(o.asked, r.Method+" "+r.RequestURI)
		o.mu.Unlock()
		switch user, password, _ := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth(); {
		case user != "us" || password != "pass word":
			w.WriteHeader(http.StatusProxyAuthRequired)
		case r.Method == http.MethodConnect:
			o.tunnel(w, r.Host)
		default:
			plain.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *operators) tunnel(w http.ResponseWriter, address string) {
	far, err := net.Dial("tcp", o.where(address))
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer far.Close()
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer near.Close()
	write(near, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(far, buffered) }()
	_, _ = io.Copy(near, far)
}

// address is how its user names it.
func (o *operators) address() string {
	return strings.Replace(o.URL, "http://", "http://us:pass%20word@", 1)
}

func (o *operators) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

// TestConnectAppliesTheSameRule as a request does, directly as well as through the
// operator's own proxy: what is not for us is not even asked of that.
func TestConnectAppliesTheSameRule(t *testing.T) {
	port, reached := inner(t)
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { write(w, "prices at "+r.Host) }))
	defer echo.Close()
	named := echo.Listener.Addr().String()
	reach, err := domain.ParseReach(named)
	if err != nil {
		t.Fatal(err)
	}
	server := &names{answers: [][]netip.Addr{{netip.MustParseAddr("127.0.0.1")}}}
	direct := fetch.DoorConfig{Reach: reach, Resolver: server.resolver(t)}
	proxy := newOperators(t, func(address string) string { return strings.Replace(address, "prices.acme.example:443", named, 1) })
	through := direct
	through.Outbound = httpproxy.Config{HTTPProxy: proxy.address(), HTTPSProxy: proxy.address()}
	for name, config := range map[string]fetch.DoorConfig{"directly": direct, "through a proxy": through} {
		t.Run(name, func(t *testing.T) {
			door := fetch.NewDoor(config)
			open := []string{named}
			if name != "directly" {
				open = append(open, "prices.acme.example:443") // the proxy does the resolving
			}
			for _, host := range open {
				if got := speak(t, door, host); !strings.HasSuffix(got, "prices at "+host) {
					t.Errorf("%s: %q", host, got)
				}
			}
			for _, closed := range []string{"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port, "[::ffff:127.0.0.1]:" + port, "2130706433:" + port, "169.254.169.254:80", "metadata.google.internal:80", "localhost.localdomain:" + port, "\uff11\uff12\uff17.0.0.1:" + port, "127.0.0.1.:" + port, "me:secret@1.1.1.1:443"} {
				conn, err := door.Connect(t.Context(), parsed(t, "https://"+closed))
				if err == nil {
					conn.Close()
				}
				plain, plainErr := door.RoundTrip(request(t, "http://"+closed))
				if plainErr == nil {
					plain.Body.Close()
				}
				if domain.KindOf(err) != domain.KindInvalid || domain.KindOf(plainErr) != domain.KindInvalid {
					t.Errorf("%s: %v; in plain %v", closed, err, plainErr)
				}
			}
		})
	}
	if _, err := fetch.NewDoor(direct).Connect(t.Context(), parsed(t, "https://prices.acme.example:"+port)); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("a name that leads inside: %v", err)
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the inner server was reached %d times", n)
	}
	for _, asked := range proxy.all() {
		if !strings.Contains(asked, "prices.acme.example:443") {
			t.Errorf("the proxy was asked %s", asked)
		}
	}
}

func parsed(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func request(t *testing.T, address string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// speak asks over a connection of one's own, as a browser does.
func speak(t *testing.T, door *fetch.Door, host string) string {
	t.Helper()
	conn, err := door.Connect(t.Context(), &url.URL{Scheme: "https", Host: host})
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	write(conn, "GET / HTTP/1.0\r\nHost: "+host+"\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil {
		return err.Error()
	}
	return string(answer)
}

// TestProxyThatRefuses: its status is told, the password for it is not.
func TestProxyThatRefuses(t *testing.T) {
	proxy := newOperators(t, func(address string) string { return address })
	refused := strings.Replace(proxy.URL, "http://", "http://us:geheim@", 1)
	door := fetch.NewDoor(fetch.DoorConfig{Outbound: httpproxy.Config{HTTPSProxy: refused}})
	_, err := door.Connect(t.Context(), parsed(t, "https://prices.acme.example"))
	if err == nil || !strings.Contains(err.Error(), "407") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
	f, _ := fetcher(fetch.Config{Door: door})
	_, err = f.Fetch(t.Context(), ports.FetchRequest{URL: "https://prices.acme.example/", Page: true})
	if domain.KindOf(err) != domain.KindUnavailable || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
}

// TestRenderingThroughTheOperatorsProxy: the browser's requests take the way that
// all others take: through the operator's proxy where he has one, plain ones as
// plain requests (many a proxy tunnels to port 443 alone), past it where he says so.
func TestRenderingThroughTheOperatorsProxy(t *testing.T) {
	if _, err := chromium.Find(""); err != nil {
		t.Skip(err)
	}
	t.Parallel()
	site := httptest.NewServer(demosite.Scripted())
	defer site.Close()
	const name = "prices.acme.example"
	proxy := newOperators(t, func(string) string { return site.Listener.Addr().String() })
	reach, err := domain.ParseReach(site.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	door := fetch.NewDoor(fetch.DoorConfig{
		Reach:    reach,
		Outbound: httpproxy.Config{HTTPProxy: proxy.address(), HTTPSProxy: proxy.address(), NoProxy: "127.0.0.1"},
	})
	browser := chromium.New(chromium.Config{UserAgent: "ratecard/test", Door: door, Still: 300 * time.Millisecond, Timeout: time.Minute})
	defer func() {
		if err := browser.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	f, _ := fetcher(fetch.Config{Door: door, Browser: browser})
	show := func(address string) error {
		_, err := f.Fetch(t.Context(), ports.FetchRequest{
			URL: address, Page: true, Rendering: string(domain.RenderBrowser),
			Enough: func(html []byte) bool { return strings.Contains(string(html), "<td>$3 / MTok</td>") },
		})
		return err
	}
	if err := show("http://" + name + "/fetched"); err != nil {
		t.Fatal(err)
	}
	if got, want := proxy.all(), []string{"GET http://" + name + "/fetched", "GET http://" + name + "/rows"}; !slices.Equal(got, want) {
		t.Errorf("through the proxy %v, want %v", got, want)
	}
	if err := show("https://" + name + "/fetched"); err == nil {
		t.Error("a site that does not encrypt was shown as one that does")
	}
	if got := proxy.all(); !slices.Contains(got, "CONNECT "+name+":443") {
		t.Errorf("through the proxy %v", got)
	}
	before := len(proxy.all())
	if err := show(site.URL + "/fetched"); err != nil || len(proxy.all()) != before {
		t.Errorf("past the proxy: %v, %v", err, proxy.all()[before:])
	}
}

// TestRenderingIsHeldToTheRule: what a page in a browser asks for goes through the
// same door as all else: a name beside its own that leads inside is refused when the
// connection is made, also when it led elsewhere a moment ago.
func TestRenderingIsHeldToTheRule(t *testing.T) {
	if _, err := chromium.Find(""); err != nil {
		t.Skip(err)
	}
	t.Parallel()
	port, reached := inner(t)
	site := httptest.NewServer(demosite.Scripted("inside.acme.example:" + port))
	defer site.Close()
	_, sitePort, err := net.SplitHostPort(site.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	named := "prices.acme.example:" + sitePort
	reach, err := domain.ParseReach(named)
	if err != nil {
		t.Fatal(err)
	}
	server := &names{own: "prices.acme.example.", answers: [][]netip.Addr{{netip.MustParseAddr("169.254.169.254")}, {netip.MustParseAddr("10.0.0.1")}, {netip.MustParseAddr("127.0.0.1")}}}
	door := fetch.NewDoor(fetch.DoorConfig{Reach: reach, Resolver: server.resolver(t)})
	browser := chromium.New(chromium.Config{UserAgent: "ratecard/test", Door: door, Still: 300 * time.Millisecond, Patience: 4 * time.Second, Timeout: time.Minute})
	defer func() {
		if err := browser.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	f, _ := fetcher(fetch.Config{Door: door, Browser: browser})
	got, err := f.Fetch(t.Context(), ports.FetchRequest{
		URL: "http://" + named + "/reach", Page: true, Rendering: string(domain.RenderBrowser), Enough: func([]byte) bool { return false },
	})
	if err != nil || !strings.Contains(string(got.Body), "<td>$3 / MTok</td>") {
		t.Fatal(err)
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	if tries := server.asked; tries < 3 || reached.Load() != 0 {
		t.Errorf("the name inside was looked up %d times, and reached %d times", tries, reached.Load())
	}
}
