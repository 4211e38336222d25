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
	s.step(run, domain.StepDiscovery, func() (string, error) {
		got, err := s.Lister.List(ctx, provider)
		if err != nil {
			return "", err
		}
		listing, run.Counts.ModelsDiscovered = &got, len(got.Models)
		if !got.Complete {
			return "", domain.Errorf(domain.KindUpstream, "the list of models broke off after %d models", len(got.Models))
		}
		return fmt.Sprintf("%d models listed", len(got.Models)), nil
	})
	return listing
}
