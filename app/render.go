package app

import (
	"bytes"
	"context"
	"mime"
	"strings"

	"ratecard/domain"
	"ratecard/ports"
)

// byBrowser stands before the readers in the strategy of a page that was rendered.
const byBrowser = "browser+"

// asShown says of a reading that its page was rendered.
func asShown(r domain.Reading) string {
	if strings.HasPrefix(r.Strategy, byBrowser) {
		return ", as a browser shows it"
	}
	return ""
}

// mayBuildItself reports whether a page that could not be read may yet be built by
// scripts: only such a page is worth a browser.
func mayBuildItself(source domain.Source, page ports.Fetched, err error) bool {
	if source.Rendering != "" || domain.KindOf(err) != domain.KindUnread {
		return false
	}
	media, _, _ := mime.ParseMediaType(page.ContentType) // "" where it says none
	if media != "" && media != "text/html" && media != "application/xhtml+xml" {
		return false
	}
	return bytes.Contains(bytes.ToLower(page.Body), []byte("<script"))
}

// Read fetches a source's page and reads it: as it is served and, where it cannot
// be read so and scripts may yet build it, once more through a browser. keep, where
// it is not nil, is given what came before that is read. What was fetched last is
// given even where it could not be read.
func Read(ctx context.Context, fetcher ports.Fetcher, source domain.Source, read func([]byte) (domain.Reading, error), keep func(ports.Fetched) error) (domain.Reading, ports.Fetched, error) {
	once := func(address string, rendering domain.Rendering) (domain.Reading, ports.Fetched, error) {
		enough := func(body []byte) bool {
			_, err := read(body)
			return err == nil
		}
		fetched, err := fetcher.Fetch(ctx, ports.FetchRequest{URL: address, Rendering: string(rendering), Page: true, Enough: enough})
		if err != nil {
			return domain.Reading{}, ports.Fetched{}, err
		}
		if keep != nil {
			if err := keep(fetched); err != nil {
				return domain.Reading{}, ports.Fetched{}, err
			}
		}
		reading, err := read(fetched.Body)
		if reading.Strategy != "" && rendering == domain.RenderBrowser {
			reading.Strategy = byBrowser + reading.Strategy
		}
		return reading, fetched, err
	}
	reading, served, err := once(source.URL, source.Rendering)
	if err == nil || !mayBuildItself(source, served, err) {
		return reading, served, err
	}
	reading, shown, again := once(served.URL, domain.RenderBrowser)
	if again == nil {
		return reading, shown, nil
	}
	failed := domain.Errorf(domain.KindUnread, "%s; rendered: %s", err, again).Seen(domain.SeenIn(again))
	switch {
	case domain.KindOf(again) == domain.KindBlocked:
		failed.Kind, failed.RetryAfter, shown = domain.KindBlocked, asksToWait(again), served
	case shown.Body == nil: // it was not rendered: what was served is all there is
		failed.Saw, shown = domain.SeenIn(err), served
	}
	return reading, shown, failed
}
