package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/ogen-go/ogen/ogenerrors"

	"ratecard/gen/oas"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Client runs the commands that ask a running server.
type Client struct {
	URL    string // of the server
	Key    string // an API key; empty where the server answers without
	Stdout io.Writer
	Stderr io.Writer
}

// key sends the API key with every request.
type key string

func (k key) Bearer(context.Context, oas.OperationName) (oas.Bearer, error) {
	return oas.Bearer{Token: string(k)}, nil
}

// APIKey is the other way to send it; one is enough.
func (k key) APIKey(context.Context, oas.OperationName) (oas.APIKey, error) {
	return oas.APIKey{}, ogenerrors.ErrSkipClientSecurity
}

// Basic is not used: the key goes as a bearer token.
func (key) Basic(context.Context, oas.OperationName) (oas.Basic, error) {
	return oas.Basic{}, ogenerrors.ErrSkipClientSecurity
}

// connect makes a client for the server; nothing is asked yet.
func (c Client) connect() (*oas.Client, error) {
	return oas.NewClient(c.URL, key(c.Key))
}

// failed says on standard error why a command could not be done, and what
// might help.
func (c Client) failed(err error) int {
	var problem *oas.ProblemStatusCodeWithHeaders
	var network *url.Error
	switch {
	case errors.As(err, &problem):
		p := problem.Response
		fmt.Fprintln(c.Stderr, "ratecard:", p.Detail)
		for _, e := range p.Errors {
			fmt.Fprintf(c.Stderr, "  %s: %s\n", e.Path, e.Message)
		}
		for _, m := range p.Candidates {
			fmt.Fprintf(c.Stderr, "  sold by %s; add --provider %s\n", m.Provider, m.Provider)
		}
		if problem.StatusCode == http.StatusUnauthorized || problem.StatusCode == http.StatusForbidden {
			fmt.Fprintln(c.Stderr, "  the key is taken from RATECARD_KEY")
		}
	case errors.As(err, &network):
		fmt.Fprintf(c.Stderr, "ratecard: no server answers at %s: %v\n", c.URL, network.Err)
		fmt.Fprintln(c.Stderr, "  start one with `ratecard serve`, or set RATECARD_URL")
	default:
		fmt.Fprintln(c.Stderr, "ratecard:", err)
	}
	return exitFailed
}

// flags makes the flags of a command. What is wrong with them is told once,
// with how the command is used.
func (c Client) flags(name, usage string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(c.Stderr)
	f.Usage = func() {
		fmt.Fprintf(c.Stderr, "usage: ratecard %s %s\n", name, usage)
		f.PrintDefaults()
	}
	return f
}

// parse takes flags before, between and after the arguments.
func parse(f *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		if args = f.Args(); len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// misused is the exit status for flags that could not be parsed: asking for
// help is no mistake.
func misused(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	return exitUsage
}

// table writes rows under headers in aligned columns.
func table(w io.Writer, headers []string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(headers, "\t"))
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// encodable is an answer as the server gave it.
type encodable interface{ MarshalJSON() ([]byte, error) }

// print writes an answer as JSON, or by show where a table is wanted.
func (c Client) print(format string, answer encodable, show func() error) int {
	switch format {
	case "table":
		if err := show(); err != nil {
			return c.failed(err)
		}
		return exitOK
	case "json":
		text, err := answer.MarshalJSON()
		if err != nil {
			return c.failed(err)
		}
		fmt.Fprintf(c.Stdout, "%s\n", text)
		return exitOK
	}
	fmt.Fprintf(c.Stderr, "ratecard: --format %q: json and table are known\n", format)
	return exitUsage
}

// orDash shows what is not known as a dash.
func orDash(s oas.NilString) string {
	if s.Null || s.Value == "" {
		return "-"
	}
	return s.Value
}

func optional(s string) oas.OptString {
	if s == "" {
		return oas.OptString{}
	}
	return oas.NewOptString(s)
}
