package api

import (
	"bytes"
	"context"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// GetEvidence answers GET /api/evidence/{id}.
func (h *handler) GetEvidence(ctx context.Context, params oas.GetEvidenceParams) (*oas.Evidence, error) {
	evidence, err := h.cfg.Catalogue.Evidence(ctx, params.ID)
	if err != nil {
		return nil, err
	}
	return encodeEvidence(evidence), nil
}

// GetEvidencePage answers GET /api/evidence/{id}/page: bytes from elsewhere, as
// plain text that nothing may run (see setHeaders).
func (h *handler) GetEvidencePage(ctx context.Context, params oas.GetEvidencePageParams) (oas.GetEvidencePageOK, error) {
	evidence, err := h.cfg.Catalogue.Evidence(ctx, params.ID)
	if err != nil {
		return oas.GetEvidencePageOK{}, err
	}
	if evidence.Page.ID == 0 {
		return oas.GetEvidencePageOK{}, domain.Errorf(domain.KindNotFound, "no page of evidence %d is kept", params.ID)
	}
	return oas.GetEvidencePageOK{Data: bytes.NewReader(evidence.Page.Body)}, nil
}

// ListEvents answers GET /api/events.
func (h *handler) ListEvents(ctx context.Context, params oas.ListEventsParams) (*oas.EventPage, error) {
	events, err := h.cfg.Catalogue.Events(ctx, params.After.Value, params.Limit.Value)
	if err != nil {
		return nil, err
	}
	return encodeEventPage(events, params.After.Value)
}
