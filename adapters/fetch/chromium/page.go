package chromium

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"ratecard/domain"
)

// How often a page is looked at while it builds itself, and how long its tab may
// take to close.
const (
	lookEvery  = 250 * time.Millisecond
	closeTabIn = 5 * time.Second
	// A page that loads nothing and did not move for so long will not any more.
	standsForGood = 5 * time.Second
)

// wantsPassword is what the browser says of a page that asks for a password, which
// nobody is there to be asked for.
const wantsPassword = "net::ERR_INVALID_AUTH_CREDENTIALS"

// blank keeps chromedp's remarks about pages that misbehave out of our log.
func blank(string, ...any) {}

// render opens a page in a context of its own (no cookie, no cache, no storage is
// shared with another), whose one way out is a proxy of its own.
func (b *Browser) render(ctx context.Context, running *process, address string, enough func([]byte) bool) (Page, error) {
	where, err := url.Parse(address)
	if err != nil || where.Scheme != "http" && where.Scheme != "https" || where.Hostname() == "" {
		return Page{}, domain.Errorf(domain.KindInvalid, "expected http:// or https:// and a host")
	}
	way, err := newProxy(ctx, where, b)
	if err != nil {
		return Page{}, domain.Wrap(domain.KindUnavailable, err, "the browser's proxy did not start")
	}
	defer way.close()
	whole, closeTab := chromedp.NewContext(running.ctx,
		chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) {
			p.ProxyServer, p.ProxyBypassList = way.address(), "<-loopback>"
		}))
	inTime, cancel := context.WithCancelCause(whole)
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { cancel(ctx.Err()) })
	defer stop()

	t := &tab{ctx: inTime, crash: func() { cancel(errCrashed) }}
	got, err := b.open(t, address, enough)
	switch {
	case way.exhausted():
		err = domain.Errorf(domain.KindTooLarge, "the page loads more than the %d MB that a rendering may", b.MaxTraffic>>20)
	case err != nil && errors.Is(context.Cause(inTime), errCrashed):
		err = errCrashed
	}
	if err != nil {
		return Page{}, err // the browser is ended, and the tab with it
	}
	done := make(chan struct{})
	go func() { closeTab(); close(done) }()
	select {
	case <-done:
	case <-time.After(closeTabIn): // it would stay: rather the whole browser goes
		running.spoiled.Store(true)
	}
	return got, nil
}

var errCrashed = domain.Errorf(domain.KindUnavailable, "the page broke the browser")

// open goes to a page and waits until it shows enough.
func (b *Browser) open(t *tab, address string, enough func([]byte) bool) (Page, error) {
	if err := t.prepare(); err != nil {
		return Page{}, broken(err)
	}
	went, err := chromedp.Call(t.ctx, page.Navigate, page.NavigateParams{URL: address})
	if err != nil {
		return Page{}, broken(err)
	}
	if went.ErrorText == wantsPassword {
		return Page{URL: address, Status: http.StatusUnauthorized}, nil
	}
	if went.ErrorText != "" {
		return Page{}, domain.Errorf(domain.KindUnavailable, "the browser could not open it: %s", went.ErrorText)
	}
	t.main(went.FrameID)
	var last seen
	var since time.Time // when it was first seen to be as it is
	for until := time.Now().Add(b.Patience); ; {
		status, header := t.answer()
		now, err := t.look(went.FrameID, b.MaxPage)
		if err != nil {
			return Page{}, err
		}
		if now.URL != "" && !strings.HasPrefix(now.URL, "http") {
			return Page{}, domain.Errorf(domain.KindUnavailable, "the page leads to where the browser could not follow")
		}
		if why := t.cutOff(); why != "" {
			return Page{}, domain.Errorf(domain.KindUnavailable, "the page broke off (%s)", why).Seen(domain.SawCutOff)
		}
		if now.HTML != last.HTML || since.IsZero() {
			since = time.Now()
		}
		last = now
		stands := time.Since(since)
		there := status >= 400 || stands >= b.Still && (!t.busy() || stands >= 3*b.Still) && enough([]byte(now.HTML))
		done := stands >= standsForGood && !t.busy()
		if there || done || time.Now().After(until) {
			return Page{URL: now.URL, Status: status, Header: header, HTML: []byte(now.HTML)}, nil
		}
		select {
		case <-t.ctx.Done():
			return Page{}, broken(context.Cause(t.ctx))
		case <-time.After(lookEvery):
		}
	}
}

func broken(err error) error {
	return domain.Wrap(domain.KindUnavailable, err, "the browser failed")
}

// seen is what a page shows at one moment.
type seen struct{ URL, HTML string }

// script is run in a world of its own, where the page cannot have changed what the
// words mean.
const script = `(() => {
	const root = document.documentElement, html = root ? "<!DOCTYPE html>\n" + root.outerHTML : "";
	return JSON.stringify({URL: location.href, HTML: html.length > %d ? null : html.toWellFormed()});
})()`

// look gives what the page shows now.
func (t *tab) look(frame cdp.FrameID, most int) (seen, error) {
	world, err := chromedp.Call(t.ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: "ratecard"})
	if err != nil {
		return seen{}, broken(err)
	}
	said, err := chromedp.Call(t.ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: fmt.Sprintf(script, most), ContextID: world.ExecutionContextID, ReturnByValue: new(true),
	})
	if err != nil {
		if strings.Contains(err.Error(), "context") && t.ctx.Err() == nil {
			return seen{}, nil // it went to another page in between: the next look is at that
		}
		return seen{}, broken(err)
	}
	var text string
	var now struct {
		URL  string  `json:"URL"`
		HTML *string `json:"HTML"`
	}
	if said.Result == nil || json.Unmarshal(said.Result.Value, &text) != nil || json.Unmarshal([]byte(text), &now) != nil {
		return seen{}, domain.Errorf(domain.KindUnavailable, "the browser did not say what the page shows")
	}
	if now.HTML == nil {
		return seen{}, domain.Errorf(domain.KindTooLarge, "the page has over %d characters when it is rendered", most)
	}
	return seen{now.URL, *now.HTML}, nil
}

// prepare has everything about the tab refused that no price stands in.
func (t *tab) prepare() error {
	if err := chromedp.Listen(t.ctx, t.hear); err != nil {
		return err
	}
	deny := browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorDeny, BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID}
	if _, err := chromedp.CallBrowser(t.ctx, browser.SetDownloadBehavior, deny); err != nil {
		return err
	}
	refused := []*fetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeOther}} // a site's icon is one
	for _, kind := range []network.ResourceType{network.ResourceTypeImage, network.ResourceTypeFont, network.ResourceTypeMedia, network.ResourceTypePing} {
		refused = append(refused, &fetch.RequestPattern{URLPattern: "*", ResourceType: kind})
	}
	_, err := chromedp.Call(t.ctx, fetch.Enable, fetch.EnableParams{Patterns: refused})
	return err
}
