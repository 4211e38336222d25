package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"ratecard/domain"
)

// Proxy is a forward proxy on loopback. What uses it, a browser, gets no further
// than through its Door: each connection is looked at, whatever asked for it.
type Proxy struct {
	door   *Door
	server *http.Server
	listen net.Listener
	send   http.RoundTripper
	log    *slog.Logger

	mu      sync.Mutex
	tunnels map[net.Conn]struct{} // what the server has let go of
	closed  bool
}

// StartProxy starts a proxy on a free port of loopback, until Close.
func StartProxy(ctx context.Context, door *Door, log *slog.Logger) (*Proxy, error) {
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("a proxy on loopback: %w", err)
	}
	p := &Proxy{door: door, listen: listener, send: door.transport(), log: log, tunnels: map[net.Conn]struct{}{}}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: connectWithin, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	go func() { _ = p.server.Serve(listener) }() // ends with Close, and says nothing but that
	return p, nil
}

// URL is where the proxy is: "http://127.0.0.1:port".
func (p *Proxy) URL() string { return "http://" + p.listen.Addr().String() }

// Close ends the proxy and every connection that goes through it.
func (p *Proxy) Close() error {
	err := p.server.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for conn := range p.tunnels {
		_ = conn.Close() // it is over either way
	}
	return err
}

// ServeHTTP forwards a request or, for CONNECT, a connection.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		p.tunnel(w, r)
		return
	}
	if err := p.door.Check(r.URL); err != nil {
		p.refuse(w, r.Host, err)
		return
	}
	out := r.Clone(r.Context())
	out.RequestURI, out.Close = "", false
	for _, hop := range []string{"Connection", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		out.Header.Del(hop)
	}
	resp, err := p.send.RoundTrip(out)
	if err != nil {
		p.refuse(w, r.Host, err)
		return
	}
	defer resp.Body.Close()
	for name, values := range resp.Header {
		if name != "Connection" && name != "Keep-Alive" && name != "Transfer-Encoding" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body) // whoever hung up knows
}

// tunnel connects a client with the host that it names.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	target := &url.URL{Scheme: "https", Host: r.Host}
	if err := p.door.Check(target); err != nil {
		p.refuse(w, r.Host, err)
		return
	}
	far, err := p.door.connect(r.Context(), target)
	if err != nil {
		p.refuse(w, r.Host, err)
		return
	}
	defer far.Close()
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.refuse(w, r.Host, err)
		return
	}
	defer near.Close()
	if !p.keep(near) || !p.keep(far) {
		return
	}
	defer p.forget(near, far)
	if _, err := io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { pass(far, buffered) })
	both.Go(func() { pass(near, far) })
	both.Wait()
}

// pass copies until one side has no more to say, and tells the other.
func pass(to net.Conn, from io.Reader) {
	_, _ = io.Copy(to, from) // whoever hung up knows
	if half, can := to.(interface{ CloseWrite() error }); can {
		_ = half.CloseWrite()
		return
	}
	_ = to.Close()
}

// keep remembers a connection that Close has to end.
func (p *Proxy) keep(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.tunnels[conn] = struct{}{}
	}
	return !p.closed
}

func (p *Proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		delete(p.tunnels, conn)
	}
}

// refuse answers 403 where a host is not for us, 502 where it does not answer.
func (p *Proxy) refuse(w http.ResponseWriter, host string, err error) {
	status := http.StatusBadGateway
	if domain.KindOf(err) == domain.KindInvalid {
		status = http.StatusForbidden
	}
	p.log.Info("a connection was not made", "host", host, "error", cause(err))
	http.Error(w, http.StatusText(status), status)
}

// connect makes a connection to a URL's host, through the operator's proxy where
// there is one.
func (d *Door) connect(ctx context.Context, target *url.URL) (net.Conn, error) {
	host := net.JoinHostPort(target.Hostname(), domain.PortOf(target))
	proxy, err := d.outbound(target)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return d.DialContext(ctx, "tcp", host)
	}
	at := net.JoinHostPort(proxy.Hostname(), domain.PortOf(proxy))
	conn, err := d.DialContext(ctx, "tcp", at)
	if err != nil {
		return nil, err
	}
	if proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: proxy.Hostname(), MinVersion: tls.VersionTLS12})
	}
	if err := askThrough(conn, proxy, host); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// askThrough has a proxy connect to a host.
func askThrough(conn net.Conn, proxy *url.URL, host string) error {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: host}, Host: host, Header: http.Header{}}
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	if err := conn.SetDeadline(time.Now().Add(connectWithin)); err != nil {
		return err
	}
	if err := req.Write(conn); err != nil {
		return err
	}
	// A proxy says nothing beyond its answer before we do: nothing is left in the buffer.
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy answered %s", resp.Status)
	}
	return conn.SetDeadline(time.Time{})
}
