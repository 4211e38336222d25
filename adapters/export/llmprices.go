package export

import (
	"encoding/json"
	"slices"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// llmPrice is what a model costs per 1,000,000 tokens of a short prompt, as llm-prices
// has it.
type llmPrice struct {
	ID     string       `json:"id"`
	Vendor string       `json:"vendor"`
	Name   string       `json:"name"`
	Input  json.Number  `json:"input"`
	Output json.Number  `json:"output"`
	Cached *json.Number `json:"input_cached"`
}

// An llmPriceThen is what it cost from a day on, until before another.
type llmPriceThen struct {
	llmPrice
	From string  `json:"from_date"`
	To   *string `json:"to_date"` // nil: it still does
}

func llmPricesCurrent(of ports.Export) ([]byte, error) {
	answer := struct {
		Updated string     `json:"updated_at"`
		Prices  []llmPrice `json:"prices"`
	}{of.At.UTC().Format(time.DateOnly), []llmPrice{}}
	for i := range of.Models {
		if price, known := llmPriceOf(&of.Models[i]); known {
			answer.Prices = append(answer.Prices, price)
		}
	}
	return json.Marshal(answer)
}

func llmPriceOf(m *ports.ModelView) (llmPrice, bool) {
	o := offerOf(m)
	in, out := o.standard().numberAt(domain.MeterInput, 0), o.standard().numberAt(domain.MeterOutput, 0)
	if in == "" || out == "" {
		return llmPrice{}, false
	}
	price := llmPrice{ID: o.ID, Vendor: string(o.Provider), Name: o.name(), Input: in, Output: out}
	if cached := o.standard().numberAt(domain.MeterCacheRead, 0); cached != "" {
		price.Cached = &cached
	}
	return price, true
}

func llmPricesHistorical(of ports.Export) ([]byte, error) {
	answer := struct {
		Prices []llmPriceThen `json:"prices"`
	}{[]llmPriceThen{}}
	for i := range of.Models {
		answer.Prices = append(answer.Prices, llmHistory(&of.Models[i], of.At)...)
	}
	return json.Marshal(answer)
}

// llmHistory is what a model cost until an instant, the newest first. llm-prices counts
// in days: what applied last on a day stands for the day.
func llmHistory(m *ports.ModelView, until time.Time) []llmPriceThen {
	var history []llmPriceThen
	for _, at := range turns(m.Rates, until) {
		then := *m
		then.Rates = inForce(m.Rates, at)
		price, known := llmPriceOf(&then)
		day := at.UTC().Format(time.DateOnly)
		if last := len(history) - 1; last >= 0 && history[last].To == nil {
			if known && price.equal(history[last].llmPrice) {
				continue
			}
			history[last].To = &day
		}
		if known {
			history = append(history, llmPriceThen{llmPrice: price, From: day})
		}
	}
	slices.Reverse(history)
	return history
}

func (p llmPrice) equal(o llmPrice) bool {
	cached := func(p llmPrice) json.Number {
		if p.Cached == nil {
			return ""
		}
		return *p.Cached
	}
	return p.Input == o.Input && p.Output == o.Output && cached(p) == cached(o)
}

// turns are the instants at which some rate began or ended, one a day, the last.
func turns(rates []domain.RateView, until time.Time) []time.Time {
	var all []time.Time
	for i := range rates {
		for _, at := range []time.Time{rates[i].Effective.From, rates[i].Effective.To} {
			if !at.IsZero() && !at.After(until) {
				all = append(all, at.UTC())
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	days := all[:0]
	for i, at := range all {
		if i+1 == len(all) || domain.DateOf(at) != domain.DateOf(all[i+1]) {
			days = append(days, at)
		}
	}
	return days
}

func inForce(rates []domain.RateView, at time.Time) []domain.RateView {
	var found []domain.RateView
	for _, r := range rates {
		if r.Effective.Contains(at) {
			found = append(found, r)
		}
	}
	return found
}
