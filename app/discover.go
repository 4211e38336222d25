package app

import (
	"context"
	"fmt"

	"ratecard/domain"
	"ratecard/domain/ledger"
)

// discovered is what is known of a provider's models before its prices are read.
type discovered struct {
	listing *domain.Listing // nil: there is no list to go by
	keyless bool            // the list was not asked for, for want of a key: pages stand in for it
	pages   ledger.Overview
	blocked []domain.SourceRead // pages about models that we are not served
}

// discover asks the provider for its models, and reads the pages about them. The
// step says why there is no list to go by.
func (s *Sync) discover(ctx context.Context, run *domain.Run, provider domain.Provider, sites *visit) discovered {
	var found discovered
	s.step(ctx, run, domain.StepDiscovery, func() (string, error) {
		got, err := s.Lister.List(ctx, provider)
		found.keyless = domain.KindOf(err) == domain.KindNoKey
		var told string
		found.pages, found.blocked, told = s.overview(ctx, provider, sites)
		if err != nil {
			if found.keyless {
				return "", domain.Errorf(domain.KindNoKey, "%s; pages add and update models%s", err, told)
			}
			return "", err
		}
		found.listing, run.Counts.ModelsDiscovered = &got, len(got.Models)
		if !got.Complete {
			return "", brokeOff(got)
		}
		return fmt.Sprintf("%d models listed%s", len(got.Models), told), nil
	})
	return found
}

// brokeOff says why a list is not complete, and how long its provider wants to
// be left alone.
func brokeOff(l domain.Listing) error {
	why := domain.Wrap(domain.KindUpstream, l.Failure, "the list of models broke off after %d models", len(l.Models))
	why.RetryAfter = asksToWait(l.Failure)
	return why
}
