package providers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// whatCame says what a body is that is not the JSON which was expected, and
// where it stops being it. It quotes nothing but the names of fields: a body
// may repeat a key.
func whatCame(body []byte) string {
	trimmed := bytes.TrimSpace(withoutMark(body))
	var value any
	err := json.Unmarshal(trimmed, &value)
	var syntax *json.SyntaxError
	switch {
	case len(trimmed) == 0:
		return "an empty body came instead of JSON"
	case trimmed[0] == '<':
		return "an HTML or XML page came instead of JSON"
	case errors.As(err, &syntax):
		return brokenJSON(body, len(body)-len(bytes.TrimLeft(body, "\ufeff \t\r\n"))+int(syntax.Offset), syntax)
	case err != nil:
		return "JSON came that could not be read"
	}
	switch v := value.(type) {
	case map[string]any:
		return "a JSON object came with " + fieldNames(v)
	case []any:
		return "a JSON array came instead of an object"
	default:
		return "a bare JSON value came instead of an object"
	}
}

// brokenJSON says where JSON breaks. Offset counts the bytes read before the
// parser gave up.
func brokenJSON(body []byte, offset int, err *json.SyntaxError) string {
	read := body[:min(max(offset, 0), len(body))]
	line := bytes.Count(read, []byte("\n")) + 1
	column := len(read) - bytes.LastIndexByte(read, '\n') - 1
	where := fmt.Sprintf("at byte %d of %d (line %d, column %d)", len(read), len(body), line, max(column, 1))
	if strings.HasPrefix(err.Error(), "unexpected end") {
		return "the JSON breaks off " + where
	}
	return fmt.Sprintf("not JSON: %v %s", err, where)
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_$-]{1,40}$`)

// fieldNames lists an object's first fields.
func fieldNames(object map[string]any) string {
	var names []string
	for name := range object {
		if plainName.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "no field that is known"
	}
	return "the fields " + strings.Join(names[:min(len(names), 8)], ", ")
}
