package providers

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"ratecard/domain"
)

//go:embed provider.schema.json
var schemaText []byte

// The schema and its parts.
const (
	schemaURL      = "urn:ratecard:provider"
	providerSchema = schemaURL
	scrapingSchema = schemaURL + "#/$defs/scraping"
	simpleSchema   = schemaURL + "#/$defs/simple"
)

// Schema is the JSON Schema of provider files; that of a scraping configuration
// stands in it under $defs.
func Schema() []byte { return slices.Clone(schemaText) }

// ScrapingSchema is the JSON Schema of a scraping configuration in either form.
func ScrapingSchema() ([]byte, error) {
	var whole struct {
		Schema string                     `json:"$schema"`
		Defs   map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(schemaText, &whole); err != nil {
		return nil, fmt.Errorf("provider.schema.json: %w", err)
	}
	delete(whole.Defs, "api")
	return json.MarshalIndent(map[string]any{
		"$schema": whole.Schema,
		"title":   "ratecard scraping configuration",
		"anyOf":   []any{map[string]string{"$ref": "#/$defs/scraping"}, map[string]string{"$ref": "#/$defs/simple"}},
		"$defs":   whole.Defs,
	}, "", "  ")
}

// schema is the published schema, ready to check. Its descriptions say what is
// allowed in words that follow "expected", so that the messages and the file
// that people read cannot drift apart.
type schema struct {
	text  any // the schema itself as JSON
	parts map[string]*jsonschema.Schema
}

// published compiles the schema once.
var published = sync.OnceValues(func() (*schema, error) {
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return nil, fmt.Errorf("provider.schema.json: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaURL, text); err != nil {
		return nil, fmt.Errorf("provider.schema.json: %w", err)
	}
	s := &schema{text: text, parts: map[string]*jsonschema.Schema{}}
	for _, part := range []string{providerSchema, scrapingSchema, simpleSchema} {
		if s.parts[part], err = compiler.Compile(part); err != nil {
			return nil, fmt.Errorf("provider.schema.json: %w", err)
		}
	}
	return s, nil
})

// check gives every fault of an instance, ordered by path.
func (s *schema) check(part string, instance any) []domain.FieldError {
	var failed *jsonschema.ValidationError
	if !errors.As(s.parts[part].Validate(instance), &failed) {
		return nil
	}
	faults := s.faults(failed)
	slices.SortFunc(faults, func(a, b domain.FieldError) int { return strings.Compare(a.Path, b.Path) })
	return slices.Compact(faults)
}

// faults turns what the validator found into paths and words.
func (s *schema) faults(e *jsonschema.ValidationError) []domain.FieldError {
	at, rule := fieldPath(e.InstanceLocation), s.rule(e.SchemaURL)
	switch what := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		var found []domain.FieldError
		for _, name := range what.Properties {
			found = append(found, domain.FieldError{Path: under(at, name), Message: "unknown field: expected one of " + strings.Join(properties(rule), ", ")})
		}
		return found
	case *kind.Required:
		var found []domain.FieldError
		for _, name := range what.Missing {
			found = append(found, domain.FieldError{Path: under(at, name), Message: "missing: expected " + s.expected(e.SchemaURL+"/properties/"+name)})
		}
		return found
	case *kind.Type:
		return []domain.FieldError{{Path: at, Message: fmt.Sprintf("%s came: expected %s", what.Got, s.expected(e.SchemaURL))}}
	}
	if len(e.Causes) == 0 {
		return []domain.FieldError{{Path: at, Message: "expected " + s.expected(e.SchemaURL)}}
	}
	var found []domain.FieldError
	for _, cause := range e.Causes {
		found = append(found, s.faults(cause)...)
	}
	return found
}

// rule is the part of the schema that an address names.
func (s *schema) rule(address string) map[string]any {
	_, pointer, _ := strings.Cut(address, "#")
	at := s.text
	for _, step := range strings.Split(strings.Trim(pointer, "/"), "/") {
		if object, ok := at.(map[string]any); ok && step != "" {
			at = object[step]
		}
	}
	rule, _ := at.(map[string]any)
	return rule
}

// expected says what a rule allows.
func (s *schema) expected(address string) string {
	rule := s.rule(address)
	if choices, ok := rule["enum"].([]any); ok {
		return "one of " + strings.Trim(fmt.Sprintf("%q", choices), "[]")
	}
	if text, ok := rule["description"].(string); ok {
		return text
	}
	if ref, ok := rule["$ref"].(string); ok {
		return s.expected(ref)
	}
	return "something else"
}

func properties(rule map[string]any) []string {
	known, _ := rule["properties"].(map[string]any)
	var names []string
	for name := range known {
		if name != "$schema" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// fieldPath writes a location as people do: sources[0].url.
func fieldPath(location []string) string {
	if len(location) == 0 {
		return "$"
	}
	path := ""
	for _, step := range location {
		if _, err := strconv.Atoi(step); err == nil {
			path += "[" + step + "]"
		} else {
			path = under(path, step)
		}
	}
	return path
}

func under(path, field string) string {
	if path == "" || path == "$" {
		return field
	}
	return path + "." + field
}
