package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/domain"
	"ratecard/domain/ledger"
	"ratecard/gen/db"
)

// book knows by which numbers a provider's models, keys, quotes and sources
// stand in the database. Rows name each other by number, so each text is read
// and decoded once however many rates rest on it.
type book struct {
	models    map[string]int64 // by id
	keys      map[domain.RateKey]int64
	quotes    map[sourced]int64
	sources   map[string]int64
	stated    map[int64]int64 // the open statement of each quote
	modifiers map[ruled]int64 // the open statement of each modifier
	believed  map[int64]bool  // the ids of the believed rates
	stale     map[string]bool // the sources of which it was announced that they have gone stale
	announced time.Time       // up to where it was told that what was announced has come
}

// load reads what is believed of a provider, in a fixed number of queries.
func load(ctx context.Context, q *db.Queries, provider domain.ProviderID) (ledger.State, *book, error) {
	var (
		state ledger.State
		b     = &book{}
		name  = string(provider)
	)
	if err := loadStanding(ctx, q, name, &state, b); err != nil {
		return state, nil, err
	}
	models, err := q.CurrentModels(ctx, name)
	if err != nil {
		return state, nil, err
	}
	b.models = make(map[string]int64, len(models))
	state.Models = make([]domain.ModelVersion, len(models))
	for i, r := range models {
		b.models[r.ID] = r.Number
		if state.Models[i], err = modelVersion(db.ModelVersionsAtRow(r)); err != nil {
			return state, nil, err
		}
	}
	if err := loadMatches(ctx, q, name, &state); err != nil {
		return state, nil, err
	}
	if state.Adjustments, err = adjustmentsOf(ctx, q, name); err != nil {
		return state, nil, err
	}
	quotes, err := loadQuotes(ctx, q, name, b)
	if err != nil {
		return state, nil, err
	}
	statements, err := q.OpenStatements(ctx, name)
	if err != nil {
		return state, nil, err
	}
	b.stated = make(map[int64]int64, len(statements))
	state.Statements = make([]domain.Statement, len(statements))
	for i, r := range statements {
		b.stated[r.Quote] = r.ID
		state.Statements[i] = statement(r, provider, quotes[r.Quote])
	}
	modifiers, err := loadModifiers(ctx, q, name, &state, b)
	if err != nil {
		return state, nil, err
	}
	return state, b, loadRates(ctx, q, provider, &state, b, believing{quotes, modifiers})
}

// loadModifiers gives what every modifier says that was ever stated.
func loadModifiers(ctx context.Context, q *db.Queries, provider string, state *ledger.State, b *book) (map[int64]domain.ModifierKey, error) {
	rows, err := q.Modifiers(ctx, provider)
	b.modifiers = make(map[ruled]int64, len(rows))
	byID := make(map[int64]domain.ModifierKey, len(rows))
	for _, r := range rows {
		s := modifierStatement(r, domain.ProviderID(provider))
		byID[s.ID] = s.Modifier.Key()
		if s.Stated.Open() {
			b.modifiers[ruled{s.Source, s.Modifier.Key()}] = s.ID
			state.Modifiers = append(state.Modifiers, s)
		}
	}
	return byID, err
}

// believing knows by number what rates rest on.
type believing struct {
	quotes    map[int64]sourced
	modifiers map[int64]domain.ModifierKey
}

func loadStanding(ctx context.Context, q *db.Queries, provider string, state *ledger.State, b *book) error {
	row, err := q.LedgerRow(ctx, provider)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	state.LastKnown, b.announced = instant(row.LastKnown), instant(row.AnnouncedUntil)
	if b.announced.After(state.LastKnown) {
		state.LastKnown = b.announced // what has come is known, and nothing is known before it any more
	}
	state.Imported = instants(row.Imported)
	state.List = ledger.ListState{
		LastComplete: instant(row.ListLastComplete), KeyFingerprint: row.ListKeyFingerprint,
		DoubtedSince: instant(row.ListDoubtedSince), DoubtedDigest: row.ListDoubtedDigest,
	}
	sources, err := q.Sources(ctx, provider)
	b.sources, b.stale = make(map[string]int64, len(sources)), map[string]bool{}
	state.LastReads = make(map[string]time.Time, len(sources))
	for _, s := range sources {
		b.sources[s.Name], b.stale[s.Name] = s.Number, s.GoneStale.Valid
		if s.LastGoodRead.Valid {
			state.LastReads[s.Name] = instant(s.LastGoodRead)
		}
	}
	return err
}

func loadQuotes(ctx context.Context, q *db.Queries, provider string, b *book) (map[int64]sourced, error) {
	rows, err := q.Quotes(ctx, provider)
	b.quotes = make(map[sourced]int64, len(rows))
	byNumber := make(map[int64]sourced, len(rows))
	for _, r := range rows {
		key := quote(r)
		b.quotes[key], byNumber[r.Number] = r.Number, key
	}
	return byNumber, err
}

func loadRates(ctx context.Context, q *db.Queries, provider domain.ProviderID, state *ledger.State, b *book, rest believing) error {
	keys, err := q.RateKeys(ctx, string(provider))
	if err != nil {
		return err
	}
	b.keys = make(map[domain.RateKey]int64, len(keys))
	byNumber := make(map[int64]domain.RateKey, len(keys))
	for _, r := range keys {
		key := rateKey(r, provider)
		b.keys[key], byNumber[r.Number] = r.Number, key
	}
	rates, err := q.BelievedRates(ctx, string(provider))
	if err != nil {
		return err
	}
	if state.Held, err = bearing(ctx, q, provider, byNumber, rest.quotes); err != nil {
		return err
	}
	b.believed = make(map[int64]bool, len(rates))
	state.Rates = make([]domain.Rate, len(rates))
	for i, r := range rates {
		b.believed[r.ID] = true
		state.Rates[i] = rate(r, byNumber[r.Key], rest.quotes[r.Quote.Int64], rest.modifiers[r.Modifier.Int64])
	}
	unlisted, err := q.UnlistedKeys(ctx, string(provider))
	state.Unlisted = make(map[domain.RateKey]time.Time, len(unlisted))
	for _, r := range unlisted {
		state.Unlisted[byNumber[r.Key]] = instant(r.Since)
	}
	return err
}
