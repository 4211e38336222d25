package postgres

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"ratecard/domain"
	"ratecard/gen/db"
)

// sourced is a quote's key together with the source that states it: what a
// row of source_quotes stands for.
type sourced struct {
	source string
	domain.QuoteKey
}

// ruled is a modifier's key together with the source that states it.
type ruled struct {
	source string
	domain.ModifierKey
}

func modelVersion(r db.ModelVersionsAtRow) (domain.ModelVersion, error) {
	v := domain.ModelVersion{
		Model: domain.Model{
			ModelKey:        domain.ModelKey{Provider: word[domain.ProviderID](r.Provider), ID: r.ID},
			DisplayName:     r.DisplayName,
			OwnedBy:         word[string](r.OwnedBy),
			Created:         instantOf(r.Created),
			Source:          word[string](r.Source),
			Classification:  listOf[domain.Class](r.Classification),
			ContextWindow:   countOf(r.ContextWindow),
			MaxOutputTokens: countOf(r.MaxOutputTokens),
			Usability:       word[domain.Usability](r.Usability),
			Aliases:         listOf[string](r.Aliases),
			RetiresAt:       instantOf(r.RetiresAt),
			DeprecatedAt:    instantOf(r.DeprecatedAt),
			Remarks:         listOf[string](r.Remarks),
			StatedPricing:   word[domain.PricingStatus](r.StatedPricing),
			Raw:             r.Raw,
		},
		DiscoveredAt: instant(r.DiscoveredAt),
		Seen:         span(r.SeenFrom, r.SeenTo),
	}
	if string(r.Capabilities) == "[]" {
		return v, nil
	}
	if err := json.Unmarshal(r.Capabilities, &v.Capabilities); err != nil {
		return v, domain.Wrap(domain.KindInternal, err, "the stored capabilities of %s cannot be read", v.ModelKey)
	}
	return v, nil
}

// modelRow gives the row of a model that is seen from an instant on.
func modelRow(m domain.Model, number int64, seen domain.Span) (db.InsertModelVersionsParams, error) {
	var row db.InsertModelVersionsParams
	capabilities, err := capabilityList(m.Capabilities)
	if err != nil {
		return row, err
	}
	for _, t := range []*time.Time{m.Created, m.RetiresAt, m.DeprecatedAt} {
		if t != nil && (t.Year() < 1 || t.Year() > 9999) {
			return row, domain.Errorf(domain.KindInvalid, "%s has a date in the year %d: expected 1 to 9999", m.ModelKey, t.Year())
		}
	}
	raw := []byte(clean(string(m.Raw)))
	if len(raw) == 0 {
		raw = nil
	} else if !json.Valid(raw) {
		return row, domain.Errorf(domain.KindInvalid, "the list entry of %s is not JSON", m.ModelKey)
	}
	return db.InsertModelVersionsParams{
		Model:           number,
		Seen:            timeRange(seen),
		DisplayName:     clean(m.DisplayName),
		OwnedBy:         clean(m.OwnedBy),
		Created:         timestampOf(m.Created),
		Source:          clean(m.Source),
		Classification:  cleanAll(m.Classification),
		Capabilities:    capabilities,
		ContextWindow:   numberOf(m.ContextWindow),
		MaxOutputTokens: numberOf(m.MaxOutputTokens),
		Usability:       string(m.Usability),
		Aliases:         cleanAll(m.Aliases),
		RetiresAt:       timestampOf(m.RetiresAt),
		DeprecatedAt:    timestampOf(m.DeprecatedAt),
		Remarks:         cleanAll(m.Remarks),
		StatedPricing:   string(m.StatedPricing),
		Raw:             raw,
	}, nil
}

// capabilityList writes capabilities as the database keeps and compares them.
func capabilityList(capabilities []domain.Capability) ([]byte, error) {
	if len(capabilities) == 0 {
		return []byte("[]"), nil
	}
	kept := make([]domain.Capability, len(capabilities))
	for i, c := range capabilities {
		kept[i] = domain.Capability{Type: clean(c.Type), Supported: c.Supported}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return nil, domain.Wrap(domain.KindInternal, err, "capabilities cannot be written")
	}
	return text, nil
}

func rateKey(r db.RateKeysRow, provider domain.ProviderID) domain.RateKey {
	return domain.RateKey{
		Model:           domain.ModelKey{Provider: provider, ID: word[string](r.Model)},
		Layer:           word[domain.Layer](r.Layer),
		Tier:            word[domain.Tier](r.Tier),
		Meter:           word[domain.Meter](r.Meter),
		Region:          word[domain.Region](r.Region),
		MinPromptTokens: r.MinPromptTokens,
	}
}

func rateKeyRow(k domain.RateKey, number, model int64) db.InsertRateKeysParams {
	return db.InsertRateKeysParams{
		Number: number, Model: model, Layer: string(k.Layer), Tier: string(k.Tier),
		Meter: string(k.Meter), Region: string(k.Region), MinPromptTokens: k.MinPromptTokens,
	}
}

// rate gives a believed rate, whose key, quote and modifier are known by number.
func rate(r db.BelievedRatesRow, key domain.RateKey, quote sourced, modifier domain.ModifierKey) domain.Rate {
	return domain.Rate{
		ID:      r.ID,
		RateKey: key,
		Price: domain.Price{
			Amount: amount(r.Amount), Unit: word[string](r.Unit), Currency: word[string](r.Currency), Origin: word[domain.Origin](r.Origin),
		},
		Effective: span(r.EffectiveFrom, r.EffectiveTo),
		Known:     domain.Span{From: instant(r.KnownFrom)},
		Basis:     word[domain.Basis](r.Basis),
		NotBefore: instant(r.NotBefore),
		NotAfter:  instant(r.NotAfter),
		Source:    quote.source,
		Quote:     quote.QuoteKey,
		Evidence:  r.Statement.Int64,
		Modifier:  domain.Derived{ModifierKey: modifier, Evidence: r.Modifier.Int64},
	}
}

// arrivingRate gives a believed rate with its key, without the quote, which its
// arrival does not tell of.
func arrivingRate(r db.ArrivingRatesRow) domain.Rate {
	key := rateKey(db.RateKeysRow{
		Model: r.Model, Layer: r.Layer, Tier: r.Tier, Meter: r.Meter, Region: r.Region, MinPromptTokens: r.MinPromptTokens,
	}, domain.ProviderID(r.Provider))
	return rate(db.BelievedRatesRow{
		ID: r.ID, Key: r.Key, Amount: r.Amount, Unit: r.Unit, Currency: r.Currency, Origin: r.Origin, Basis: r.Basis,
		EffectiveFrom: r.EffectiveFrom, EffectiveTo: r.EffectiveTo, KnownFrom: r.KnownFrom,
		NotBefore: r.NotBefore, NotAfter: r.NotAfter, Quote: r.Quote, Statement: r.Statement, Modifier: r.Modifier,
	}, key, sourced{}, domain.ModifierKey{})
}

// rateRow gives the row of a rate that is believed from knownAt on.
func rateRow(r *domain.Rate, id, key, quote int64, rests proof, known time.Time) (db.InsertRatesParams, error) {
	amount, err := numeric("the amount of "+r.Model.String()+" "+string(r.Meter), r.Amount)
	if err != nil {
		return db.InsertRatesParams{}, err
	}
	return db.InsertRatesParams{
		ID:        id,
		Key:       key,
		Amount:    amount,
		Unit:      clean(r.Unit),
		Currency:  clean(r.Currency),
		Origin:    string(r.Origin),
		Basis:     string(r.Basis),
		Effective: timeRange(r.Effective),
		KnownFrom: timestamp(known),
		NotBefore: timestamp(r.NotBefore),
		NotAfter:  timestamp(r.NotAfter),
		Quote:     number(quote),
		Statement: number(rests.statement),
		Modifier:  number(rests.modifier),
	}, nil
}

// rateView gives a rate as it is answered, with what it rests on.
func rateView(r *db.RatesInForceRow, model domain.ModelKey, proofs proofsByNumber) domain.RateView {
	quote := proofs.quotes[r.Quote.Int64]
	if quote == nil { // it rests on none
		quote = &sourced{}
	}
	view := domain.RateView{
		Rate: domain.Rate{
			ID: r.ID,
			RateKey: domain.RateKey{
				Model: model, Layer: word[domain.Layer](r.Layer), Tier: word[domain.Tier](r.Tier), Meter: word[domain.Meter](r.Meter),
				Region: word[domain.Region](r.Region), MinPromptTokens: r.MinPromptTokens,
			},
			Price: domain.Price{
				Amount: amount(r.Amount), Unit: word[string](r.Unit), Currency: word[string](r.Currency), Origin: word[domain.Origin](r.Origin),
			},
			Effective: span(r.EffectiveFrom, r.EffectiveTo),
			Known:     span(r.KnownFrom, r.KnownTo),
			Basis:     word[domain.Basis](r.Basis),
			NotBefore: instant(r.NotBefore),
			NotAfter:  instant(r.NotAfter),
			Source:    quote.source,
			Quote:     quote.QuoteKey,
			Evidence:  r.Statement.Int64,
		},
		UnlistedSince: instant(r.UnlistedSince),
	}
	if r.Modifier.Valid {
		modifier := proofs.modifiers[r.Modifier.Int64]
		view.Modifier = domain.Derived{ModifierKey: modifier.Modifier.Key(), Evidence: r.Modifier.Int64}
		view.Derivation = &domain.Derivation{Printed: proofs.printed[r.Statement.Int64], Modifier: modifier}
	}
	return view
}

func quote(r db.QuotesRow) sourced {
	return sourced{
		source: word[string](r.Source),
		QuoteKey: domain.QuoteKey{
			Name: word[string](r.Name), Tier: word[domain.Tier](r.Tier), Meter: word[domain.Meter](r.Meter), Region: word[domain.Region](r.Region),
			Above: r.Above, MinPromptTokens: r.MinPromptTokens, From: date(r.FirstDay), Until: date(r.LastDay),
		},
	}
}

// statedQuote gives what a source last stated, without its place.
func statedQuote(r db.StatedQuotesRow) domain.Quote {
	q := r.SourceQuote
	return domain.Quote{Amount: amount(r.Amount), QuoteKey: domain.QuoteKey{
		Name: q.Name, Tier: domain.Tier(q.Tier), Meter: domain.Meter(q.Meter), Region: domain.Region(q.Region),
		Above: q.Above, MinPromptTokens: q.MinPromptTokens, From: date(q.FirstDay), Until: date(q.LastDay),
	}}
}

func quoteRow(q domain.QuoteKey, number, source int64) db.InsertQuotesParams {
	return db.InsertQuotesParams{
		Number: number, Source: source, Name: q.Name, Tier: string(q.Tier), Meter: string(q.Meter), Region: string(q.Region),
		Above: q.Above, MinPromptTokens: q.MinPromptTokens, FirstDay: day(q.From), LastDay: day(q.Until),
	}
}

// statement gives an open statement, whose quote is known by number.
func statement(r db.OpenStatementsRow, provider domain.ProviderID, quote sourced) domain.Statement {
	return domain.Statement{
		ID:       r.ID,
		Provider: provider,
		Source:   quote.source,
		Quote: domain.Quote{
			QuoteKey: quote.QuoteKey,
			Amount:   amount(r.Amount),
			Place:    domain.Place{Reader: r.Reader, Path: r.Path, Row: r.RowText, Header: r.Header, Cell: r.Cell},
		},
		PageID:        r.Page.Int64,
		ConfigVersion: int(r.ConfigVersion),
		Stated:        span(r.StatedFrom, r.StatedTo),
	}
}

// evidenceStatement gives any statement, together with what it names.
func evidenceStatement(r db.StatementRow) domain.Statement {
	return statement(
		db.OpenStatementsRow{
			ID: r.ID, Amount: r.Amount, StatedFrom: r.StatedFrom, StatedTo: r.StatedTo, Reader: r.Reader, Path: r.Path,
			RowText: r.RowText, Header: r.Header, Cell: r.Cell, Page: r.Page, ConfigVersion: r.ConfigVersion,
		},
		domain.ProviderID(r.Provider),
		quote(db.QuotesRow{
			Source: r.Source, Name: r.Name, Tier: r.Tier, Meter: r.Meter, Region: r.Region,
			Above: r.Above, MinPromptTokens: r.MinPromptTokens, FirstDay: r.FirstDay, LastDay: r.LastDay,
		}))
}

func statementRow(s domain.Statement, id, quote int64) (db.InsertStatementsParams, error) {
	amount, err := numeric("the amount stated for "+s.Quote.Name, s.Quote.Amount)
	if err != nil {
		return db.InsertStatementsParams{}, err
	}
	place := s.Quote.Place
	return db.InsertStatementsParams{
		ID: id, Quote: quote, Amount: amount, Stated: timeRange(s.Stated),
		Reader: clean(place.Reader), Path: clean(place.Path), RowText: clean(place.Row), Header: clean(place.Header), Cell: clean(place.Cell),
		Page: number(s.PageID), ConfigVersion: int32(s.ConfigVersion),
	}, nil
}

// modifierStatement gives what a source of a provider stated.
func modifierStatement(r db.ModifiersRow, provider domain.ProviderID) domain.ModifierStatement {
	return domain.ModifierStatement{
		ID: r.ID, Provider: provider, Source: r.Source,
		Modifier: domain.Modifier{
			Name: r.Name, What: r.What, Factor: amount(r.Factor), Text: r.Said,
			Place: domain.Place{Reader: r.Reader, Path: r.Path, Row: r.RowText, Header: r.Header, Cell: r.Cell},
		},
		PageID: r.Page.Int64, ConfigVersion: int(r.ConfigVersion), Stated: span(r.StatedFrom, r.StatedTo),
	}
}

// modifierEvidence gives the same with what is known of the page.
func modifierEvidence(r db.ModifiersByIDRow) domain.ModifierEvidence {
	e := domain.ModifierEvidence{ModifierStatement: modifierStatement(db.ModifiersRow{
		ID: r.ID, Source: r.Source, Name: r.Name, What: r.What, Factor: r.Factor, Said: r.Said,
		StatedFrom: r.StatedFrom, StatedTo: r.StatedTo, Reader: r.Reader, Path: r.Path, RowText: r.RowText,
		Header: r.Header, Cell: r.Cell, Page: r.Page, ConfigVersion: r.ConfigVersion,
	}, domain.ProviderID(r.Provider))}
	if r.Page.Valid {
		e.Page = domain.Page{
			ID: r.Page.Int64, Provider: e.Provider, Source: e.Source, URL: r.Url.String, FetchedAt: instant(r.FetchedAt),
			SHA256: hex.EncodeToString(r.Sha256), ContentType: r.ContentType.String,
		}
	}
	return e
}

func modifierRow(s domain.ModifierStatement, id, source int64) (db.InsertModifiersParams, error) {
	m := s.Modifier
	factor, err := numeric("the factor stated for "+m.What, m.Factor)
	if err != nil {
		return db.InsertModifiersParams{}, err
	}
	return db.InsertModifiersParams{
		ID: id, Source: source, Name: clean(m.Name), What: clean(m.What), Factor: factor, Said: clean(m.Text), Stated: timeRange(s.Stated),
		Reader: clean(m.Place.Reader), Path: clean(m.Place.Path), RowText: clean(m.Place.Row), Header: clean(m.Place.Header), Cell: clean(m.Place.Cell),
		Page: number(s.PageID), ConfigVersion: int32(s.ConfigVersion),
	}, nil
}

func event(r db.Event) domain.Event {
	return domain.Event{
		ID: r.ID, At: instant(r.At), Kind: domain.EventKind(r.Kind), Provider: domain.ProviderID(r.Provider),
		Model: r.Model, Payload: json.RawMessage(r.Payload),
	}
}

func eventsOf(rows []db.Event) []domain.Event {
	list := make([]domain.Event, len(rows))
	for i, r := range rows {
		list[i] = event(r)
	}
	return list
}

func eventRow(e domain.Event) (db.InsertEventsParams, error) {
	payload, err := json.Marshal(e.Payload)
	if err != nil {
		return db.InsertEventsParams{}, domain.Wrap(domain.KindInvalid, err, "the payload of an event %s cannot be written", e.Kind)
	}
	if e.Payload == nil {
		payload = []byte("{}")
	}
	return db.InsertEventsParams{
		At: timestamp(e.At), Kind: string(e.Kind), Provider: string(clean(e.Provider)), Model: clean(e.Model), Payload: payload,
	}, nil
}

func page(r db.PageRow, body []byte) domain.Page {
	return domain.Page{
		ID: r.ID, Provider: domain.ProviderID(r.Provider), Source: r.Source, URL: r.Url, FetchedAt: instant(r.FetchedAt),
		SHA256: hex.EncodeToString(r.Sha256), ContentType: r.ContentType, ETag: r.Etag, LastModified: r.LastModified, Body: body,
	}
}

func pageRow(p domain.Page, source int64, sha256, body []byte) db.InsertPageParams {
	return db.InsertPageParams{
		Source: source, Sha256: sha256, Url: clean(p.URL), FetchedAt: timestamp(p.FetchedAt), ContentType: clean(p.ContentType),
		Etag: clean(p.ETag), LastModified: clean(p.LastModified), Body: body,
	}
}

func run(r db.Run) domain.Run {
	return domain.Run{
		ID: r.ID.String(), SyncID: r.SyncID.String(), Provider: domain.ProviderID(r.Provider), Trigger: domain.Trigger(r.Trigger),
		Started: instant(r.Started), Ended: instant(r.Ended), Outcome: domain.Outcome(r.Outcome),
		Counts: domain.Counts{
			ModelsDiscovered: int(r.ModelsDiscovered), ModelsAdded: int(r.ModelsAdded), ModelsUpdated: int(r.ModelsUpdated),
			ModelsDeprecated: int(r.ModelsDeprecated), PricingUpdated: int(r.PricingUpdated),
		},
		Version: r.Version,
	}
}

// beginning gives the row of a run that begins.
func beginning(r domain.Run) (db.BeginRunParams, error) {
	id, err := parseID("run", r.ID)
	if err != nil {
		return db.BeginRunParams{}, err
	}
	sync, err := parseID("sync", r.SyncID)
	return db.BeginRunParams{
		ID: id, SyncID: sync, Provider: string(clean(r.Provider)), Trigger: string(clean(r.Trigger)), Started: timestamp(r.Started),
	}, err
}

// ending gives what changes in the row of a run that ends.
func ending(r domain.Run, id uuid.UUID) db.FinishRunParams {
	return db.FinishRunParams{
		ID: id, Ended: timestamp(r.Ended), Outcome: string(r.Outcome),
		ModelsDiscovered: int64(r.Counts.ModelsDiscovered), ModelsAdded: int64(r.Counts.ModelsAdded),
		ModelsUpdated: int64(r.Counts.ModelsUpdated), ModelsDeprecated: int64(r.Counts.ModelsDeprecated),
		PricingUpdated: int64(r.Counts.PricingUpdated), Version: r.Version,
	}
}

// standing gives what the end of a run changes in its provider's status.
func standing(r domain.Run, id uuid.UUID) db.FinishStatusParams {
	state := domain.SyncIdle
	if r.Outcome == domain.OutcomeFailed {
		state = domain.SyncFailed
	}
	return db.FinishStatusParams{
		Provider: string(clean(r.Provider)), Run: id, Status: string(state),
		Success: r.Outcome == domain.OutcomeSuccess, Ended: timestamp(r.Ended),
	}
}

func step(r db.StepsOfRunsRow) domain.Step {
	return domain.Step{
		Name: domain.StepName(r.Name), Outcome: domain.StepOutcome(r.Outcome), Started: instant(r.Started), Ended: instant(r.Ended),
		Detail: r.Detail, Error: r.Error,
	}
}

func stepRow(s domain.Step, run uuid.UUID, ordinal int) db.InsertStepsParams {
	return db.InsertStepsParams{
		Run: run, Ordinal: int32(ordinal), Name: string(s.Name), Outcome: string(s.Outcome),
		Started: timestamp(s.Started), Ended: timestamp(s.Ended), Detail: clean(s.Detail), Error: clean(s.Error),
	}
}

func sourceRead(r db.ReadsOfRunsRow) domain.SourceRead {
	return domain.SourceRead{
		Source: r.Source, At: instant(r.At), Good: r.Good, PageID: r.Page.Int64, Strategy: r.Strategy,
		ConfigVersion: int(r.ConfigVersion), Quotes: int(r.Quotes), Error: r.Error, Failure: domain.EventKind(r.Failure),
	}
}

func readRow(r domain.SourceRead, run uuid.UUID, ordinal int, source int64) db.InsertReadsParams {
	return db.InsertReadsParams{
		Run: run, Ordinal: int32(ordinal), Source: source, At: timestamp(r.At), Good: r.Good,
		Page: number(r.PageID), Strategy: clean(r.Strategy), ConfigVersion: int32(r.ConfigVersion),
		Quotes: int32(r.Quotes), Error: clean(r.Error), Failure: string(r.Failure),
	}
}

func syncStatus(r db.SyncStatus) domain.SyncStatus {
	return domain.SyncStatus{
		Provider: domain.ProviderID(r.Provider), State: domain.SyncState(r.Status),
		LastSync: instant(r.LastSync), LastAttempt: instant(r.LastAttempt), NextSync: instant(r.NextSync),
	}
}

func sourceStatus(r db.Source) domain.SourceStatus {
	return domain.SourceStatus{
		Source: r.Name, LastGoodRead: instant(r.LastGoodRead), LastAttempt: instant(r.LastAttempt), LastError: r.LastError,
	}
}

func scraping(r db.ActiveConfigRow, provider domain.ProviderID) (domain.ScrapingVersion, error) {
	v := domain.ScrapingVersion{Provider: provider, Version: int(r.Version), Author: r.Author, At: instant(r.CreatedAt), Restores: int(r.Restores.Int32)}
	if err := json.Unmarshal(r.Config, &v.Scraping); err != nil {
		return v, domain.Wrap(domain.KindInternal, err, "the stored configuration %d of %s cannot be read", r.Version, provider)
	}
	return v, nil
}

func providerEntry(r db.ProviderEntry) (domain.ProviderEntry, error) {
	e := domain.ProviderEntry{ID: domain.ProviderID(r.Provider), Version: int(r.Version), By: r.SavedBy, At: instant(r.SavedAt)}
	if r.Enabled.Valid {
		e.Enabled = &r.Enabled.Bool
	}
	if r.Description == nil {
		return e, nil
	}
	e.Description = &domain.Provider{}
	if err := json.Unmarshal(r.Description, e.Description); err != nil {
		return e, domain.Wrap(domain.KindInternal, err, "the stored description of %s cannot be read", r.Provider)
	}
	return e, nil
}

func apiKey(r db.ApiKey) domain.APIKey {
	return domain.APIKey{
		ID: r.ID, Name: r.Name, Prefix: r.Prefix, Hash: [32]byte(r.Hash), Scope: domain.Scope(r.Scope),
		CreatedAt: instant(r.CreatedAt), LastUsedAt: instant(r.LastUsedAt),
		ExpiresAt: instant(r.ExpiresAt), RevokedAt: instant(r.RevokedAt), Replaces: r.Replaces.Int64,
		RequestsPerMinute: r.RequestsPerMinute.Int64,
	}
}

func keyRow(k domain.APIKey) db.InsertKeyParams {
	return db.InsertKeyParams{
		Name: clean(k.Name), Prefix: clean(k.Prefix), Hash: k.Hash[:], Scope: string(k.Scope),
		CreatedAt: timestamp(k.CreatedAt), LastUsedAt: timestamp(k.LastUsedAt),
		ExpiresAt: timestamp(k.ExpiresAt), RevokedAt: timestamp(k.RevokedAt), Replaces: number(k.Replaces),
		RequestsPerMinute: number(k.RequestsPerMinute),
	}
}

func adjustment(r db.AdjustmentsRow) domain.Adjustment {
	return domain.Adjustment{
		ID: r.ID, Provider: domain.ProviderID(r.Provider), Model: r.Model, Tier: word[domain.Tier](r.Tier), Meter: word[domain.Meter](r.Meter),
		Percent: amount(r.Percent), Effective: span(r.Begins, r.Ends), MadeAt: instant(r.MadeAt), By: r.MadeBy, Reason: r.Reason,
	}
}

// auditEntry gives an entry, its before and after as they were written.
func auditEntry(r db.Audit) (domain.AuditEntry, error) {
	var changes []struct {
		domain.AuditChange
		Before json.RawMessage `json:"before"`
		After  json.RawMessage `json:"after"`
	}
	if err := json.Unmarshal(r.Changes, &changes); err != nil {
		return domain.AuditEntry{}, domain.Wrap(domain.KindInternal, err, "the audit entry %d cannot be read", r.ID)
	}
	entry := domain.AuditEntry{
		ID: r.ID, At: instant(r.At), By: r.By, Address: r.Address, Action: r.Action, Request: r.Request, Total: int(r.Total),
		Changes: make([]domain.AuditChange, len(changes)),
	}
	for i, c := range changes {
		entry.Changes[i] = c.AuditChange
		if c.Before != nil {
			entry.Changes[i].Before = c.Before
		}
		if c.After != nil {
			entry.Changes[i].After = c.After
		}
	}
	return entry, nil
}

// listOf gives a list as domain values write it: nil where there is nothing.
func listOf[T ~string](list []string) []T {
	if len(list) == 0 {
		return nil
	}
	out := make([]T, len(list))
	for i, s := range list {
		out[i] = word[T](s)
	}
	return out
}
