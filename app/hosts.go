package app

import (
	"net/url"
	"strings"
	"time"

	"ratecard/domain"
)

// refusals are the hosts that do not serve us, with how long they want to be left
// alone where they say so. They are for as long as one piece of work lasts: no other
// page of theirs is asked for, by no other way.
type refusals map[string]time.Duration

// note keeps in mind why a page could not be had.
func (r refusals) note(address string, err error) {
	if domain.KindOf(err) == domain.KindBlocked {
		r[host(address)] = asksToWait(err)
	}
}

func (r refusals) by(address string) bool {
	_, refused := r[host(address)]
	return refused
}

// host is where a source is, as one asks for it; the whole address where it names
// none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return strings.ToLower(u.Host)
}
