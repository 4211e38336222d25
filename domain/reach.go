package domain

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Reach says what may be fetched from: the public internet, and the hosts that
// the operator names. Whoever can have an address fetched must not get into the
// operator's network that way. The zero value reaches the public internet alone.
type Reach struct {
	named []string // "host" for all of its ports, "host:port" for one
}

// ParseReach reads the hosts that an operator names: names or addresses, each
// with a port or without. The error says which entry is none.
func ParseReach(hosts ...string) (Reach, error) {
	var r Reach
	for _, entry := range hosts {
		host, port := entry, ""
		if _, err := netip.ParseAddr(entry); err != nil {
			u, err := url.Parse("http://" + entry)
			if err != nil || u.Host != entry || u.Hostname() == "" || strings.HasSuffix(entry, ":") || strings.ContainsAny(entry, "*%") || strings.IndexFunc(entry, notASCII) >= 0 {
				return Reach{}, Errorf(KindInvalid, "%q is no host: a name or an address is, with a port or without", entry)
			}
			host, port = u.Hostname(), u.Port()
		}
		r.named = append(r.named, hostKey(plainHost(host), port))
	}
	return r, nil
}

// And reaches what either does.
func (r Reach) And(other Reach) Reach {
	return Reach{slices.Concat(r.named, other.named)}
}

// Names reports whether the operator names a host, for one of its ports.
func (r Reach) Names(host, port string) bool {
	host = plainHost(host)
	return slices.Contains(r.named, host) || slices.Contains(r.named, hostKey(host, port))
}

// Check refuses, with KindInvalid, addresses that are never to be fetched: those
// that are not http or https, that carry a user or a password, whose host is not
// ASCII (what is made of other letters may be an address), or whose host is an
// address of this machine or of a network that is not public, or a name that is
// only known there. What a name resolves to is looked at when a connection is made.
func (r Reach) Check(u *url.URL) error {
	host := u.Hostname()
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || host == "":
		return Errorf(KindInvalid, "%s: expected http:// or https:// and a host", bareURL(u))
	case u.User != nil:
		return Errorf(KindInvalid, "%s: an address with a user or a password in it is not fetched", bareURL(u))
	case strings.IndexFunc(host, notASCII) >= 0:
		return Errorf(KindInvalid, "%s: expected the host in ASCII, xn--… where it has other letters", bareURL(u))
	case inside(plainHost(host)) && !r.Names(host, PortOf(u)):
		return Inside(bareURL(u), host)
	}
	return nil
}

// Inside is the error for a host that is not public, at an address that may be
// shown.
func Inside(shown, host string) *Error {
	return Errorf(KindInvalid, "%s: %s is an address of this machine or of a network that is not public: expected a public one, or a host that RATECARD_ALLOWED_HOSTS names", shown, host)
}

// PortOf is the port that a URL means.
func PortOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

// bareURL is a URL without its user, query and fragment, where secrets hide.
func bareURL(u *url.URL) string {
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return bare.String()
}

func hostKey(host, port string) string {
	if port == "" {
		return host
	}
	return host + ":" + port
}

// plainHost is a host as it is compared.
func plainHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return host
}

func notASCII(r rune) bool { return r > '~' }

// inside tells whether a host is written as an address that is not public, or is a
// name that the public tree of names has set apart for networks of one's own: what
// it leads to there may be known to the operator's proxy alone.
func inside(host string) bool {
	for _, own := range []string{"localhost", "localdomain", "local", "internal", "home.arpa"} {
		if host == own || strings.HasSuffix(host, "."+own) {
			return true
		}
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return !PublicAddress(ip)
	}
	// A resolver takes 127.1, 0x7f000001 and 2130706433 for addresses as well.
	return strings.Trim(host, "0123456789abcdefx.") == "" && host != "" && host[0] >= '0' && host[0] <= '9' && numericEnd(host)
}

// numericEnd tells whether the last label of a host is a number, which no name
// of the public tree ends with.
func numericEnd(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return strings.HasPrefix(last, "0x") || last != "" && strings.Trim(last, "0123456789") == ""
}

// PublicAddress reports whether an address is one of the public internet. What
// the registries of special addresses (RFC 6890 and its successors) set apart is
// not, nor is what leads to such an address by another way of writing it.
func PublicAddress(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	if nat64.Contains(ip) { // an IPv4 address, seen from a network that has none
		long := ip.As16()
		return PublicAddress(netip.AddrFrom4([4]byte(long[12:])))
	}
	if ip.Is6() && !allocated.Contains(ip) {
		return false
	}
	return ip.IsValid() && !slices.ContainsFunc(setApart, func(p netip.Prefix) bool { return p.Contains(ip) })
}

var (
	nat64     = netip.MustParsePrefix("64:ff9b::/96")
	allocated = netip.MustParsePrefix("2000::/3") // of IPv6; link-local, unique local, multicast, loopback, mapped and compatible lie outside
	setApart  = prefixes(
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
		"168.63.129.16/32", // what Azure tells its machines, at an address that looks public
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	)
)

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, p := range all {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}
