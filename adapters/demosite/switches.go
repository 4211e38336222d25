package demosite

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// repriced are the prices that somebody has changed since the day began.
type repriced struct {
	sync.Mutex
	factors map[priced]decimal.Decimal
	shown   atomic.Pointer[day] // the day with them; nil: as it is
}

func (r *repriced) forget() {
	r.Lock()
	defer r.Unlock()
	r.factors = nil
	r.shown.Store(nil)
}

// priced is a model of one of the site's providers.
type priced struct {
	provider domain.ProviderID
	model    string
}

// Reprice has a model cost its price of the day times a factor, on every meter,
// until the day changes. KindNotFound where the site sells no such model on the
// day; KindInvalid for a factor that is not positive.
func (s *Site) Reprice(provider domain.ProviderID, model string, factor decimal.Decimal) error {
	if !factor.IsPositive() {
		return domain.Errorf(domain.KindInvalid, "a factor of %s: expected a positive number", factor)
	}
	s.repriced.Lock()
	defer s.repriced.Unlock()
	factors := maps.Clone(s.repriced.factors)
	if factors == nil {
		factors = map[priced]decimal.Decimal{}
	}
	factors[priced{provider, model}] = factor
	plain := s.days[s.now.Load()-1]
	d := plain.next(plain.date)
	d.troubles = plain.troubles
	for p, by := range factors {
		if !d.reprice(p, by) {
			return domain.Errorf(domain.KindNotFound, "%s sells no model %q today", p.provider, p.model)
		}
	}
	s.repriced.factors = factors
	s.repriced.shown.Store(&d)
	return nil
}

// reprice multiplies every price of a model; false where there is none.
func (d *day) reprice(p priced, by decimal.Decimal) bool {
	switch p.provider {
	case anthropicID:
		return d.anthropic.multiply(p.model, by)
	case openAIID:
		return d.openAI.multiply(p.model, by)
	case googleID:
		return d.google.multiply(p.model, by)
	case xAIID:
		return d.xAI.multiply(p.model, by)
	case groqID:
		return d.groq.multiply(p.model, by)
	}
	return false
}

// times multiplies an amount as it is printed; what is not stated stays so.
func times(amount string, by decimal.Decimal) string {
	if amount == "" {
		return ""
	}
	return cents(decimal.RequireFromString(amount).Mul(by))
}

// moves are how whoever plays with the site changes a price, and moves it from day
// to day.
func (s *Site) moves(mux *http.ServeMux) {
	mux.HandleFunc("PUT /{provider}/factor/{factor}/{model...}", func(w http.ResponseWriter, r *http.Request) {
		factor, err := decimal.NewFromString(r.PathValue("factor"))
		if err != nil {
			http.Error(w, "the factor is no decimal number", http.StatusBadRequest)
			return
		}
		err = s.Reprice(domain.ProviderID(r.PathValue("provider")), r.PathValue("model"), factor)
		switch {
		case err == nil:
			w.WriteHeader(http.StatusNoContent)
		case domain.KindOf(err) == domain.KindInvalid:
			http.Error(w, err.Error(), http.StatusBadRequest)
		default:
			http.Error(w, err.Error(), http.StatusNotFound)
		}
	})
	mux.HandleFunc("PUT /day/{day}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("day"))
		if err != nil || n < 1 || n > s.Days() {
			http.Error(w, "there is no such day: they are numbered from 1 to "+strconv.Itoa(s.Days()), http.StatusNotFound)
			return
		}
		s.SetDay(n)
		w.WriteHeader(http.StatusNoContent)
	})
}
