package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	"ratecard/gen/oas"
)

// A request carries at most this many bytes of price lists; the server takes
// more, so that one list too many still fits.
const importBatch = 4 << 20

// Import hands price lists of another catalogue to the server: a JSON file with
// one list, with {"lists": […]}, or with one of these per line. Lists go as
// they are: the server judges them, and its answer names each fault.
func (c Client) Import(ctx context.Context, args []string) int {
	f := c.flags("import", "FILE [flags]   (- for standard input)")
	format := f.String("format", "table", "json or table")
	rest, err := parse(f, args)
	if err != nil {
		return misused(err)
	}
	if len(rest) != 1 {
		f.Usage()
		return exitUsage
	}
	file := io.Reader(os.Stdin)
	if rest[0] != "-" {
		opened, err := os.Open(rest[0])
		if err != nil {
			return c.failed(err)
		}
		defer func() { _ = opened.Close() }() // it was only read
		file = opened
	}
	done, err := c.importAll(ctx, file)
	if err != nil {
		if done.lists > 0 {
			fmt.Fprintf(c.Stderr, "ratecard: the first %d lists are imported\n", done.lists)
		}
		return c.failed(err)
	}
	return c.print(*format, &done.answer, func() error { return c.showImported(done.answer) })
}

func (c Client) showImported(a oas.Imported) error {
	rows := make([][]string, 0, len(a.Lists)+1)
	row := func(provider, at string, counts ...int) {
		cells := []string{provider, at}
		for _, n := range counts {
			cells = append(cells, strconv.Itoa(n))
		}
		rows = append(rows, cells)
	}
	for _, l := range a.Lists {
		row(l.Provider, stamp(l.At), l.Opened, l.Changed, l.Ended, l.Unchanged)
	}
	row("all", "", a.Opened, a.Changed, a.Ended, a.Unchanged)
	fmt.Fprintf(c.Stderr, "%d models became known, %d changed; %d rows written\n", a.ModelsFound, a.ModelsChanged, a.RowsWritten)
	return table(c.Stdout, []string{"PROVIDER", "AT", "OPENED", "CHANGED", "ENDED", "UNCHANGED"}, rows)
}

// imported is what was imported so far.
type imported struct {
	lists  int
	answer oas.Imported
}

// importAll sends the lists of a file in as many requests as it takes.
func (c Client) importAll(ctx context.Context, file io.Reader) (imported, error) {
	var (
		done    imported
		waiting []json.RawMessage
		size    int
	)
	done.answer.Lists = []oas.ImportedList{}
	flush := func() error {
		if len(waiting) == 0 {
			return nil
		}
		answer, err := c.sendLists(ctx, waiting, done.lists)
		if err != nil {
			return err
		}
		done.add(answer, len(waiting))
		waiting, size = nil, 0
		return nil
	}
	d := json.NewDecoder(file)
	for {
		lists, err := nextLists(d)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return done, err
		}
		for _, list := range lists {
			if size+len(list) > importBatch {
				if err := flush(); err != nil {
					return done, err
				}
			}
			waiting, size = append(waiting, list), size+len(list)
		}
	}
	if done.lists+len(waiting) == 0 {
		return done, errors.New("the file holds no price list")
	}
	return done, flush()
}

func (d *imported) add(answer oas.Imported, lists int) {
	d.lists += lists
	a := &d.answer
	a.Lists = append(a.Lists, answer.Lists...)
	a.Opened += answer.Opened
	a.Changed += answer.Changed
	a.Ended += answer.Ended
	a.Unchanged += answer.Unchanged
	a.ModelsFound += answer.ModelsFound
	a.ModelsChanged += answer.ModelsChanged
	a.RowsWritten += answer.RowsWritten
}

// nextLists reads one value of a file: a list, or an object that holds lists.
func nextLists(d *json.Decoder) ([]json.RawMessage, error) {
	var value json.RawMessage
	if err := d.Decode(&value); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, fmt.Errorf("the file is not JSON from byte %d on: %w", d.InputOffset(), err)
	}
	var holder struct {
		Lists *[]json.RawMessage `json:"lists"`
	}
	if json.Unmarshal(value, &holder) == nil && holder.Lists != nil {
		return *holder.Lists, nil
	}
	return []json.RawMessage{value}, nil
}

// sendLists posts lists as they are: only the server's own reading can name a
// fault by its path. before is how many lists of the file went before.
func (c Client) sendLists(ctx context.Context, lists []json.RawMessage, before int) (oas.Imported, error) {
	var answer oas.Imported
	body, err := json.Marshal(map[string]any{"lists": lists})
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+"/api/admin/import", bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.Key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer, err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer, fmt.Errorf("reading the server's answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return answer, refused(response.StatusCode, text, before)
	}
	return answer, answer.Decode(jx.DecodeBytes(text))
}

var listIndex = regexp.MustCompile(`^lists\[(\d+)\]`)

// refused is the server's problem, with lists counted as the file has them.
func refused(status int, text []byte, before int) error {
	problem := oas.ProblemStatusCodeWithHeaders{StatusCode: status}
	if problem.Response.Decode(jx.DecodeBytes(text)) != nil {
		return fmt.Errorf("the server answered with status %d", status)
	}
	for i := range problem.Response.Errors {
		path := &problem.Response.Errors[i].Path
		*path = listIndex.ReplaceAllStringFunc(*path, func(s string) string {
			n, _ := strconv.Atoi(listIndex.FindStringSubmatch(s)[1]) // digits, as matched
			return fmt.Sprintf("lists[%d]", n+before)
		})
	}
	if len(problem.Response.Errors) > 0 { // they say it all, and by the file's own numbers
		problem.Response.Detail = "the lists cannot be imported"
	}
	return &problem
}
