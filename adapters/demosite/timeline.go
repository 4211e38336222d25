package demosite

import (
	"slices"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// The providers of the site. Groq is known by its file alone.
const (
	openAIID    = domain.ProviderID("openai")
	anthropicID = domain.ProviderID("anthropic")
	googleID    = domain.ProviderID("google")
	xAIID       = domain.ProviderID("xai")
	groqID      = domain.ProviderID("groq")
)

var allIDs = []domain.ProviderID{openAIID, anthropicID, googleID, xAIID, groqID}

// day is what the providers sell on one day, and what goes wrong.
type day struct {
	date      domain.Date
	anthropic catalogue
	openAI    openAICatalogue
	google    googleCatalogue
	xAI       xAICatalogue
	groq      groqCatalogue
	troubles  map[domain.ProviderID]string
}

// next is a copy for the following day, on which all goes well.
func (d day) next(date domain.Date) day {
	d.date, d.troubles = date, nil
	d.anthropic.models = slices.Clone(d.anthropic.models)
	d.openAI.models = slices.Clone(d.openAI.models)
	d.google.sections = slices.Clone(d.google.sections)
	d.xAI.models = slices.Clone(d.xAI.models)
	d.groq.models = slices.Clone(d.groq.models)
	return d
}

// cut changes every price of a model that is sold by one factor.
func (d *day) cut(provider domain.ProviderID, model, factor string) {
	if !d.reprice(priced{provider, model}, decimal.RequireFromString(factor)) {
		panic("demosite: the timeline cuts the price of " + model + ", which nobody sells")
	}
}

// timeline is what happens, day by day. date gives the date of a day.
func timeline(date func(day int) domain.Date) []day {
	// Day 1: the price lists as they stand.
	one := day{
		date: date(1), anthropic: catalogue{dayOne}, openAI: openAIDayOne(), google: googleCatalogue{googleDayOne},
		xAI: xAICatalogue{xAIDayOne}, groq: groqCatalogue{groqDayOne},
	}

	// Day 2: Anthropic's Haiku 4.5 costs a tenth less, on every meter, and Opus
	// 4.8 is new; OpenAI opens a tier, priority; Google has a new model, and an
	// API that is busy at first; xAI lets an alias mean another model; Groq's page
	// is a shell.
	two := one.next(date(2))
	two.cut(anthropicID, "claude-haiku-4-5-20251001", "0.9")
	two.anthropic.launch(model{
		id: "claude-opus-4-8", name: "Claude Opus 4.8", created: "2026-05-28",
		context: 1_000_000, output: 128_000, abilities: newest,
		price: usd("5", "6.25", "10", "0.50", "25", "2.50", "12.50"),
	})
	two.openAI.priority = true
	two.google.launch(flashLitePreview)
	two.xAI.moveAlias("grok-latest", "grok-4.5")
	two.troubles = map[domain.ProviderID]string{googleID: busy, groqID: shell}

	// Day 3: Anthropic's Sonnet 4 is gone, from the list and from the page; what
	// Sonnet 5 costs is announced to end in two weeks, with its price from then
	// on. OpenAI's pages are broken, Google takes no key, xAI's page is a shell.
	// Groq asks a quarter less for one model.
	three := two.next(date(3))
	three.anthropic.remove("claude-sonnet-4-20250514")
	three.anthropic.announce("claude-sonnet-5", date(17), usd("3", "3.75", "6", "0.30", "15", "1.50", "7.50"))
	three.cut(groqID, "moonshotai/kimi-k2-instruct-0905", "0.75")
	three.troubles = map[domain.ProviderID]string{openAIID: broken, googleID: refused, xAIID: shell}

	// Day 4: the announcement is taken back. OpenAI prints a new column, what a
	// cache costs to write; Google has dropped a model, and its web page, but not
	// the one for programs, has lost a digit of one price; xAI's and Groq's pages
	// are behind a challenge.
	four := three.next(date(4))
	four.anthropic.withdraw("claude-sonnet-5")
	four.openAI.writes = true
	four.google.remove("gemini-2.0-flash-lite")
	four.troubles = map[domain.ProviderID]string{xAIID: challenge, groqID: challenge, googleID: misprint}

	// Day 5: all is well, and the digit is back. OpenAI has a new model and one less, Google's Gemini 3
	// Flash costs a fifth less and xAI's Grok Build half, Groq has a new model.
	five := four.next(date(5))
	five.openAI.launch(luna)
	five.openAI.remove("davinci-002")
	five.cut(googleID, "gemini-3-flash-preview", "0.8")
	five.cut(xAIID, "grok-build-0.1", "0.5")
	five.groq.launch(gptOSS20b)

	return []day{one, two, three, four, five}
}
