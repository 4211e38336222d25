package api

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/go-faster/jx"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// GetScrapingSchema answers GET /api/admin/scraping-configs/schema.
func (h *handler) GetScrapingSchema(context.Context) (oas.AnyJSON, error) {
	return oas.AnyJSON(h.cfg.ScrapingSchema), nil
}

// GetScrapingConfig answers GET /api/admin/scraping-configs/{provider}.
func (h *handler) GetScrapingConfig(ctx context.Context, params oas.GetScrapingConfigParams) (*oas.ScrapingConfig, error) {
	c, err := h.cfg.Configure.Active(ctx, domain.ProviderID(params.Provider))
	if err != nil {
		return nil, err
	}
	version, err := encodeScrapingVersion(c.ScrapingVersion)
	if err != nil {
		return nil, err
	}
	standard, err := encodeJSON(c.Default)
	if err != nil {
		return nil, err
	}
	return &oas.ScrapingConfig{
		Provider: version.Provider, Version: version.Version, Author: version.Author, At: version.At,
		Restores: version.Restores, Config: version.Config, Default: standard,
		Differences: encodeAll(c.Differences, func(d app.ConfigDifference) oas.ConfigDifference {
			return oas.ConfigDifference{Path: d.Path, Active: rawOrNull(d.Active), Default: rawOrNull(d.Default)}
		}),
	}, nil
}

// PutScrapingConfig answers PUT /api/admin/scraping-configs/{provider}.
func (h *handler) PutScrapingConfig(ctx context.Context, req *oas.NewScrapingConfig, params oas.PutScrapingConfigParams) (*oas.SavedScrapingConfig, error) {
	saved, err := h.cfg.Configure.Put(ctx, app.NewConfiguration{
		Provider: domain.ProviderID(params.Provider), Config: req.Config, Seen: req.Version, By: trace(ctx).by(),
	})
	if err != nil {
		return nil, inConfig(err)
	}
	return encodeSaved(saved)
}

// ListScrapingVersions answers GET /api/admin/scraping-configs/{provider}/versions.
func (h *handler) ListScrapingVersions(ctx context.Context, params oas.ListScrapingVersionsParams) (*oas.ScrapingVersionList, error) {
	provider := domain.ProviderID(params.Provider)
	all, err := h.cfg.Configure.Configs.Versions(ctx, provider)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, domain.Errorf(domain.KindNotFound, "provider %q has no scraping configuration", provider)
	}
	items, err := encodeEach(all, encodeScrapingVersion)
	if err != nil {
		return nil, err
	}
	return &oas.ScrapingVersionList{Items: items, Total: len(items)}, nil
}

// GetScrapingVersion answers GET /api/admin/scraping-configs/{provider}/versions/{version}.
func (h *handler) GetScrapingVersion(ctx context.Context, params oas.GetScrapingVersionParams) (*oas.ScrapingVersion, error) {
	v, err := h.cfg.Configure.Configs.Version(ctx, domain.ProviderID(params.Provider), params.Version)
	if err != nil {
		return nil, err
	}
	return answered(v)
}

// RollBackScrapingConfig answers POST /api/admin/scraping-configs/{provider}/rollback.
func (h *handler) RollBackScrapingConfig(ctx context.Context, req *oas.ScrapingRollback, params oas.RollBackScrapingConfigParams) (*oas.SavedScrapingConfig, error) {
	saved, err := h.cfg.Configure.RollBack(ctx, domain.ProviderID(params.Provider), req.To, req.Version, trace(ctx).by())
	if err != nil {
		return nil, err
	}
	return encodeSaved(saved)
}

// TryScrapingConfig answers POST /api/admin/scraping-configs/{provider}/try.
func (h *handler) TryScrapingConfig(ctx context.Context, req oas.OptScrapingTry, params oas.TryScrapingConfigParams) (*oas.Tried, error) {
	config := req.Value.Config
	if string(config) == "null" {
		config = nil
	}
	tried, err := h.cfg.Configure.Try(ctx, app.TryConfiguration{
		Provider: domain.ProviderID(params.Provider), Config: config, PageID: req.Value.PageID.Value, Source: req.Value.Source.Value,
	})
	if err != nil {
		return nil, inConfig(err)
	}
	return encodeTried(tried), nil
}

func inConfig(err error) error { return sentIn("config", err) }

// sentIn names the fields of what came in a field of a body by their path in the
// body.
func sentIn(field string, err error) error {
	var e *domain.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	moved := *e
	moved.Fields = make([]domain.FieldError, len(e.Fields))
	for i, f := range e.Fields {
		path := field + "." + f.Path
		if f.Path == "$" || f.Path == "" {
			path = field
		}
		moved.Fields[i] = domain.FieldError{Path: path, Message: f.Message}
	}
	return &moved
}

func answered(v domain.ScrapingVersion) (*oas.ScrapingVersion, error) {
	out, err := encodeScrapingVersion(v)
	return &out, err
}

func encodeSaved(s app.SavedConfiguration) (*oas.SavedScrapingConfig, error) {
	v, err := encodeScrapingVersion(s.ScrapingVersion)
	return &oas.SavedScrapingConfig{
		Provider: v.Provider, Version: v.Version, Author: v.Author, At: v.At, Restores: v.Restores, Config: v.Config,
		Misfits: encodeAll(s.Misfits, encodeFieldProblem),
	}, err
}

func encodeFieldProblem(f domain.FieldError) oas.FieldProblem {
	return oas.FieldProblem{Path: f.Path, Message: f.Message}
}

func encodeScrapingVersion(v domain.ScrapingVersion) (oas.ScrapingVersion, error) {
	config, err := encodeJSON(v.Scraping)
	restores := oas.NewNilInt(v.Restores)
	restores.Null = v.Restores == 0
	return oas.ScrapingVersion{
		Provider: string(v.Provider), Version: v.Version, Author: v.Author, At: v.At.UTC(), Restores: restores, Config: config,
	}, err
}

func encodeTried(t app.Tried) *oas.Tried {
	version := oas.NewNilInt(t.Version)
	version.Null = t.Version == 0
	return &oas.Tried{
		Provider: string(t.Provider), Version: version,
		Sources: encodeAll(t.Sources, encodeTriedSource),
		Rates:   encodeAll(t.Rates, encodeTriedRate),
		Missing: encodeAll(t.Missing, func(r domain.Rate) oas.MissingRate {
			return oas.MissingRate{
				ModelID: r.Model.ID, Tier: string(r.Tier), Meter: string(r.Meter), Region: string(r.Region),
				MinPromptTokens: r.MinPromptTokens, Amount: amount(r.Amount), Unit: r.Unit,
			}
		}),
	}
}

func encodeTriedSource(s app.TriedSource) oas.TriedSource {
	return oas.TriedSource{
		Source: s.Source, URL: s.URL, PageID: intOrNull(s.PageID), At: s.At.UTC(), Error: textOrNull(s.Error), Seen: textOrNull(string(s.Seen)),
		Warnings: append([]string{}, s.Warnings...), Misfits: encodeAll(s.Misfits, encodeFieldProblem),
		Findings: encodeAll(s.Findings, func(f domain.Finding) oas.Finding {
			return oas.Finding{
				Reader: f.Reader, Looked: f.Looked, Quotes: f.Quotes, Warnings: append([]string{}, f.Warnings...),
				Tables: encodeAll(f.Tables, encodeTableFinding), Places: encodeAll(f.Places, encodePlaceFinding),
			}
		}),
	}
}

func encodeTableFinding(t domain.TableFinding) oas.TableFinding {
	return oas.TableFinding{
		Heading: t.Heading, Rows: t.Rows, Matched: t.Matched, Quotes: t.Quotes, Skipped: textOrNull(t.Skipped),
		Columns: encodeAll(t.Columns, func(c domain.ColumnFinding) oas.ColumnFinding {
			return oas.ColumnFinding{Header: c.Header, Means: textOrNull(c.Means)}
		}),
	}
}

func encodePlaceFinding(p domain.PlaceFinding) oas.PlaceFinding {
	return oas.PlaceFinding{Place: p.Place, Names: append([]string{}, p.Names...), Quotes: p.Quotes, Skipped: textOrNull(p.Skipped)}
}

func encodeTriedRate(r app.TriedRate) oas.TriedRate {
	out := oas.TriedRate{
		Name: r.Name, ModelID: textOrNull(r.Model), Tier: string(r.Tier), Meter: string(r.Meter), Region: string(r.Region),
		MinPromptTokens: r.MinPromptTokens, Amount: amount(r.Amount), Unit: r.Meter.Unit(),
		From: dateOrNull(r.From), Until: dateOrNull(r.Until), Change: oas.TriedRateChange(r.Change),
		InForce: oas.NilString{Null: true}, Path: r.Place.Path, Cell: r.Place.Cell,
	}
	if r.InForce != nil {
		out.InForce = oas.NewNilString(amount(*r.InForce))
	}
	return out
}

func encodeJSON(v any) (oas.AnyJSON, error) {
	text, err := json.Marshal(v)
	return oas.AnyJSON(jx.Raw(text)), err
}

// rawOrNull is null for what is not there.
func rawOrNull(text json.RawMessage) oas.AnyJSON {
	if text == nil {
		return oas.AnyJSON("null")
	}
	return oas.AnyJSON(text)
}
