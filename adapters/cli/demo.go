package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// Demo leads a server through the simulated providers' days and shows what it
// found.
type Demo struct {
	Client
	Site    string // where the simulated providers are
	Program string // how the program was started, for the advice at the end
	Days    int
	Enter   func(day int) domain.Date // moves providers and clock to a day
}

// Run syncs day by day, prints what each day brought, then one price with its
// proof and its past, and how to ask for more.
func (d Demo) Run(ctx context.Context) error {
	server, err := d.connect()
	if err != nil {
		return err
	}
	var cut *oas.Event // the first price that changed: the one to show
	after := int64(0)
	for day := 1; day <= d.Days; day++ {
		date := d.Enter(day)
		started, err := startSync(ctx, server, nil)
		if err != nil {
			return err
		}
		runs, err := await(ctx, server, started)
		if err != nil {
			return err
		}
		events, err := eventsAfter(ctx, server, after)
		if err != nil {
			return err
		}
		if len(events) > 0 {
			after = events[len(events)-1].ID
		}
		fmt.Fprintf(d.Stdout, "\nDay %d, %s\n", day, date)
		if err := d.showRuns(runs); err != nil {
			return err
		}
		d.showEvents(events, day == 1)
		if i := slices.IndexFunc(events, func(e oas.Event) bool { return e.Kind == string(domain.EventRateChanged) }); i >= 0 && cut == nil {
			cut = &events[i]
		}
	}
	if cut == nil {
		return errors.New("no price changed over the days, which cannot be")
	}
	if err := d.showProof(ctx, server, cut.Model.Value); err != nil {
		return err
	}
	d.showDoor(cut.Model.Value)
	return nil
}

// eventsAfter gives every event after one.
func eventsAfter(ctx context.Context, server *oas.Client, after int64) ([]oas.Event, error) {
	var events []oas.Event
	for {
		page, err := server.ListEvents(ctx, oas.ListEventsParams{After: oas.NewOptInt64(after), Limit: oas.NewOptInt(500)})
		if err != nil {
			return nil, err
		}
		events = append(events, page.Items...)
		if len(page.Items) == 0 {
			return events, nil
		}
		after = page.NextCursor
	}
}

// showEvents tells what happened, a line per kind and whose it is. On the first
// day everything is new: the numbers say enough.
func (d Demo) showEvents(events []oas.Event, first bool) {
	if first {
		return
	}
	var order []happening
	said := map[happening][]string{}
	for _, e := range events {
		l := happening{e.Kind, e.Provider.Value, e.Model.Value}
		if _, known := said[l]; !known {
			order = append(order, l)
		}
		said[l] = append(said[l], sentence(e))
	}
	shown := map[string]int{}
	for _, l := range order {
		if shown[l.kind+l.provider]++; shown[l.kind+l.provider] <= mostLines {
			fmt.Fprintln(d.Stdout, strings.TrimRight(fmt.Sprintf("  %-16s %s  %s", l.kind, l.whose(), strings.Join(compact(said[l]), ", ")), " "))
		}
	}
	for _, l := range order {
		if more := shown[l.kind+l.provider] - mostLines; more > 0 {
			fmt.Fprintf(d.Stdout, "  %-16s %s  the same of %d more models\n", l.kind, l.provider, more)
		}
		delete(shown, l.kind+l.provider)
	}
}

// mostLines is how many models are shown of one kind of event at one provider.
const mostLines = 5

// happening is what happened to whom.
type happening struct{ kind, provider, model string }

func (h happening) whose() string {
	if h.model == "" {
		return h.provider
	}
	return h.provider + "/" + h.model
}

// compact keeps a line short: five parts, and how many more there are.
func compact(parts []string) []string {
	const most = 5
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if len(parts) <= most {
		return parts
	}
	return append(slices.Clone(parts[:most]), fmt.Sprintf("%d more", len(parts)-most))
}

// sentence says what an event changed, where its kind does not say it all.
func sentence(e oas.Event) string {
	switch kind := domain.EventKind(e.Kind); {
	case strings.HasPrefix(e.Kind, "rate."):
		return rateSentence(kind, payload[domain.RatePayload](e))
	case strings.HasPrefix(e.Kind, "change."):
		return heldSentence(payload[domain.HeldPayload](e))
	case kind == domain.EventModelChanged:
		return strings.Join(payload[domain.ModelPayload](e).Changed, ", ")
	case strings.HasPrefix(e.Kind, "page."):
		p := payload[domain.PagePayload](e)
		return fmt.Sprintf("%s: %.90s", p.Source, p.Error)
	}
	return ""
}

func heldSentence(p domain.HeldPayload) string {
	var why []string
	for _, d := range p.Doubts {
		why = append(why, string(d.Code))
	}
	return fmt.Sprintf("%s, %s: %s", rateSentence("", domain.RatePayload{Tier: p.Tier, Meter: p.Meter, MinPromptTokens: p.MinPromptTokens, Old: p.Old, New: p.New}), p.Source, strings.Join(why, ", "))
}

func rateSentence(kind domain.EventKind, p domain.RatePayload) string {
	what := string(p.Meter)
	if p.Tier != domain.TierStandard {
		what = string(p.Tier) + " " + what
	}
	if p.MinPromptTokens > 0 {
		what += fmt.Sprintf(" from %d", p.MinPromptTokens)
	}
	switch {
	case p.Old != "" && p.New != "":
		what += fmt.Sprintf(" %s → %s", p.Old, p.New)
	case p.New != "":
		what += " " + p.New
	}
	if kind == domain.EventRateScheduled || kind == domain.EventRateEnded {
		what += " on " + strings.TrimSuffix(p.Effective, "T00:00:00Z")
	}
	return what
}

// payload reads what an event says of its kind; one of another shape says
// nothing.
func payload[P any](e oas.Event) P {
	var p, nothing P
	if json.Unmarshal(e.Payload, &p) != nil {
		return nothing
	}
	return p
}

// showProof shows one model's standard input price with its evidence and its
// history.
func (d Demo) showProof(ctx context.Context, server *oas.Client, model string) error {
	pricing, err := server.GetPricing(ctx, oas.GetPricingParams{ID: model})
	if err != nil {
		return err
	}
	isInput := func(r oas.Rate) bool {
		return r.Tier == string(domain.TierStandard) && r.Meter == string(domain.MeterInput)
	}
	i := slices.IndexFunc(pricing.Rates, isInput)
	if i < 0 {
		return fmt.Errorf("%s has no standard input price", model)
	}
	rate := pricing.Rates[i]
	proof, err := server.GetEvidence(ctx, oas.GetEvidenceParams{ID: rate.EvidenceID.Value})
	if err != nil {
		return err
	}
	history, err := server.GetPricingHistory(ctx, oas.GetPricingHistoryParams{ID: model})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Stdout, "\nOne price: %s, standard input: $%s per %s since %s\n", model, rate.Amount, rate.Unit, stamp(rate.EffectiveDate))
	fmt.Fprintf(d.Stdout, "  proof    %q in the row %q under %q\n", proof.Place.Cell, proof.Place.Row, proof.Place.Header)
	fmt.Fprintf(d.Stdout, "           %s (%s), fetched %s, sha256 %.16s…\n", proof.Page.Value.URL, proof.Place.Path, stamp(proof.Page.Value.FetchedAt), proof.Page.Value.SHA256)
	for _, r := range history.Items {
		if isInput(r) {
			fmt.Fprintf(d.Stdout, "  history  $%-6s from %s until %s (%s)\n", r.Amount, stamp(r.EffectiveDate), until(r.EndDate), r.Basis)
		}
	}
	return nil
}

// showDoor says how to go on.
func (d Demo) showDoor(model string) {
	fmt.Fprintf(d.Stdout, `
ratecard answers at %[1]s until you press Ctrl-C. In another terminal:

  export RATECARD_URL=%[1]s RATECARD_KEY=%[2]s
  curl -H "X-API-Key: $RATECARD_KEY" $RATECARD_URL/api/models
  curl -H "X-API-Key: $RATECARD_KEY" $RATECARD_URL/api/models/%[3]s/pricing
  curl -H "X-API-Key: $RATECARD_KEY" "$RATECARD_URL/api/compare?usage=input:12000,output:800&limit=5"
  %[4]s models
  %[4]s history %[3]s

Change a price and see it come, or have a provider misbehave (%[5]s/troubles lists how it can):

  curl -X PUT %[5]s/anthropic/factor/1.5/%[3]s && %[4]s sync anthropic
  curl -X PUT %[5]s/anthropic/trouble/challenge && %[4]s sync anthropic
  curl -X DELETE %[5]s/anthropic/trouble && %[4]s sync anthropic

The interface is described at %[1]s/docs
`, d.URL, d.Key, model, d.Program, d.Site)
}
