package scrape

import (
	"regexp"
	"strings"
)

// A card is what lines say of one model, from its name on.
type card struct {
	model string
	level int      // of the heading that names it; 0: a line does
	kind  modality // what the tokens stand for, where a line above the prices says it
	from  int      // how many prices had been read before it
	odd   bool     // it has amounts that are not understood
}

// continues tells whether a heading stands within the card: "Price", or, below
// the model's own, what tokens stand for.
func (c card) continues(s string, level int) bool {
	if c.model == "" || c.level == 0 {
		return false
	}
	_, kind := kindOfLine(s)
	return plainHeading(s) || kind && level > c.level
}

// describes tells whether a text says of the model what it is good for: it stands
// between the name and the prices.
func (c card) describes(s string, quotes int) bool {
	return c.model != "" && quotes == c.from && !c.odd && (strings.HasSuffix(s, ".") || len(s) > 60) && !anyOf(wordsOf(s), "deprecated", "retired", "instead", "replaced")
}

// dropCard forgets the prices read of a card that turns out to be about trained
// models, whose use has prices of its own.
func (r *lineReader) dropCard() {
	if r.card.model != "" {
		r.reading.Quotes = r.reading.Quotes[:r.card.from]
	}
}

// aboutTraining tells whether a text says that what follows is about training
// models.
func aboutTraining(s string) bool {
	words := wordsOf(s)
	return len(words) <= 8 && (anyOf(words, "finetuning", "training", "finetune") || anyOf(words, "fine") && anyOf(words, "tuning", "tune"))
}

// kindOfLine reads a line that says what the tokens of the prices below it stand
// for: "Audio", "Image tokens".
func kindOfLine(s string) (modality, bool) {
	words := wordsOf(s)
	if len(words) == 2 && words[1] == "tokens" {
		words = words[:1]
	}
	if len(words) != 1 || words[0] != strings.TrimRight(words[0], "s") {
		return unsaid, false
	}
	kind := modalityOf(words)
	return kind, kind != unsaid
}

var (
	titleName    = regexp.MustCompile(`^[A-Z][\w.-]*(?: (?:[A-Z0-9][\w.-]*|o\d[\w-]*)){1,5}$|^[A-Z]+-\d[\w.]*(?: [a-zA-Z0-9][\w.-]*){0,2}$`)
	abbreviation = regexp.MustCompile(`^[A-Z]{2,}-[a-z0-9][\w.-]*(?: [a-z0-9][\w.-]*){0,2}$`)
)

// namesAModel tells whether a line can be a model's name and nothing else: an
// id, or words with a version among them.
func namesAModel(s string) bool {
	if isID(s) {
		return true
	}
	return titleName.MatchString(s) && nameable(s) && versioned(wordsOf(s))
}

// pricePerTokens tells whether a line states an amount for tokens, so that what
// stands above it may be a name that no version gives away.
func pricePerTokens(s string) bool { return statesMoney(s) && tokenPrice.MatchString(s) }
