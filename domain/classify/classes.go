package classify

import (
	"regexp"
	"slices"
	"strings"

	"ratecard/domain"
)

// A rule says when a model is of a class.
type rule struct {
	class        domain.Class
	capabilities []string       // one of them supported makes it so
	words        *regexp.Regexp // else these words in id or name do
}

// rules are tried one and all: a model is of every class that applies.
var rules = []rule{
	{domain.ClassEmbedding, []string{"embedding", "embeddings"}, words(`embed`, `embeddings?`, `bge`, `e5`)},
	{domain.ClassModeration, []string{"moderation"}, words(`moderation`, `guard[a-z]*`, `safeguard`, `shield[a-z]*`)},
	{domain.ClassImage, []string{"image_generation", "image_output"}, words(`images?`, `imagen`, `dall-e`, `diffusion`, `flux`)},
	{domain.ClassVideo, []string{"video_generation", "video_output"}, words(`videos?`, `sora`, `veo`)},
	{domain.ClassAudio, []string{"audio", "audio_input", "audio_output", "speech", "transcription"},
		words(`audio`, `realtime`, `live`, `speech`, `voice`, `music`, `tts`, `stt`, `asr`, `transcribe`, `transcription`, `whisper`)},
	{domain.ClassCoding, []string{"coding", "code_generation"}, words(`code`, `coder`, `coding`, `codex`, `codestral`, `devstral`)},
	{domain.ClassReasoning, []string{"reasoning", "thinking"}, words(`reasoning`, `reasoner`, `thinking`, `deep-research`, `o\d+`, `deepseek-r\d+`, `qwq`, `magistral`)},
	{domain.ClassMultimodal, []string{"vision", "image_input", "audio_input", "video_input", "pdf_input"},
		words(`vision`, `multimodal`, `omni`, `vl`, `\d+o`, `pixtral`, `llava`)},
	{domain.ClassTools, []string{"tools", "tool_use", "function_calling", "code_execution", "computer_use", "web_search", "web_fetch", "mcp"},
		words(`tools?`, `tool-use`, `computer-use`, `function-calling`, `functions?`)},
	{domain.ClassChat, []string{"chat"}, words(`chat`, `instruct`, `it`, `assistant`)},
}

// Families whose models are spoken with, and words that make one of theirs a
// specialist that is not.
var (
	conversational = words(`gpt`, `chatgpt`, `claude`, `gemini`, `gemma`, `grok`, `llama`, `mistral`, `mixtral`, `ministral`,
		`qwen`, `deepseek`, `command`, `phi`, `nova`, `kimi`, `glm`, `palm`, `learnlm`, `sonar`, `jamba`, `granite`, `nemotron`, `hermes`,
		`minimax`, `olmo`, `ernie`, `o\d+`)
	specialist = []domain.Class{domain.ClassEmbedding, domain.ClassModeration, domain.ClassImage, domain.ClassVideo}
	oneWay     = words(`tts`, `stt`, `asr`, `transcribe`, `transcription`, `whisper`)
)

// contrary are words that take a class's word back: "non-reasoning".
var contrary = regexp.MustCompile(`-(?:non|no|not|without)-[a-z0-9]+`)

// Classes says what a model is for: every class that its capabilities or the
// words of its id and name give it, sorted; ClassGeneral alone where nothing
// does. A capability that is stated weighs more than a word: one that is not
// supported takes the class away (PROPERTIES 11–14).
func Classes(m domain.Model) []domain.Class {
	text := spaced(m.ID) + spaced(m.DisplayName)
	text = contrary.ReplaceAllString(text, "")
	var found []domain.Class
	for _, r := range rules {
		if r.applies(m, text) {
			found = append(found, r.class)
		}
	}
	if !slices.Contains(found, domain.ClassChat) && converses(m, text, found) {
		found = append(found, domain.ClassChat)
	}
	if len(found) == 0 {
		return []domain.Class{domain.ClassGeneral}
	}
	slices.Sort(found)
	return found
}

func (r rule) applies(m domain.Model, text string) bool {
	supported, stated := states(m, r.capabilities)
	if stated {
		return supported
	}
	return r.words.MatchString(text)
}

// states reports whether one of the capabilities is supported, and whether
// anything is said of any of them.
func states(m domain.Model, types []string) (supported, stated bool) {
	for _, c := range m.Capabilities {
		if slices.Contains(types, c.Type) {
			supported, stated = supported || c.Supported, true
		}
	}
	return supported, stated
}

// converses reports whether a model is of a family that is spoken with, and
// not one of its specialists.
func converses(m domain.Model, text string, found []domain.Class) bool {
	if _, stated := states(m, []string{"chat"}); stated {
		return false // it was said, and the rule has heard it
	}
	isSpecialist := slices.ContainsFunc(found, func(c domain.Class) bool { return slices.Contains(specialist, c) })
	return conversational.MatchString(text) && !isSpecialist && !oneWay.MatchString(text)
}

// words matches any of the words as a whole, with or without a number behind it:
// qwen is in "qwen3-max", not in "qwench".
func words(each ...string) *regexp.Regexp {
	return regexp.MustCompile(`-(?:` + strings.Join(each, "|") + `)\d*-`)
}

var between = regexp.MustCompile(`[^a-z0-9]+`)

// spaced writes a name as its words with one hyphen before, between and after
// them.
func spaced(name string) string {
	return "-" + strings.Trim(between.ReplaceAllString(strings.ToLower(name), "-"), "-") + "-"
}
