package app

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// This file judges the rates that people and other programs hand in.

const (
	longestModelID = 500           // characters
	longestReason  = 1000          // characters
	mostTokens     = 1_000_000_000 // of a window or a threshold
	mostFaults     = 100           // that are named of one request
	longestName    = 100           // of a provider, a meter or a region, in characters
	amountForm     = "2.5, in US dollars per the meter's unit, without sign and exponent, with at most 12 places"
)

// An amount above this is absurd (DESIGN 5).
var largestAmount = decimal.New(1_000_000, 0)

var (
	plainDecimal = regexp.MustCompile(`^\d{1,12}(\.\d{1,12})?$`)
	plainMeter   = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	plainName    = regexp.MustCompile(`^[a-z0-9]+([-._][a-z0-9]+)*$`) // of a provider or a region
)

// askedRate is a rate as somebody asks for it.
type askedRate struct {
	model           domain.ModelKey
	layer           domain.Layer
	tier            domain.Tier   // empty: standard
	meter           domain.Meter  //
	region          domain.Region // empty: global
	minPromptTokens int64
	amount          string // a decimal
}

// faults gathers what is wrong with a request, field by field.
type faults []domain.FieldError

func (f *faults) add(path, format string, args ...any) {
	*f = append(*f, domain.FieldError{Path: path, Message: fmt.Sprintf(format, args...)})
}

// err is nil where nothing was wrong.
func (f faults) err(message string) error {
	if len(f) == 0 {
		return nil
	}
	if more := len(f) - mostFaults; more > 0 {
		message += fmt.Sprintf("; the first %d faults are named, there are %d more", mostFaults, more)
		f = f[:mostFaults]
	}
	return &domain.Error{Kind: domain.KindInvalid, Message: message, Fields: f}
}

// rate gives the key and the price of a rate, with what is not said filled in.
func (f *faults) rate(path string, a askedRate) domain.Rate {
	if a.tier == "" {
		a.tier = domain.TierStandard
	}
	if a.region == "" {
		a.region = domain.RegionGlobal
	}
	f.bought(path, a.tier, a.region)
	f.meter(field(path, "meter"), a.meter)
	if a.minPromptTokens < 0 || a.minPromptTokens > mostTokens {
		f.add(field(path, "minPromptTokens"), "%d is not between 0 and %d", a.minPromptTokens, int64(mostTokens))
	}
	return domain.Rate{
		RateKey: domain.RateKey{
			Model: a.model, Layer: a.layer, Tier: a.tier, Meter: a.meter, Region: a.region, MinPromptTokens: a.minPromptTokens,
		},
		Price: domain.Price{
			Amount: f.amount(field(path, "amount"), a.amount), Unit: a.meter.Unit(), Currency: domain.CurrencyUSD, Origin: domain.OriginPrinted,
		},
	}
}

// bought judges how, and where, something is bought.
func (f *faults) bought(path string, tier domain.Tier, region domain.Region) {
	if !slices.Contains(domain.Tiers(), tier) {
		f.add(field(path, "tier"), "%q is not known; expected one of %s", clip(string(tier)), listed(domain.Tiers()))
	}
	if !plainName.MatchString(string(region)) || len(region) > longestName {
		f.add(field(path, "region"), "%q is not the name of a region; expected %s, or a name such as us-east-1", clip(string(region)), domain.RegionGlobal)
	}
}

func (f *faults) meter(path string, meter domain.Meter) {
	if !plainMeter.MatchString(string(meter)) || len(meter) > longestName {
		f.add(path, "%q is not the name of a meter; expected one of %s, or another name of small letters, digits and _ for what has a unit of its own",
			clip(string(meter)), listed(domain.TokenMeters()))
	}
}

func (f *faults) amount(path, text string) decimal.Decimal {
	if !plainDecimal.MatchString(text) {
		f.add(path, "%q is not an amount; expected a decimal number such as %s", clip(text), amountForm)
		return decimal.Zero
	}
	d, err := decimal.NewFromString(text)
	switch {
	case err != nil:
		f.add(path, "%q is not an amount; expected a decimal number such as %s", clip(text), amountForm)
	case d.GreaterThan(largestAmount):
		f.add(path, "%s is more than anything costs; at most %s is taken", clip(text), largestAmount)
	}
	return d
}

func (f *faults) provider(path string, id domain.ProviderID) {
	if !plainName.MatchString(string(id)) || len(id) > longestName {
		f.add(path, "%q is not the id of a provider; expected small letters, digits and hyphens, such as acme", clip(string(id)))
	}
}

// printable reports whether a text has 1 to most characters that people can
// see, and not only spaces.
func printable(s string, most int) bool {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most &&
		strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, unprintable)
}

func field(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func listed[T ~string](names []T) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return strings.Join(out, ", ")
}

// clip keeps what was handed in from filling an answer.
func clip(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
