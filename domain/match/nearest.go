package match

import (
	"cmp"
	"slices"
	"strings"

	"ratecard/domain"
)

// Refusal says why a name does not price a model that it is near to.
type Refusal string

// The refusals, the plainest first.
const (
	RefusedForbidden Refusal = "forbidden"  // an administrator forbade the pair
	RefusedUnprinted Refusal = "unprinted"  // the model is pinned to this name, which the page does not print
	RefusedPinned    Refusal = "pinned"     // the model is pinned to another name
	RefusedHeld      Refusal = "held"       // they differ by typing slips: held until somebody pins the pair
	RefusedTie       Refusal = "tie"        // it fits, and another fits as well
	RefusedApart     Refusal = "sold_apart" // a dated edition that was sold at another price than its base
	RefusedSnapshot  Refusal = "snapshot"   // another dated edition, or a dated one for a model without a date
	RefusedVersion   Refusal = "version"    // another version
	RefusedSize      Refusal = "size"       // another size
	RefusedVariant   Refusal = "variant"    // another word: another variant of the family
	RefusedFar       Refusal = "far"        // nothing near
)

// Refuse says why a name that is near to a model does not price it by itself.
func Refuse(m domain.Model, name string) Refusal {
	a, b := Parse(m.ID), Parse(name)
	missing, extra := without(a.Words, b.Words), without(b.Words, a.Words)
	switch {
	case len(missing)+len(extra) == 0 && slices.Equal(a.Versions, b.Versions):
		switch {
		case b.Snapshot != "" && a.Snapshot != b.Snapshot:
			return RefusedSnapshot
		case soldApart[m.ModelKey]:
			return RefusedApart
		}
		return RefusedTie
	case len(a.Words) > 0 && len(missing) == len(a.Words):
		return RefusedFar
	case len(missing)+len(extra) > 0 && !slices.ContainsFunc(slices.Concat(missing, extra), notSize):
		return RefusedSize
	case len(missing)+len(extra) > 0:
		return RefusedVariant
	default:
		return RefusedVersion
	}
}

// notSize reports whether a word is no size such as "70b", "1.5t" or "32k".
func notSize(word string) bool {
	number := strings.TrimRight(word, "bkmt")
	return len(word)-len(number) != 1 || strings.Trim(number, "0123456789.") != ""
}

// A Neighbourhood finds among texts those whose identities share most.
type Neighbourhood struct {
	texts []string
	sizes []int            // of each text: what its parts weigh
	with  map[string][]int // by part: the texts that have it
}

// Neighbours makes a neighbourhood of ids or names.
func Neighbours(texts []string) *Neighbourhood {
	n := &Neighbourhood{texts: texts, sizes: make([]int, len(texts)), with: map[string][]int{}}
	for i, text := range texts {
		parts := partsOf(text)
		for _, part := range parts {
			n.sizes[i] += weight(part)
			n.with[part] = append(n.with[part], i)
		}
	}
	return n
}

// partsOf gives the parts of an identity, each once.
func partsOf(text string) []string {
	id := Parse(text)
	parts := slices.Concat(id.Words, id.Versions)
	if id.Snapshot != "" {
		parts = append(parts, id.Snapshot)
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// weight makes another version of a model nearer than another model of the
// version.
func weight(part string) int {
	if part[0] >= '0' && part[0] <= '9' {
		return 1
	}
	return 2
}

// Nearest gives at most so many texts that share a part with a text, those
// with the fewest differences first.
func (n *Neighbourhood) Nearest(text string, most int) []string {
	size, shared := 0, map[int]int{}
	for _, part := range partsOf(text) {
		size += weight(part)
		for _, i := range n.with[part] {
			shared[i] += weight(part)
		}
	}
	near := make([]int, 0, len(shared))
	for i := range shared {
		near = append(near, i)
	}
	differences := func(i int) int { return size + n.sizes[i] - 2*shared[i] }
	slices.SortFunc(near, func(i, j int) int {
		return cmp.Or(cmp.Compare(differences(i), differences(j)), strings.Compare(n.texts[i], n.texts[j]))
	})
	out := make([]string, 0, most)
	for _, i := range near[:min(most, len(near))] {
		out = append(out, n.texts[i])
	}
	return out
}
