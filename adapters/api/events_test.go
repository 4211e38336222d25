package api_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ogen-go/ogen"

	"ratecard/domain"
)

// payloads are what events of a kind carry.
var payloads = map[string]any{
	"ModelPayload": domain.ModelPayload{}, "RatePayload": domain.RatePayload{}, "RulingPayload": domain.RulingPayload{},
	"PagePayload": domain.PagePayload{}, "SyncPayload": domain.SyncPayload{}, "StageFailure": domain.StageError{},
	"SettingsPayload": domain.SettingsPayload{}, "KeyPayload": domain.KeyPayload{}, "JobPayload": domain.JobPayload{}, "ConfigPayload": domain.ConfigPayload{},
	"AdjustmentPayload": domain.AdjustmentPayload{}, "HeldPayload": domain.HeldPayload{}, "SyncRequestedPayload": domain.SyncRequestedPayload{}, "SyncStartedPayload": domain.SyncStartedPayload{},
}

// TestPayloadsAreDescribed as they are written: every field, and which of them
// may be left out.
func TestPayloadsAreDescribed(t *testing.T) {
	described, err := ogen.Parse(spec(t))
	if err != nil {
		t.Fatal(err)
	}
	for name := range described.Components.Schemas {
		if strings.HasSuffix(name, "Payload") && payloads[name] == nil {
			t.Errorf("%s describes nothing that is written", name)
		}
	}
	for name, payload := range payloads {
		schema := described.Components.Schemas[name]
		if schema == nil {
			t.Errorf("%s is not described", name)
			continue
		}
		var fields, needed []string
		for field := range reflect.TypeOf(payload).Fields() {
			tag, optional := strings.CutSuffix(field.Tag.Get("json"), ",omitempty")
			fields = append(fields, tag)
			if !optional {
				needed = append(needed, tag)
			}
		}
		var said []string
		for _, property := range schema.Properties {
			said = append(said, property.Name)
		}
		for what, lists := range map[string][2][]string{"fields": {fields, said}, "required fields": {needed, schema.Required}} {
			slices.Sort(lists[0])
			slices.Sort(lists[1])
			if !slices.Equal(lists[0], lists[1]) {
				t.Errorf("%s: the %s written are %v, described are %v", name, what, lists[0], lists[1])
			}
		}
	}
}
