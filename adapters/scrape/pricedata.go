package scrape

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

// A dataReader reads models and their prices out of data.
type dataReader struct {
	reader
	name    string // of the reader that it works for
	left    int    // how many values may still be made
	room    int    // for how many prices there is left
	models  int
	found   []string // the models of the text at hand, where somebody wants to know
	aliases map[string][]string
	said    dataText
	root    *value
}

func newDataReader(p *page, cfg compiled) *dataReader {
	size := len(p.body)
	return &dataReader{reader: newReader(document{}, cfg).telling(p.account), name: cfg.name, left: 2 * valuesFor(size), room: roomFor(size), aliases: map[string][]string{}}
}

// done is what was read.
func (r *dataReader) done() domain.Reading {
	if r.left < 0 || r.room < 0 {
		r.warn("the data has more values than a page of this size explains; the rest was left out")
	}
	if len(r.aliases) > 0 {
		r.reading.Aliases = r.aliases
	}
	return r.reading
}

// text reads every value of a text that holds a price key. Around a value there
// may be anything: the script that assigns it, or what a framework writes
// between its rows. A value that breaks off is read as far as it is whole.
func (r *dataReader) text(t dataText) {
	before := len(r.reading.Quotes)
	defer func() { r.explainData(t, len(r.reading.Quotes)-before) }()
	r.said = t
	next := 0 // of the hits
	for i := 0; i < len(t.text) && r.left >= 0; {
		for next < len(t.hits) && t.hits[next] < i {
			next++
		}
		if next == len(t.hits) {
			return
		}
		n := strings.IndexAny(t.text[i:], "{[")
		if n < 0 {
			return
		}
		i += n
		v, end, ok := parseLiteral(t.text[i:], &r.left)
		end += i
		switch {
		case ok:
			if t.hits[next] < end {
				r.root = &v
				r.walk(v, i)
			}
			i = max(end, i+1)
		case t.hits[next] >= end: // nothing of interest was in it
			i = max(end, i+1)
		default:
			i++
		}
	}
}

// walk looks for models in a value. base is the offset of the root.
func (r *dataReader) walk(v value, base int) {
	if v.kind == anObject && r.model(v, base) {
		return
	}
	if v.kind != anObject && v.kind != aList {
		return
	}
	for _, item := range v.items {
		r.walk(item, base)
	}
}

// nameKeys are what a model's name is called, the surest first.
var nameKeys = []string{"id", "model id", "model", "slug", "name", "model name"}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-`)

// nameOf is the name of the model that an object describes: its id, where one
// of its fields looks like one.
func (r *dataReader) nameOf(v value) string {
	found := ""
	for _, key := range nameKeys {
		for _, field := range v.items {
			if field.kind != aText || normal(camel(field.key)) != key || uuid.MatchString(field.text) {
				continue
			}
			s := field.text
			for _, re := range r.strip {
				s = re.ReplaceAllString(s, " ")
			}
			s = strings.Join(strings.Fields(s), " ")
			if idShape.MatchString(s) {
				return s
			}
			if found == "" && nameable(s) {
				found = s
			}
		}
	}
	return found
}

// A priceField is a field of a model that states a price.
type priceField struct {
	words []string // of its key, after those of the keys around it
	value
}

// model reads an object that names a model and has prices of tokens: false when
// it does not.
//
// The words of a field's key say what it means: prompt or input, completion or
// output, cached, text, audio, image, video; token and price or cost; a tier
// (batch); longContext, whose prices hold from the object's longContextThreshold
// on. A word that is not understood makes the field one that is not read. 0 is a
// figure that is not stated: neither free, nor the base price.
func (r *dataReader) model(v value, base int) bool {
	name := r.nameOf(v)
	if name == "" {
		return false
	}
	fields := priceFields(v, nil, 0)
	priced := false
	for _, f := range fields {
		if _, ok := r.meaning(f.words); ok {
			priced = true
		}
	}
	if !priced {
		r.charges(name, v, nil, 0)
		return false
	}
	r.models++
	if r.account != nil {
		r.found = append(r.found, name)
	}
	over := r.threshold(v)
	for _, f := range fields {
		r.field(name, f, over, base)
	}
	r.modifiers(name, v, base)
	r.charges(name, v, nil, 0)
	r.alias(name, v)
	return true
}

// priceFields gathers the fields of an object, and those of objects in it whose
// keys speak of prices.
func priceFields(v value, around []string, depth int) []priceField {
	var out []priceField
	for _, field := range v.items {
		words := append(slices.Clone(around), wordsOf(camel(field.key))...)
		switch {
		case field.kind == aNumber, field.kind == aText && len(field.text) < 40:
			out = append(out, priceField{words, field})
		case field.kind == anObject && depth < 3 && (depth > 0 || anyOf(words, "price", "prices", "pricing", "cost", "costs")):
			out = append(out, priceFields(field, words, depth+1)...)
		}
	}
	return out
}

// A meaning is what the key of a field says of its figure.
type meaning struct {
	meter domain.Meter
	tier  domain.Tier
	long  bool  // it holds above the object's threshold
	shift int32 // a power of ten to reach a million tokens
}

// understood are the words that a key may have besides those of its unit.
var understood = []string{
	"prompt", "input", "inputs", "completion", "completions", "output", "outputs", "cached", "cache", "caching", "read", "reads", "hit", "write", "writes", "creation",
	"text", "audio", "image", "video",
}

func (r *dataReader) meaning(words []string) (meaning, bool) {
	s := strings.Join(words, " ")
	if m, ok := r.meters[s]; ok {
		return meaning{meter: m, tier: domain.TierStandard}, true
	}
	if !anyOf(words, "token", "tokens", "mtok") || !anyOf(words, "price", "prices", "pricing", "cost", "costs") {
		return meaning{}, false
	}
	out := meaning{tier: domain.TierStandard}
	if tier, ok := r.tiers.within(s); ok {
		out.tier = tier
		for _, phrase := range r.tiers[tier] {
			s = strings.ReplaceAll(" "+s+" ", " "+phrase+" ", " ")
		}
	}
	if at := unitPhrase.FindStringSubmatchIndex(s); at != nil {
		out.shift = scaleOf(at).shift
		s = unitPhrase.ReplaceAllString(s, " ")
	}
	if strings.Contains(s, "long context") {
		out.long = true
		s = strings.Replace(s, "long context", " ", 1)
	}
	var rest []string
	for _, w := range strings.Fields(s) {
		switch {
		case anyOf([]string{w}, "price", "prices", "pricing", "cost", "costs", "token", "tokens", "usd", "value", "val", "amount"):
		case slices.Contains(understood, w):
			rest = append(rest, w)
		default:
			return meaning{}, false
		}
	}
	var ok bool
	out.meter, ok = meterOf(strings.Join(rest, " "))
	return out, ok
}

// threshold is the prompt length from which an object's prices of long contexts
// hold, zero where none is stated.
func (r *dataReader) threshold(v value) threshold {
	for _, field := range v.items {
		words := wordsOf(camel(field.key))
		if !anyOf(words, "threshold") || !anyOf(words, "context", "prompt") {
			continue
		}
		if n, ok := numberOf(field); ok && n.IsInteger() && n.IsPositive() && n.LessThan(decimal.NewFromInt(1_000_000_000)) {
			return threshold{above: n.IntPart(), min: n.IntPart()}
		}
	}
	return threshold{}
}

var dataNumber = regexp.MustCompile(`^(?:\$n)?(\d+(?:\.\d+)?(?:[eE]-?\d{1,2})?)$`) // "$n12500" is how React writes a BigInt

// numberOf is the number that a value states, as a number or as a text.
func numberOf(v value) (decimal.Decimal, bool) {
	m := dataNumber.FindStringSubmatch(strings.TrimSpace(v.text))
	if m == nil || v.kind != aNumber && v.kind != aText || len(v.text) > 40 {
		return decimal.Decimal{}, false
	}
	n, err := decimal.NewFromString(m[1])
	return n, err == nil
}

// field reads one field of a model into a quote.
func (r *dataReader) field(name string, f priceField, over threshold, base int) {
	means, ok := r.meaning(f.words)
	if !ok {
		return
	}
	place := r.placeOf(name, f.value, base)
	amount, ok := numberOf(f.value)
	switch {
	case !ok:
		r.warn("%s: it is not a plain number", quoted(place, nil))
		return
	case amount.IsZero():
		return
	case means.long && over.min == 0:
		r.warn("%s: it is a price of long contexts, and nothing says from which length on", quoted(place, nil))
		return
	}
	amount = amount.Shift(means.shift).Div(r.divisor)
	if amount.GreaterThan(maxAmount) {
		r.warn("%s: the amount is over %s USD per million tokens", quoted(place, nil), maxAmount)
		return
	}
	key := domain.QuoteKey{Name: name, Tier: means.tier, Meter: means.meter, Region: domain.RegionGlobal}
	if means.long {
		key.Above, key.MinPromptTokens = over.above, over.min
	}
	if r.room--; r.room >= 0 {
		r.reading.Quotes = append(r.reading.Quotes, domain.Quote{QuoteKey: key, Amount: amount, Place: place})
	}
}

func (r *dataReader) placeOf(name string, v value, base int) domain.Place {
	cell := v.text
	if v.kind == aText {
		cell = `"` + v.text + `"`
	}
	return domain.Place{
		Reader: r.name, Path: r.said.place(base+v.at, pointerTo(r.root, v.at)),
		Row: name, Header: v.key, Cell: fmt.Sprintf("%q:%s", v.key, cell),
	}
}

// modifiers reads rules without figures: batchDiscountPercent.
func (r *dataReader) modifiers(name string, v value, base int) {
	for _, field := range v.items {
		words := wordsOf(camel(field.key))
		if !anyOf(words, "discount") || !anyOf(words, "percent", "percentage", "pct") {
			continue
		}
		tier, ok := r.tiers.within(strings.Join(words, " "))
		percent, isNumber := numberOf(field)
		if !ok || !isNumber || percent.IsZero() || percent.GreaterThanOrEqual(decimal.NewFromInt(100)) {
			continue
		}
		m := domain.Modifier{
			Name: name, What: string(tier), Factor: decimal.NewFromInt(1).Sub(percent.Shift(-2)),
			Place: r.placeOf(name, field, base),
		}
		m.Text = m.Place.Cell
		known := slices.ContainsFunc(r.reading.Modifiers, func(o domain.Modifier) bool {
			return o.Name == m.Name && o.What == m.What && o.Factor.Equal(m.Factor)
		})
		if !known && len(r.reading.Modifiers) < maxModifiers {
			r.reading.Modifiers = append(r.reading.Modifiers, m)
		}
	}
}

// unitWords are what a field may name as its unit besides tokens.
var unitWords = []string{"image", "second", "minute", "hour", "character", "request", "call", "video", "page", "song"}

// charges reads prices per something else: pricePerImage, minutePrice. Where the
// figures count in fractions of a dollar per token (see Divisor), these count in
// the same.
func (r *dataReader) charges(name string, v value, around []string, depth int) {
	for _, field := range v.items {
		words := wordsOf(camel(field.key))
		switch {
		case (field.kind == aList || field.kind == anObject) && depth < 4:
			if field.kind == anObject && r.nameOf(field) != "" { // another thing with prices of its own
				continue
			}
			r.charges(name, field, append(slices.Clone(around), words...), depth+1)
			continue
		case anyOf(words, "token", "tokens"):
			continue
		}
		amount, ok := numberOf(field)
		unit := unitOf(words)
		if !ok || amount.IsZero() || unit == "" || !anyOf(append(words, around...), "price", "prices", "pricing", "cost", "costs") {
			continue
		}
		if !r.divisor.Equal(decimal.NewFromInt(1)) {
			amount = amount.Div(r.divisor).Shift(-6)
		}
		what := strings.Join(words, " ")
		if depth > 0 {
			what = besides(v, what)
		}
		c := domain.Charge{Model: name, What: what, Unit: unit, Amount: amount, Kind: domain.ChargeNotPerToken}
		known := slices.ContainsFunc(r.reading.Charges, func(o domain.Charge) bool {
			return o.Model == c.Model && o.What == c.What && o.Unit == c.Unit && o.Amount.Equal(c.Amount)
		})
		if !known && len(r.reading.Charges) < maxCharges {
			r.reading.Charges = append(r.reading.Charges, c)
		}
	}
}

// unitOf is the unit that the words of a key name: what follows "per", or what
// stands before "price".
func unitOf(words []string) string {
	i := slices.Index(words, "per")
	switch {
	case i >= 0 && i+1 < len(words) && anyOf(words[i+1:], unitWords...):
		return strings.Join(words[i+1:], " ")
	case i < 0 && len(words) >= 2 && anyOf(words[len(words)-1:], "price", "cost") && slices.Contains(unitWords, words[len(words)-2]):
		return strings.Join(words[:len(words)-1], " ")
	}
	return ""
}

// besides adds to what a field prices the first text beside it, such as a
// resolution.
func besides(v value, what string) string {
	for _, field := range v.items {
		if _, number := numberOf(field); field.kind == aText && !number && len(field.text) <= 60 {
			return what + ", " + field.text
		}
	}
	return what
}

// alias notes the other ids that an object gives its model.
func (r *dataReader) alias(name string, v value) {
	for _, field := range v.items {
		if field.kind != aList || normal(field.key) != "aliases" {
			continue
		}
		for _, item := range field.items {
			if item.kind == aText && idShape.MatchString(item.text) && item.text != name && !slices.Contains(r.aliases[name], item.text) && len(r.aliases[name]) < maxAliases {
				r.aliases[name] = append(r.aliases[name], item.text)
			}
		}
	}
}

// maxAliases is how many further ids one model may have.
const maxAliases = 100
