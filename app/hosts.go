package app

import (
	"net/url"
	"strings"
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
