package chromium

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/publicsuffix"
)

// proxy is the one way to the network of one rendering. It leads to the page's own
// site and nowhere else, through the door; it ends with the rendering.
type proxy struct {
	site   string
	door   Door
	left   atomic.Int64 // bytes that may still come
	log    *slog.Logger
	server *http.Server
	direct *httputil.ReverseProxy
	listen net.Listener
	done   chan struct{}

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
}

// errTraffic says that a page has loaded more than it may.
var errTraffic = errors.New("the page loads too much")

func newProxy(ctx context.Context, page *url.URL, b *Browser) (*proxy, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{
		site: siteOf(page.Hostname()), door: b.Door, log: b.Log, listen: listener,
		done: make(chan struct{}), open: map[net.Conn]bool{},
	}
	p.left.Store(b.MaxTraffic)
	p.direct = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.Out.Host = r.In.Host },
		Transport:      b.Door,
		ModifyResponse: p.measure,
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, err error) {
			p.log.DebugContext(r.Context(), "a page was refused a request", "host", r.Host, "error", err)
			panic(http.ErrAbortHandler) // an answer would be taken for the site's
		},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() {
		defer close(p.done)
		_ = p.server.Serve(listener) // it ends when it is closed
	}()
	return p, nil
}

func (p *proxy) address() string { return "http://" + p.listen.Addr().String() }

// exhausted reports whether the page has loaded more than it may.
func (p *proxy) exhausted() bool { return p.left.Load() < 0 }

// close ends every connection.
func (p *proxy) close() {
	_ = p.server.Close()
	p.mu.Lock()
	p.closed = true
	for conn := range p.open {
		_ = conn.Close()
	}
	p.mu.Unlock()
	<-p.done
}

// ServeHTTP passes a request on, or a connection where one is asked for.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.URL.Hostname()
	switch {
	case siteOf(host) != p.site:
		p.log.DebugContext(r.Context(), "a page asked for another site", "host", host)
		panic(http.ErrAbortHandler)
	case r.Method == http.MethodConnect:
		p.tunnel(w, r)
	case r.URL.Scheme != "http":
		panic(http.ErrAbortHandler)
	default:
		p.direct.ServeHTTP(w, r)
	}
}

// tunnel gives the browser a connection, for https and WebSockets.
func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	there, err := p.connect(r.Context(), &url.URL{Scheme: "https", Host: r.Host})
	if err != nil {
		p.log.DebugContext(r.Context(), "a page was refused a connection", "address", r.Host, "error", err)
		http.Error(w, "refused", http.StatusForbidden)
		return
	}
	defer there.Close()
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	if !p.keep(here) {
		return
	}
	defer p.drop(here)
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}()
	_, _ = io.Copy(there, buffered)
	_ = there.Close()
	<-back
}

// connect makes a connection whose bytes count, and that ends with the proxy.
func (p *proxy) connect(ctx context.Context, target *url.URL) (net.Conn, error) {
	conn, err := p.door.Connect(ctx, target)
	if err != nil {
		return nil, err
	}
	if !p.keep(conn) {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	return &counted{Conn: conn, proxy: p}, nil
}

// count has n bytes come; errTraffic where those are too many.
func (p *proxy) count(n int) error {
	if p.left.Add(-int64(n)) < 0 {
		return errTraffic
	}
	return nil
}

// measure counts an answer that comes without a tunnel.
func (p *proxy) measure(answer *http.Response) error {
	answer.Body = measured{answer.Body, p}
	head := 0
	for name, values := range answer.Header {
		head += len(name) + len(strings.Join(values, ""))
	}
	return p.count(head)
}

// measured is a body whose bytes are those that a page loads.
type measured struct {
	io.ReadCloser
	proxy *proxy
}

func (m measured) Read(b []byte) (int, error) {
	n, err := m.ReadCloser.Read(b)
	if over := m.proxy.count(n); over != nil {
		return 0, over
	}
	return n, err
}

func (p *proxy) keep(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.open[conn] = true
	}
	return !p.closed
}

func (p *proxy) drop(conn net.Conn) {
	p.mu.Lock()
	delete(p.open, conn)
	p.mu.Unlock()
}

// counted is a connection whose bytes are those that a page loads.
type counted struct {
	net.Conn
	proxy *proxy
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if over := c.proxy.count(n); over != nil {
		return 0, over
	}
	return n, err
}

func (c *counted) Close() error {
	c.proxy.drop(c.Conn)
	return c.Conn.Close()
}

// siteOf is what the hosts of one owner have in common: the name that he has
// registered. An address stands for itself.
func siteOf(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return site
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
