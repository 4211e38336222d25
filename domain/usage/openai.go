package usage

import (
	"fmt"

	"ratecard/domain"
)

// openai counts the usage of chat completions (prompt, completion), of
// responses, images and realtime (input, output), and of everybody who
// speaks as OpenAI does. Its totals contain what the details name.
//
// xAI's completion tokens do not contain the reasoning tokens. total_tokens
// tells whether they do; apart says it where there is none.
func (c *counts) openai(in, out string, apart bool) Counted {
	u := domain.Usage{}
	c.openaiPrompt(u, in+"_tokens", c.details(in))
	c.openaiOutput(u, in+"_tokens", out+"_tokens", c.details(out), apart)
	return Counted{Usage: u, Tier: c.tier("service_tier")}
}

// details is what the object with the parts of a total is called.
func (c *counts) details(of string) string {
	if c.hasAny(of + "_token_details") {
		return of + "_token_details" // realtime
	}
	return of + "_tokens_details"
}

func (c *counts) openaiPrompt(u domain.Usage, total, details string) {
	prompt := c.count(total)
	written := c.part(details+".cache_write_tokens", prompt, total)
	cached := c.part(details+".cached_tokens", prompt, total)
	all := split{
		audio: c.part(details+".audio_tokens", prompt, total),
		image: c.part(details+".image_tokens", prompt, total),
	}
	inner := details + ".cached_tokens_details"
	ofCached := split{
		audio: c.part(inner+".audio_tokens", cached, details+".cached_tokens"),
		image: c.part(inner+".image_tokens", cached, details+".cached_tokens"),
	}
	switch {
	case all.sum()+written > prompt:
		c.wrong(details, fmt.Sprintf("adds up to %d tokens, more than the %d of %s", all.sum()+written, prompt, total))
		return
	case ofCached.sum() > cached:
		c.wrong(inner, fmt.Sprintf("adds up to %d tokens, more than the %d of %s.cached_tokens", ofCached.sum(), cached, details))
		return
	}
	u[domain.MeterCacheWrite] = written
	c.prompt(u, prompt-written, cached, all, ofCached, details+".cached_tokens")
}

func (c *counts) openaiOutput(u domain.Usage, in, out, details string, apart bool) {
	completion := c.count(out)
	reasoning := c.count(details + ".reasoning_tokens")
	if total := c.count("total_tokens"); total > 0 && reasoning > 0 {
		switch total - c.count(in) - completion {
		case 0:
			apart = false
		case reasoning:
			apart = true
		default:
			c.wrong("total_tokens", fmt.Sprintf("%d is neither %s and %s together nor these and the reasoning tokens", total, in, out))
		}
	}
	if apart {
		completion += reasoning
	} else if reasoning > completion {
		c.wrong(details+".reasoning_tokens", fmt.Sprintf("%d is more than the %d of %s, which contains it", reasoning, completion, out))
	}
	of := split{
		audio: c.part(details+".audio_tokens", completion, out),
		image: c.part(details+".image_tokens", completion, out),
	}
	if of.sum() > completion {
		c.wrong(details, fmt.Sprintf("adds up to %d tokens, more than the %d of %s", of.sum(), completion, out))
		return
	}
	output(u, completion, of)
}
