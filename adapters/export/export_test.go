package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/ports"
)

var update = flag.Bool("update", false, "write what is exported now into the golden files")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func write(t testing.TB, format domain.ExportFormat, models ...ports.ModelView) []byte {
	t.Helper()
	text, err := Writer{}.Export(format, ports.Export{At: noon, Models: models})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func model(provider domain.ProviderID, id string, rates ...domain.RateView) ports.ModelView {
	key := domain.ModelKey{Provider: provider, ID: id}
	for i := range rates {
		rates[i].Model = key
	}
	return ports.ModelView{
		ModelVersion: domain.ModelVersion{
			Model:        domain.Model{ModelKey: key, Usability: domain.UsabilityAvailable, Classification: []domain.Class{domain.ClassChat}},
			DiscoveredAt: noon.AddDate(0, -1, 0), Seen: domain.Span{From: noon.AddDate(0, 0, -1)},
		},
		Rates: rates,
	}
}

func rate(tier domain.Tier, meter domain.Meter, from int64, amount string) domain.RateView {
	return domain.RateView{Rate: domain.Rate{
		RateKey:   domain.RateKey{Layer: domain.LayerList, Tier: tier, Meter: meter, Region: domain.RegionGlobal, MinPromptTokens: from},
		Price:     domain.Price{Amount: decimal.RequireFromString(amount), Unit: meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted},
		Effective: domain.Span{From: noon.AddDate(0, 0, -10)}, Known: domain.Span{From: noon.AddDate(0, 0, -9)},
		Basis: domain.BasisObserved, Source: "pricing page", Evidence: 7,
	}}
}

func standard(meter domain.Meter, amount string) domain.RateView {
	return rate(domain.TierStandard, meter, 0, amount)
}

func during(r domain.RateView, from, to time.Time) domain.RateView {
	r.Effective = domain.Span{From: from, To: to}
	return r
}

func of(layer domain.Layer, r domain.RateView) domain.RateView {
	r.Layer = layer
	return r
}

func number64(n int64) *int64 { return &n }

// shop has something of everything.
func shop() []ports.ModelView {
	large := model("anthropic", "acme-large",
		standard(domain.MeterInput, "3"), standard(domain.MeterOutput, "15"), standard(domain.MeterCacheRead, "0.30"),
		standard(domain.MeterCacheWrite, "3.75"), standard(domain.MeterCacheWrite1h, "6"),
		rate(domain.TierBatch, domain.MeterInput, 0, "1.5"), rate(domain.TierBatch, domain.MeterOutput, 0, "7.5"),
		rate(domain.TierFast, domain.MeterInput, 0, "30"), rate(domain.TierFast, domain.MeterOutput, 0, "150"),
		of(domain.LayerImported, standard(domain.MeterInput, "99")), of(domain.LayerManual, standard(domain.MeterOutput, "14.25")),
		standard("web_search", "0.01"))
	large.DisplayName, large.ContextWindow, large.MaxOutputTokens = "Acme Large", number64(200_000), number64(64_000)
	large.Capabilities = []domain.Capability{{Type: "tools", Supported: true}, {Type: "vision", Supported: true}, {Type: "reasoning", Supported: false}}
	large.Aliases = []string{"acme-large-latest", "acme-small"}
	retires := noon.AddDate(1, 0, 0)
	large.RetiresAt = &retires

	cliff := model("google", "gemini-cliff",
		standard(domain.MeterInput, "1.25"), standard(domain.MeterOutput, "10"), standard(domain.MeterCacheRead, "0.125"),
		standard(domain.MeterCacheStorage, "4.5"),
		rate(domain.TierStandard, domain.MeterInput, 200_001, "2.5"), rate(domain.TierStandard, domain.MeterOutput, 200_001, "15"),
		rate(domain.TierStandard, domain.MeterCacheRead, 200_001, "0.25"),
		rate(domain.TierFlex, domain.MeterInput, 0, "0.625"), rate(domain.TierFlex, domain.MeterOutput, 0, "5"),
		rate(domain.TierPriority, domain.MeterInput, 0, "2.25"))
	cliff.Created = &noon

	grok := model("xai", "grok-cliff",
		standard(domain.MeterInput, "2"), standard(domain.MeterOutput, "6"),
		rate(domain.TierStandard, domain.MeterInput, 200_000, "4"), rate(domain.TierStandard, domain.MeterOutput, 200_000, "12"))

	sound := model("openai", "sound",
		standard(domain.MeterInput, "4"), standard(domain.MeterOutput, "16"), standard(domain.MeterInputAudio, "32"), standard(domain.MeterOutputAudio, "64"),
		standard(domain.MeterCacheRead, "0.4"), standard(domain.MeterCacheReadAudio, "0.4"))
	sound.Classification = []domain.Class{domain.ClassAudio, domain.ClassChat}

	embedding := model("openai", "embedding-1", standard(domain.MeterInput, "0.02"))
	embedding.Classification = []domain.Class{domain.ClassEmbedding}

	odd := model("acme", "=1+1,\"<script>\r\n\u2028\x00", standard(domain.MeterInput, "0.000001"), standard(domain.MeterOutput, "1000000"))
	odd.DisplayName = "@SUM(A1)"
	old := model("acme", "old", standard(domain.MeterInput, "0"), standard(domain.MeterOutput, "0"))
	old.Usability = domain.UsabilityDeprecated

	elsewhere := standard(domain.MeterOutput, "2")
	elsewhere.Region = "eu"
	return []ports.ModelView{
		large, cliff, grok, sound, embedding, odd, old,
		model("anthropic", "acme-small", standard(domain.MeterInput, "1"), standard(domain.MeterOutput, "5")),
		model("acme", "only-input", standard(domain.MeterInput, "1"), elsewhere),
		model("acme", "imported", of(domain.LayerImported, standard(domain.MeterInput, "1")), of(domain.LayerImported, standard(domain.MeterOutput, "2"))),
		model("acme", "gap", standard(domain.MeterInput, "1"), standard(domain.MeterOutput, "2"), rate(domain.TierStandard, domain.MeterInput, 100_001, "2")),
		model("acme", "nothing-known"),
	}
}

// past is a model that has become cheaper, twice on one day, was away for a while and
// is to become dearer.
func past() ports.ModelView {
	day := func(d, hour int) time.Time { return time.Date(2026, 2, d, hour, 0, 0, 0, time.UTC) }
	return model("openai", "gpt-then",
		during(standard(domain.MeterInput, "5"), day(1, 0), day(10, 9)), during(standard(domain.MeterOutput, "20"), day(1, 0), day(20, 0)),
		during(standard(domain.MeterInput, "4"), day(10, 9), day(10, 17)), during(standard(domain.MeterInput, "3"), day(10, 17), time.Time{}),
		during(standard(domain.MeterCacheRead, "1"), day(15, 3), time.Time{}),
		during(standard(domain.MeterOutput, "15"), day(22, 0), noon.AddDate(0, 1, 0)), during(standard(domain.MeterOutput, "25"), noon.AddDate(0, 1, 0), time.Time{}))
}

// TestGolden writes each format. Read the difference before you take it over.
func TestGolden(t *testing.T) {
	for _, format := range domain.ExportFormats() {
		t.Run(string(format), func(t *testing.T) {
			models := shop()
			if format.TellsThePast() {
				models = append(models, past())
			}
			got := write(t, format, models...)
			if format != domain.ExportCSV {
				var indented bytes.Buffer
				if err := json.Indent(&indented, got, "", "  "); err != nil {
					t.Fatalf("%v: %s", err, got)
				}
				got = indented.Bytes()
			}
			path := filepath.Join("testdata", strings.ReplaceAll(string(format), "/", "-"))
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not %s: %s", format, path, got)
			}
		})
	}
}

// TestAnEmptyCatalogueIsWritten in every format, and an unknown format is refused.
func TestAnEmptyCatalogueIsWritten(t *testing.T) {
	for _, format := range domain.ExportFormats() {
		got := write(t, format)
		if format == domain.ExportCSV {
			if rows, err := csv.NewReader(bytes.NewReader(got)).ReadAll(); err != nil || len(rows) != 1 {
				t.Errorf("%s: %v, %v", format, rows, err)
			}
			continue
		}
		if !json.Valid(got) || strings.Contains(string(got), "null") {
			t.Errorf("%s: %s", format, got)
		}
	}
	if _, err := (Writer{}).Export("excel", ports.Export{}); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("an unknown format: %v", err)
	}
}

// TestOrderDoesNotMatter: the same models are the same bytes.
func TestOrderDoesNotMatter(t *testing.T) {
	for _, format := range domain.ExportFormats() {
		models := shop()
		first := write(t, format, models...)
		for i, j := 0, len(models)-1; i < j; i, j = i+1, j-1 {
			models[i], models[j] = models[j], models[i]
		}
		if again := write(t, format, models...); !bytes.Equal(first, again) {
			t.Errorf("%s depends on the order of models", format)
		}
	}
}

// TestFormulasAreText in the cells of prices.csv.
func TestFormulasAreText(t *testing.T) {
	m := model("acme", "=1+1", standard(domain.MeterInput, "1"))
	m.DisplayName = "a \"b\",\r\nc"
	if got, want := string(write(t, domain.ExportCSV, m)), "\r\nacme,'=1+1,\"a \"\"b\"\",\r\nc\",standard,input,"; !strings.Contains(got, want) {
		t.Errorf("%q has no %q", got, want)
	}
}

// TestEveryFormatIsDescribed in docs/exports.md.
func TestEveryFormatIsDescribed(t *testing.T) {
	text, err := os.ReadFile("../../docs/exports.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range domain.ExportFormats() {
		if name := strings.TrimPrefix(string(format), "genai-prices/"); !strings.Contains(string(text), name+"`") {
			t.Errorf("%s is not described", format)
		}
	}
}

// TestANameOfTwoModelsIsNobodys: whoever asks by it would be told the price of another.
func TestANameOfTwoModelsIsNobodys(t *testing.T) {
	both := []domain.RateView{standard(domain.MeterInput, "1"), standard(domain.MeterOutput, "2")}
	models := []ports.ModelView{
		model("openai", "twice", append([]domain.RateView(nil), both...)...), model("anthropic", "twice", append([]domain.RateView(nil), both...)...),
		model("x-ai", "grok", append([]domain.RateView(nil), both...)...), model("xai", "grok", append([]domain.RateView(nil), both...)...),
		model("openai", "once", append([]domain.RateView(nil), both...)...),
	}
	if text := string(write(t, domain.ExportLiteLLM, models...)); strings.Contains(text, "twice") || !strings.Contains(text, "once") || !strings.Contains(text, "xai/grok") {
		t.Errorf("LiteLLM: %s", text)
	}
	if text := string(write(t, domain.ExportOpenRouter, models...)); strings.Contains(text, "grok") || !strings.Contains(text, "openai/twice") {
		t.Errorf("OpenRouter: %s", text)
	}
}
