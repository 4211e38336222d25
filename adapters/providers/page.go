package providers

import (
	"encoding/json"

	"ratecard/domain"
)

// A page of a model list.
type page struct {
	models  []domain.Model // without their provider
	private []string       // ids of models that only this account has: they come, and are left out
	more    bool           // another page follows
	next    string         // the cursor that leads there
}

// sourceAPI is domain.Model's Source of what a list API told us.
const sourceAPI = "api"

// add reads a page's entries. Only the id is promised, a text in the field of
// that name; what else is missing or not as documented is absent, and the raw
// entry still has it. understand gives the model, or false for a private one.
// at is the list's own field, for errors; empty where the list is all there is.
func (p *page) add(at string, entries []json.RawMessage, idField string, understand func(id string, entry fields) (domain.Model, bool)) error {
	for i, raw := range entries {
		entry := fields{}
		id := ""
		if json.Unmarshal(raw, &entry) == nil {
			id = entry.text(idField)
		}
		if id == "" {
			return domain.Errorf(domain.KindUpstream, "%s[%d]: expected an object with an %q that is a text", at, i, idField)
		}
		m, public := understand(id, entry)
		if !public {
			p.private = append(p.private, id)
			continue
		}
		m.Source, m.Raw = sourceAPI, raw
		p.models = append(p.models, m)
	}
	return nil
}
