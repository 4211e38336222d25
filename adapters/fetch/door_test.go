package fetch_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
	"pgregory.net/rapid"

	"ratecard/adapters/fetch"
	"ratecard/domain"
	"ratecard/ports"
)

// names is a name server that may change its mind: to each question after an
// address it gives the next of its answers, and the last one ever after; after an
// IPv6 address always the same.
type names struct {
	mu      sync.Mutex
	answers [][]netip.Addr
	six     []netip.Addr
	own     string // a name that is always this machine's, and does not count
	asked   int
}

func (n *names) next() []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.answers) == 0 {
		return nil
	}
	i := min(n.asked, len(n.answers)-1)
	n.asked++
	return n.answers[i]
}

// resolver asks a name server on loopback that answers so.
func (n *names) resolver(t interface {
	Cleanup(func())
	Fatal(...any)
}) *net.Resolver {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			size, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply := n.reply(buffer[:size]); reply != nil {
				_, _ = server.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func (n *names) reply(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	m.Response, m.Additionals = true, nil
	q := m.Questions[0]
	add := func(body dnsmessage.ResourceBody) {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: body})
	}
	switch {
	case n.own != "" && q.Name.String() == n.own:
		if q.Type == dnsmessage.TypeA {
			add(&dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}})
		}
	case q.Type == dnsmessage.TypeA:
		for _, ip := range n.next() {
			add(&dnsmessage.AResource{A: ip.As4()})
		}
	case q.Type == dnsmessage.TypeAAAA:
		for _, ip := range n.six {
			add(&dnsmessage.AAAAResource{AAAA: ip.As16()})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

// inner is a server of the operator's own that nobody is to reach.
func inner(t *testing.T) (port string, reached *atomic.Int32) {
	reached = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		write(w, "the crown jewels")
	}))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, reached
}

// TestNoWayIn: whatever a name means, and however often its meaning changes, no
// connection is made to an address that is not public.
func TestNoWayIn(t *testing.T) {
	port, reached := inner(t)
	t.Run("any name, any answers", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			closed := rapid.SampledFrom([]string{"127.0.0.1", "127.9.9.9", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1"})
			server := &names{}
			for range rapid.IntRange(1, 3).Draw(rt, "answers") {
				var answer []netip.Addr
				for _, ip := range rapid.SliceOfN(closed, 1, 3).Draw(rt, "addresses") {
					answer = append(answer, netip.MustParseAddr(ip))
				}
				server.answers = append(server.answers, answer)
			}
			f, clock := fetcher(fetch.Config{Door: fetch.NewDoor(fetch.DoorConfig{Resolver: server.resolver(t)})})
			_, err := f.Fetch(context.Background(), ports.FetchRequest{URL: "http://prices.example:" + port + "/", Page: rapid.Bool().Draw(rt, "page")})
			if domain.KindOf(err) != domain.KindInvalid || !strings.Contains(err.Error(), "RATECARD_ALLOWED_HOSTS") || len(clock.waits) != 0 {
				rt.Fatalf("%v, waits %v", err, clock.waits)
			}
		})
	})
	t.Run("every class of addresses", func(t *testing.T) {
		six := []string{}
		if probe, err := net.ListenPacket("udp6", "[::1]:0"); err == nil { // else no connection is even begun
			probe.Close()
			six = []string{"::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "::7f00:1"}
		}
		for _, ip := range append(six, "0.0.0.0", "0.1.2.3", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254",
			"172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.255.255", "198.18.0.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::ffff:127.0.0.1", "::ffff:10.0.0.1") {
			server, at := &names{}, netip.MustParseAddr(ip)
			if at.Is4() {
				server.answers = [][]netip.Addr{{at}}
			} else {
				server.six = []netip.Addr{at}
			}
			f, clock := fetcher(fetch.Config{Door: fetch.NewDoor(fetch.DoorConfig{Resolver: server.resolver(t)})})
			_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: "http://prices.example.:" + port + "/", Page: true})
			if domain.KindOf(err) != domain.KindInvalid || !strings.Contains(err.Error(), "RATECARD_ALLOWED_HOSTS") || len(clock.waits) != 0 {
				t.Errorf("a name for %s: %v, waits %v", ip, err, clock.waits)
			}
		}
	})
	t.Run("a name that is rebound", func(t *testing.T) {
		// A first look would find a public address; the connection is made after the second.
		server := &names{answers: [][]netip.Addr{{netip.MustParseAddr("93.184.216.34")}, {netip.MustParseAddr("127.0.0.1")}}}
		resolver := server.resolver(t)
		if found, err := resolver.LookupNetIP(t.Context(), "ip4", "prices.example"); err != nil || !domain.PublicAddress(found[0]) {
			t.Fatalf("%v, %v", found, err)
		}
		f, _ := fetcher(fetch.Config{Door: fetch.NewDoor(fetch.DoorConfig{Resolver: resolver})})
		if _, err := f.Fetch(t.Context(), ports.FetchRequest{URL: "http://prices.example:" + port, Page: true}); domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("got %v", err)
		}
	})
	t.Run("redirects", func(t *testing.T) {
		for _, to := range []string{
			"http://127.0.0.1:" + port + "/", "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://2130706433:" + port,
			"http://prices.example:" + port, "file:///etc/passwd", "gopher://example.com", "https://me:secret@example.com/",
			"//127.0.0.1:" + port, "http://127.0.0.1.:" + port, "http://0177.0.0.1:" + port, "http://0x7f000001:" + port, "http://0:" + port, "http://[::1]:" + port,
			"http://[64:ff9b::7f00:1]:" + port, "http://[fe80::1%25lo]:" + port, "http://169.254.169.254/latest/", "http://\uff11\uff12\uff17.0.0.1:" + port,
			"ftp://127.0.0.1:" + port, "data:text/html,x", "ws://prices.example:" + port, "javascript:alert(1)", "http://me@127.0.0.1:" + port,
		} {
			front, count := counted(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Location", to)
				w.WriteHeader(http.StatusFound)
			})
			u, err := url.Parse(front)
			if err != nil {
				t.Fatal(err)
			}
			reach, err := domain.ParseReach(u.Host)
			if err != nil {
				t.Fatal(err)
			}
			server := &names{answers: [][]netip.Addr{{netip.MustParseAddr("127.0.0.1")}}}
			f, _ := fetcher(fetch.Config{Door: fetch.NewDoor(fetch.DoorConfig{Reach: reach, Resolver: server.resolver(t)})})
			_, err = f.Fetch(t.Context(), ports.FetchRequest{URL: front, Page: true})
			if kind := domain.KindOf(err); kind != domain.KindUpstream && kind != domain.KindInvalid || count() != 1 || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %d requests, %v", to, count(), err)
			}
		}
	})
	if n := reached.Load(); n != 0 {
		t.Errorf("the inner server was reached %d times", n)
	}
}

// TestNamedHostIsReached at whatever address it has.
func TestNamedHostIsReached(t *testing.T) {
	port, reached := inner(t)
	reach, err := domain.ParseReach("Prices.Internal:" + port)
	if err != nil {
		t.Fatal(err)
	}
	server := &names{answers: [][]netip.Addr{{netip.MustParseAddr("127.0.0.1")}}}
	f, _ := fetcher(fetch.Config{Door: fetch.NewDoor(fetch.DoorConfig{Reach: reach, Resolver: server.resolver(t)})})
	for range 2 {
		if _, err := f.Fetch(t.Context(), ports.FetchRequest{URL: "http://prices.internal:" + port + "/", Page: true}); err != nil {
			t.Error(err)
		}
	}
	if reached.Load() != 2 {
		t.Errorf("reached %d times", reached.Load())
	}
}

// TestConnectionsAreKept: one connection serves several requests, of pages too;
// where a kept one breaks, net/http does not ask again behind our back.
func TestConnectionsAreKept(t *testing.T) {
	var mu sync.Mutex
	connections := map[string]int{}
	breaks := false
	url, count := counted(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		mu.Lock()
		defer mu.Unlock()
		connections[r.RemoteAddr]++
		if breaks {
			hangUp(w)
			return
		}
		write(w, "page")
	})
	f, clock := fetcher(fetch.Config{})
	for range 3 {
		if _, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url, Page: true}); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	if len(connections) != 1 {
		t.Errorf("%d connections for three requests", len(connections))
	}
	breaks = true
	mu.Unlock()
	_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url, Page: true})
	if domain.KindOf(err) != domain.KindUnavailable || count() != 3+4 || len(clock.waits) != 3 {
		t.Errorf("%d requests for three and four tries, waits %v: %v", count(), clock.waits, err)
	}
	var refused *domain.Error
	if !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}
