package app

import (
	"context"
	"fmt"

	"ratecard/domain"
)

// discover asks the provider for its models. Nil: there is no list to go by,
// and the step says why.
func (s *Sync) discover(ctx context.Context, run *domain.Run, provider domain.Provider) *domain.Listing {
	var listing *domain.Listing
	s.step(ctx, run, domain.StepDiscovery, func() (string, error) {
		got, err := s.Lister.List(ctx, provider)
		if err != nil {
			return "", err
		}
		listing, run.Counts.ModelsDiscovered = &got, len(got.Models)
		if !got.Complete {
			return "", brokeOff(got)
		}
		return fmt.Sprintf("%d models listed", len(got.Models)), nil
	})
	return listing
}

// brokeOff says why a list is not complete, and how long its provider wants to
// be left alone.
func brokeOff(l domain.Listing) error {
	why := domain.Wrap(domain.KindUpstream, l.Failure, "the list of models broke off after %d models", len(l.Models))
	why.RetryAfter = asksToWait(l.Failure)
	return why
}
