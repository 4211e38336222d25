package scrape

import (
	"slices"
	"strings"
	"testing"

	"ratecard/domain"
)

func TestMeterOf(t *testing.T) {
	for label, want := range map[string]domain.Meter{
		"Input": domain.MeterInput, "Base Input Tokens": domain.MeterInput, "Input ($/MTok)": domain.MeterInput, "Prompt": domain.MeterInput,
		"Input price per 1M tokens": domain.MeterInput, "Batch input": domain.MeterInput, "Text input": domain.MeterInput,
		"Output": domain.MeterOutput, "Output price": domain.MeterOutput, "Completion": domain.MeterOutput, "> 200K input tokens Output": domain.MeterOutput,
		"Cached input": domain.MeterCacheRead, "Cache Hits & Refreshes": domain.MeterCacheRead, "Context caching price": domain.MeterCacheRead, "Cache reads": domain.MeterCacheRead,
		"5m Cache Writes": domain.MeterCacheWrite, "Cache writes": domain.MeterCacheWrite, "Prompt caching write": domain.MeterCacheWrite,
		"1h Cache Writes": domain.MeterCacheWrite1h, "1-hour cache write": domain.MeterCacheWrite1h, "60-minute cache writes": domain.MeterCacheWrite1h,
		"Audio input": domain.MeterInputAudio, "Cached audio input": domain.MeterCacheReadAudio, "Image output tokens": domain.MeterOutputImage,
		"Cache storage": domain.MeterCacheStorage, "Uncached input tokens": domain.MeterInput, "Input (cache miss)": domain.MeterInput, "Input (cache hit)": domain.MeterCacheRead,
		// these say nothing, too much, or something else
		"": "", "Model": "", "Cache": "", "Cost": "", "Input / Output": "", "24h cache writes": "", "Cache writes (5m / 1h)": "",
		"Max output": "", "Input tokens per tool definition": "", "Additional input tokens": "", "Tool use system prompt token count": "",
		"Cache miss": "", "≤ 200K input tokens": "", "Input modalities": "", "Cached video input": "",
	} {
		if got, ok := meterOf(label); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, want %q", label, got, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	type want struct{ above, min int64 }
	for s, w := range map[string]want{
		"> 200K input tokens": {200_000, 200_001}, "prompts > 200k": {200_000, 200_001}, "over 128,000 tokens": {128_000, 128_001},
		"requests that exceed 200K input tokens": {200_000, 200_001}, "above 1M tokens": {1_000_000, 1_000_001},
		"≥ 200k": {200_000, 200_000}, ">= 200000 tokens": {200_000, 200_000}, "at least 272K": {272_000, 272_000}, "200K+ tokens": {200_000, 200_000}, "128k or more": {128_000, 128_000},
		"32K<tokens≤128K": {32_000, 32_001}, "32k <= context < 128k": {32_000, 32_000}, "0 < tokens <= 32K": {}, "≤ 200K input tokens": {}, "<272K context length": {}, "prompts <= 200k tokens": {}, "up to 128k tokens": {}, "200k or less": {},
	} {
		got, ok := thresholdIn(s)
		if !ok || got.above != w.above || got.min != w.min {
			t.Errorf("%q: %+v (%v), want %+v", s, got, ok, w)
		}
	}
	for _, s := range []string{"", "Input", "200K", "over 5 minutes", "more than 3 times", "> 1.5", "≤ 200K and > 200K tokens", "Claude 4.5"} {
		if got, ok := thresholdIn(s); ok {
			t.Errorf("%q states no single threshold, yet %+v was read", s, got)
		}
	}
}

func TestDates(t *testing.T) {
	for s, want := range map[string][3]string{
		"Ada 5 through August 31, 2026":                        {"Ada 5", "", "2026-08-31"},
		"Ada 5 starting September 1, 2026":                     {"Ada 5", "2026-09-01", ""},
		"Ada 5, from 1 Sept. 2026 until 31st of December 2026": {"Ada 5", "2026-09-01", "2026-12-31"},
		"Ada 5 (effective 2026-09-01)":                         {"Ada 5 ( )", "2026-09-01", ""},
		"Ada 5 before September 1, 2026":                       {"Ada 5", "", "2026-08-31"},
		"Ada 5 after August 31, 2026":                          {"Ada 5", "2026-09-01", ""},
		"Ada 5 2026-09-01":                                     {"Ada 5 2026-09-01", "", ""}, // an edition, not a period
		"Ada 5":                                                {"Ada 5", "", ""},
	} {
		rest, p, ok := cutDates(s)
		if got := [3]string{rest, p.from.String(), p.until.String()}; !ok || got != want {
			t.Errorf("%q: %q (%v), want %q", s, got, ok, want)
		}
	}
	for _, s := range []string{"starting March 31st", "through February 30, 2026", "until May 1, 2026 until May 2, 2026", "from June 2, 2026 through June 1, 2026"} {
		if _, p, ok := cutDates(s); ok {
			t.Errorf("%q cannot be placed, yet %+v was read", s, p)
		}
	}
}

func TestFigures(t *testing.T) {
	for s, want := range map[string]string{
		"$3 / MTok": "3", "$0.50/MTok": "0.5", "$.5": "0.5", "US$3": "3", "USD 3": "3", "3 USD": "3", "$1,250.00": "1250",
		"$0.25 / MTok1": "0.25", "$1*": "1", "$12.50¹ / MTok": "12.5", "$12.50* / MTok": "12.5", "$12.50 [1] / MTok": "12.5", "$20 / MTok [12]": "20", "$3† / MTok, prompts <= 200k tokens": "3",
		"$2 per million tokens": "2", "$2 / 1M tokens": "2", "$2 / 1M": "2",
		"$0.002 / 1K tokens": "2", "$0.000002 per token": "2",
		"$6 / MTok (beta)": "6", "Input: $6 / MTok": "input 6", "$10 / input MTok\n$50 / output MTok": "input 10, output 50",
		"$3 / MTok, prompts <= 200k tokens\n$6 / MTok, prompts > 200k": "3, >200000 6",
		"$1.00 / 1,000,000 tokens per hour (storage price)":            "hourly 1",
		"$0.04 / image": "other 0.04", "": "", "-": "", "Free": "", "735 tokens": "", "4M TPM": "",
		// refused
		"€3": "!", "3 €": "!", "A$3": "!", "¥20 / MTok": "!", "-$3": "!", "$-3": "!", "−$3": "!", "$3-$5": "!", "$3 to $5": "!", "~$3": "!",
		"$3k": "!", "$1.2.3": "!", "$1,5": "!", "$3 + $1": "!", "$3 plus tax": "!", "from $3": "!", "$2000000": "!", "$0.2$1.5": "!",
		"$3 (50% off)": "!", "$3 [$4] / MTok": "!", "$3 [50] off": "!", "$3 [2 days]": "!", "$3 starting March 1": "!", "Storage: $3": "!",
	} {
		figures, err := figuresIn(s, nil)
		got := ""
		for i, f := range figures {
			if i > 0 {
				got += ", "
			}
			switch {
			case f.perHour:
				got += "hourly "
			case !f.tokens:
				got += "other "
			case f.meter != "":
				got += string(f.meter) + " "
			case f.over.above > 0:
				got += ">200000 "
			}
			got += f.amount.String()
		}
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%q: read %q (%v), want %q", s, got, err, want)
		}
	}
}

func TestTierWords(t *testing.T) {
	v := newVocabulary(nil)
	for s, want := range map[string]domain.Tier{
		"Batch": domain.TierBatch, "Batch API pricing": domain.TierBatch, "Fast mode": domain.TierFast, "fast": domain.TierFast,
		"Priority processing": domain.TierPriority, "Standard": domain.TierStandard, "Flex": domain.TierFlex,
		"Grand": "", "Batch and flex": "", "Batch of cookies": "", "deprecated": "",
	} {
		if got, _ := v.exactly(s); got != want {
			t.Errorf("%q is the tier %q, want %q", s, got, want)
		}
	}
}

func TestNamesInSentences(t *testing.T) {
	r := newRegister()
	for _, n := range []string{"Ada Grand 4.6", "Ada Grand 4", "Ada Medium 4.5", "Ada Medium 4", "Ada Small 3.5", "Bob Grand 7", "Eve Grand 7", "solo1"} {
		r.add(n)
	}
	for s, want := range map[string]string{
		"Currently supported on Grand 4.6:":               "Ada Grand 4.6",
		"Fast mode for Ada Grand 4.6 (a preview) is fast": "Ada Grand 4.6",
		"When using Ada Medium 4 or Medium 4.5 with":      "Ada Medium 4, Ada Medium 4.5",
		"long context pricing for Medium 4 and 4.5 holds": "Ada Medium 4, Ada Medium 4.5",
		"for Medium 4.5 / 4:":                             "Ada Medium 4.5, Ada Medium 4",
		"Ada Grand 4.6, Medium 4.5, or Medium 4 with":     "Ada Grand 4.6, Ada Medium 4.5, Ada Medium 4",
		"for solo1 alone":                                 "solo1",
		"for Grand 7":                                     "", // two models end like this
		"for Grand 4.7":                                   "",
		"for Grand 4 Turbo":                               "", // another model, whatever it may be
		"for all models":                                  "",
	} {
		if got := strings.Join(r.namesIn(s), ", "); got != want {
			t.Errorf("%q names %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string][]string{
		"Ada Medium 4.5 / 4":             {"Ada Medium 4.5", "Ada Medium 4"},
		"Ada Grand 4 and Ada Medium 4.5": {"Ada Grand 4", "Ada Medium 4.5"},
		"Ada Grand 4.6, Medium 4":        {"Ada Grand 4.6", "Ada Medium 4"},
		"Ada Grand 9 / 8":                {"Ada Grand 9", "Ada Grand 8"},
		"org/model-1":                    {"org/model-1"},
		"Search and rescue":              {"Search and rescue"},
	} {
		if got := r.split(s); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
	before := []string{"For Ada Medium 4 nothing changes.", "Fast answers for Ada Grand 4.6. It is not there for Medium 4.5:", "Bob Grand 7 is mentioned in passing."}
	if got := r.mentioned(before); !slices.Equal(got, []string{"Ada Grand 4.6"}) {
		t.Errorf("the paragraph that introduces the table names %q", got)
	}
}

// TestChargesOfSentences: what a sentence prices by something else than tokens.
func TestChargesOfSentences(t *testing.T) {
	for s, want := range map[string]string{
		"Searches cost $10 per 1,000 searches.":                                 "1,000 searches 10",
		"A session costs $0.08 per session-hour, on top of $3 / MTok.":          "session-hour 0.08",
		"The $2/$10 per million input/output token pricing is now the standard": "",
		"It costs $3 per million tokens, about ~$1 per day.":                    "",
	} {
		var out domain.Reading
		addCharges("Sessions", s, &out)
		got := ""
		for _, c := range out.Charges {
			got += c.Unit + " " + c.Amount.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
