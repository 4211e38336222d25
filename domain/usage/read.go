package usage

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"ratecard/domain"
)

// Counted is a provider's usage object by our meters.
type Counted struct {
	Usage   domain.Usage
	Unknown map[string]int64 // counts that stand for no meter, by their path in the object
	Tier    domain.Tier      // how it was bought; empty: not said
	Region  domain.Region    // where it was served; empty: not said

	// OtherTier is the provider's word for how it was bought where that is no
	// tier of ours: any tier taken instead would be a guess, so whoever bills it
	// has to be told the tier.
	OtherTier Word
}

// Word is a word of a provider's, and the path of the field that says it. The
// zero Word is none.
type Word struct{ Path, Text string }

// Read counts a usage object, or a whole answer that has one in its "usage" or
// "usageMetadata". Whose it is tells the names of its fields; dialect decides
// where they leave that open, and may be empty. An error is a *domain.Error of
// KindInvalid whose paths begin at the object ("" is the object itself).
func Read(raw []byte, dialect domain.Dialect) (Counted, error) {
	answer, err := object(raw)
	if err != nil {
		return Counted{}, err
	}
	o := &counts{root: answer, seen: map[string]bool{}}
	for _, name := range []string{"usage", "usageMetadata"} {
		if inner, ok := answer[name].(map[string]any); ok {
			o.root, o.above, o.prefix = inner, answer, name
		}
	}
	var c Counted
	switch {
	case o.hasAny("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "responseTokenCount"):
		c = o.google()
	case o.hasAny("prompt_tokens", "completion_tokens"):
		c = o.openai("prompt", "completion", dialect == domain.DialectXAI)
	case o.hasAny("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "server_tool_use"),
		o.hasAny("input_tokens") && dialect == domain.DialectAnthropic:
		c = o.anthropic()
	case o.hasAny("input_tokens", "output_tokens"):
		c = o.openai("input", "output", false)
	default:
		o.wrong("", "has none of the counts by which a usage object is known: prompt_tokens, input_tokens or promptTokenCount")
	}
	c.Unknown, c.OtherTier = o.rest(), o.otherTier
	if len(o.faults) > 0 {
		return Counted{}, &domain.Error{Kind: domain.KindInvalid, Message: "the usage contradicts itself, or cannot be read", Fields: o.faults}
	}
	return c, nil
}

func object(raw []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var o map[string]any
	err := d.Decode(&o)
	if _, more := d.Token(); err != nil || o == nil || more != io.EOF {
		return nil, &domain.Error{Kind: domain.KindInvalid, Message: "the usage cannot be read", Fields: []domain.FieldError{
			{Message: "is not a JSON object; expected a provider's usage object, or an answer with one in it"},
		}}
	}
	return o, nil
}

// tiers are the providers' words for how an answer was bought.
var tiers = map[string]domain.Tier{
	"default": domain.TierStandard, "standard": domain.TierStandard, "on_demand": domain.TierStandard,
	"batch": domain.TierBatch, "flex": domain.TierFlex, "priority": domain.TierPriority, "fast": domain.TierFast,
}

// tier reads the field that says how it was bought: in the usage, or beside it.
func (c *counts) tier(names ...string) domain.Tier {
	for _, name := range names {
		path, said := join(c.prefix, name), c.text(name)
		if said == "" {
			path = name
			said, _ = c.above[name].(string)
		}
		if said == "" || said == "auto" { // what was asked for, not what was had
			continue
		}
		tier, known := tiers[strings.ToLower(said)]
		if !known {
			c.otherTier = Word{path, said}
		}
		return tier
	}
	return ""
}
