package usage

import (
	"fmt"
	"strings"

	"ratecard/domain"
)

// google counts usageMetadata. The prompt contains what of it was cached; what
// tools put before the model and what it thought stand apart.
func (c *counts) google() Counted {
	u := domain.Usage{}
	prompt := c.count("promptTokenCount")
	cached := c.part("cachedContentTokenCount", prompt, "promptTokenCount")
	c.prompt(u, prompt, cached,
		c.modalities("promptTokensDetails", prompt, "promptTokenCount"),
		c.modalities("cacheTokensDetails", cached, "cachedContentTokenCount"), "cachedContentTokenCount")

	tools := c.count("toolUsePromptTokenCount")
	c.prompt(u, tools, 0, c.modalities("toolUsePromptTokensDetails", tools, "toolUsePromptTokenCount"), split{}, "toolUsePromptTokenCount")

	answer, details := "candidatesTokenCount", "candidatesTokensDetails"
	if c.hasAny("responseTokenCount") { // live sessions
		answer, details = "responseTokenCount", "responseTokensDetails"
	}
	said := c.count(answer)
	output(u, said, c.modalities(details, said, answer))
	u[domain.MeterOutput] += c.count("thoughtsTokenCount") // thinking is text
	return Counted{Usage: u, Tier: c.tier("serviceTier", "service_tier")}
}

// modalities reads a list of counts by modality, which are part of a whole.
// What they do not name is text.
func (c *counts) modalities(path string, whole int64, of string) split {
	var s split
	var sum int64
	list, isList := c.value(path).([]any)
	if !isList && c.value(path) != nil {
		c.wrong(path, "is no list; expected one of modality and tokenCount")
	}
	c.seen[path] = isList
	for i, entry := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		fields, isObject := entry.(map[string]any)
		if !isObject {
			c.wrong(at, "is no object; expected modality and tokenCount")
			continue
		}
		n := c.number(at+".tokenCount", fields["tokenCount"])
		sum = min(sum+n, domain.MostUsage+1) // never overflows, and is too much then
		modality, _ := fields["modality"].(string)
		switch strings.ToUpper(modality) {
		case "TEXT", "DOCUMENT":
		case "AUDIO":
			s.audio += n
		case "IMAGE":
			s.image += n
		case "VIDEO":
			s.video += n
		default:
			c.wrong(at+".modality", fmt.Sprintf("%.40q is not known; expected TEXT, DOCUMENT, AUDIO, IMAGE or VIDEO", modality))
		}
	}
	if sum > whole {
		c.wrong(path, fmt.Sprintf("adds up to %d tokens or more, where %s is %d", sum, of, whole))
		return split{}
	}
	return s
}
