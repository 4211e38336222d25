package export

import (
	"cmp"

	"ratecard/domain"
)

// A seller is how other tools name a provider, and what they tell of each.
type seller struct {
	name string // for people

	liteLLM       string // litellm_provider
	liteLLMPrefix string // before the model's id

	openRouter string // before the model's id and a slash

	genAI     string   // id
	genAIAPI  string   // a regular expression for the API's addresses
	genAIAlso []string // how clients of genai-prices call it as well

	npm, env, doc string // of models.dev
}

// sellers are the providers for which other tools have words of their own. Any other
// has its id everywhere.
var sellers = map[domain.ProviderID]seller{
	"openai": {
		name: "OpenAI", liteLLM: "openai", genAIAPI: `https://api\.openai\.com`,
		npm: "@ai-sdk/openai", env: "OPENAI_API_KEY", doc: "https://platform.openai.com/docs/models",
	},
	"anthropic": {
		name: "Anthropic", liteLLM: "anthropic", genAIAPI: `https://api\.anthropic\.com`,
		npm: "@ai-sdk/anthropic", env: "ANTHROPIC_API_KEY", doc: "https://docs.anthropic.com/en/docs/about-claude/models",
	},
	"google": {
		name: "Google", liteLLM: "gemini", liteLLMPrefix: "gemini/", genAIAPI: `https://generativelanguage\.googleapis\.com`, genAIAlso: []string{"gemini", "google-gla"},
		npm: "@ai-sdk/google", env: "GOOGLE_GENERATIVE_AI_API_KEY", doc: "https://ai.google.dev/gemini-api/docs/models",
	},
	"xai": {
		name: "xAI", liteLLM: "xai", liteLLMPrefix: "xai/", openRouter: "x-ai", genAI: "x-ai", genAIAPI: `https://api\.x\.ai`, genAIAlso: []string{"xai", "grok"},
		npm: "@ai-sdk/xai", env: "XAI_API_KEY", doc: "https://docs.x.ai/docs/models",
	},
}

// noAddress is a regular expression that no address is matched by.
const noAddress = `(?!)`

func sellerOf(id domain.ProviderID) seller {
	s, known := sellers[id]
	if !known {
		s = seller{liteLLMPrefix: string(id) + "/"}
	}
	s.name, s.liteLLM = cmp.Or(s.name, string(id)), cmp.Or(s.liteLLM, string(id))
	s.openRouter, s.genAI = cmp.Or(s.openRouter, string(id)), cmp.Or(s.genAI, string(id))
	s.genAIAPI = cmp.Or(s.genAIAPI, noAddress)
	return s
}
