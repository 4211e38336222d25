package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"ratecard/domain"
)

// refusal is what a constraint's violation means to the caller.
type refusal struct {
	kind    domain.Kind
	message string
}

// refusals tells database errors apart by the constraint's name.
var refusals = map[string]refusal{
	"catalogue_has_one_row":                   {domain.KindInternal, "the catalogue's row is there already"},
	"catalogue_version_counts_up":             {domain.KindInternal, "the catalogue version never falls"},
	"models_id_provider_key":                  {domain.KindConflict, "the model is known already"},
	"models_provider_is_named":                {domain.KindInvalid, "a model without a provider"},
	"models_id_is_named":                      {domain.KindInvalid, "a model without an id"},
	"model_versions_current":                  {domain.KindConflict, "a model would have two current versions"},
	"model_versions_never_overlap":            {domain.KindConflict, "a model would have two versions at one time"},
	"model_versions_were_seen":                {domain.KindInvalid, "a model version would have been seen at no time"},
	"model_versions_usability_is_known":       {domain.KindInvalid, "a usability must be available, preview or deprecated"},
	"model_versions_stated_pricing_is_known":  {domain.KindInvalid, "stated pricing must be free, not_per_token or nothing"},
	"model_versions_capabilities_are_a_list":  {domain.KindInvalid, "capabilities must be a list"},
	"sources_provider_name_key":               {domain.KindConflict, "the source is known already"},
	"pages_source_sha256_key":                 {domain.KindConflict, "the page is stored already"},
	"pages_sha256_is_whole":                   {domain.KindInvalid, "a page's sha256 must have 32 bytes"},
	"source_quotes_key":                       {domain.KindConflict, "the quote is known already"},
	"source_statements_current":               {domain.KindConflict, "a source would state one quote twice at one time"},
	"source_statements_amount_is_a_number":    {domain.KindInvalid, "a stated amount must be a number"},
	"source_statements_page_fkey":             {domain.KindInvalid, "a statement's page is not stored"},
	"rate_keys_key":                           {domain.KindConflict, "the rate's key is known already"},
	"rate_keys_layer_is_known":                {domain.KindInvalid, "a rate's layer must be list, manual, adjusted or imported"},
	"rate_keys_threshold_counts_tokens":       {domain.KindInvalid, "a rate's threshold must be 0 tokens or more"},
	"rates_pkey":                              {domain.KindConflict, "the rate is stored already"},
	"rates_never_overlap":                     {domain.KindConflict, "two rates of one key would apply at one time"},
	"rates_amount_is_a_price":                 {domain.KindInvalid, "a rate's amount must be a number, 0 or more"},
	"rates_apply_at_some_time":                {domain.KindInvalid, "a rate would apply at no time"},
	"rates_origin_is_known":                   {domain.KindInvalid, "a rate's origin must be printed or derived"},
	"rates_basis_is_known":                    {domain.KindInvalid, "a rate's basis must be stated, observed, imported or manual"},
	"modifier_statements_current":             {domain.KindConflict, "a source would state one modifier twice at one time"},
	"modifier_statements_factor_is_a_number":  {domain.KindInvalid, "a modifier's factor must be a number, 0 or more"},
	"modifier_statements_page_fkey":           {domain.KindInvalid, "the page of a modifier is not stored"},
	"rates_modifier_fkey":                     {domain.KindInvalid, "the modifier that a rate is derived by is not stored"},
	"rates_statement_fkey":                    {domain.KindInvalid, "a rate's evidence is not stored"},
	"superseded_rates_were_known":             {domain.KindInvalid, "a rate would have been believed at no time"},
	"unlisted_rates_never_overlap":            {domain.KindConflict, "the rate is unlisted already"},
	"unlisted_rates_for_some_time":            {domain.KindInvalid, "a rate would be unlisted at no time"},
	"provider_entries_pkey":                   {domain.KindConflict, "something was said of the provider already"},
	"provider_entries_version_counts":         {domain.KindInternal, "what is said of a provider counts up from 1"},
	"match_rulings_ruling_is_known":           {domain.KindInvalid, "a ruling must be pin or forbid"},
	"match_rulings_name_a_name":               {domain.KindInvalid, "a ruling without a printed name"},
	"match_rulings_pin":                       {domain.KindConflict, "the model is pinned already"},
	"match_rulings_forbidden":                 {domain.KindConflict, "the pair is forbidden already"},
	"model_matches_rest_on_something":         {domain.KindInvalid, "a match has a name and a ground, or neither"},
	"model_matches_current":                   {domain.KindConflict, "a model would be matched twice at one time"},
	"held_changes_state_is_known":             {domain.KindInvalid, "a held change is held, released, rejected or withdrawn"},
	"held_changes_decided_once":               {domain.KindInvalid, "a change is held until it is decided"},
	"held_changes_bear_or_are_over":           {domain.KindInvalid, "a change that was released or withdrawn is over"},
	"held_changes_bearing":                    {domain.KindConflict, "a change of this price is held already"},
	"events_payload_is_an_object":             {domain.KindInvalid, "an event's payload must be a JSON object"},
	"runs_outcome_is_known":                   {domain.KindInvalid, "a run's outcome must be success, partial or failed"},
	"runs_end_with_an_outcome":                {domain.KindInvalid, "a run ends with an outcome, and only then"},
	"run_steps_outcome_is_known":              {domain.KindInvalid, "a step's outcome must be done, skipped or failed"},
	"source_reads_page_fkey":                  {domain.KindInvalid, "the page that was read is not stored"},
	"sync_status_status_is_known":             {domain.KindInvalid, "a sync is idle, running or failed"},
	"scraping_config_provider_version_key":    {domain.KindConflict, "that version of the configuration is there already"},
	"scraping_config_active":                  {domain.KindConflict, "a provider would have two active configurations"},
	"settings_are_one_row":                    {domain.KindInternal, "there is one row of settings"},
	"api_keys_replaces_fkey":                  {domain.KindInvalid, "the key that would be replaced is not stored"},
	"adjustments_percent_leaves_a_price":      {domain.KindInvalid, "an adjustment must leave a price: -100 per cent or more"},
	"adjustments_end_after_their_beginning":   {domain.KindInvalid, "an adjustment would end before it begins"},
	"audit_changes_are_a_list":                {domain.KindInternal, "an audit's changes must be a list"},
	"api_keys_hash_key":                       {domain.KindConflict, "a key with that secret is there already"},
	"api_keys_hash_is_whole":                  {domain.KindInvalid, "a key's hash must have 32 bytes"},
	"api_keys_scope_is_known":                 {domain.KindInvalid, "a key's scope must be read or admin"},
	"api_keys_requests_per_minute_is_a_limit": {domain.KindInvalid, "a key's limit must be 1 to 1,000,000,000 requests a minute"},
}

// problem gives a database error the kind that the caller can act on. doing
// says what was being done, for the message. An error that has a kind keeps it.
func problem(err error, doing string, args ...any) error {
	if err == nil {
		return nil
	}
	var known *domain.Error
	if errors.As(err, &known) {
		return err
	}
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return domain.Wrap(domain.KindTimeout, err, doing+" took too long", args...)
	case errors.As(err, &refused):
		return refusedFor(refused, doing, args...)
	default: // no answer of the server's: the connection failed
		return domain.Wrap(domain.KindUnavailable, err, doing+": the database does not answer", args...)
	}
}

func refusedFor(e *pgconn.PgError, doing string, args ...any) error {
	if r, ok := refusals[e.ConstraintName]; ok {
		return domain.Wrap(r.kind, e, doing+": "+r.message, args...)
	}
	switch e.Code[:2] {
	case "08", "53", "57", "40": // no connection, no resources, shutting down, lost every race
		return domain.Wrap(domain.KindUnavailable, e, doing+": the database cannot do it now", args...)
	case "28", "3D": // who we are, or the database's name
		return domain.Wrap(domain.KindUnavailable, e, doing+": the database refuses us", args...)
	default:
		return domain.Wrap(domain.KindInternal, e, doing+" failed", args...)
	}
}
