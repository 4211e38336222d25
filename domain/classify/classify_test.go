package classify_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/classify"
)

func named(id, name string, capabilities ...domain.Capability) domain.Model {
	return domain.Model{ModelKey: domain.ModelKey{Provider: "p", ID: id}, DisplayName: name, Capabilities: capabilities}
}

// telling are words that say what a model is for.
var telling = map[string]domain.Class{
	"gpt": domain.ClassChat, "claude": domain.ClassChat, "gemini": domain.ClassChat, "grok": domain.ClassChat, "instruct": domain.ClassChat,
	"embedding": domain.ClassEmbedding, "embed": domain.ClassEmbedding,
	"code": domain.ClassCoding, "codex": domain.ClassCoding, "coder": domain.ClassCoding,
	"reasoning": domain.ClassReasoning, "thinking": domain.ClassReasoning,
	"vision": domain.ClassMultimodal, "omni": domain.ClassMultimodal,
	"image": domain.ClassImage, "imagen": domain.ClassImage,
	"tts": domain.ClassAudio, "audio": domain.ClassAudio, "realtime": domain.ClassAudio,
	"video":        domain.ClassVideo,
	"moderation":   domain.ClassModeration,
	"computer-use": domain.ClassTools,
}

// silent are words that say nothing of it.
var silent = []string{"mini", "nano", "pro", "ultra", "large", "small", "latest", "turbo", "max", "2", "4.5", "20250514", "0125", "001", "8b", "preview", "fast"}

func words(of ...string) *rapid.Generator[string] { return rapid.SampledFrom(of) }

func tellingWord() *rapid.Generator[string] {
	var all []string
	for word := range telling {
		all = append(all, word)
	}
	slices.Sort(all)
	return words(all...)
}

// spelled joins words as ids and names do.
func spelled(t *rapid.T, parts []string) (id, name string) {
	id = strings.Join(parts, words("-", "-", "_", "/", ":").Draw(t, "between"))
	if rapid.Bool().Draw(t, "upper") {
		id = strings.ToUpper(id)
	}
	if rapid.Bool().Draw(t, "in the name instead") {
		return "x-1", strings.Join(parts, " ")
	}
	return id, ""
}

func TestProperty11_PatternClassification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := tellingWord().Draw(t, "word")
		before := rapid.SliceOfN(words(silent...), 0, 2).Draw(t, "before")
		after := rapid.SliceOfN(words(silent...), 0, 3).Draw(t, "after")
		id, name := spelled(t, slices.Concat(before, []string{word}, after))
		if got := classify.Classes(named(id, name)); !slices.Equal(got, []domain.Class{telling[word]}) {
			t.Fatalf("%q %q: %v", id, name, got)
		}
		// A word counts as a word, not as a part of one.
		if got := classify.Classes(named("x"+strings.ReplaceAll(word, "-", "x")+"zq", "")); !slices.Equal(got, []domain.Class{domain.ClassGeneral}) {
			t.Fatalf("inside another word: %q: %v", word, got)
		}
	})
}

// able are capabilities and what they make of a model.
var able = map[string]domain.Class{
	"chat": domain.ClassChat, "embedding": domain.ClassEmbedding, "vision": domain.ClassMultimodal, "image_input": domain.ClassMultimodal,
	"function_calling": domain.ClassTools, "tools": domain.ClassTools, "code_execution": domain.ClassTools,
	"reasoning": domain.ClassReasoning, "thinking": domain.ClassReasoning, "audio_output": domain.ClassAudio,
	"image_output": domain.ClassImage, "video_output": domain.ClassVideo, "moderation": domain.ClassModeration, "coding": domain.ClassCoding,
}

func capabilities() *rapid.Generator[[]domain.Capability] {
	types := []string{"batch", "citations", "completion"} // of no class
	for name := range able {
		types = append(types, name)
	}
	slices.Sort(types)
	one := rapid.Custom(func(t *rapid.T) domain.Capability {
		return domain.Capability{Type: words(types...).Draw(t, "type"), Supported: rapid.Bool().Draw(t, "supported")}
	})
	return rapid.SliceOfNDistinct(one, 0, 6, func(c domain.Capability) string { return c.Type })
}

// from gives the classes of the supported ones.
func from(capabilities []domain.Capability) []domain.Class {
	var found []domain.Class
	for _, c := range capabilities {
		if class, known := able[c.Type]; known && c.Supported && !slices.Contains(found, class) {
			found = append(found, class)
		}
	}
	slices.Sort(found)
	return found
}

func TestProperty12_CapabilityClassification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stated := capabilities().Draw(t, "capabilities")
		want := from(stated)
		if len(want) == 0 {
			want = []domain.Class{domain.ClassGeneral}
		}
		if got := classify.Classes(named("x-1", "", stated...)); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
	t.Run("what is stated weighs more than a word", func(t *testing.T) {
		m := named("grok-4-reasoning", "", domain.Capability{Type: "reasoning", Supported: false})
		if got := classify.Classes(m); !slices.Equal(got, []domain.Class{domain.ClassChat}) {
			t.Errorf("got %v", got)
		}
		m = named("claude-x", "", domain.Capability{Type: "chat", Supported: false})
		if got := classify.Classes(m); !slices.Equal(got, []domain.Class{domain.ClassGeneral}) {
			t.Errorf("got %v", got)
		}
	})
}

func TestProperty13_MultipleClassification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stated := capabilities().Draw(t, "capabilities")
		said := rapid.SliceOfNDistinct(tellingWord(), 0, 4, rapid.ID[string]).Draw(t, "words")
		id, name := spelled(t, append([]string{"x"}, said...))
		got := classify.Classes(named(id, name, stated...))
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) || len(got) == 0 {
			t.Fatalf("not a sorted set: %v", got)
		}
		for _, class := range from(stated) {
			if !slices.Contains(got, class) {
				t.Errorf("the capabilities make it %s, got %v", class, got)
			}
		}
		for _, word := range said {
			class := telling[word]
			denied := slices.ContainsFunc(stated, func(c domain.Capability) bool { return able[c.Type] == class })
			family := class == domain.ClassChat && word != "instruct" // a specialist's family says nothing
			if !denied && !family && !slices.Contains(got, class) {
				t.Errorf("%q makes it %s, got %v", word, class, got)
			}
		}
	})
}

func TestProperty14_DefaultClassification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// No word of the rules has a z and a q.
		id := rapid.StringMatching(`(zq[a-z]{0,6}[-_./ ]?|[0-9]{1,3}-){1,5}`).Draw(t, "id")
		name := rapid.OneOf(rapid.Just(""), rapid.Just("Zq Quartz 2"), rapid.StringMatching(`[ -/:-@]{0,9}`)).Draw(t, "name")
		var stated []domain.Capability
		for _, c := range capabilities().Draw(t, "capabilities") {
			if _, telling := able[c.Type]; !telling {
				stated = append(stated, c)
			}
		}
		if got := classify.Classes(named(id, name, stated...)); !slices.Equal(got, []domain.Class{domain.ClassGeneral}) {
			t.Fatalf("%q %q: %v", id, name, got)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		m := named(rapid.String().Draw(t, "id"), rapid.String().Draw(t, "name"), capabilities().Draw(t, "capabilities")...)
		if got := classify.Classes(m); slices.Contains(got, domain.ClassGeneral) && len(got) > 1 {
			t.Fatalf("general does not stand alone: %v", got)
		}
	})
}

// TestRealNames are ids that were sold, of every kind.
func TestRealNames(t *testing.T) {
	for id, want := range map[string]string{
		"claude-sonnet-4-20250514":         "chat",
		"gpt-4.1-mini":                     "chat",
		"gpt-4o":                           "chat multimodal",
		"chatgpt-4o-latest":                "chat multimodal",
		"gpt-4o-audio-preview":             "audio chat multimodal",
		"gpt-4o-mini-tts":                  "audio multimodal",
		"gpt-4o-transcribe":                "audio multimodal",
		"gpt-realtime":                     "audio chat",
		"whisper-1":                        "audio",
		"tts-1-hd":                         "audio",
		"o3-mini":                          "chat reasoning",
		"o4-mini-deep-research":            "chat reasoning",
		"gpt-5.1-codex-max":                "chat coding",
		"codex-mini-latest":                "coding",
		"grok-code-fast-1":                 "chat coding",
		"grok-4-fast-reasoning":            "chat reasoning",
		"grok-4-fast-non-reasoning":        "chat",
		"grok-2-vision-1212":               "chat multimodal",
		"grok-2-image-1212":                "image",
		"dall-e-3":                         "image",
		"gpt-image-1":                      "image",
		"imagen-4.0-ultra-generate-001":    "image",
		"veo-3.1-fast-generate-preview":    "video",
		"sora-2-pro":                       "video",
		"text-embedding-3-large":           "embedding",
		"gemini-embedding-001":             "embedding",
		"omni-moderation-latest":           "moderation multimodal",
		"computer-use-preview":             "tools",
		"gemini-2.5-flash-native-audio":    "audio chat",
		"gemini-2.0-flash-thinking-exp":    "chat reasoning",
		"gemma-3-27b-it":                   "chat",
		"deepseek-r1":                      "chat reasoning",
		"qwen3-coder-480b":                 "chat coding",
		"qwen2.5-vl-72b-instruct":          "chat multimodal",
		"meta-llama/Llama-3.3-70B":         "chat",
		"llama-guard-4":                    "moderation",
		"babbage-002":                      "general",
		"aqa":                              "general",
		"latest":                           "general",
		"codestral-latest":                 "coding",
		"mistral-embed":                    "embedding",
		"accounts/x/models/deepseek-v3":    "chat",
		"gemini-live-2.5-flash-preview":    "audio chat",
		"gemini-2.5-computer-use-preview":  "chat tools",
		"gemini-robotics-er-1.5-preview":   "chat",
		"stable-diffusion-3.5-large-turbo": "image",
	} {
		var got []string
		for _, class := range classify.Classes(named(id, "")) {
			got = append(got, string(class))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", id, got, want)
		}
	}
}

func TestUsability(t *testing.T) {
	for _, c := range []struct {
		id, name string
		remarks  []string
		want     domain.Usability
	}{
		{"claude-opus-4-7", "Claude Opus 4.7", nil, domain.UsabilityAvailable},
		{"claude-opus-4-7", "", []string{"new", "with 1M context"}, domain.UsabilityAvailable},
		{"claude-sonnet-5", "", []string{"limited-time offer", "through August 31, 2026"}, domain.UsabilityAvailable},
		{"claude-opus-4-1", "", []string{"deprecated"}, domain.UsabilityDeprecated},
		{"claude-opus-4", "", []string{"Retired, except on Google Cloud"}, domain.UsabilityDeprecated},
		{"m", "M", []string{"new", "will be shut down on May 1"}, domain.UsabilityDeprecated},
		{"m", "M (deprecated)", nil, domain.UsabilityDeprecated},
		{"m", "", []string{"no longer available to new customers"}, domain.UsabilityDeprecated},
		{"gemini-2.5-flash-preview-tts", "", nil, domain.UsabilityPreview},
		{"gemini-2.0-flash-exp", "", nil, domain.UsabilityPreview},
		{"m", "M Experimental 02-05", nil, domain.UsabilityPreview},
		{"m", "M", []string{"Beta"}, domain.UsabilityPreview},
		{"claude-mythos-5", "", []string{"limited availability"}, domain.UsabilityPreview},
		{"m", "", []string{"limited"}, domain.UsabilityPreview},
		{"m-preview", "", []string{"deprecated"}, domain.UsabilityDeprecated},
		{"alphabeta-explorer", "Previewer", nil, domain.UsabilityAvailable},
		{"", "", nil, domain.UsabilityAvailable},
	} {
		if got := classify.Usability(named(c.id, c.name), c.remarks); got != c.want {
			t.Errorf("%q %q %q: %s, want %s", c.id, c.name, c.remarks, got, c.want)
		}
	}
}
