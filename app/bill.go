package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/domain/cost"
	"ratecard/domain/usage"
	"ratecard/ports"
)

// MostBillLines is how many lines one bill may have.
const MostBillLines = 1000

// BillLine is one usage to be priced. Either Usage says it by our meters, or
// Raw is what the provider answered.
type BillLine struct {
	Model    string            // an id or alias
	Provider domain.ProviderID // empty: whoever sells it
	At       time.Time         // when it was used; zero: now
	Tier     domain.Tier       // empty: what Raw says, else standard
	Region   domain.Region     // empty: what Raw says, else global
	Usage    map[string]int64  // by the name of a meter
	Raw      json.RawMessage   // a provider's usage object, or an answer with one in it

	dialects map[domain.ProviderID]domain.Dialect // of the providers, where Raw is to be read
}

// BilledLine is a line with what it costs.
type BilledLine struct {
	Model      domain.ModelKey   // zero where none or several answer to the name
	Candidates []domain.ModelKey // the several
	At         time.Time
	Tier       domain.Tier
	Region     domain.Region
	Usage      domain.Usage
	cost.Cost
}

// Bill is what many lines cost.
type Bill struct {
	Lines   []BilledLine // in the order of the question
	Version int64        // the catalogue version that they were priced with
}

// Biller prices usages by the rates of the instants at which they happened.
type Biller struct {
	tariff    ports.Tariff
	providers *Providers
}

// NewBiller prices from a store. The providers' dialects tell how their usage
// objects are to be read where the names of their fields do not.
func NewBiller(tariff ports.Tariff, providers *Providers) *Biller {
	return &Biller{tariff, providers}
}

// dialects are those of the providers, where a line has a usage object to be
// read.
func (b *Biller) dialects(ctx context.Context, lines []BillLine) map[domain.ProviderID]domain.Dialect {
	if !slices.ContainsFunc(lines, func(l BillLine) bool { return len(l.Raw) > 0 }) {
		return nil
	}
	out := map[domain.ProviderID]domain.Dialect{}
	for _, p := range b.providers.Known(ctx) {
		if p.API != nil {
			out[p.ID] = p.API.Dialect
		}
	}
	return out
}

// Bill prices every line with the rates in force at its instant, as they were
// believed at known; a zero known is as they are believed now (PROPERTIES 38).
// What cannot be priced has a status that says why, and no price. KindInvalid
// names every field that cannot be; then nothing is priced.
func (b *Biller) Bill(ctx context.Context, lines []BillLine, known, now time.Time) (Bill, error) {
	if n := len(lines); n == 0 || n > MostBillLines {
		return Bill{}, &domain.Error{Kind: domain.KindInvalid, Message: "the usage cannot be priced", Fields: []domain.FieldError{
			{Path: "lines", Message: fmt.Sprintf("has %d entries; expected 1 to %d", n, MostBillLines)},
		}}
	}
	lines = slices.Clone(lines)
	dialects := b.dialects(ctx, lines)
	for i := range lines {
		lines[i].dialects = dialects
		if lines[i].At.IsZero() {
			lines[i].At = domain.Instant(now)
		}
	}
	tariffs, err := b.tariff.Tariffs(ctx, tariffsFor(lines, known))
	if err != nil {
		return Bill{}, err
	}
	named := byRef(tariffs.Models)
	bill := Bill{Lines: make([]BilledLine, len(lines)), Version: tariffs.Version}
	var f faults
	for i, line := range lines {
		bill.Lines[i] = b.line(&f, fmt.Sprintf("lines[%d]", i), line, named[line.Model], known)
	}
	if err := f.err("the usage cannot be priced"); err != nil {
		return Bill{}, err
	}
	return bill, nil
}

// tariffsFor asks at once for all that the lines need.
func tariffsFor(lines []BillLine, known time.Time) ports.TariffQuery {
	q := ports.TariffQuery{KnownAt: known, Range: domain.Span{From: lines[0].At, To: lines[0].At}}
	for _, line := range lines {
		q.Refs = append(q.Refs, line.Model)
		for _, at := range []time.Time{line.At, attributesAt(line.At, known)} {
			if at.Before(q.Range.From) {
				q.Range.From = at
			}
			if at.After(q.Range.To) {
				q.Range.To = at
			}
		}
	}
	q.Range.To = q.Range.To.Add(time.Microsecond) // the last instant belongs to it
	slices.Sort(q.Refs)
	q.Refs = slices.Compact(q.Refs)
	return q
}

func attributesAt(at, known time.Time) time.Time {
	return domain.AsOf{At: at, KnownAt: known}.AttributesAt()
}

// byRef gives the models that each name may mean, at some time or other.
func byRef(models []ports.ModelTariff) map[string][]*ports.ModelTariff {
	named := map[string][]*ports.ModelTariff{}
	for i := range models {
		m := &models[i]
		refs := []string{m.ID}
		for _, a := range m.Attributes {
			refs = append(refs, a.Aliases...)
		}
		slices.Sort(refs)
		for _, ref := range slices.Compact(refs) {
			named[ref] = append(named[ref], m)
		}
	}
	return named
}

// line prices one line.
func (b *Biller) line(f *faults, path string, line BillLine, named []*ports.ModelTariff, known time.Time) BilledLine {
	out := BilledLine{At: line.At}
	models := answering(line, named, attributesAt(line.At, known))
	if len(models) == 1 {
		out.Model = models[0].ModelKey
		line.Provider = out.Model.Provider
	}
	request := b.request(f, path, line)
	out.Tier, out.Region, out.Usage = request.Tier, request.Region, request.Usage
	out.PromptTokens = request.Usage.PromptTokens()
	switch len(models) {
	case 0:
		out.Status = cost.UnknownModel
	case 1:
		out.Cost = cost.Of(request, tariffAt(models[0], line.At, known))
	default:
		out.Status = cost.AmbiguousModel
		for _, m := range models {
			out.Candidates = append(out.Candidates, m.ModelKey)
		}
	}
	return out
}

// answering gives the models that answer to a line's name: by id, or else by
// an alias that they had at the instant.
func answering(line BillLine, named []*ports.ModelTariff, at time.Time) []*ports.ModelTariff {
	var byID, byAlias []*ports.ModelTariff
	for _, m := range named {
		switch attributes := attributesOf(m, at); {
		case line.Provider != "" && m.Provider != line.Provider:
		case m.ID == line.Model:
			byID = append(byID, m)
		case attributes != nil && slices.Contains(attributes.Aliases, line.Model):
			byAlias = append(byAlias, m)
		}
	}
	if len(byID) > 0 {
		return byID
	}
	return byAlias
}

// attributesOf is what a model was at an instant, nil where it was not seen.
func attributesOf(m *ports.ModelTariff, at time.Time) *ports.Attributes {
	for i := range m.Attributes {
		if m.Attributes[i].Seen.Contains(at) {
			return &m.Attributes[i]
		}
	}
	return nil
}

func tariffAt(m *ports.ModelTariff, at, known time.Time) cost.Tariff {
	t := cost.Tariff{Before: at.Before(m.Since)}
	for _, r := range m.Rates {
		if r.Effective.Contains(at) {
			t.Rates = append(t.Rates, r)
		}
	}
	if attributes := attributesOf(m, attributesAt(at, known)); attributes != nil {
		t.Stated = attributes.StatedPricing
	}
	return t
}

// request is what a line asks to be priced; what cannot be is a fault.
func (b *Biller) request(f *faults, path string, line BillLine) cost.Request {
	var r cost.Request
	switch {
	case (line.Usage == nil) == (line.Raw == nil):
		f.add(path, "expected either usage, by meter, or rawUsage, as the provider answered it")
	case line.Raw != nil:
		r = b.counted(f, path, line)
	default:
		r.Usage = f.usage(path+".usage", line.Usage)
	}
	if line.Tier != "" {
		r.Tier = line.Tier
	}
	if line.Region != "" {
		r.Region = line.Region
	}
	if r.Tier == "" {
		r.Tier = domain.TierStandard
	}
	if r.Region == "" {
		r.Region = domain.RegionGlobal
	}
	f.bought(path, r.Tier, r.Region)
	return r
}

// counted counts a provider's usage object by our meters.
func (b *Biller) counted(f *faults, path string, line BillLine) cost.Request {
	path += ".rawUsage"
	c, err := usage.Read(line.Raw, line.dialects[line.Provider])
	var wrong *domain.Error
	switch {
	case errors.As(err, &wrong):
		for _, e := range wrong.Fields {
			f.add(strings.TrimSuffix(field(path, e.Path), "."), "%s", e.Message)
		}
	case c.OtherTier.Text != "" && line.Tier == "":
		f.add(field(path, c.OtherTier.Path), "%q is no tier that is known; name the tier beside the usage, one of %s", clip(c.OtherTier.Text), listed(domain.Tiers()))
	}
	return cost.Request{Usage: c.Usage, Unknown: c.Unknown, Tier: c.Tier, Region: c.Region}
}

// usage reads counts by the names of meters.
func (f *faults) usage(path string, counts map[string]int64) domain.Usage {
	u := domain.Usage{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		n := counts[name]
		f.meter(field(path, clip(name)), domain.Meter(name))
		if n < 0 || n > domain.MostUsage {
			f.add(field(path, clip(name)), "%d is not between 0 and %d", n, int64(domain.MostUsage))
			continue
		}
		u[domain.Meter(name)] = n
	}
	return u
}
