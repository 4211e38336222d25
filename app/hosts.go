package app

import (
	"net/netip"
	"net/url"
	"strings"

	"ratecard/domain"
)

// hostOf is the host that an address names, in lower case, without its port;
// empty where it names none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// hostsOf are the hosts that a provider's description names.
func hostsOf(p domain.Provider) []string {
	var hosts []string
	if p.API != nil {
		hosts = append(hosts, hostOf(p.API.BaseURL))
	}
	for _, page := range p.ModelPages {
		hosts = append(hosts, hostOf(page.URL))
	}
	for _, source := range p.Scraping.Sources {
		hosts = append(hosts, hostOf(source.URL))
	}
	return hosts
}

// inside tells whether a host is written as an address of this machine or of a
// network that is not public. What a name resolves to is not looked at here.
func inside(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		// A resolver takes 127.1, 0x7f000001 and 2130706433 for addresses as well.
		return host != "" && strings.Trim(host, "0123456789abcdefx.") == "" && host[0] >= '0' && host[0] <= '9' && numericEnd(host)
	}
	ip = ip.Unmap()
	return !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedSpace.Contains(ip)
}

// sharedSpace are the addresses behind a carrier's translation (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// numericEnd tells whether the last label of a host is a number, which no name
// of the public tree ends with.
func numericEnd(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return strings.HasPrefix(last, "0x") || last != "" && strings.Trim(last, "0123456789") == ""
}
