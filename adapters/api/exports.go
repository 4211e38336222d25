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
	"ratecard/domain/trend"
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
	if at.Set || known.Set { // what is believed now is made once for all who ask
		done, err := h.pastExport(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	all, err := h.exported(ctx, format, when)
	if err != nil {
		return nil, err
	}
	return h.cfg.Exporter.Export(format, ports.Export{At: when.At, Models: all})
}

// pastExports is how many exports of the past are made at once: each reads the whole
// catalogue of an instant, and holds it.
const pastExports = 2

// pastExport waits for its turn.
func (h *handler) pastExport(ctx context.Context) (done func(), err error) {
	select {
	case h.exporting <- struct{}{}:
		return func() { <-h.exporting }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
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

// histories gives every model with the rates that began by an instant: of those, what
// formats that tell the past have words for. All parts are read as of one instant of
// knowledge, so that they are of one catalogue.
func (h *handler) histories(ctx context.Context, when domain.AsOf) ([]ports.ModelView, error) {
	now := domain.Instant(h.cfg.Now())
	if when.KnownAt.IsZero() {
		when.KnownAt = now
	}
	page, err := h.everyModel(ctx, domain.AsOf{At: now, KnownAt: when.KnownAt})
	if err != nil {
		return nil, err
	}
	rates := map[domain.ModelKey][]domain.RateView{}
	for _, layer := range domain.Layers() {
		lines, err := h.cfg.Timelines.Timelines(ctx, ports.TimelineQuery{
			Tiers: []domain.Tier{domain.TierStandard}, Regions: []domain.Region{domain.RegionGlobal}, MinPromptTokens: new(int64),
			Meters: []domain.Meter{domain.MeterInput, domain.MeterOutput, domain.MeterCacheRead}, Layer: layer,
			Range: domain.Span{From: time.Unix(0, 0).UTC(), To: when.At.Add(time.Microsecond)}, KnownAt: when.KnownAt, Most: math.MaxInt32,
		})
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			rates[line.Model] = append(rates[line.Model], ratesOf(line)...)
		}
	}
	for i := range page.Models {
		page.Models[i].Rates = rates[page.Models[i].ModelKey]
	}
	return page.Models, nil
}

// ratesOf are the rates that a timeline is made of.
func ratesOf(line trend.Timeline) []domain.RateView {
	all := make([]domain.RateView, len(line.Periods))
	for i, p := range line.Periods {
		all[i].RateKey, all[i].Effective = line.RateKey, p.Span
		all[i].Price = domain.Price{Amount: p.Amount, Unit: line.Unit, Currency: domain.CurrencyUSD}
	}
	return all
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
