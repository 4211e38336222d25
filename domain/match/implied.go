package match

import (
	"slices"
	"strings"
	"unicode"

	"ratecard/domain"
)

// This file completes names that leave out what goes without saying on their
// seller's page ("Opus 4.5"), or say what ids leave out ("OpenAI o3").

// complete adds the identities that names have once they are completed, where
// no name has them by itself.
func (x index) complete(models []domain.Model) {
	family, sellers := commonFamily(models), sellersOf(models)
	completed := map[string]string{}
	for spelling, name := range x.spelled {
		says := func(word string) bool { return strings.Contains(spelling, word) }
		if (family == "" || says(family)) && !slices.ContainsFunc(sellers, says) {
			continue
		}
		id := Parse(name)
		if whole := id.completed(family, sellers); len(whole.Words) != len(id.Words) {
			put(completed, whole.Key(), name)
		}
	}
	for key, name := range completed {
		if _, taken := x.keys[key]; !taken {
			x.keys[key] = name
		}
	}
}

// completed gives an identity the word that every id of the list begins with,
// and takes the seller's own name from it. What has no word beside a version
// would mean too much and stays as it is.
func (i Identity) completed(family string, sellers []string) Identity {
	words := slices.DeleteFunc(slices.Clone(i.Words), func(w string) bool { return slices.Contains(sellers, w) })
	if len(words) == 0 {
		return i
	}
	if family != "" && len(i.Versions) > 0 && !slices.Contains(words, family) {
		words = append(words, family)
		slices.Sort(words)
	}
	i.Words = words
	return i
}

// fewest is the number of ids from which they can have a word in common.
const fewest = 3

// commonFamily is the word of letters that at least nine of ten ids begin
// with; empty where there is none.
func commonFamily(models []domain.Model) string {
	if len(models) < fewest {
		return ""
	}
	begin, most := map[string]int{}, ""
	for i := range models {
		word := firstWord(models[i].ID)
		if begin[word]++; begin[word] > begin[most] {
			most = word
		}
	}
	if begin[most]*10 < len(models)*9 {
		return ""
	}
	return most
}

func firstWord(id string) string {
	id = strings.ToLower(id)
	if end := strings.IndexFunc(id, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		return id[:end]
	}
	return id
}

// sellersOf lists who sells the models: a name may say that, an id need not.
func sellersOf(models []domain.Model) []string {
	var sellers []string
	for i := range models {
		if seller := strings.ToLower(string(models[i].Provider)); seller != "" && !slices.Contains(sellers, seller) {
			sellers = append(sellers, seller)
		}
	}
	return sellers
}
