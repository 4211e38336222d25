package scrape

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ratecard/domain"
)

// wordsOf splits a text into lower-case words: letters and digits, with the
// point inside a number ("4.5") and the plus, percent and dollar signs kept.
func wordsOf(s string) []string {
	var out []string
	var b strings.Builder
	runes := []rune(strings.ToLower(s))
	end := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case r == '.' && b.Len() > 0 && i+1 < len(runes) && unicode.IsDigit(runes[i+1]) && unicode.IsDigit(runes[i-1]):
			b.WriteRune(r)
		case r == '\'' || r == '’':
		default:
			end()
		}
	}
	end()
	return out
}

// normal is a text reduced to its words, to compare texts.
func normal(s string) string { return strings.Join(wordsOf(s), " ") }

func anyOf(words []string, of ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(of, w) })
}

// modality is what tokens stand for.
type modality int

const (
	unsaid modality = iota
	ofText
	ofAudio
	ofImage
	ofVideo
)

func modalityOf(words []string) modality {
	found := unsaid
	for m, names := range map[modality][]string{
		ofText: {"text"}, ofAudio: {"audio", "speech"}, ofImage: {"image", "images"}, ofVideo: {"video", "videos"},
	} {
		if anyOf(words, names...) {
			if found != unsaid {
				return unsaid
			}
			found = m
		}
	}
	return found
}

// meterIn gives the token meter of a base meter and a modality, if there is one.
func meterIn(base domain.Meter, m modality) (domain.Meter, bool) {
	if m == unsaid || m == ofText {
		return base, true
	}
	suffix := map[modality]string{ofAudio: "_audio", ofImage: "_image", ofVideo: "_video"}[m]
	meter := domain.Meter(string(base) + suffix)
	return meter, meter.CountsTokens()
}

// Words that make a header speak of something other than a price per token:
// how many tokens there are, how many are allowed, what an example adds up to.
var notAPrice = []string{
	"count", "counts", "limit", "limits", "additional", "context", "window", "max", "maximum", "multiplier", "multipliers",
	"tpm", "rpm", "rpd", "tpd", "example", "calculation", "length", "definition", "per", "modality", "modalities", "quota",
	"training", "discount", "savings", "latency", "speed", "estimated", "total", "type", "types", "requests",
}

var duration = regexp.MustCompile(`(?i)\b(\d+)\s*-?\s*(m|min|mins|minutes?|h|hr|hrs|hours?|d|days?)\b`)

// meterOf tells which token meter a header, a row's label or a label inside a
// cell speaks of, by its words. Nothing when it speaks of none, of several, or
// of one that no meter stands for.
func meterOf(label string) (domain.Meter, bool) {
	if strings.ContainsAny(label, digits) {
		label = thresholdPhrase.ReplaceAllString(label, " ")
	}
	if strings.Contains(label, "/") || strings.Contains(strings.ToLower(label), "per ") {
		label = withoutUnit(label)
	}
	words := wordsOf(label)
	if i := slices.Index(words, "context"); i >= 0 && i+1 < len(words) && strings.HasPrefix(words[i+1], "cach") {
		words = slices.Replace(words, i, i+1, "prompt") // "context caching" is that of prompts
	}
	if len(words) == 0 || len(words) > 8 || anyOf(words, notAPrice...) {
		return "", false
	}
	in := anyOf(words, "input", "inputs", "prompt")
	out := anyOf(words, "output", "outputs", "completion", "completions", "response", "responses")
	cache := anyOf(words, "cache", "cached", "caching", "caches")
	write := anyOf(words, "write", "writes", "writing", "written", "creation", "create")
	read := anyOf(words, "read", "reads", "hit", "hits", "refresh", "refreshes", "cached")
	kind := modalityOf(words)
	switch {
	case anyOf(words, "non", "not"):
		return "", false
	case anyOf(words, "uncached") || cache && anyOf(words, "miss", "misses"): // what is not in the cache is plain input
		if out || write || read || !in {
			return "", false
		}
		return meterIn(domain.MeterInput, kind)
	case cache && anyOf(words, "storage", "store"):
		return domain.MeterCacheStorage, !write && !read
	case cache && write:
		return writeMeter(label, read || out)
	case cache && out:
		return "", false
	case cache && (read || in || anyOf(words, "price", "cost")):
		return meterIn(domain.MeterCacheRead, kind)
	case cache || in == out:
		return "", false
	case in:
		return meterIn(domain.MeterInput, kind)
	default:
		return meterIn(domain.MeterOutput, kind)
	}
}

// writeMeter tells cache writes apart by how long they hold.
func writeMeter(label string, ambiguous bool) (domain.Meter, bool) {
	found := duration.FindAllStringSubmatch(label, -1)
	if ambiguous || len(found) > 1 {
		return "", false
	}
	if len(found) == 0 {
		return domain.MeterCacheWrite, true
	}
	switch found[0][1] + found[0][2][:1] {
	case "5m", "5M":
		return domain.MeterCacheWrite, true
	case "1h", "1H", "60m", "60M":
		return domain.MeterCacheWrite1h, true
	}
	return "", false
}

// tierWords are the phrases by which pages name the tiers.
var tierWords = map[domain.Tier][]string{
	domain.TierStandard: {"standard"},
	domain.TierBatch:    {"batch", "batches", "batched", "batching"},
	domain.TierFlex:     {"flex"},
	domain.TierPriority: {"priority"},
	domain.TierFast:     {"fast mode"},
}

// filler are words that may stand beside a tier's name without meaning more.
var filler = []string{
	"api", "tier", "mode", "processing", "pricing", "price", "prices", "rates", "rate", "cost", "costs", "service", "token", "tokens", "usage", "the", "for", "fast", "data",
}

// vocabulary is how one source names the tiers: the words above and those of
// its configuration.
type vocabulary map[domain.Tier][]string

func newVocabulary(more map[string][]string) vocabulary {
	v := vocabulary{}
	for tier, phrases := range tierWords {
		v[tier] = append(v[tier], phrases...)
	}
	for tier, phrases := range more {
		for _, p := range phrases {
			p = normal(p)
			for other := range v { // a source's own word means what the source says
				v[other] = slices.DeleteFunc(v[other], func(known string) bool { return known == p })
			}
			v[domain.Tier(tier)] = append(v[domain.Tier(tier)], p)
		}
	}
	return v
}

// within finds the one tier that a text names. None when it names several.
func (v vocabulary) within(s string) (domain.Tier, bool) {
	padded := " " + normal(s) + " "
	var found domain.Tier
	for tier, phrases := range v {
		for _, p := range phrases {
			if strings.Contains(padded, " "+p+" ") {
				if found != "" && found != tier {
					return "", false
				}
				found = tier
			}
		}
	}
	return found, found != ""
}

// exactly finds the tier that a text names and says nothing else besides.
func (v vocabulary) exactly(s string) (domain.Tier, bool) {
	tier, ok := v.within(s)
	if !ok {
		// "Fast" alone is the fast mode's label on a tab; within a sentence
		// or a name it would be any fast thing.
		if beside := wordsBeside(s); len(beside) == 0 && anyOf(wordsOf(s), "fast") {
			return v.within("fast mode")
		}
		return "", false
	}
	rest := " " + normal(s) + " "
	for _, p := range v[tier] {
		rest = strings.ReplaceAll(rest, " "+p+" ", " ")
	}
	for _, w := range strings.Fields(rest) {
		if !slices.Contains(filler, w) {
			return "", false
		}
	}
	return tier, true
}

// wordsBeside are the words of a text that are no filler.
func wordsBeside(s string) []string {
	return slices.DeleteFunc(wordsOf(s), func(w string) bool { return slices.Contains(filler, w) })
}

// otherWays are ways of buying that are none of the tiers: their prices are no
// standard ones.
var otherWays = []string{"ultrafast", "ultra", "scale", "provisioned", "reserved", "dedicated", "throughput"}

// untiered tells whether a text names a way of buying that is none of the tiers,
// and nothing else.
func untiered(s string) bool {
	words := wordsBeside(s)
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(otherWays, w) })
}
