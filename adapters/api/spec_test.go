package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-faster/jx"
	"github.com/ogen-go/ogen"
	"github.com/ogen-go/ogen/openapi"
	"github.com/ogen-go/ogen/openapi/parser"

	"ratecard/domain"
	"ratecard/gen/oas"
)

func parsedSpec(t testing.TB) *openapi.API {
	t.Helper()
	described, err := ogen.Parse(spec(t))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(described, parser.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// answers are the types of the answers, by operation.
var answers = map[string]interface{ Decode(*jx.Decoder) error }{
	"listModels":                new(oas.ModelPage),
	"getModel":                  new(oas.Model),
	"getPricing":                new(oas.Pricing),
	"getPricingHistory":         new(oas.PricingHistory),
	"computeCosts":              new(oas.Costs),
	"compareModels":             new(oas.Comparison),
	"getPriceTrends":            new(oas.PriceTrends),
	"getMovers":                 new(oas.PriceMoves),
	"getEvidence":               new(oas.Evidence),
	"listEvents":                new(oas.EventPage),
	"getSyncStatus":             new(oas.SyncStatus),
	"startSync":                 new(oas.SyncStarted),
	"getSync":                   new(oas.Sync),
	"getRun":                    new(oas.Run),
	"listKeys":                  new(oas.KeyList),
	"createKey":                 new(oas.CreatedKey),
	"revokeKey":                 new(oas.Key),
	"getSettings":               new(oas.Settings),
	"putSettings":               new(oas.Settings),
	"replay":                    new(oas.ReplayResult),
	"listDescribedProviders":    new(oas.DescribedProviderList),
	"getProviderSchema":         new(oas.AnyJSON),
	"getDescribedProvider":      new(oas.DescribedProvider),
	"putProvider":               new(oas.SavedProvider),
	"enableProvider":            new(oas.DescribedProvider),
	"disableProvider":           new(oas.DescribedProvider),
	"getScrapingSchema":         new(oas.AnyJSON),
	"getScrapingConfig":         new(oas.ScrapingConfig),
	"putScrapingConfig":         new(oas.SavedScrapingConfig),
	"listScrapingVersions":      new(oas.ScrapingVersionList),
	"getScrapingVersion":        new(oas.ScrapingVersion),
	"rollBackScrapingConfig":    new(oas.SavedScrapingConfig),
	"tryScrapingConfig":         new(oas.Tried),
	"importPrices":              new(oas.Imported),
	"listManualRates":           new(oas.ManualRateList),
	"enterManualRate":           new(oas.ManualRate),
	"endManualRate":             new(oas.EndedManualRate),
	"listUnmatched":             new(oas.UnmatchedPage),
	"listHeldChanges":           new(oas.HeldPage),
	"approveHeldChange":         new(oas.HeldChange),
	"rejectHeldChange":          new(oas.HeldChange),
	"listAliases":               new(oas.AliasList),
	"makeAlias":                 new(oas.Alias),
	"releaseAlias":              new(oas.Alias),
	"getHealth":                 new(oas.Health),
	"getReadiness":              new(oas.Health),
	"rotateKey":                 new(oas.RotatedKey),
	"listAudit":                 new(oas.AuditPage),
	"listProviders":             new(oas.ProviderList),
	"listAdjustments":           new(oas.AdjustmentList),
	"enterAdjustment":           new(oas.Adjustment),
	"endAdjustment":             new(oas.Adjustment),
	"exportLiteLLM":             new(oas.AnyJSON),
	"exportModelsDev":           new(oas.AnyJSON),
	"exportGenAIPrices":         new(oas.AnyJSON),
	"exportGenAIPricesSlim":     new(oas.AnyJSON),
	"exportOpenRouter":          new(oas.AnyJSON),
	"exportLLMPricesCurrent":    new(oas.AnyJSON),
	"exportLLMPricesHistorical": new(oas.AnyJSON),
}

// requests are the types of the bodies, by operation.
var requests = map[string]interface{ Decode(*jx.Decoder) error }{
	"startSync":              new(oas.SyncRequest),
	"computeCosts":           new(oas.CostRequest),
	"createKey":              new(oas.NewKey),
	"importPrices":           new(oas.PriceLists),
	"enterManualRate":        new(oas.NewManualRate),
	"endManualRate":          new(oas.ManualRateEnd),
	"putSettings":            new(oas.NewSettings),
	"makeAlias":              new(oas.NewAlias),
	"replay":                 new(oas.ReplayRequest),
	"approveHeldChange":      new(oas.HeldDecision),
	"rejectHeldChange":       new(oas.HeldDecision),
	"putProvider":            new(oas.NewProvider),
	"putScrapingConfig":      new(oas.NewScrapingConfig),
	"rollBackScrapingConfig": new(oas.ScrapingRollback),
	"tryScrapingConfig":      new(oas.ScrapingTry),
	"rotateKey":              new(oas.KeyRotation),
	"enterAdjustment":        new(oas.NewAdjustment),
	"endAdjustment":          new(oas.ManualRateEnd),
}

func TestExamplesAreOfTheirType(t *testing.T) {
	for _, op := range parsedSpec(t).Operations {
		for status, response := range op.Responses.StatusCode {
			for contentType, media := range response.Content {
				if contentType != "application/json" {
					continue
				}
				t.Run(fmt.Sprint(op.OperationID, " ", status), func(t *testing.T) { checkExample(t, media.Example, answers[op.OperationID]) })
			}
		}
		if op.RequestBody != nil {
			t.Run(op.OperationID+" body", func(t *testing.T) {
				checkExample(t, op.RequestBody.Content["application/json"].Example, requests[op.OperationID])
			})
		}
	}
	t.Run("problem", func(t *testing.T) {
		op := parsedSpec(t).Operations[0]
		checkExample(t, op.Responses.Default.Content["application/problem+json"].Example, new(oas.Problem))
	})
}

// checkExample decodes an example, validates it, and sees that nothing was lost.
func checkExample(t *testing.T, example json.RawMessage, into interface{ Decode(*jx.Decoder) error }) {
	t.Helper()
	if len(example) == 0 {
		t.Fatal("there is no example")
	}
	if into == nil {
		t.Fatal("this test does not know the type")
	}
	if err := into.Decode(jx.DecodeBytes(example)); err != nil {
		t.Fatalf("%v: %s", err, example)
	}
	if v, ok := into.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			t.Error(err)
		}
	}
	var e jx.Encoder
	into.(interface{ Encode(*jx.Encoder) }).Encode(&e)
	var given, kept any
	if err := json.Unmarshal(example, &given); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(e.Bytes(), &kept); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(given, kept) {
		t.Errorf("the example says\n%s\nof which is kept\n%s", example, e.Bytes())
	}
}

func TestEveryOperationIsWellDescribed(t *testing.T) {
	for _, op := range parsedSpec(t).Operations {
		t.Run(op.OperationID, func(t *testing.T) {
			if op.Summary == "" || op.Description == "" {
				t.Error("summary or description is missing")
			}
			if op.Responses.Default == nil || op.Responses.Default.Content["application/problem+json"] == nil {
				t.Error("the default answer is not the problem")
			}
			for _, p := range op.Parameters {
				if p.Description == "" && p.In == openapi.LocationQuery {
					t.Errorf("parameter %s is not described", p.Name)
				}
			}
		})
	}
}

// What the description says of keys must be what the gate does.
func TestTheGateKeepsWhatTheDescriptionPromises(t *testing.T) {
	w := newWorld(t)
	for _, op := range parsedSpec(t).Operations {
		t.Run(op.OperationID, func(t *testing.T) {
			path := strings.NewReplacer("{id}", "1", "{syncId}", "0f9a3c1e-5f0b-4a4e-9d0e-0c8f4a1f2b3c", "{runId}", "0f9a3c1e-5f0b-4a4e-9d0e-0c8f4a1f2b3c").Replace(op.Path.String())
			method := strings.ToUpper(op.HTTPMethod)
			nobody := w.do(exchange{method: method, path: path}).Code
			reader := w.do(exchange{method: method, path: path, key: w.reader}).Code
			anonymous := slices.ContainsFunc(op.Security, func(r openapi.SecurityRequirement) bool { return len(r.Schemes) == 0 })
			switch {
			case len(op.Security) == 0: // open
				if nobody == http.StatusUnauthorized {
					t.Error("open, but needs a key")
				}
			case anonymous: // a read
				if nobody != http.StatusUnauthorized || reader == http.StatusForbidden || reader == http.StatusUnauthorized {
					t.Errorf("a read: nobody gets %d, a reader %d", nobody, reader)
				}
			default: // an administrator's
				if nobody != http.StatusUnauthorized || reader != http.StatusForbidden {
					t.Errorf("an administrator's: nobody gets %d, a reader %d", nobody, reader)
				}
			}
		})
	}
}

// Where only a few values are possible, a wrong one is answered with all of them.
func TestWrongValuesAreAnsweredWithTheRightOnes(t *testing.T) {
	w := newWorld(t)
	for _, op := range parsedSpec(t).Operations {
		for _, p := range op.Parameters {
			if p.Schema.Item == nil || len(p.Schema.Item.Enum) == 0 {
				continue
			}
			t.Run(op.OperationID+" "+p.Name, func(t *testing.T) {
				answer := w.get(op.Path.String() + "?" + p.Name + "=nonsense" + beside(op, p))
				problemOf(t, answer)
				for _, v := range p.Schema.Item.Enum {
					if !strings.Contains(answer.Body.String(), fmt.Sprint(v)) {
						t.Errorf("%v is not named: %s", v, answer.Body)
					}
				}
			})
		}
	}
}

func TestUnknownFieldsAreAnsweredWithTheKnownOnes(t *testing.T) {
	w := newWorld(t)
	for _, op := range parsedSpec(t).Operations {
		if op.RequestBody == nil {
			continue
		}
		t.Run(op.OperationID, func(t *testing.T) {
			path := strings.ReplaceAll(op.Path.String(), "{id}", "1")
			answer := w.do(exchange{method: strings.ToUpper(op.HTTPMethod), path: path, key: w.admin, body: `{"nonsense":1}`})
			p := problemOf(t, answer)
			if p.Status != 400 || len(p.Errors) != 1 || p.Errors[0].Path != "nonsense" {
				t.Fatalf("answered %s", answer.Body)
			}
			for _, property := range op.RequestBody.Content["application/json"].Schema.Properties {
				if !strings.Contains(p.Errors[0].Message, property.Name) {
					t.Errorf("%s is not named: %s", property.Name, p.Errors[0].Message)
				}
			}
		})
	}
}

// The words of openapi.yaml are those of the domain, no more and no less.
func TestTheDescriptionSpeaksTheDomainsWords(t *testing.T) {
	same := func(what string, described, domains []string) {
		slices.Sort(described)
		slices.Sort(domains)
		if !slices.Equal(described, domains) {
			t.Errorf("%s: described %v, in the domain %v", what, described, domains)
		}
	}
	same("kinds", texts(oas.ProblemKind("").AllValues()), texts(domain.Kinds()))
	same("classes", texts(oas.Classification("").AllValues()), texts(domain.Classes()))
	same("usabilities", texts(oas.Usability("").AllValues()), texts([]domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated}))
	same("pricing statuses", texts(oas.PricingStatus("").AllValues()), texts([]domain.PricingStatus{domain.Priced, domain.Free, domain.NotPerToken, domain.TBD}))
	same("stages", texts(oas.Stage("").AllValues()), texts([]domain.StepName{domain.StepDiscovery, domain.StepPricing, domain.StepEnrichment, domain.StepStorage}))
	same("scopes", texts(oas.Scope("").AllValues()), texts([]domain.Scope{domain.ScopeRead, domain.ScopeAdmin}))
	same("layers", texts(oas.RateLayer("").AllValues()), texts(domain.Layers()))
	same("bases", texts(oas.RateBasis("").AllValues()), texts([]domain.Basis{domain.BasisStated, domain.BasisObserved, domain.BasisImported, domain.BasisManual}))
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// The generated client must read what the server writes.
func TestTheClientUnderstandsTheServer(t *testing.T) {
	w := newWorld(t)
	w.catalogue.models = append(w.catalogue.models, model("acme", "a/b c+d", rate(domain.TierStandard, domain.MeterInput, 0, "2.50")))
	server := httptest.NewServer(w.server)
	defer server.Close()
	client, err := oas.NewClient(server.URL, bearer(w.reader))
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetModel(t.Context(), oas.GetModelParams{ID: "a/b c+d"})
	if err != nil || got.ID != "a/b c+d" || got.Pricing[0].InputCostPerMillion.Value != "2.5" {
		t.Errorf("%v, %+v", err, got)
	}
	if answer := w.get("/api/models/" + url.PathEscape("a/b c+d")); answer.Code != 200 {
		t.Errorf("status %d: %s", answer.Code, answer.Body)
	}
	_, err = client.ListKeys(t.Context())
	var problem *oas.ProblemStatusCodeWithHeaders
	if !errors.As(err, &problem) || problem.Response.Kind != oas.ProblemKindForbidden {
		t.Errorf("got %v", err)
	}
}

// TestErrorsAndFieldsAreDescribed: every operation names the kinds of error that it
// answers with, those that follow from where it stands and what it takes among
// them; every field says what it is.
func TestErrorsAndFieldsAreDescribed(t *testing.T) {
	for _, op := range parsedSpec(t).Operations {
		path := op.Path.String()
		_, said, _ := strings.Cut(op.Description, "\n\nErrors: ")
		kinds := strings.Split(strings.Trim(strings.TrimSpace(said), "`."), "`, `")
		needsKey := slices.ContainsFunc([]string{"/api/", "/feeds/", "/export/"}, func(at string) bool { return strings.HasPrefix(path, at) })
		want := map[string]bool{
			"invalid": true, "unavailable": true, "internal": false, "timeout": false,
			"unauthenticated":   needsKey,
			"rate_limited":      needsKey,
			"forbidden":         strings.HasPrefix(path, "/api/admin/"),
			"too_large":         op.RequestBody != nil,
			"unsupported_media": op.RequestBody != nil,
			"ambiguous":         strings.HasPrefix(path, "/api/models/"),
		}
		for kind, must := range want {
			if slices.Contains(kinds, kind) != must {
				t.Errorf("%s names the errors %q; of %s: %v", op.OperationID, kinds, kind, must)
			}
		}
		for _, kind := range kinds {
			if (oas.ProblemKind(kind)).Validate() != nil {
				t.Errorf("%s names %q, which is no kind of error", op.OperationID, kind)
			}
		}
	}
	described, err := ogen.Parse(spec(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range described.Components.Schemas {
		for _, p := range schema.Properties {
			named := p.Schema.Ref != "" || p.Schema.Items != nil && p.Schema.Items.Item != nil && p.Schema.Items.Item.Ref != ""
			if p.Schema.Description == "" && !named {
				t.Errorf("%s.%s is not described", name, p.Name)
			}
		}
	}
}
