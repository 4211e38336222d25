package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"ratecard/domain"
)

// SourceAPI is the source of models that a list API named.
const SourceAPI = "api"

// StableFor is how long a doubted list has to say the same before it is
// believed (PROPERTIES 5, DESIGN 5): a day.
const StableFor = 24 * time.Hour

// suspiciousFrom is the number of listed models from which a loss of more than
// half is doubted. An empty list is doubted always.
const suspiciousFrom = 20

// ModelChange is what a listing changes in the models.
type ModelChange struct {
	Models []domain.Model // new versions
	Events []domain.Event
	List   ListState
	Added, Updated,
	Deprecated int
	Doubt string // why nothing was deprecated by absence, empty where nothing was in doubt
}

// DiffModels decides which models are new, changed, gone or back. list holds
// the listed models as they are now understood (classified, with their
// usability); known the current version of every known model.
//
// A list's silence deprecates only what a list once contained, and only when
// the list is complete and not in doubt; that of pages deprecates nothing.
func DiffModels(known []domain.ModelVersion, list domain.Listing, state ListState, now time.Time) ModelChange {
	c := ModelChange{List: state}
	byID := make(map[string]*domain.ModelVersion, len(known))
	for i := range known {
		byID[known[i].ID] = &known[i]
	}
	listed := make(map[string]bool, len(list.Models))
	for _, m := range list.Models {
		listed[m.ID] = true
		c.see(byID[m.ID], m, now)
	}
	if list.Pages {
		return c
	}
	if !list.Complete {
		c.Doubt = "the list is incomplete"
		return c
	}
	if c.doubt(known, list, now); c.Doubt != "" {
		return c
	}
	for i := range known {
		if m := known[i].Model; !listed[m.ID] && m.Source == SourceAPI && m.Usability.Active() {
			c.deprecate(m, now)
		}
	}
	return c
}

// see records what a listed model is now.
func (c *ModelChange) see(old *domain.ModelVersion, m domain.Model, now time.Time) {
	if old == nil {
		if m.Usability == domain.UsabilityDeprecated {
			m.DeprecatedAt = &now
		}
		c.Added++
		c.add(m, domain.EventModelFound, nil, now)
		return
	}
	m.DeprecatedAt = nil
	if m.Usability == domain.UsabilityDeprecated {
		m.DeprecatedAt = old.DeprecatedAt
		if m.DeprecatedAt == nil {
			m.DeprecatedAt = &now
		}
	}
	changed := differences(old.Model, m)
	switch {
	case len(changed) == 0:
		return
	case old.Usability.Active() && !m.Usability.Active():
		c.Deprecated++
		c.add(m, domain.EventModelDeprecated, nil, now)
	case !old.Usability.Active() && m.Usability.Active():
		c.Updated++
		c.add(m, domain.EventModelReturned, nil, now)
	default:
		c.Updated++
		c.add(m, domain.EventModelChanged, changed, now)
	}
}

func (c *ModelChange) deprecate(m domain.Model, now time.Time) {
	m.Usability, m.DeprecatedAt = domain.UsabilityDeprecated, &now
	c.Deprecated++
	c.add(m, domain.EventModelDeprecated, nil, now)
}

func (c *ModelChange) add(m domain.Model, kind domain.EventKind, changed []string, now time.Time) {
	c.Models = append(c.Models, m)
	c.Events = append(c.Events, domain.Event{
		At: now, Kind: kind, Provider: m.Provider, Model: m.ID,
		Payload: domain.ModelPayload{DisplayName: m.DisplayName, Usability: m.Usability, Changed: changed},
	})
}

// doubt decides whether a complete list may deprecate by its silence. A list
// that is empty, has lost over half of 20 and more models, or was asked with
// another key must say the same again a day later.
func (c *ModelChange) doubt(known []domain.ModelVersion, list domain.Listing, now time.Time) {
	reason := c.reason(known, list)
	digest := listDigest(list.Models)
	switch {
	case reason == "":
		c.List = ListState{LastComplete: now, KeyFingerprint: list.KeyFingerprint}
	case c.List.DoubtedDigest == digest && !now.Before(c.List.DoubtedSince.Add(StableFor)):
		c.List = ListState{LastComplete: now, KeyFingerprint: list.KeyFingerprint}
	case c.List.DoubtedDigest == digest:
		c.Doubt = reason
	default:
		c.List.DoubtedSince, c.List.DoubtedDigest = now, digest
		c.Doubt = reason
	}
}

func (c *ModelChange) reason(known []domain.ModelVersion, list domain.Listing) string {
	before := 0
	for i := range known {
		if known[i].Source == SourceAPI && known[i].Usability.Active() {
			before++
		}
	}
	switch {
	case before == 0:
		return ""
	case len(list.Models) == 0:
		return "the list is empty"
	case before >= suspiciousFrom && len(list.Models)*2 < before:
		return "the list lost over half of its models"
	case c.List.KeyFingerprint != list.KeyFingerprint && !c.List.LastComplete.IsZero():
		return "the list was asked with another key"
	}
	return ""
}

func listDigest(models []domain.Model) string {
	ids := make([]string, len(models))
	for i, m := range models {
		ids[i] = m.ID
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	return hex.EncodeToString(sum[:])
}

// differences names the attributes in which two versions of a model differ,
// by their names in answers. What the list's entry says without any attribute
// of ours is "raw".
func differences(a, b domain.Model) []string {
	var names []string
	note := func(name string, same bool) {
		if !same {
			names = append(names, name)
		}
	}
	note("displayName", a.DisplayName == b.DisplayName)
	note("ownedBy", a.OwnedBy == b.OwnedBy)
	note("created", sameTime(a.Created, b.Created))
	note("source", a.Source == b.Source)
	note("classification", slices.Equal(a.Classification, b.Classification))
	note("capabilities", slices.Equal(a.Capabilities, b.Capabilities))
	note("contextWindow", sameNumber(a.ContextWindow, b.ContextWindow))
	note("maxOutputTokens", sameNumber(a.MaxOutputTokens, b.MaxOutputTokens))
	note("usability", a.Usability == b.Usability)
	note("aliases", slices.Equal(a.Aliases, b.Aliases))
	note("retiresAt", sameTime(a.RetiresAt, b.RetiresAt))
	note("deprecatedAt", sameTime(a.DeprecatedAt, b.DeprecatedAt))
	note("remarks", slices.Equal(a.Remarks, b.Remarks))
	note("statedPricing", a.StatedPricing == b.StatedPricing)
	note("raw", sameJSON(a.Raw, b.Raw))
	return names
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func sameNumber(a, b *int64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// sameJSON compares what two documents say; the order of fields and white
// space are the store's and the provider's own business.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return decodeExact(a, &x) && decodeExact(b, &y) && reflect.DeepEqual(x, y)
}

func decodeExact(b []byte, v *any) bool {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(v) == nil
}
