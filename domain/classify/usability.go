package classify

import (
	"regexp"

	"ratecard/domain"
)

// What is said of a model that is on its way out, and of one that is not for
// everybody yet. "Limited" by itself may speak of an offer; limited availability
// speaks of the model.
var (
	leaving = regexp.MustCompile(`-(?:deprecated|deprecation|retired|retires|retiring|retirement|discontinued|sunset|sunsetting|obsolete|decommissioned|` +
		`end-of-life|eol|shut-down|shutdown|no-longer-(?:available|supported|offered|sold))-`)
	early = regexp.MustCompile(`-(?:preview|previews|beta|alpha|exp|experimental|experiment|early-access|eap|` +
		`limited-(?:availability|access|release|rollout)|invitation-only|invite-only|waitlist|not-generally-available)-`)
	onlyLimited = "-limited-"
)

// Usability says whether a model can be used, from the words of its id and name
// and from the remarks that a page makes beside it. Whoever announces an end has
// deprecated the model, even if it still answers somewhere; that weighs more than
// a preview.
func Usability(m domain.Model, remarks []string) domain.Usability {
	said := []string{spaced(m.ID), spaced(m.DisplayName)}
	isLimited := false
	for _, remark := range remarks {
		said = append(said, spaced(remark))
		isLimited = isLimited || spaced(remark) == onlyLimited
	}
	switch {
	case anyMatches(leaving, said):
		return domain.UsabilityDeprecated
	case isLimited || anyMatches(early, said):
		return domain.UsabilityPreview
	default:
		return domain.UsabilityAvailable
	}
}

func anyMatches(pattern *regexp.Regexp, texts []string) bool {
	for _, text := range texts {
		if pattern.MatchString(text) {
			return true
		}
	}
	return false
}
