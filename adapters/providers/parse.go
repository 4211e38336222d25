package providers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ratecard/domain"
)

// ParseFile reads a provider file. What is wrong with it comes as KindInvalid,
// every fault with its field's path and what is allowed there. A provider is
// enabled unless its file says otherwise.
func ParseFile(text []byte) (domain.Provider, error) {
	p := domain.Provider{Enabled: true}
	if err := parse(text, "provider file", providerSchema, &p); err != nil {
		return domain.Provider{}, err
	}
	if faults := checkProvider(p); len(faults) > 0 {
		return domain.Provider{}, invalid("provider file", faults)
	}
	return p, nil
}

// ParseScraping reads the scraping part alone, as it stands under "scraping" in
// a provider file, or the simple form (an address and columns by index), which
// it converts.
func ParseScraping(text []byte) (domain.Scraping, error) {
	if isSimple(text) {
		return parseSimple(text)
	}
	var s domain.Scraping
	if err := parse(text, "scraping configuration", scrapingSchema, &s); err != nil {
		return domain.Scraping{}, err
	}
	if faults := checkScraping("", s); len(faults) > 0 {
		return domain.Scraping{}, invalid("scraping configuration", faults)
	}
	return s, nil
}

// parse checks a text against a part of the schema and decodes it.
func parse(text []byte, what string, part string, into any) error {
	text = withoutMark(text)
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return domain.Errorf(domain.KindInvalid, "%s: %s", what, whatCame(text))
	}
	rules, err := published()
	if err != nil {
		return err
	}
	if faults := append(rules.check(part, instance), unstorable("$", instance)...); len(faults) > 0 {
		return invalid(what, faults)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return domain.Wrap(domain.KindInvalid, err, "%s: it could not be decoded", what)
	}
	return nil
}

// unstorable finds the texts, names of fields among them, that hold what no text
// holds: the store has no place for it.
func unstorable(at string, v any) (faults []domain.FieldError) {
	switch v := v.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			faults = append(faults, domain.FieldError{Path: at, Message: "a NUL character is in it: expected text without"})
		}
	case []any:
		for i, item := range v {
			faults = append(faults, unstorable(fmt.Sprintf("%s[%d]", at, i), item)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			faults = append(faults, unstorable(under(at, strings.ReplaceAll(name, "\x00", "")), name)...)
			faults = append(faults, unstorable(under(at, name), v[name])...)
		}
	}
	return faults
}

func invalid(what string, faults []domain.FieldError) error {
	return &domain.Error{Kind: domain.KindInvalid, Message: "invalid " + what, Fields: faults}
}

// decodeObject decodes a JSON object that is all of a body.
func decodeObject(body []byte, into any) error {
	trimmed := bytes.TrimSpace(withoutMark(body))
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return errors.New("no JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(trimmed))
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more after the JSON object")
	}
	return nil
}

// withoutMark drops the byte order mark that some editors put in front.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }
