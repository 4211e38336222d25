package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/domain/guard"
	"ratecard/ports"
)

// pageRead is a believable reading with what it was read from.
type pageRead struct {
	domain.Reading
	read domain.SourceRead
}

// price reads the provider's prices from the first of its sources that can be
// read and covers what it last stated. Where none can, the step fails and the
// last good prices stay in force; what auto makes out on their pages may still
// confirm them. Nil: there is nothing to join.
func (s *Sync) price(ctx context.Context, run *domain.Run, provider domain.Provider, sites *visit) *pageRead {
	var won *pageRead
	s.step(ctx, run, domain.StepPricing, func() (string, error) {
		config, err := s.Configs.Active(ctx, provider.ID)
		if err != nil {
			return "", err
		}
		var failures []string
		var unread []unreadPage
		var wait time.Duration // for which an API that states prices wants to be left alone
		for _, source := range config.Scraping.Sources {
			if ctx.Err() != nil {
				failures = append(failures, source.Name+": not asked any more")
				continue
			}
			if away, refused := sites.refusedBy(source.URL); refused {
				failures, wait = append(failures, source.Name+": not asked, since "+host(source.URL)+" does not serve us"), max(wait, away)
				continue
			}
			read := domain.SourceRead{Source: source.Name, ConfigVersion: config.Version, At: s.now()}
			reading, page, err := s.readSource(ctx, sites, provider.ID, source, &read)
			if domain.KindOf(err) == domain.KindNoKey { // nobody asked it, so it did not fail
				failures = append(failures, source.Name+": "+err.Error())
				continue
			}
			if read.Good = err == nil; !read.Good {
				read.Error, read.Failure, read.Seen = err.Error(), failure(err), domain.SeenIn(err)
				failures, wait = append(failures, source.Name+": "+read.Error), max(wait, asksToWait(err))
				unread = append(unread, unreadPage{source, read, page})
			}
			run.Reads = append(run.Reads, read)
			if read.Good {
				won = &pageRead{reading, read}
				return fmt.Sprintf("%d prices read from %s%s", len(reading.Quotes), source.Name, asShown(reading)), nil
			}
		}
		guessed, told := s.guess(ctx, run, provider.ID, unread)
		won = guessed
		none := domain.Errorf(domain.KindUnread, "no source could be read: %s%s", strings.Join(failures, "; "), told)
		none.RetryAfter = wait
		return "", none
	})
	return won
}

// readSource fetches a source's page, keeps it as it came, and reads it, through a
// browser where it cannot be read otherwise. It gives the page too, if one came.
func (s *Sync) readSource(ctx context.Context, sites *visit, provider domain.ProviderID, source domain.Source, read *domain.SourceRead) (domain.Reading, []byte, error) {
	judge := func(body []byte) (domain.Reading, error) { return s.believable(ctx, provider, source, body, read) }
	keep := func(fetched ports.Fetched) error { return s.keepPage(ctx, provider, source, fetched, read) }
	reading, page, err := Read(ctx, sites, source, judge, keep)
	if reading.Strategy != "" {
		read.Strategy = reading.Strategy
	}
	return reading, page.Body, err
}

// keepPage stores a page as it came.
func (s *Sync) keepPage(ctx context.Context, provider domain.ProviderID, source domain.Source, fetched ports.Fetched, read *domain.SourceRead) (err error) {
	read.At = domain.Instant(fetched.At)
	read.PageID, err = s.Pages.Put(ctx, domain.Page{
		Provider: provider, Source: source.Name, URL: fetched.URL, FetchedAt: read.At,
		ContentType: fetched.ContentType, ETag: fetched.ETag, LastModified: fetched.LastModified, Body: fetched.Body,
	})
	return err
}

// believable reads a page, and refuses a reading that covers too little of what
// its source last stated; auto's, too little of what the page last stated as it
// should be read.
func (s *Sync) believable(ctx context.Context, provider domain.ProviderID, source domain.Source, body []byte, read *domain.SourceRead) (domain.Reading, error) {
	reading, err := s.Reader.Read(body, source)
	if err != nil {
		return domain.Reading{}, err
	}
	read.Strategy, read.Quotes = reading.Strategy, len(reading.Quotes)
	last, err := s.Ledger.Stated(ctx, provider, pageName(source.Name))
	if err != nil {
		return domain.Reading{}, err
	}
	settings, err := s.Settings.Settings(ctx)
	if err != nil {
		return domain.Reading{}, err
	}
	return reading, guard.Coverage(last, reading.Quotes, settings.Guard)
}

// failure tells a site that refuses us apart from a page that says nothing.
func failure(err error) domain.EventKind {
	if kind := domain.KindOf(err); kind == domain.KindBlocked || kind == domain.KindDisallowed {
		return domain.EventPageBlocked
	}
	return domain.EventPageUnread
}
