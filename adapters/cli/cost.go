package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"ratecard/gen/oas"
)

// largestUsage is how much of a usage file is read, in bytes.
const largestUsage = 1 << 20

// tokenFlags are the meters that have a flag of their own; --meter takes any.
var tokenFlags = []struct{ flag, meter, help string }{
	{"input", "input", "tokens of the prompt that came from no cache"},
	{"output", "output", "tokens of the answer"},
	{"cache-read", "cache_read", "tokens of the prompt that were read from a cache"},
	{"cache-write", "cache_write", "tokens of the prompt that were written to a cache"},
	{"cache-write-1h", "cache_write_1h", "the same, for an hour"},
}

// Cost shows what a usage costs, or did at some time.
func (c Client) Cost(ctx context.Context, args []string) int {
	f := c.flags("cost", "MODEL (--input N --output N … | --usage FILE) [flags]")
	usage := map[string]int64{}
	for _, t := range tokenFlags {
		f.Func(t.flag, t.help, func(s string) error { return count(usage, t.meter, s) })
	}
	f.Func("meter", "`METER=N`: any other meter, such as input_audio=1000; may be given several times", func(s string) error {
		meter, n, said := strings.Cut(s, "=")
		if !said {
			return fmt.Errorf("expected METER=N")
		}
		return count(usage, meter, n)
	})
	raw := f.String("usage", "", "`FILE` with the usage object, or the whole answer, of a provider; - for standard input")
	provider := f.String("provider", "", "whose model, where several sell it")
	tier := f.String("tier", "", "standard, batch, flex, priority or fast (default: what --usage says, else standard)")
	region := f.String("region", "", "where it was served (default: what --usage says, else global)")
	at := f.String("at", "", "when it was used, an instant or a date (default: now)")
	known := f.String("known-at", "", "as it was believed at this `time`")
	format := f.String("format", "table", "json or table")
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	if len(rest) != 1 || (len(usage) == 0) == (*raw == "") {
		f.Usage()
		return exitUsage
	}
	line := oas.CostLineRequest{
		Model: rest[0], Provider: optional(*provider), Tier: optional(*tier), Region: optional(*region), At: optional(*at),
	}
	if *raw == "" {
		line.Usage = oas.NewOptCostLineRequestUsage(usage)
	} else if line.RawUsage, err = readUsage(*raw, os.Stdin); err != nil {
		return c.failed(err)
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	costs, err := server.ComputeCosts(ctx, &oas.CostRequest{Lines: []oas.CostLineRequest{line}, KnownAt: optional(*known)})
	if err != nil {
		return c.failed(err)
	}
	return c.print(*format, costs, func() error { return c.showCost(costs.Lines[0]) })
}

// count adds to a meter; a meter may be said in two ways.
func count(usage map[string]int64, meter, text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a whole number", text)
	}
	if _, twice := usage[meter]; twice {
		return fmt.Errorf("%s is given twice", meter)
	}
	usage[meter] = n
	return nil
}

func readUsage(name string, stdin io.Reader) ([]byte, error) {
	file := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		file = f
	}
	text, err := io.ReadAll(io.LimitReader(file, largestUsage+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > largestUsage:
		return nil, fmt.Errorf("%s holds more than %d bytes; expected one usage object, or one answer", name, largestUsage)
	case !json.Valid(text):
		return nil, fmt.Errorf("%s holds no JSON; expected one usage object, or one answer", name)
	}
	return text, nil
}

func (c Client) showCost(line oas.CostLine) error {
	rows := make([][]string, 0, len(line.Parts)+len(line.Missing)+1)
	for _, p := range line.Parts {
		rows = append(rows, []string{p.Meter, fmt.Sprint(p.Quantity), p.Amount, p.Unit, p.Cost, stamp(p.EffectiveDate), numeral(p.EvidenceID)})
	}
	for _, m := range line.Missing {
		rows = append(rows, []string{m.What, fmt.Sprint(m.Quantity), string(m.Reason), "", "?", "", ""})
	}
	rows = append(rows, []string{"total", "", string(line.Status), line.Tier, orDash(line.Total), stamp(line.At), ""})
	for _, m := range line.Candidates {
		fmt.Fprintf(c.Stderr, "sold by %s; add --provider %s\n", m.Provider, m.Provider)
	}
	return table(c.Stdout, []string{"METER", "QUANTITY", "USD", "PER", "COST", "EFFECTIVE", "EVIDENCE"}, rows)
}
