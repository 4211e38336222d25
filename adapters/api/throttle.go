package api

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"ratecard/domain"
)

// Who sends keys that are not known is told to wait after a number of them. The
// keys that we made are random beyond guessing and go on working from that
// address, which others may share; the administrator's own, which a person chose,
// does not until the time is over.
const (
	mostFailures       = 20 // within failureWindow
	failureWindow      = time.Minute
	mostAddresses      = 10_000 // that are remembered
	ipv6SubscriberBits = 64     // of an address, what one subscriber is given
)

// failures counts failed attempts by address. What is remembered is of two ages:
// where the young are too many, or as old as the window, the old are forgotten
// and the young are the old. So memory is bounded and nothing is searched.
type failures struct {
	mu         sync.Mutex
	young, old map[netip.Prefix]tally
	began      time.Time // when the young began
}

type tally struct {
	count int
	since time.Time
}

func (f *failures) of(who netip.Prefix) tally {
	if t, young := f.young[who]; young {
		return t
	}
	return f.old[who]
}

// wait is how long an address has to wait; 0: it need not.
func (f *failures) wait(address netip.Addr, now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.of(subscriber(address))
	if t.count < mostFailures {
		return 0
	}
	return max(0, t.since.Add(failureWindow).Sub(now))
}

// note counts a failed attempt. The window begins with the first one, and again
// with the one that reaches the limit.
func (f *failures) note(address netip.Addr, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	who := subscriber(address)
	t := f.of(who)
	if now.Sub(t.since) >= failureWindow {
		t = tally{since: now}
	}
	if t.count++; t.count >= mostFailures {
		t.since = now
	}
	if len(f.young) >= mostAddresses/2 || now.Sub(f.began) >= failureWindow {
		f.young, f.old, f.began = map[netip.Prefix]tally{}, f.young, now
	}
	f.young[who] = t
}

func subscriber(address netip.Addr) netip.Prefix {
	bits := address.BitLen()
	if address.Is6() {
		bits = ipv6SubscriberBits
	}
	who, err := address.Prefix(bits)
	if err != nil { // no address at all: one for all of those
		return netip.Prefix{}
	}
	return who
}

func tooMany(wait time.Duration) error {
	return &domain.Error{
		Kind: domain.KindRateLimited, RetryAfter: wait,
		Message: "too many keys from this address were not known; wait before trying another",
	}
}

// clientAddress is who asks: the nearest address that is none of our proxies'.
func clientAddress(r *http.Request, proxies []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && among(address, proxies); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break // what comes before it may be anybody's invention
		}
		address = hop.Unmap().WithZone("")
	}
	return address
}

func among(address netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(address) {
			return true
		}
	}
	return false
}
