package e2e_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"ratecard/adapters/localpg/pgtest"
	"ratecard/adapters/valkey/valkeytest"
	"ratecard/gen/oas"
)

// TestBenchCoherence measures how long after a sync's end three replicas, over one
// PostgreSQL and one Valkey, all answer what it changed; and the same where no
// notification comes through. A line is printed for every figure: its name, the value,
// the unit. It is run by `make bench-coherence`.
func TestBenchCoherence(t *testing.T) {
	repetitions, err := strconv.Atoi(os.Getenv("RATECARD_COHERENCE"))
	if err != nil {
		t.Skip("takes minutes; make bench-coherence runs it")
	}
	s := newShelf(t)
	s.start(t, s.dsn)
	took := s.changes(t, repetitions)
	figure("coherence_changes", float64(len(took)), "changes")
	figure("coherence_seen_by_all_p50", millis(took[len(took)/2]), "ms")
	figure("coherence_seen_by_all_p99", millis(took[len(took)*99/100]), "ms")
	figure("coherence_seen_by_all_worst", millis(took[len(took)-1]), "ms")
	promise(t, took[len(took)-1] <= time.Second, "a change is seen through all within 1 s of the sync's end")
	s.stop(t)

	way := newDeafWay(t, s.dsn)
	s.start(t, way.dsn)
	took = s.changes(t, 5)
	figure("coherence_without_notifications_changes", float64(len(took)), "changes")
	figure("coherence_without_notifications_worst", took[len(took)-1].Seconds(), "s")
	promise(t, took[len(took)-1] <= 30*time.Second, "with notifications cut, within 30 s")
	if way.dropped.Load() == 0 {
		t.Error("no notification was cut")
	}
	s.stop(t)
}

func figure(name string, value float64, unit string) { fmt.Printf("%s %.4g %s\n", name, value, unit) }

func promise(t *testing.T, kept bool, what string) {
	t.Helper()
	if !kept {
		t.Errorf("not kept: %s", what)
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// The model whose price is changed.
const (
	seller = "anthropic"
	sold   = "claude-opus-4-7"
)

// shelf is where replicas run: stores of their own, and the simulated providers.
type shelf struct {
	dsn, valkey string
	site        string
	files       string
	replicas    []*running
	clients     []*oas.Client
	plain       decimal.Decimal // the price before anybody changed it
	step        int64           // by how many thousandths it is changed
}

const (
	benchAdmin = "the-key-of-this-bench"
	sitesKey   = "the-simulated-providers-key"
)

var (
	sitesDoor   = regexp.MustCompile(`(http://[0-9.:]+)`)
	replicaDoor = regexp.MustCompile(`ratecard answers at (\S+)`)
)

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{dsn: pgtest.DSN(t), valkey: valkeytest.Start(t).URL, files: t.TempDir()}
	s.site = opened(t, sitesDoor, nil, "sites", "--addr", "127.0.0.1:0").url
	for _, provider := range []string{"openai", "anthropic", "google", "xai", "groq"} {
		file := s.ask(t, http.MethodGet, "/"+provider+"/provider.json")
		if err := os.WriteFile(filepath.Join(s.files, provider+".json"), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// opened starts a program and waits until it says where it answers.
func opened(t *testing.T, door *regexp.Regexp, env []string, args ...string) *running {
	t.Helper()
	r := &running{cmd: command(context.WithoutCancel(t.Context()), t, env, args...), key: benchAdmin}
	r.cmd.Stderr = os.Stderr
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := door.FindStringSubmatch(lines.Text()); m != nil {
			r.url = m[1]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return r
		}
	}
	t.Fatalf("%v ended before it answered", args)
	return nil
}

// start starts three replicas over a database, and has every provider synced.
func (s *shelf) start(t *testing.T, dsn string) {
	t.Helper()
	env := []string{
		"DATABASE_URL=" + dsn, "VALKEY_URL=" + s.valkey, "RATECARD_ADMIN_KEY=" + benchAdmin, "RATECARD_ADDR=127.0.0.1:0",
		"RATECARD_PROVIDERS_DIR=" + s.files, "RATECARD_ALLOWED_HOSTS=" + strings.TrimPrefix(s.site, "http://"),
		"SCRAPING_DELAY_MS=0", "RATECARD_DRAIN_MS=0", "RATECARD_RATE_LIMIT=0", "LOG_LEVEL=error",
	}
	for _, provider := range []string{"OPENAI", "ANTHROPIC", "GOOGLE", "XAI", "GROQ"} {
		env = append(env, provider+"_API_KEY="+sitesKey)
	}
	s.replicas, s.clients = nil, nil
	for range 3 {
		r := opened(t, replicaDoor, env, "serve")
		s.replicas, s.clients = append(s.replicas, r), append(s.clients, r.client(t))
	}
	if !s.plain.IsZero() {
		return
	}
	if _, err := synced(t.Context(), s.clients[0]); err != nil {
		t.Fatal(err)
	}
	amount, err := asked(t.Context(), s.clients[0])
	if err != nil {
		t.Fatal(err)
	}
	s.plain = decimal.RequireFromString(amount)
}

func (s *shelf) stop(t *testing.T) {
	t.Helper()
	for _, r := range s.replicas {
		_ = r.cmd.Process.Signal(syscall.SIGTERM) // else it has ended, which Wait tells
		if err := r.cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}

func (s *shelf) ask(t *testing.T, method, path string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.site+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: %s %s %v", method, path, resp.Status, body, err)
	}
	return body
}

// changes has a price changed again and again, by one replica after another, and tells
// how long after the sync's end the last replica answered each, the shortest first.
func (s *shelf) changes(t *testing.T, n int) []time.Duration {
	t.Helper()
	all := make([]time.Duration, 0, n)
	for i := range n {
		took, err := s.change(t, s.clients[i%len(s.clients)])
		if err != nil {
			t.Fatalf("change %d: %v", i, err)
		}
		all = append(all, took)
	}
	slices.Sort(all)
	return all
}

// change raises the price by a thousandth of the plain one: a price that comes back
// would be doubted.
func (s *shelf) change(t *testing.T, by *oas.Client) (time.Duration, error) {
	t.Helper()
	s.step++
	factor := decimal.New(1000+s.step, -3)
	s.ask(t, http.MethodPut, fmt.Sprintf("/%s/factor/%s/%s", seller, factor, sold))
	amount := s.plain.Mul(factor).String()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := make([]time.Time, len(s.clients))
	var watching errgroup.Group
	for i, c := range s.clients {
		watching.Go(func() error {
			for {
				got, err := asked(ctx, c)
				if err != nil {
					return fmt.Errorf("waiting for %s: %w", amount, err)
				}
				if got == amount {
					seen[i] = time.Now()
					return nil
				}
				<-time.After(2 * time.Millisecond)
			}
		})
	}
	ended, err := synced(ctx, by, seller)
	if err != nil {
		cancel() // nobody will see it
	}
	if err := errors.Join(err, watching.Wait()); err != nil {
		return 0, err
	}
	return max(0, slices.MaxFunc(seen, time.Time.Compare).Sub(ended)), nil
}

// asked is what a replica answers that the model's input costs.
func asked(ctx context.Context, c *oas.Client) (string, error) {
	model, err := c.GetModel(ctx, oas.GetModelParams{ID: sold, Provider: oas.NewOptString(seller)})
	if err != nil {
		return "", err
	}
	for _, entry := range model.Pricing {
		if entry.Tier == "standard" && entry.Region == "global" && entry.MinPromptTokens == 0 {
			return entry.InputCostPerMillion.Value, nil
		}
	}
	return "", fmt.Errorf("%s has no standard price: %+v", sold, model.Pricing)
}

// synced has providers synced, all where none is named, and tells when that had ended.
func synced(ctx context.Context, c *oas.Client, providers ...string) (time.Time, error) {
	var ended time.Time
	started, err := c.StartSync(ctx, oas.NewOptSyncRequest(oas.SyncRequest{Providers: providers}))
	if err != nil {
		return ended, err
	}
	for {
		sync, err := c.GetSync(ctx, oas.GetSyncParams{SyncID: started.SyncID})
		if err != nil {
			return ended, err
		}
		if !sync.Done {
			<-time.After(10 * time.Millisecond)
			continue
		}
		for _, run := range sync.Runs {
			if run.Outcome.Value != oas.RunOutcomeSuccess {
				return ended, fmt.Errorf("%s: %s: %+v", run.Provider, run.Outcome.Value, run.Steps)
			}
			if run.EndedAt.Value.After(ended) {
				ended = run.EndedAt.Value
			}
		}
		return ended, nil
	}
}
