package providers

import (
	"encoding/json"
	"fmt"

	"ratecard/domain"
)

// simple is the short form of a scraping configuration: one address, and which
// columns of its table are what. Several selectors are alternatives.
type simple struct {
	URL               string      `json:"url"`
	Selectors         selectors   `json:"selectors"`
	FallbackSelectors []selectors `json:"fallbackSelectors"`
}

type selectors struct {
	Table  string `json:"table"`
	Model  int    `json:"modelNameColumn"`
	Input  int    `json:"inputCostColumn"`
	Output int    `json:"outputCostColumn"`
}

// isSimple tells the short form by the fields that only it has.
func isSimple(text []byte) bool {
	var given map[string]json.RawMessage
	if json.Unmarshal(withoutMark(text), &given) != nil {
		return false
	}
	_, full := given["sources"]
	_, url := given["url"]
	_, selectors := given["selectors"]
	return !full && (url || selectors)
}

func parseSimple(text []byte) (domain.Scraping, error) {
	var s simple
	if err := parse(text, "scraping configuration", simpleSchema, &s); err != nil {
		return domain.Scraping{}, err
	}
	if faults := checkSimple(s); len(faults) > 0 {
		return domain.Scraping{}, invalid("scraping configuration", faults)
	}
	return s.scraping(), nil
}

// checkSimple finds what a schema cannot say, under the paths of the short form.
func checkSimple(s simple) []domain.FieldError {
	var faults faults
	faults.address("url", s.URL)
	faults.selectors("selectors", s.Selectors)
	for i, more := range s.FallbackSelectors {
		faults.selectors(fmt.Sprintf("fallbackSelectors[%d]", i), more)
	}
	return faults
}

func (f *faults) selectors(at string, s selectors) {
	f.css(at+".table", s.Table)
	if s.Input == s.Model {
		f.add(at+".inputCostColumn", "%d is modelNameColumn: expected another column", s.Input)
	}
	if s.Output == s.Model || s.Output == s.Input {
		f.add(at+".outputCostColumn", "%d is taken by another field: expected another column", s.Output)
	}
}

// scraping makes a source of each alternative: sources are tried in order until
// one of them states a price, and that is what fallback selectors are for.
func (s simple) scraping() domain.Scraping {
	var out domain.Scraping
	for i, alternative := range append([]selectors{s.Selectors}, s.FallbackSelectors...) {
		name := "page"
		if i > 0 {
			name = fmt.Sprintf("fallback-%d", i)
		}
		out.Sources = append(out.Sources, domain.Source{
			Name: name, URL: s.URL,
			Readers: []domain.ReaderConfig{{Reader: "tables", Selector: alternative.Table, Columns: map[string]int{
				domain.ColumnModel: alternative.Model, string(domain.MeterInput): alternative.Input, string(domain.MeterOutput): alternative.Output,
			}}},
		})
	}
	return out
}
