package api

import (
	"context"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// ListUnmatched answers GET /api/admin/unmatched.
func (h *handler) ListUnmatched(ctx context.Context, params oas.ListUnmatchedParams) (*oas.UnmatchedPage, error) {
	query := app.UnmatchedQuery{
		Providers: as[domain.ProviderID](params.Provider), Kind: string(params.Kind.Value), Limit: params.Limit.Value,
	}
	if query.Providers == nil {
		described, err := h.cfg.Providers.All(ctx)
		if err != nil {
			return nil, err
		}
		query.Providers = idsOf(described)
	}
	after, err := decodeCursor(params.Cursor)
	if err != nil {
		return nil, err
	}
	if after != nil {
		key, known := app.ParseUnmatchedKey(after.Provider, after.ID)
		if !known {
			return nil, invalid(wrong("cursor", "is of another list; pass on nextCursor as it was answered, or leave it out to start again"))
		}
		query.After = &key
	}
	page, err := app.ListUnmatched(ctx, h.cfg.Matching, query)
	if err != nil {
		return nil, err
	}
	return encodeUnmatched(page), nil
}

func encodeUnmatched(page app.UnmatchedPage) *oas.UnmatchedPage {
	out := &oas.UnmatchedPage{NextCursor: oas.NilString{Null: true}, Total: page.Total}
	out.Items = encodeAll(page.Items, func(u app.Unmatched) oas.Unmatched {
		return oas.Unmatched{
			Provider: string(u.Provider), Kind: oas.UnmatchedKind(u.Kind), Text: u.Text, Reason: oas.MatchRefusal(u.Reason),
			Candidates: encodeAll(u.Candidates, func(c app.UnmatchedCandidate) oas.MatchCandidate {
				return oas.MatchCandidate{Text: c.Text, Reason: oas.MatchRefusal(c.Reason)}
			}),
		}
	})
	if page.More && len(page.Items) > 0 {
		last := page.Items[len(page.Items)-1]
		out.NextCursor = oas.NewNilString(encodeCursor(domain.ModelKey{Provider: last.Provider, ID: last.String()}))
	}
	return out
}
