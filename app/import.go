package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/domain/classify"
	"ratecard/domain/ledger"
	"ratecard/ports"
)

// ImportedList is a complete price list of another catalogue for one provider,
// as it stood at an instant: what it does not name was not for sale there, a
// removal is an explicit end, and a 0 an explicit price.
type ImportedList struct {
	Provider domain.ProviderID
	At       time.Time
	Models   []ImportedModel
}

// ImportedModel is a model of an ImportedList. Attributes may be missing.
type ImportedModel struct {
	ID              string
	DisplayName     string
	ContextWindow   *int64 // tokens
	MaxOutputTokens *int64 // tokens
	Rates           []ImportedRate
}

// ImportedRate is a price of an ImportedModel, in USD per the meter's unit.
type ImportedRate struct {
	Tier            domain.Tier   // empty: standard
	Meter           domain.Meter  //
	Region          domain.Region // empty: global
	MinPromptTokens int64
	Amount          string // a decimal
}

// ImportResult says what an import changed.
type ImportResult struct {
	Lists         []ledger.ListOutcome // in the order of the lists
	ModelsFound   int
	ModelsChanged int
	Written       int // rates that were opened or superseded: 0 where everything was on record
}

// Import puts price lists of other catalogues on record, in a layer of their
// own below the list prices. Models that are not known become known; what a
// provider's own sources said of a model stays. Lists may come in any order;
// those of one provider are one change, so what they overrule among themselves
// was never believed, and a repeat changes nothing. Providers are independent:
// where one fails, those before it are stored. KindInvalid names every field
// that cannot be; then nothing is stored.
func Import(ctx context.Context, l ports.Ledger, lists []ImportedList, by string, now func() time.Time) (ImportResult, error) {
	prices, err := checkLists(lists, domain.Instant(now()))
	if err != nil {
		return ImportResult{}, err
	}
	result := ImportResult{Lists: make([]ledger.ListOutcome, len(lists))}
	for _, part := range byProvider(lists) {
		var in importing
		_, err := l.Update(ctx, part.provider, func(state ledger.State) (ledger.Change, error) {
			in = importing{knownAt: knownAt(state, domain.Instant(now()))}
			return in.decide(state, part.pick(lists), pick(prices, part.places), by), nil
		})
		if err != nil {
			return result, err
		}
		for i, place := range part.places {
			result.Lists[place] = in.rates.Lists[i]
		}
		result.ModelsFound += in.models.Added
		result.ModelsChanged += in.models.Updated
		result.Written += len(in.rates.Open) + len(in.rates.Supersede)
	}
	return result, nil
}

// partOfImport is what an import has of one provider.
type partOfImport struct {
	provider domain.ProviderID
	places   []int // of its lists
}

func byProvider(lists []ImportedList) []partOfImport {
	var parts []partOfImport
	for i := range lists {
		n := slices.IndexFunc(parts, func(p partOfImport) bool { return p.provider == lists[i].Provider })
		if n < 0 {
			n = len(parts)
			parts = append(parts, partOfImport{provider: lists[i].Provider})
		}
		parts[n].places = append(parts[n].places, i)
	}
	return parts
}

func (p partOfImport) pick(lists []ImportedList) []ImportedList { return pick(lists, p.places) }

func pick[T any](all []T, places []int) []T {
	out := make([]T, len(places))
	for i, place := range places {
		out[i] = all[place]
	}
	return out
}

// importing is what the lists of one provider change.
type importing struct {
	knownAt time.Time
	models  ledger.ModelChange
	rates   ledger.Imported
}

func (in *importing) decide(state ledger.State, lists []ImportedList, prices []ledger.PriceList, by string) ledger.Change {
	in.models = ledger.ImportModels(state.Models, namedModels(state, lists), in.knownAt)
	in.rates = ledger.Import(state.Rates, state.Imported, prices, in.knownAt)
	signed(in.rates.Events, by, "")
	return ledger.Change{
		KnownAt:   in.knownAt,
		Models:    in.models.Models,
		Supersede: in.rates.Supersede,
		Open:      in.rates.Open,
		Imported:  in.rates.Instants,
		Events:    slices.Concat(in.models.Events, in.rates.Events),
	}
}

// signed notes in the events of rates who made them happen, and why.
func signed(events []domain.Event, by, reason string) {
	for i := range events {
		if p, ok := events[i].Payload.(domain.RatePayload); ok {
			p.By, p.Reason = by, reason
			events[i].Payload = p
		}
	}
}

// namedModels gives the models that lists name, each as the newest list that
// names it describes it. Attributes have one clock: an older list than one
// imported before says nothing of models that are known already, and no list
// says anything of those that are known through more than lists.
func namedModels(state ledger.State, lists []ImportedList) []domain.Model {
	known := make(map[string]domain.Model, len(state.Models))
	for i := range state.Models {
		known[state.Models[i].ID] = state.Models[i].Model
	}
	newestFirst := slices.Clone(lists)
	slices.SortStableFunc(newestFirst, func(a, b ImportedList) int { return b.At.Compare(a.At) })
	var out []domain.Model
	seen := map[string]bool{}
	for _, list := range newestFirst {
		outdated := len(state.Imported) > 0 && list.At.Before(state.Imported[len(state.Imported)-1])
		for _, named := range list.Models {
			m, isKnown := known[named.ID]
			if seen[named.ID] || isKnown && (outdated || m.Source != ledger.SourceImport) {
				continue
			}
			seen[named.ID] = true
			m.ModelKey = domain.ModelKey{Provider: list.Provider, ID: named.ID}
			out = append(out, named.describe(m))
		}
	}
	slices.SortFunc(out, func(a, b domain.Model) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// describe writes down what a list says of a model; of what it does not say,
// the rest stays.
func (named ImportedModel) describe(m domain.Model) domain.Model {
	m.DisplayName = cmp.Or(named.DisplayName, m.DisplayName)
	m.ContextWindow = cmp.Or(named.ContextWindow, m.ContextWindow)
	m.MaxOutputTokens = cmp.Or(named.MaxOutputTokens, m.MaxOutputTokens)
	m.Classification = classify.Classes(m)
	m.Usability = classify.Usability(m, m.Remarks)
	return m
}

// checkLists gives the prices of lists, or names everything that cannot be.
func checkLists(lists []ImportedList, now time.Time) ([]ledger.PriceList, error) {
	var f faults
	first := map[string]int{} // by provider and instant
	out := make([]ledger.PriceList, len(lists))
	for i, list := range lists {
		path := fmt.Sprintf("lists[%d]", i)
		f.provider(path+".provider", list.Provider)
		if list.At.After(now) {
			f.add(path+".at", "lies in the future; it is now %s", now.Format(time.RFC3339Nano))
		}
		id := fmt.Sprint(list.Provider, " ", domain.Instant(list.At).UnixMicro())
		if other, twice := first[id]; twice {
			f.add(path+".at", "lists[%d] is a list of the same provider and instant; give one complete list for each", other)
		} else {
			first[id] = i
		}
		out[i] = f.list(path, list)
	}
	return out, f.err("the lists cannot be imported")
}

func (f *faults) list(path string, list ImportedList) ledger.PriceList {
	out := ledger.PriceList{At: domain.Instant(list.At)}
	first := map[string]int{}
	for i, m := range list.Models {
		path := fmt.Sprintf("%s.models[%d]", path, i)
		f.model(path, m)
		if other, twice := first[m.ID]; twice {
			f.add(path+".id", "%q stands in models[%d] already", clip(m.ID), other)
			continue
		}
		first[m.ID] = i
		key := domain.ModelKey{Provider: list.Provider, ID: m.ID}
		keys := map[domain.RateKey]int{}
		for j, r := range m.Rates {
			path := fmt.Sprintf("%s.rates[%d]", path, j)
			rate := f.rate(path, askedRate{key, domain.LayerImported, r.Tier, r.Meter, r.Region, r.MinPromptTokens, r.Amount})
			if other, twice := keys[rate.RateKey]; twice {
				f.add(path, "prices the same as rates[%d]: tier %s, meter %s, region %s from %d tokens", other, rate.Tier, clip(string(rate.Meter)), clip(string(rate.Region)), rate.MinPromptTokens)
				continue
			}
			keys[rate.RateKey] = j
			out.Prices = append(out.Prices, ledger.ListPrice{Key: rate.RateKey, Price: rate.Price})
		}
	}
	return out
}

func (f *faults) model(path string, m ImportedModel) {
	if !printable(m.ID, longestModelID) {
		f.add(path+".id", "expected 1 to %d printable characters, not only spaces", longestModelID)
	}
	if m.DisplayName != "" && !printable(m.DisplayName, longestModelID) {
		f.add(path+".displayName", "expected 1 to %d printable characters, not only spaces", longestModelID)
	}
	f.tokens(path+".contextWindow", m.ContextWindow)
	f.tokens(path+".maxOutputTokens", m.MaxOutputTokens)
}

func (f *faults) tokens(path string, n *int64) {
	if n != nil && (*n < 1 || *n > mostTokens) {
		f.add(path, "%d is not between 1 and %d; leave it out where it is not known", *n, int64(mostTokens))
	}
}
