package usage

import (
	"fmt"
	"strings"

	"ratecard/domain"
)

// anthropic counts the usage of messages: its input tokens leave out what was
// read from a cache or written to one.
func (c *counts) anthropic() Counted {
	u := domain.Usage{
		domain.MeterInput:     c.count("input_tokens"),
		domain.MeterOutput:    c.count("output_tokens"),
		domain.MeterCacheRead: c.count("cache_read_input_tokens"),
	}
	short, long := c.count("cache_creation.ephemeral_5m_input_tokens"), c.count("cache_creation.ephemeral_1h_input_tokens")
	written := short + long
	if c.value("cache_creation_input_tokens") != nil {
		written = c.count("cache_creation_input_tokens")
	}
	if long+short > written || short+long > 0 && short+long < written {
		c.wrong("cache_creation", fmt.Sprintf("adds up to %d tokens, where cache_creation_input_tokens is %d", short+long, written))
	}
	u[domain.MeterCacheWrite], u[domain.MeterCacheWrite1h] = written-long, long
	c.tools(u)
	return Counted{Usage: u, Tier: c.anthropicTier(), Region: c.inferenceRegion()}
}

// tools counts what the server did beside thinking, each by the piece:
// web_search_requests on the meter web_search.
func (c *counts) tools(u domain.Usage) {
	used, _ := c.value("server_tool_use").(map[string]any)
	for name := range used {
		if tool, ok := strings.CutSuffix(name, "_requests"); ok && isMeter(tool) {
			u[domain.Meter(tool)] = c.count("server_tool_use." + name)
		}
	}
}

// isMeter reports whether a name may be that of a meter with its own unit.
func isMeter(name string) bool {
	return name != "" && len(name) <= 100 && !domain.Meter(name).CountsTokens() &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// anthropicTier: a fast answer is sold as such whatever its service tier.
func (c *counts) anthropicTier() domain.Tier {
	if c.text("speed") == "fast" {
		return domain.TierFast
	}
	return c.tier("service_tier")
}

// inferenceRegion is where it was served, where that was chosen.
func (c *counts) inferenceRegion() domain.Region {
	switch geo := c.text("inference_geo"); geo {
	case "", "global", "not_available":
		return ""
	default:
		return domain.Region(strings.ToLower(geo))
	}
}
