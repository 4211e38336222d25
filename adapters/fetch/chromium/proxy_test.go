package chromium

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// anywhere is a door to one server, whatever name is asked for.
type anywhere struct{ at string }

func (a anywhere) Connect(ctx context.Context, _ *url.URL) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", a.at)
}

func (a anywhere) RoundTrip(req *http.Request) (*http.Response, error) {
	there := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return a.Connect(ctx, nil) }}
	return there.RoundTrip(req)
}

// proxied starts the proxy of a rendering of a page, before a server.
func proxied(t *testing.T, page, server string, traffic int64) *proxy {
	t.Helper()
	where, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newProxy(t.Context(), where, New(Config{Door: anywhere{server}, MaxTraffic: traffic, Log: slog.New(slog.DiscardHandler)}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

// ask sends words to a proxy and gives the connection.
func ask(t *testing.T, p *proxy, words string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.listen.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, words); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestTunnelsEndWithTheRendering: nothing goes through a proxy that was closed, not
// even over a connection made before; until then nothing that is sent is lost.
func TestTunnelsEndWithTheRendering(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	}()
	p := proxied(t, "https://prices.acme.example/", echo.Addr().String(), 1<<20)
	const established = "HTTP/1.1 200 Connection established\r\n\r\n"
	answer := make([]byte, len(established)+4)
	// Before it was answered, something was sent already.
	conn := ask(t, p, "CONNECT prices.acme.example:443 HTTP/1.1\r\nHost: x\r\n\r\nping")
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != established+"ping" {
		t.Fatalf("%q, %v", answer, err)
	}
	p.close()
	if n, err := conn.Read(answer); err == nil {
		t.Errorf("%q came through", answer[:n])
	}
	if late, err := net.Dial("tcp", p.listen.Addr().String()); err == nil {
		late.Close()
		t.Error("the proxy still listens")
	}
}

// TestProxyLeadsToOneSite and to no other, in plain HTTP and in tunnels.
func TestProxyLeadsToOneSite(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) }))
	defer server.Close()
	p := proxied(t, "http://prices.acme.co.example/", server.Listener.Addr().String(), 1<<20)
	for host, led := range map[string]bool{
		"prices.acme.co.example": true, "cdn.co.example": true, "acme.example": false, "co.example.evil.example": false, "127.0.0.1": false, "localhost": false,
	} {
		for name, words := range map[string]string{
			"plain":                   "GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
			"a tunnel":                "CONNECT " + host + ":443 HTTP/1.1\r\nHost: x\r\n\r\n",
			"its host said otherwise": "GET http://" + host + "/ HTTP/1.1\r\nHost: prices.acme.co.example\r\n\r\n",
		} {
			line, err := bufio.NewReader(ask(t, p, words)).ReadString('\n')
			if got := err == nil && strings.Contains(line, " 200 "); got != led {
				t.Errorf("%s to %s: %q, %v", name, host, line, err)
			}
		}
	}
}

// TestTrafficIsCapped: whatever a page loads counts, headers too.
func TestTrafficIsCapped(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/head" {
			w.Header().Set("X-Much", strings.Repeat("x", 100<<10))
			return
		}
		fmt.Fprint(w, strings.Repeat("x", 100<<10))
	}))
	defer server.Close()
	for _, words := range []string{
		"GET http://acme.example/ HTTP/1.1\r\nHost: acme.example\r\n\r\n",
		"GET http://acme.example/head HTTP/1.1\r\nHost: acme.example\r\n\r\n",
		"CONNECT acme.example:443 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: acme.example\r\n\r\n",
	} {
		p := proxied(t, "http://acme.example/", server.Listener.Addr().String(), 64<<10)
		came, err := io.ReadAll(ask(t, p, words))
		if len(came) > 70<<10 || !p.exhausted() {
			t.Errorf("%q: %d bytes came, %v", words, len(came), err)
		}
	}
}
