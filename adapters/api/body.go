package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"ratecard/domain"
)

// mostMisfits is how many fields of one body are named.
const mostMisfits = 100

// misfits names the fields of a body that do not fit the type that is read from
// it: by their full path, which a decoder that stops at the first does not tell.
// absent are names that the decoder missed somewhere. A misspelt field explains
// a missing one: what is missing is named where nothing else is wrong.
func misfits(body []byte, into any, absent []string) []domain.FieldError {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var given map[string]any
	if into == nil || d.Decode(&given) != nil {
		return nil
	}
	w := bodyWalk{absent: absent}
	w.object("", given, reflect.TypeOf(into))
	if len(w.wrong) > 0 {
		return w.wrong[:min(len(w.wrong), mostMisfits)]
	}
	return w.missing[:min(len(w.missing), mostMisfits)]
}

type bodyWalk struct {
	absent         []string
	wrong, missing []domain.FieldError
}

func (w *bodyWalk) misfit(path, format string, args ...any) {
	w.wrong = append(w.wrong, wrong(clip(path), format, args...))
}

func (w *bodyWalk) object(path string, given map[string]any, t reflect.Type) {
	known := fieldNames(reflect.Zero(t).Interface())
	for i, name := range known {
		value, there := given[name]
		field := t.Field(i).Type
		switch {
		case there:
			w.value(join(path, name), value, field)
		case needed(field) || slices.Contains(w.absent, name):
			w.missing = append(w.missing, wrong(join(path, name), "is missing"))
		}
	}
	for name := range given {
		if !slices.Contains(known, name) {
			w.misfit(join(path, name), "is not known; expected %s", strings.Join(known, ", "))
		}
	}
}

// needed reports whether a field of this type cannot be left out. Of lists the
// type does not tell.
func needed(t reflect.Type) bool {
	_, optional := wrapped(t, "Set")
	return !optional && t.Kind() != reflect.Slice && t.Kind() != reflect.Map
}

// wrapped gives the type inside one of those that may be unset or null.
func wrapped(t reflect.Type, mark string) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct {
		return t, false
	}
	value, holds := t.FieldByName("Value")
	_, marked := t.FieldByName(mark)
	if !holds || !marked {
		return t, false
	}
	return value.Type, true
}

func (w *bodyWalk) value(path string, given any, t reflect.Type) {
	t, nullable := wrapped(t, "Null")
	if nullable && given == nil {
		return
	}
	t, _ = wrapped(t, "Set")
	switch t.Kind() {
	case reflect.Struct:
		w.structured(path, given, t)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return // raw JSON fits anything
		}
		items, ok := given.([]any)
		if !ok {
			w.misfit(path, "is %s; expected a list", shape(given))
		}
		for i, item := range items {
			w.value(fmt.Sprintf("%s[%d]", path, i), item, t.Elem())
		}
	case reflect.String, reflect.Array: // an array is an id that is written as a string
		if _, ok := given.(string); !ok {
			w.misfit(path, "is %s; expected a string", shape(given))
		}
	case reflect.Bool:
		if _, ok := given.(bool); !ok {
			w.misfit(path, "is %s; expected true or false", shape(given))
		}
	case reflect.Int, reflect.Int64:
		n, ok := given.(json.Number)
		if !ok {
			w.misfit(path, "is %s; expected a whole number", shape(given))
		} else if _, err := n.Int64(); err != nil {
			w.misfit(path, "%s is not a whole number, or out of range", clip(n.String()))
		}
	}
}

func (w *bodyWalk) structured(path string, given any, t reflect.Type) {
	if t.PkgPath() == "time" {
		if _, ok := given.(string); !ok {
			w.misfit(path, "is %s; expected a time", shape(given))
		}
		return
	}
	fields, ok := given.(map[string]any)
	if !ok {
		w.misfit(path, "is %s; expected an object", shape(given))
		return
	}
	w.object(path, fields, t)
}

// shape says in words what kind of JSON value something is.
func shape(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the string %q", clip(v))
	case json.Number:
		return "the number " + clip(v.String())
	case bool:
		return fmt.Sprint(v)
	case []any:
		return "a list"
	default:
		return "an object"
	}
}
