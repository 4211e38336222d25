package domain

import "errors"

// Sighting is what was met where prices were expected: a word that a program can
// go by, beside the sentence that the error is.
type Sighting string

// The sightings. After the first three the site is left alone for the run.
const (
	SawChallenge  Sighting = "challenge"      // a riddle for browsers, under whatever status
	SawRefusal    Sighting = "refusal"        // 403
	SawLimit      Sighting = "limit"          // 429
	SawLogin      Sighting = "login"          // 401, or a page that wants to know who we are
	SawRobots     Sighting = "robots"         // a robots.txt that asks us not to read there
	SawError      Sighting = "error"          // another status than 200, or a 200 whose page says that something is wrong
	SawNoAnswer   Sighting = "no_answer"      // nobody there, or nothing in time
	SawCutOff     Sighting = "cut_off"        // an answer or a page that breaks off
	SawTooMuch    Sighting = "too_much"       // over a cap
	SawNoText     Sighting = "no_text"        // an empty page, or bytes that are none
	SawShell      Sighting = "shell"          // a page that scripts have yet to build
	SawOtherMoney Sighting = "other_currency" // amounts, and none of them in US dollars
	SawNoFigures  Sighting = "no_figures"     // tables for prices, and no price in them
	SawNoPrices   Sighting = "no_prices"      // a page about something else
	SawTooLittle  Sighting = "too_little"     // under the part of what the source last stated that is asked for
	SawOther      Sighting = "other"          // none of these: the error says what
)

// Seen gives an error what was seen.
func (e *Error) Seen(saw Sighting) *Error {
	e.Saw = saw
	return e
}

// SeenIn is what an error says was met instead of prices; where it does not say,
// what its kind tells.
func SeenIn(err error) Sighting {
	var e *Error
	if !errors.As(err, &e) {
		return SawOther
	}
	if e.Saw != "" {
		return e.Saw
	}
	if saw, told := usually[e.Kind]; told {
		return saw
	}
	return SawOther
}

// usually is what errors of a kind are about.
var usually = map[Kind]Sighting{
	KindBlocked: SawRefusal, KindDisallowed: SawRobots, KindRateLimited: SawLimit, KindUpstreamAuth: SawLogin, KindUpstream: SawError,
	KindUnavailable: SawNoAnswer, KindTimeout: SawNoAnswer, KindTooLarge: SawTooMuch, KindUnread: SawNoPrices, KindBroken: SawTooLittle,
}
