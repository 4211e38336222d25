package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/ports"
)

// exitUnread says that a page was had but no price could be read from it.
const exitUnread = 3

// maxFile is how much of a file is read into memory. The reader's own cap is
// lower and says so; this one keeps a wrong file from filling the memory.
const maxFile = 256 << 20

// Scrape reads the prices of one page, with neither server nor database.
type Scrape struct {
	Reader        ports.Explainer
	Fetcher       func(typed string) ports.Fetcher // typed: the address that was given, if any
	Provider      func(id string) (domain.Provider, bool)
	ParseScraping func([]byte) (domain.Scraping, error)
}

const scrapeUsage = `Usage: ratecard scrape PROVIDER [--file PAGE | --url URL] [--config FILE] [--explain] [--format json|table]

Reads the prices of one page: of a file (HTML, Markdown, JSON or plain text,
told apart by content), of an address, or else of the provider's own sources.
A PROVIDER that nothing describes is read by the reader "auto" alone, which takes
tables for what their headers and cells look like, and is silent in doubt.
With --config, or with --explain, standard error says what each reader looked for
and what it made of what it found.

`

// Run does the command: 0 with rates, 3 when the page states none that could
// be read, 1 when something failed, 2 when the arguments cannot be.
func (s Scrape) Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var file, url, config, format string
	var explained bool
	flags := newFlags("scrape", scrapeUsage, stderr)
	flags.StringVar(&file, "file", "", "read the page from this file")
	flags.StringVar(&url, "url", "", "fetch the page from this address")
	flags.StringVar(&config, "config", "", "read with the scraping configuration in this file")
	flags.BoolVar(&explained, "explain", false, "say on standard error what each reader looked for and found")
	flags.StringVar(&format, "format", "json", "print json or table")
	id, status, ok := parseProvider(flags, args)
	switch {
	case !ok:
		return status
	case file != "" && url != "":
		return usageError(flags, "--file and --url exclude each other")
	case format != "json" && format != "table":
		return usageError(flags, "--format is %q; expected json or table", format)
	}
	sources, err := s.sources(id, config, file, url)
	if err != nil {
		return fail(stderr, err)
	}
	var told *explanations
	if explained || config != "" {
		told = &explanations{at: cmp.Or(file, url)}
	}
	reading, err := s.read(ctx, sources, file, url, told)
	told.print(stderr)
	if err != nil && !withoutRates(err) {
		return fail(stderr, err)
	}
	if err := printReading(stdout, id, format, reading); err != nil {
		return fail(stderr, err)
	}
	if format == "table" {
		for _, w := range reading.Warnings {
			fmt.Fprintln(stderr, "warning:", w)
		}
	}
	if len(reading.Quotes) == 0 {
		if err != nil {
			fail(stderr, err)
		}
		return exitUnread
	}
	return exitOK
}

// withoutRates tells a page that states no rate that could be read from all else
// that may go wrong.
func withoutRates(err error) bool {
	kind := domain.KindOf(err)
	return kind == domain.KindUnread || kind == domain.KindBroken
}

// sources gives the sources to read with, in order of trust.
func (s Scrape) sources(id, config, file, url string) ([]domain.Source, error) {
	if config != "" {
		text, err := readFile(config)
		if err != nil {
			return nil, err
		}
		scraping, err := s.ParseScraping(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", config, err)
		}
		if len(scraping.Sources) == 0 {
			return nil, fmt.Errorf("%s: names no source", config)
		}
		return scraping.Sources, nil
	}
	if p, known := s.Provider(id); known && len(p.Scraping.Sources) > 0 {
		return p.Scraping.Sources, nil
	}
	if file == "" && url == "" {
		return nil, fmt.Errorf("no provider file describes %q: give --file, --url or --config", id)
	}
	return []domain.Source{{Name: "page", URL: url, Readers: []domain.ReaderConfig{{Reader: domain.ReaderAuto}}}}, nil
}

// read reads a page with each source until one finds rates, the page that is given
// or each source's own. Where none does, the last reading is given, with KindUnread
// when each of them found nothing. told, where it is not nil, hears how.
func (s Scrape) read(ctx context.Context, sources []domain.Source, file, url string, told *explanations) (domain.Reading, error) {
	fetcher := s.Fetcher(url)
	look := func(i int, body []byte) (domain.Reading, error) { return s.look(i, sources[i], body, told) }
	given := func(body []byte) (domain.Reading, error) {
		return tryEach(sources, func(i int) (domain.Reading, error) { return look(i, body) })
	}
	switch {
	case file != "":
		body, err := readFile(file)
		if err != nil {
			return domain.Reading{}, err
		}
		return given(body)
	case url != "":
		reading, _, err := app.Read(ctx, fetcher, domain.Source{URL: url, Rendering: sources[0].Rendering}, given, nil)
		return reading, err
	}
	return tryEach(sources, func(i int) (domain.Reading, error) {
		own := func(body []byte) (domain.Reading, error) { return look(i, body) }
		reading, _, err := app.Read(ctx, fetcher, sources[i], own, nil)
		if err != nil {
			told.failed(i, sources[i], err)
		}
		return reading, err
	})
}

// look reads a page with the source of that index.
func (s Scrape) look(i int, source domain.Source, body []byte, told *explanations) (domain.Reading, error) {
	if told == nil {
		return s.Reader.Read(body, source)
	}
	reading, findings, err := s.Reader.Explain(body, source)
	e := explanation{source: source.Name, url: source.URL, findings: findings}
	for _, m := range s.Reader.Fit(source, body).Misfits {
		e.misfits = append(e.misfits, domain.FieldError{Path: fmt.Sprintf("sources[%d].%s", i, m.Path), Message: m.Message})
	}
	if err != nil {
		e.outcome = err.Error()
	}
	told.note(i, e)
	return reading, err
}

func tryEach(sources []domain.Source, read func(i int) (domain.Reading, error)) (reading domain.Reading, err error) {
	var failures []error
	for i, source := range sources {
		reading, err = read(i)
		if err == nil && len(reading.Quotes) > 0 {
			return reading, nil
		}
		if err != nil && len(sources) > 1 {
			err = fmt.Errorf("source %s: %w", source.Name, err)
		}
		failures = append(failures, err)
	}
	return reading, worst(failures)
}

// worst joins the reasons of failures that say different things; what is not
// simply unread counts most.
func worst(failures []error) error {
	var texts []string
	kind := domain.KindUnread
	for _, err := range failures {
		if err == nil {
			continue
		}
		if k := domain.KindOf(err); k != domain.KindUnread {
			kind = k
		}
		texts = append(texts, err.Error())
	}
	if len(texts) == 0 {
		return nil
	}
	return domain.Errorf(kind, "%s", strings.Join(texts, "\n  "))
}

type rateJSON struct {
	Model  string       `json:"model"`
	Tier   domain.Tier  `json:"tier"`
	Meter  domain.Meter `json:"meter"`
	Above  int64        `json:"above"`
	Amount string       `json:"amount"`
	From   *domain.Date `json:"from"`
	Until  *domain.Date `json:"until"`
}

type modifierJSON struct {
	Model  string `json:"model,omitempty"` // of whom it is said, where not of all
	What   string `json:"what"`
	Factor string `json:"factor"`
	Text   string `json:"text"`
}

type chargeJSON struct {
	Model  *string           `json:"model"`
	What   string            `json:"what"`
	Unit   string            `json:"unit"`
	Amount string            `json:"amount"`
	Kind   domain.ChargeKind `json:"kind"`
}

type readingJSON struct {
	Provider  string         `json:"provider"`
	Strategy  string         `json:"strategy"`
	Rates     []rateJSON     `json:"rates"`
	Modifiers []modifierJSON `json:"modifiers"`
	Other     []chargeJSON   `json:"other"`
	Warnings  []string       `json:"warnings"`
}

func printReading(w io.Writer, provider, format string, r domain.Reading) error {
	if format == "table" {
		return tabulate(w, r)
	}
	out := readingJSON{
		Provider: provider, Strategy: r.Strategy,
		Rates: []rateJSON{}, Modifiers: []modifierJSON{}, Other: []chargeJSON{}, Warnings: append([]string{}, r.Warnings...),
	}
	for _, q := range r.Quotes {
		out.Rates = append(out.Rates, rateJSON{q.Name, q.Tier, q.Meter, q.Above, q.Amount.String(), day(q.From), day(q.Until)})
	}
	for _, m := range r.Modifiers {
		out.Modifiers = append(out.Modifiers, modifierJSON{m.Name, m.What, m.Factor.String(), m.Text})
	}
	for _, c := range r.Charges {
		out.Other = append(out.Other, chargeJSON{named(c.Model), c.What, c.Unit, c.Amount.String(), c.Kind})
	}
	return printJSON(w, out)
}

// tabulate prints a price list as people read one: a line per model, tier,
// threshold and period, a column per meter.
func tabulate(w io.Writer, r domain.Reading) error {
	type line struct {
		model       string
		tier        domain.Tier
		above       int64
		from, until domain.Date
	}
	var lines []line
	amounts := map[line]map[domain.Meter]string{}
	used := map[domain.Meter]bool{}
	for _, q := range r.Quotes {
		l := line{q.Name, q.Tier, q.Above, q.From, q.Until}
		if amounts[l] == nil {
			amounts[l] = map[domain.Meter]string{}
			lines = append(lines, l)
		}
		amounts[l][q.Meter] = q.Amount.String()
		used[q.Meter] = true
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "MODEL\tTIER\tABOVE")
	for _, m := range domain.TokenMeters() {
		if used[m] {
			fmt.Fprint(t, "\t", strings.ToUpper(string(m)))
		}
	}
	fmt.Fprintln(t, "\tFROM\tUNTIL")
	for _, l := range lines {
		fmt.Fprintf(t, "%s\t%s\t%s", l.model, l.tier, cmp.Or(strings.TrimPrefix(fmt.Sprint(l.above), "0"), "-"))
		for _, m := range domain.TokenMeters() {
			if used[m] {
				fmt.Fprint(t, "\t", cmp.Or(amounts[l][m], "-"))
			}
		}
		fmt.Fprintf(t, "\t%s\t%s\n", cmp.Or(l.from.String(), "-"), cmp.Or(l.until.String(), "-"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d rates in USD per %s\n", len(r.Quotes), domain.UnitMillionTokens)
	return err
}

func day(d domain.Date) *domain.Date {
	if d.IsZero() {
		return nil
	}
	return &d
}

func named(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(v)
}

func newFlags(name, usage string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	return flags
}

// parseProvider parses the arguments of a command on one provider, whose name
// may stand before or after the flags.
func parseProvider(flags *flag.FlagSet, args []string) (id string, status int, ok bool) {
	for {
		switch err := flags.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return "", exitOK, false
		case err != nil:
			return "", exitUsage, false
		}
		if flags.NArg() == 0 {
			break
		}
		if id != "" {
			return "", usageError(flags, "more than one provider: %q and %q", id, flags.Arg(0)), false
		}
		id, args = flags.Arg(0), flags.Args()[1:]
	}
	if id == "" {
		return "", usageError(flags, "a PROVIDER is missing"), false
	}
	return id, exitOK, true
}

func usageError(flags *flag.FlagSet, format string, args ...any) int {
	fmt.Fprintf(flags.Output(), "ratecard %s: %s\n\n", flags.Name(), fmt.Sprintf(format, args...))
	flags.Usage()
	return exitUsage
}

func fail(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "ratecard:", err)
	return exitFailed
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxFile:
		return nil, domain.Errorf(domain.KindTooLarge, "%s is over %d MB", path, maxFile>>20)
	}
	return body, nil
}
