package fetch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"

	"ratecard/domain"
)

// connectWithin is how long a connection may take to be made.
const connectWithin = 15 * time.Second

// DoorConfig is what a Door needs. Its zero value leads to the public internet.
type DoorConfig struct {
	Reach    domain.Reach     // hosts that are let through besides
	Outbound httpproxy.Config // the operator's own proxies, which then do the resolving
	Resolver *net.Resolver    // nil: the machine's
}

// Door is the only way out: every connection to a page or an API goes through
// it, the browser's too. It leads to the public internet and to the hosts that
// the operator names, and looks at the address that a connection is made to, not
// at what a name meant some time before.
type Door struct {
	reach     domain.Reach
	outbound  func(*url.URL) (*url.URL, error)
	proxies   []string // host:port of the operator's own proxies
	dialer    net.Dialer
	unchecked net.Dialer
	requests  once
}

// NewDoor makes a Door.
func NewDoor(c DoorConfig) *Door {
	plain := net.Dialer{Timeout: connectWithin, Resolver: c.Resolver}
	d := &Door{reach: c.Reach, outbound: c.Outbound.ProxyFunc(), dialer: plain, unchecked: plain}
	d.dialer.ControlContext = onlyPublic
	for _, address := range []string{c.Outbound.HTTPProxy, c.Outbound.HTTPSProxy} {
		if proxy, err := url.Parse(address); err == nil && proxy.Hostname() != "" {
			d.proxies = append(d.proxies, net.JoinHostPort(proxy.Hostname(), domain.PortOf(proxy)))
		}
	}
	d.requests = d.transport()
	return d
}

// errInside is a connection that was refused because its address is not public.
var errInside = errors.New("not a public address")

// onlyPublic is asked right before a connection is made, with the address that it
// is made to.
func onlyPublic(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !domain.PublicAddress(at.Addr()) {
		return errInside
	}
	return nil
}

// DialContext makes a connection to "host:port"; KindInvalid where that is not
// for us.
func (d *Door) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, domain.Errorf(domain.KindInvalid, "%q is no host and port", address)
	}
	if d.reach.Names(host, port) || slices.Contains(d.proxies, address) {
		return d.unchecked.DialContext(ctx, network, address)
	}
	conn, err := d.dialer.DialContext(ctx, network, address)
	if errors.Is(err, errInside) {
		return nil, domain.Inside(address, host)
	}
	return conn, err
}

// Check refuses addresses that are not fetched whatever they resolve to; see
// domain.Reach.
func (d *Door) Check(u *url.URL) error { return d.reach.Check(u) }

// RoundTrip sends a request, once, and through the operator's proxy where there is
// one. What Check refuses is not sent.
func (d *Door) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := d.Check(req.URL); err != nil {
		return nil, err
	}
	return d.requests.RoundTrip(req)
}

// transport is the door's transport for HTTP. It speaks HTTP/1.1 alone: over
// HTTP/2 it asks again by itself where a server refuses a stream, and we promise
// the number of requests and the time between them.
func (d *Door) transport() once {
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	return once{&http.Transport{
		DialContext:            d.DialContext,
		Proxy:                  d.proxyOnce,
		Protocols:              protocols,
		DisableCompression:     true, // what we accept is ours to say
		MaxIdleConns:           100,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    connectWithin,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}}
}

// asked counts how often net/http begins to send one request.
type asked struct{}

// errAgain is a connection that was used before and broke when it was used again.
var errAgain = errors.New("the connection broke off")

// once sends a request once. net/http sends it again where a connection that was
// kept breaks; then we rather wait and take our turn.
type once struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (o once) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := context.WithValue(req.Context(), asked{}, new(atomic.Int32))
	return o.Transport.RoundTrip(req.WithContext(ctx))
}

// proxyOnce names the proxy for a request; net/http asks for it each time that it
// begins to send one.
func (d *Door) proxyOnce(req *http.Request) (*url.URL, error) {
	if n, counted := req.Context().Value(asked{}).(*atomic.Int32); counted && n.Add(1) > 1 {
		return nil, errAgain
	}
	return d.outbound(req.URL)
}
