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
	out := encodeEvidence(evidence)
	out.Around = h.around(ctx, evidence)
	return out, nil
}

// around looks the place up in the stored page. A page that says it no longer is
// no reason to hold back the rest.
func (h *handler) around(ctx context.Context, e domain.Evidence) oas.NilSurroundings {
	if e.Page.ID == 0 {
		return oas.NilSurroundings{Null: true}
	}
	found, err := h.cfg.Locator.Around(e.Page.Body, e.Quote.Place)
	if err != nil {
		h.cfg.Log.WarnContext(ctx, "a place is not found in its page", "page", e.Page.ID, "error", err)
		return oas.NilSurroundings{Null: true}
	}
	return encodeSurroundings(found)
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
