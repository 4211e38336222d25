package app

import (
	"context"
	"fmt"

	"ratecard/domain"
	"ratecard/domain/classify"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// overview reads the provider's pages about models. A page that cannot be read
// keeps no other and no step from being done; the text that comes back says so. One
// that we are not served is told of besides, and its host left alone.
func (s *Sync) overview(ctx context.Context, provider domain.Provider, sites *visit) (overview ledger.Overview, blocked []domain.SourceRead, told string) {
	for _, page := range provider.ModelPages {
		if _, refused := sites.refusedBy(page.URL); refused {
			overview.Unread = true
			told += fmt.Sprintf("; %s was not asked for, since %s does not serve us", page.Name, host(page.URL))
			continue
		}
		facts, err := s.readModels(ctx, sites, provider.ID, page)
		if _, refused := sites.refusedBy(page.URL); refused {
			blocked = append(blocked, domain.SourceRead{Source: page.Name, At: s.now(), Error: err.Error(), Failure: failure(err), Seen: domain.SeenIn(err)})
		}
		if err != nil {
			overview.Unread = true
			told += fmt.Sprintf("; %s could not be read: %s", page.Name, err)
			continue
		}
		told += fmt.Sprintf("; %d models on %s", len(facts), page.Name)
		for _, f := range facts {
			f.Source = page.Name
			f.Leaving = classify.Usability(domain.Model{}, f.Remarks) == domain.UsabilityDeprecated
			overview.Add(f)
		}
	}
	return overview, blocked, told
}

// readModels fetches a page about models, keeps it as it came, and reads it.
func (s *Sync) readModels(ctx context.Context, sites *visit, provider domain.ProviderID, page domain.ModelPage) ([]domain.ModelFacts, error) {
	fetched, err := sites.Fetch(ctx, ports.FetchRequest{URL: page.URL, Page: true})
	if err != nil {
		return nil, err
	}
	_, err = s.Pages.Put(ctx, domain.Page{
		Provider: provider, Source: page.Name, URL: fetched.URL, FetchedAt: domain.Instant(fetched.At),
		ContentType: fetched.ContentType, ETag: fetched.ETag, LastModified: fetched.LastModified, Body: fetched.Body,
	})
	if err != nil {
		return nil, err
	}
	return s.Models.Models(fetched.Body)
}
