package api

import (
	"context"
	"encoding/json"
	"strconv"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// ListAudit answers GET /api/admin/audit.
func (h *handler) ListAudit(ctx context.Context, params oas.ListAuditParams) (*oas.AuditPage, error) {
	var before int64
	if text, given := params.Cursor.Get(); given {
		var err error
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return nil, notOurs()
		}
	}
	limit := params.Limit.Value
	entries, err := h.cfg.Audit.Audit(ctx, before, limit+1) // one more, to know whether there are more
	if err != nil {
		return nil, err
	}
	page := &oas.AuditPage{NextCursor: oas.NilString{Null: true}}
	if len(entries) > limit {
		entries = entries[:limit]
		page.NextCursor = oas.NewNilString(strconv.FormatInt(entries[limit-1].ID, 10))
	}
	page.Items, err = encodeEach(entries, encodeAuditEntry)
	return page, err
}

func encodeAuditEntry(e domain.AuditEntry) (oas.AuditEntry, error) {
	changes, err := encodeEach(e.Changes, encodeAuditChange)
	return oas.AuditEntry{
		ID: e.ID, At: e.At.UTC(), By: e.By, Address: e.Address, Action: e.Action, RequestID: e.Request,
		Total: e.Total, Changes: changes,
	}, err
}

func encodeAuditChange(c domain.AuditChange) (oas.AuditChange, error) {
	before, err := json.Marshal(c.Before)
	if err != nil {
		return oas.AuditChange{}, err
	}
	after, err := json.Marshal(c.After)
	return oas.AuditChange{
		Event: string(c.Event), Provider: textOrNull(c.Provider), Model: textOrNull(c.Model), Before: before, After: after,
	}, err
}
