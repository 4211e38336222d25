package export

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"ratecard/domain"
	"ratecard/domain/cost"
	"ratecard/ports"
)

// perToken is how far an amount per 1,000,000 tokens is shifted to be one per token.
const perToken = -6

// An offer is a model with what other tools can say of its prices: those of
// everywhere, per token, in US dollars, by the rule that costs are computed by. What
// was imported from another catalogue is not handed on as ours.
type offer struct {
	*ports.ModelView
	tiers map[domain.Tier]tariff
}

// A tariff is what each meter costs in one tier, from which prompt length on, the
// shortest first.
type tariff map[domain.Meter][]step

type step struct {
	from   int64 // the rate applies to the whole request from this prompt length on
	amount decimal.Decimal
}

func offerOf(m *ports.ModelView) offer {
	o := offer{m, map[domain.Tier]tariff{}}
	ours := ourOwn(m.Rates)
	for _, tier := range domain.Tiers() {
		t := tariff{}
		for from, rate := range cost.NewSchedule(cost.Tariff{Rates: ours}, tier, domain.RegionGlobal).Applying() {
			if rate.Unit == domain.UnitMillionTokens {
				t[rate.Meter] = append(t[rate.Meter], step{from, rate.Amount})
			}
		}
		for _, steps := range t {
			slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.from, b.from) })
		}
		o.tiers[tier] = t
	}
	return o
}

// ourOwn are the rates that no other catalogue is behind.
func ourOwn(rates []domain.RateView) []domain.RateView {
	imported := func(r domain.RateView) bool { return r.Layer == domain.LayerImported }
	if !slices.ContainsFunc(rates, imported) {
		return rates
	}
	return slices.DeleteFunc(slices.Clone(rates), imported)
}

// offers are the models of which other tools would compute no wrong cost.
func offers(of ports.Export) []offer {
	list := make([]offer, 0, len(of.Models))
	for i := range of.Models {
		if o := offerOf(&of.Models[i]); o.whole() {
			list = append(list, o)
		}
	}
	return list
}

// alone are the offers that have a name of their own: what several would stand under
// is nobody's.
func alone(list []offer, name func(offer) string) []offer {
	claimed := map[string]int{}
	for _, o := range list {
		claimed[name(o)]++
	}
	return slices.DeleteFunc(list, func(o offer) bool { return claimed[name(o)] > 1 })
}

func (o offer) standard() tariff { return o.tiers[domain.TierStandard] }

// whole reports whether what goes in and what comes out has a price from each
// prompt length on at which a price changes. Other tools take a price that is
// missing for 0, and one that is missing above a threshold for the one below.
func (o offer) whole() bool {
	t := o.standard()
	if !t.covers(domain.MeterInput) {
		return false
	}
	if slices.ContainsFunc(o.Classification, func(c domain.Class) bool { return c == domain.ClassEmbedding || c == domain.ClassModeration }) {
		return len(t[domain.MeterOutput]) == 0 || t.covers(domain.MeterOutput)
	}
	if len(t[domain.MeterOutput]) > 0 {
		return t.covers(domain.MeterOutput)
	}
	return t.covers(domain.MeterOutputAudio) || t.covers(domain.MeterOutputImage) || t.covers(domain.MeterOutputVideo)
}

// sold reports whether a tier has a price for all that the standard tier has one for
// of what goes in and what comes out: for what is missing other tools take the price
// of the standard tier.
func (o offer) sold(tier domain.Tier) bool {
	standard, t := o.standard(), o.tiers[tier]
	for meter, steps := range standard {
		said := t.covers(meter)
		switch meter {
		case domain.MeterInput, domain.MeterOutput:
		case domain.MeterInputAudio, domain.MeterOutputAudio, domain.MeterInputImage, domain.MeterOutputImage:
			_, said = t.plain(meter)
		default:
			continue
		}
		if len(steps) > 0 && !said {
			return false
		}
	}
	return len(t) > 0
}

// covers reports whether a meter has a price from every prompt length on at which
// another has one, the shortest included.
func (t tariff) covers(meter domain.Meter) bool {
	steps := t[meter]
	if len(steps) == 0 || steps[0].from != 0 {
		return false
	}
	for _, others := range t {
		for _, other := range others {
			if !slices.ContainsFunc(steps, func(s step) bool { return s.from == other.from }) {
				return false
			}
		}
	}
	return true
}

// plain is what a meter costs from the shortest prompt on.
func (t tariff) plain(meter domain.Meter) (decimal.Decimal, bool) {
	if steps := t[meter]; len(steps) > 0 && steps[0].from == 0 {
		return steps[0].amount, true
	}
	return decimal.Decimal{}, false
}

// thresholds are the prompt lengths above 0 from which some price is another.
func (t tariff) thresholds() []int64 {
	var all []int64
	for _, steps := range t {
		for _, s := range steps {
			if s.from > 0 {
				all = append(all, s.from)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// at is what a meter costs from exactly this prompt length on.
func (t tariff) at(meter domain.Meter, from int64) (decimal.Decimal, bool) {
	for _, s := range t[meter] {
		if s.from == from {
			return s.amount, true
		}
	}
	return decimal.Decimal{}, false
}

// stretched are a meter's steps, said again where another tier's price changes and
// this one's does not.
func (t tariff) stretched(meter domain.Meter, elsewhere []int64) []step {
	all := slices.Clone(t[meter])
	for i, from := range elsewhere {
		if _, have := t.at(meter, from); have || len(t.thresholds()) > 0 || len(t[meter]) == 0 {
			continue
		}
		all = slices.Insert(all, i+1, step{from, t[meter][0].amount})
	}
	return all
}

// number is an amount as JSON has numbers, in plain decimal.
func number(d decimal.Decimal) json.Number { return json.Number(d.String()) }

// numberAt is what a meter costs from a prompt length on; empty where it is not known.
func (t tariff) numberAt(meter domain.Meter, from int64) json.Number {
	if amount, known := t.at(meter, from); known {
		return number(amount)
	}
	return ""
}

// name is what people call a model.
func (o offer) name() string { return cmp.Or(o.DisplayName, o.ID) }

// began is when a model was made, or else when it was first seen.
func (o offer) began() time.Time {
	if o.Created != nil {
		return o.Created.UTC()
	}
	return o.DiscoveredAt.UTC()
}

// supports reports whether one of these capabilities is said to be there; nil
// where nothing is said of them.
func (o offer) supports(capabilities ...string) *bool {
	var said *bool
	for _, c := range o.Capabilities {
		if slices.Contains(capabilities, c.Type) && (said == nil || c.Supported) {
			said = &c.Supported
		}
	}
	return said
}

func (o offer) does(capabilities ...string) bool {
	said := o.supports(capabilities...)
	return said != nil && *said
}

func (o offer) is(class domain.Class) bool { return slices.Contains(o.Classification, class) }

// goesIn and comesOut are what a model takes and gives, as far as that is known.
func (o offer) goesIn() []string {
	return append([]string{"text"}, o.kinds([]kind{
		{"image", []string{"vision"}, domain.MeterInputImage}, {"audio", []string{"audio_input"}, domain.MeterInputAudio},
		{"video", []string{"video_input"}, domain.MeterInputVideo}, {"pdf", []string{"pdf_input"}, ""},
	})...)
}

func (o offer) comesOut() []string {
	kinds := o.kinds([]kind{
		{"image", []string{"image_output", "image_generation"}, domain.MeterOutputImage}, {"audio", []string{"audio_output", "speech"}, domain.MeterOutputAudio},
		{"video", []string{"video_output", "video_generation"}, domain.MeterOutputVideo},
	})
	if len(kinds) > 0 && len(o.standard()[domain.MeterOutput]) == 0 {
		return kinds
	}
	return append([]string{"text"}, kinds...)
}

// A kind is something other than text: it is taken or given where a capability says
// so, or a price does.
type kind struct {
	name         string
	capabilities []string
	meter        domain.Meter
}

func (o offer) kinds(all []kind) (found []string) {
	for _, k := range all {
		if o.does(k.capabilities...) || len(o.standard()[k.meter]) > 0 {
			found = append(found, k.name)
		}
	}
	return found
}
