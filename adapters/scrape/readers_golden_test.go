package scrape_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"

	"ratecard/adapters/scrape"
	"ratecard/domain"
)

// tenThousandth is the unit of some data: 1/10000 USD per million tokens.
var tenThousandth = decimal.NewFromInt(10_000)

// sourceOf is a source with one reader, configured as its pages in testdata
// need it.
func sourceOf(reader string) domain.Source {
	cfg := domain.ReaderConfig{Reader: reader, Skip: []string{"Old prices"}}
	if reader == scrape.ReaderScript || reader == scrape.ReaderJSON {
		cfg.Divisor = &tenThousandth
	}
	return domain.Source{Name: "page", URL: "https://prices.example/page", Readers: []domain.ReaderConfig{cfg}}
}

// TestReaderGoldens reads pages of our own making, a folder for each reader.
func TestReaderGoldens(t *testing.T) {
	for _, reader := range []string{scrape.ReaderSections, scrape.ReaderScript, scrape.ReaderJSON, scrape.ReaderText} {
		pages, err := filepath.Glob(filepath.Join("testdata", reader, "*"))
		if err != nil || len(pages) == 0 {
			t.Fatalf("no pages in testdata/%s: %v", reader, err)
		}
		for _, page := range pages {
			t.Run(reader+"/"+filepath.Base(page), func(t *testing.T) {
				body, err := os.ReadFile(page)
				if err != nil {
					t.Fatal(err)
				}
				reading, err := scrape.New().Read(body, sourceOf(reader))
				golden := filepath.Join("testdata", "golden", reader+"-"+filepath.Base(page)+".txt")
				compareGolden(t, golden, shown(reading, err))
			})
		}
	}
}

func compareGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("read\n%s\nwant (go test -update writes it)\n%s", got, want)
	}
}
