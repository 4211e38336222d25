package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"path"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
	"ratecard/ports"
)

// exportsPath is below what the exports stand.
const exportsPath = "/export/"

// export writes what is believed in a format, at the instants that are asked for.
func (h *handler) export(ctx context.Context, format domain.ExportFormat, at, known oas.OptString) ([]byte, error) {
	when, err := h.asOf(ctx, at, known)
	if err != nil {
		return nil, err
	}
	all, err := h.exported(ctx, format, when)
	if err != nil {
		return nil, err
	}
	return h.cfg.Exporter.Export(format, ports.Export{At: when.At, Models: all})
}

func (h *handler) exported(ctx context.Context, format domain.ExportFormat, when domain.AsOf) ([]ports.ModelView, error) {
	if format.TellsThePast() {
		return h.histories(ctx, when)
	}
	page, err := h.everyModel(ctx, when)
	return page.Models, err
}

func (h *handler) everyModel(ctx context.Context, when domain.AsOf) (ports.ModelPage, error) {
	return h.cfg.Catalogue.Models(ctx, ports.ModelQuery{
		AsOf: when, Limit: math.MaxInt32,
		Usabilities: []domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated},
	})
}

// historiesTries is how often what is read in two parts is read again because it
// changed in between.
const historiesTries = 3

// histories gives every model with all rates that began by an instant.
func (h *handler) histories(ctx context.Context, when domain.AsOf) ([]ports.ModelView, error) {
	for range historiesTries {
		models, same, err := h.historiesOnce(ctx, when)
		if err != nil || same {
			return models, err
		}
	}
	return nil, &domain.Error{Kind: domain.KindUnavailable, RetryAfter: comeBack, Message: "the catalogue is changing; ask again"}
}

// historiesOnce reads which models there are, and then what they cost: false where the
// catalogue was another by then.
func (h *handler) historiesOnce(ctx context.Context, when domain.AsOf) ([]ports.ModelView, bool, error) {
	seen := domain.AsOf{At: domain.Instant(h.cfg.Now()), KnownAt: when.KnownAt}
	page, err := h.everyModel(ctx, seen)
	if err != nil || len(page.Models) == 0 {
		return nil, true, err
	}
	query := ports.TariffQuery{Range: domain.Span{From: time.Unix(0, 0).UTC(), To: when.At.Add(time.Microsecond)}, KnownAt: when.KnownAt}
	for i := range page.Models {
		query.Refs = append(query.Refs, page.Models[i].ID)
	}
	tariffs, err := h.cfg.Tariff.Tariffs(ctx, query)
	if err != nil || when.KnownAt.IsZero() && tariffs.Version != page.Version {
		return nil, false, err
	}
	rates := make(map[domain.ModelKey][]domain.RateView, len(tariffs.Models))
	for i := range tariffs.Models {
		rates[tariffs.Models[i].ModelKey] = tariffs.Models[i].Rates
	}
	for i := range page.Models {
		page.Models[i].Rates = rates[page.Models[i].ModelKey]
	}
	return page.Models, true, nil
}

// exportFile is an export that no operation's type describes.
func (h *handler) exportFile(ctx context.Context, format domain.ExportFormat, at, known oas.OptString) (io.Reader, error) {
	text, err := h.export(ctx, format, at, known)
	return bytes.NewReader(text), err
}

// hash is a line of those that sha256sum -c reads.
func (h *handler) hash(ctx context.Context, format domain.ExportFormat, at, known oas.OptString) (oas.Hash, error) {
	text, err := h.export(ctx, format, at, known)
	if err != nil {
		return oas.Hash{}, err
	}
	line := fmt.Sprintf("%x  %s\n", sha256.Sum256(text), path.Base(string(format)))
	return oas.Hash{Data: bytes.NewReader([]byte(line))}, nil
}
