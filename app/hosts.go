package app

import (
	"net/url"
	"strings"

	"ratecard/domain"
)

// refusals are the hosts that do not serve us. They are left alone for as long as
// one piece of work lasts: no other page of theirs is asked for, by no other way.
type refusals map[string]bool

// note keeps in mind why a page could not be had.
func (r refusals) note(address string, err error) {
	if domain.KindOf(err) == domain.KindBlocked {
		r[host(address)] = true
	}
}

func (r refusals) by(address string) bool { return r[host(address)] }

// host is where a source is, as one asks for it; the whole address where it names
// none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return strings.ToLower(u.Host)
}
