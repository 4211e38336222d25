package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// asOf is of when an export is to be.
type asOf struct{ at, known oas.OptString }

// exports ask a server for each format: for the bytes of which its hash is.
var exports = map[domain.ExportFormat]func(context.Context, *oas.Client, asOf) (io.Reader, error){
	domain.ExportLiteLLM: func(ctx context.Context, c *oas.Client, of asOf) (io.Reader, error) {
		return asFile(c.ExportLiteLLM(ctx, oas.ExportLiteLLMParams{At: of.at, KnownAt: of.known}))
	},
	domain.ExportModelsDev: func(ctx context.Context, c *oas.Client, of asOf) (io.Reader, error) {
		return asFile(c.ExportModelsDev(ctx, oas.ExportModelsDevParams{At: of.at, KnownAt: of.known}))
	},
	domain.ExportGenAIPrices: func(ctx context.Context, c *oas.Client, of asOf) (io.Reader, error) {
		return asFile(c.ExportGenAIPrices(ctx, oas.ExportGenAIPricesParams{At: of.at, KnownAt: of.known}))
	},
	domain.ExportGenAIPricesSlim: func(ctx context.Context, c *oas.Client, of asOf) (io.Reader, error) {
		return asFile(c.ExportGenAIPricesSlim(ctx, oas.ExportGenAIPricesSlimParams{At: of.at, KnownAt: of.known}))
	},
	domain.ExportOpenRouter: func(ctx context.Context, c *oas.Client, of asOf) (io.Reader, error) {
		return asFile(c.ExportOpenRouter(ctx, oas.ExportOpenRouterParams{At: of.at, KnownAt: of.known}))
	},
	domain.ExportLLMPricesCurrent: func(ctx context.Context, c *oas.Client, of asOf) (io.Reader, error) {
		return asFile(c.ExportLLMPricesCurrent(ctx, oas.ExportLLMPricesCurrentParams{At: of.at, KnownAt: of.known}))
	},
	domain.ExportLLMPricesHistorical: func(ctx context.Context, c *oas.Client, of asOf) (io.Reader, error) {
		return asFile(c.ExportLLMPricesHistorical(ctx, oas.ExportLLMPricesHistoricalParams{At: of.at, KnownAt: of.known}))
	},
	domain.ExportCSV: func(ctx context.Context, c *oas.Client, of asOf) (io.Reader, error) {
		return c.ExportCSV(ctx, oas.ExportCSVParams{At: of.at, KnownAt: of.known})
	},
}

func asFile(text oas.AnyJSON, err error) (io.Reader, error) {
	return strings.NewReader(string(text)), err
}

// Export writes what is believed in the format of another tool.
func (c Client) Export(ctx context.Context, args []string) int {
	f := c.flags("export", "FORMAT [flags]\n\nformats: "+strings.Join(formatNames(), " ")+"\n")
	out := f.String("o", "", "write to this `file` instead of standard output; it is replaced once all is there")
	at := f.String("at", "", "the rates in force at this `time`")
	known := f.String("known-at", "", "as it was believed at this `time`")
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	if len(rest) != 1 {
		f.Usage()
		return exitUsage
	}
	ask, format := exports[domain.ExportFormat(rest[0])], rest[0]
	if ask == nil {
		fmt.Fprintf(c.Stderr, "ratecard: there is no format %q; expected %s\n", format, strings.Join(formatNames(), ", "))
		return exitUsage
	}
	server, err := c.connect()
	if err != nil {
		return c.failed(err)
	}
	file, err := ask(ctx, server, asOf{optional(*at), optional(*known)})
	if err != nil {
		return c.failed(err)
	}
	if *out == "" {
		_, err = io.Copy(c.Stdout, file)
	} else {
		err = replace(*out, file)
	}
	if err != nil {
		return c.failed(err)
	}
	return exitOK
}

func formatNames() []string {
	var names []string
	for _, f := range domain.ExportFormats() {
		names = append(names, string(f))
	}
	slices.Sort(names)
	return names
}

// replace writes a file beside the one that is there, which is read until the new one
// is whole.
func replace(path string, from io.Reader) (err error) {
	unfinished, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(unfinished.Name()))
		}
	}()
	_, err = io.Copy(unfinished, from)
	if err = errors.Join(err, unfinished.Chmod(readable), unfinished.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished.Name(), path)
}

// readable by everybody: prices are no secret of the machine.
const readable = 0o644
