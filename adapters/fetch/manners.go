package fetch

import (
	"context"
	"math"
	"net"
	"net/url"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// admit waits until an address may be asked for. A page is asked for only where
// the site's robots.txt allows it, and no sooner than that asks for.
func (f *Fetcher) admit(ctx context.Context, target *url.URL, page bool) error {
	gap := f.Delay
	if page && f.Robots != nil {
		rules, err := f.rules(ctx, target)
		if err != nil {
			return err
		}
		if !rules.allows(target) {
			return domain.Errorf(domain.KindDisallowed, "%s: the site's robots.txt asks us not to read there", shown(target))
		}
		gap = max(gap, rules.delay)
	}
	return f.turn(ctx, target, gap)
}

// startsWithin is how long after its turn a request may take to be on its way.
// Turns are further apart by that, so that a late one is not followed too soon.
const startsWithin = 50 * time.Millisecond

// turn waits for the host's next turn. One that comes too late is not taken.
func (f *Fetcher) turn(ctx context.Context, target *url.URL, gap time.Duration) error {
	if f.Turns == nil {
		return nil
	}
	if gap > 0 {
		gap += startsWithin
	}
	patience := time.Duration(math.MaxInt32) * time.Second
	if deadline, has := ctx.Deadline(); has {
		patience = time.Until(deadline)
	}
	wait, taken, err := f.Turns.Take(ctx, hostKey(target), gap, patience)
	switch {
	case err != nil:
		return err
	case !taken:
		late := domain.Errorf(domain.KindRateLimited, "%s: the host's next turn is in %s", shown(target), wait.Round(time.Second)).Seen(domain.SawOther)
		late.RetryAfter = wait
		return late
	case wait > 0 && f.Sleep(ctx, wait) != nil:
		return calledOff(ctx, target)
	}
	return nil
}

// rules are an origin's, as they are kept or, once a day, as they come. Where
// they cannot be had nothing is fetched; where there are none everything may be.
func (f *Fetcher) rules(ctx context.Context, target *url.URL) (robotsRules, error) {
	origin := strings.ToLower(target.Scheme + "://" + target.Host)
	token := productToken(f.UserAgent)
	kept, err := f.Robots.File(ctx, origin)
	if err == nil && f.Now().Sub(kept.At) < robotsFor {
		return parseRobots(kept.Body, token), nil
	}
	if err != nil && domain.KindOf(err) != domain.KindNotFound {
		return robotsRules{}, err
	}
	at := &url.URL{Scheme: target.Scheme, Host: target.Host, Path: "/robots.txt"}
	got, failed := f.persist(ctx, at, ports.FetchRequest{URL: at.String(), Accept: "text/plain", Robots: true})
	if failed != nil && domain.KindOf(failed) != domain.KindNotFound {
		return robotsRules{}, domain.Wrap(domain.KindUnavailable, failed, "%s could not be had, so nothing is fetched from there", at)
	}
	body := got.Body[:min(len(got.Body), largestRobots)]
	return parseRobots(body, token), f.Robots.Keep(ctx, origin, ports.RobotsFile{Body: body, At: domain.Instant(f.Now())})
}

// hostKey is how a host is known whose requests keep their distance: its name,
// and the port where that is an unusual one.
func hostKey(u *url.URL) string {
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), domain.PortOf(u)
	if port == "80" || port == "443" {
		return host
	}
	return net.JoinHostPort(host, port)
}
