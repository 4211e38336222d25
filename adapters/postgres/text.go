package postgres

import (
	"strings"
	"unicode/utf8"
	"unique"

	"ratecard/domain"
)

// longestName is how many bytes a name may have that stands in an index.
const longestName = 1000

// clean gives text as the database can keep it: without NUL and without bytes
// that are not UTF-8. What is clean already is given as it is, so the same
// text always becomes the same text.
func clean[T ~string](s T) T {
	if utf8.ValidString(string(s)) && strings.IndexByte(string(s), 0) < 0 {
		return s
	}
	return T(strings.ReplaceAll(strings.ToValidUTF8(string(s), ""), "\x00", ""))
}

func cleanAll[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(clean(s))
	}
	return out
}

// word gives text that many rows repeat, a tier or a unit or a source's name, as one
// that they share: what is believed is held for long, and looked through whenever
// memory is collected. Our own words are part of the program, where nothing is looked
// through.
func word[T ~string](s string) T {
	if own, is := words[s]; is {
		return T(own)
	}
	return T(unique.Make(s).Value())
}

// words are those of our own that most rows have.
var words = func() map[string]string {
	own := map[string]string{"": ""}
	for _, list := range [][]string{
		cleanAll(domain.Layers()), cleanAll(domain.Tiers()), cleanAll(domain.TokenMeters()),
		{string(domain.RegionGlobal), domain.UnitMillionTokens, domain.UnitMillionTokensHours, domain.CurrencyUSD},
		cleanAll([]domain.Origin{domain.OriginPrinted, domain.OriginDerived}),
		cleanAll([]domain.Basis{domain.BasisStated, domain.BasisObserved, domain.BasisImported, domain.BasisManual}),
		cleanAll([]domain.Usability{domain.UsabilityAvailable, domain.UsabilityPreview, domain.UsabilityDeprecated}),
	} {
		for _, s := range list {
			own[s] = s
		}
	}
	return own
}()

func cleanKey(k domain.RateKey) domain.RateKey {
	k.Model.ID, k.Tier, k.Meter, k.Region = clean(k.Model.ID), clean(k.Tier), clean(k.Meter), clean(k.Region)
	return k
}

// fits refuses a name that is too long to be looked up by.
func fits(what, name string) error {
	if len(name) > longestName {
		return domain.Errorf(domain.KindInvalid, "%s has %d bytes, and at most %d are kept: %.40q…", what, len(name), longestName, name)
	}
	return nil
}
