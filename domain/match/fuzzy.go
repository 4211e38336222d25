package match

import (
	"slices"

	"ratecard/domain"
)

// Fuzzy pairs differ by typing slips alone. They are proposals: nothing is
// priced by them until somebody pins them (PROPERTIES 7).
const Fuzzy How = "fuzzy"

// Propose finds for models that have no pair the one unpaired name that differs
// from their id by typing slips, under a fifth of the longer one's length,
// with the dated edition's base after the edition itself. Versions, sizes, dates
// and the words that tell models apart are never taken for slips. The best
// candidate is proposed, from both sides; a tie is none. What a ruling forbids
// or pins elsewhere is not proposed.
func Propose(models []domain.Model, names []string, pairs []Pair, rulings []domain.Ruling) []Pair {
	taken, paired, pinned := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range pairs {
		taken[spell(p.Name)], paired[p.ModelID] = true, p.Name != ""
	}
	banned := map[[2]string]bool{}
	for _, r := range rulings {
		if r.Kind == domain.RulingForbid {
			banned[[2]string{r.Model.ID, spell(r.Name)}] = true
		} else {
			pinned[r.Model.ID], taken[spell(r.Name)] = true, true
		}
	}
	shelf, printed := shelf{}, make([]spelling, len(names))
	shelved := map[string]bool{"": true}
	for i, name := range names {
		printed[i] = spellingOf(name)
		if spelled := spell(name); !taken[spelled] && !shelved[spelled] {
			shelved[spelled] = true
			shelf.put(name, printed[i])
		}
	}
	ids := make([]spelling, len(models))
	for i := range models {
		ids[i] = spellingOf(models[i].ID)
	}
	own := wordsInUse(ids, printed)
	var found []Pair
	var distances []int          // parallel to found
	claims := map[string][]int{} // by name: the distances at which models claim it
	for i, m := range models {
		if paired[m.ID] || pinned[m.ID] {
			continue
		}
		name, distance, one := shelf.nearest(m, ids[i], own, func(name string) bool { return banned[[2]string{m.ID, spell(name)}] })
		if one {
			found, distances = append(found, Pair{m.ID, name, Fuzzy}), append(distances, distance)
			claims[name] = append(claims[name], distance)
		}
	}
	return undisputed(found, distances, claims)
}

// undisputed keeps of each name the claim of the model that is nearest to it.
func undisputed(found []Pair, distances []int, claims map[string][]int) []Pair {
	var best []Pair
	for i, p := range found {
		rivals := claims[p.Name]
		nearest, same := slices.Min(rivals), 0
		for _, d := range rivals {
			if d == nearest {
				same++
			}
		}
		if distances[i] == nearest && same == 1 {
			best = append(best, p)
		}
	}
	return best
}

// wordsInUse says which words are words in their own right: the known variants,
// and what at least two models or two names use. Dated editions of one model
// are one.
func wordsInUse(ids, names []spelling) func(string) bool {
	uses := map[string]int{}
	for _, spellings := range [][]spelling{ids, names} {
		type model struct{ letters, digits string }
		seen := map[model]bool{}
		for _, s := range spellings {
			if m := (model{s.letters, s.digits}); !seen[m] {
				seen[m] = true
				for i, w := range s.words {
					if !slices.Contains(s.words[:i], w) {
						uses[w]++
					}
				}
			}
		}
	}
	return func(word string) bool { return variants[word] || uses[word] > 1 }
}

// A shelf holds names by their digits and the number of their letters, so that
// few are looked at for a model.
type shelf map[shelfKey][]shelved

type shelfKey struct {
	digits, snapshot string
	letters          int
}

type shelved struct {
	name string
	spelling
}

func (x shelf) put(name string, s spelling) {
	key := shelfKey{s.digits, s.snapshot, len(s.letters)}
	x[key] = append(x[key], shelved{name, s})
}

// nearest finds the one name that a model's id is nearest to, or that of the
// model of which it is a dated edition.
func (x shelf) nearest(m domain.Model, s spelling, own, banned func(string) bool) (name string, distance int, one bool) {
	name, distance, n := x.best(s, own, banned)
	if n == 0 && s.snapshot != "" && !soldApart[m.ModelKey] {
		name, distance, n = x.best(s.base(), own, banned)
	}
	return name, distance, n == 1
}

// best gives the nearest name, and how many are as near.
func (x shelf) best(s spelling, own, banned func(string) bool) (name string, distance, n int) {
	reach := mostSlips(s.length + s.length/4 + 1)
	for letters := len(s.letters) - reach; letters <= len(s.letters)+reach; letters++ {
		for _, candidate := range x[shelfKey{s.digits, s.snapshot, letters}] {
			d, ok := s.slips(candidate.spelling, own)
			switch {
			case !ok || banned(candidate.name) || n > 0 && d > distance:
			case n > 0 && d == distance:
				n++
			default:
				name, distance, n = candidate.name, d, 1
			}
		}
	}
	return name, distance, n
}
