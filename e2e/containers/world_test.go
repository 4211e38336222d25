package containers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/go-connections/nat"
	"github.com/shopspring/decimal"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	adminKey = "the-key-of-these-tests"
	siteKey  = "the-simulated-providers-key"
	siteHost = "sites:8090"
	patience = time.Minute // bounds whatever is waited for and promised no sooner
)

var providers = []string{"openai", "anthropic", "google", "xai", "groq"}

// world is one deployment, which the tests share.
type world struct {
	network  *testcontainers.DockerNetwork
	running  []testcontainers.Container
	postgres testcontainers.Container
	valkey   testcontainers.Container
	site     string // where the simulated providers are, seen from here
	replicas []*replica

	price  oracle
	factor decimal.Decimal // by which the site's price has been raised, and its plain one
	plain  decimal.Decimal
}

// deployed is the world, once it is needed; then it stands until the tests end.
var (
	deployed = sync.OnceValues(deploy)
	standing *world
)

// theWorld gives the deployment, with every provider synced.
func theWorld(t *testing.T) *world {
	t.Helper()
	if os.Getenv("RATECARD_IMAGE") == "" {
		t.Skip("needs images: make test-containers builds them and runs this")
	}
	w, err := deployed()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestMain(m *testing.M) {
	log.SetDefault(log.NewNoopLogger()) // what goes wrong comes as an error
	status := m.Run()
	if standing != nil {
		standing.end(status != 0)
	}
	os.Exit(status)
}

// end takes the world down, after the last words of everybody in it where something failed.
func (w *world) end(failed bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, c := range w.running {
		if failed {
			tell(ctx, c)
		}
		_ = testcontainers.TerminateContainer(c, testcontainers.StopTimeout(0)) // what is left over is told by the next line
	}
	if w.network == nil {
		return
	}
	if err := w.network.Remove(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "the network of these tests stays:", err)
	}
}

func tell(ctx context.Context, c testcontainers.Container) {
	logs, err := c.Logs(ctx)
	if err != nil {
		return
	}
	defer logs.Close()
	text, _ := io.ReadAll(logs)
	lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool {
		return strings.Contains(line, "msg=request ") && !strings.Contains(line, "status=5")
	})
	info, err := c.Inspect(ctx)
	if err != nil {
		return
	}
	fmt.Fprintf(os.Stderr, "---- %s %v\n%s\n", info.Config.Image, info.Config.Cmd, strings.Join(lines[max(0, len(lines)-40):], "\n"))
}

func deploy() (*world, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	w := &world{factor: decimal.New(1, 0)}
	standing = w
	var err error
	if w.network, err = network.New(ctx); err != nil {
		return w, err
	}
	for _, step := range []func(context.Context) error{w.stores, w.sites, w.serve, w.fill} {
		if err := step(ctx); err != nil {
			return w, err
		}
	}
	return w, nil
}

// run starts a container under a name on the network.
func (w *world) run(ctx context.Context, image, name string, options ...testcontainers.ContainerCustomizer) (testcontainers.Container, error) {
	c, err := testcontainers.Run(ctx, image, append(options, network.WithNetwork([]string{name}, w.network))...)
	if c == nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	w.running = append(w.running, c)
	if err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

func (w *world) stores(ctx context.Context) (err error) {
	if w.postgres, err = w.run(ctx, os.Getenv("POSTGRES_IMAGE"), "postgres",
		testcontainers.WithEnv(map[string]string{"POSTGRES_USER": "ratecard", "POSTGRES_PASSWORD": "ratecard"}),
		// The public image starts it twice: what fills it anew listens nowhere.
		testcontainers.WithWaitStrategyAndDeadline(patience, wait.ForExec([]string{"pg_isready", "-h", "127.0.0.1", "-U", "ratecard"})),
	); err != nil {
		return err
	}
	w.valkey, err = w.run(ctx, os.Getenv("VALKEY_IMAGE"), "valkey",
		testcontainers.WithCmd("valkey-server", "--save", "", "--protected-mode", "no"),
		testcontainers.WithWaitStrategyAndDeadline(patience, wait.ForExec([]string{"valkey-cli", "ping"})),
	)
	return err
}

func (w *world) sites(ctx context.Context) error {
	c, err := w.run(ctx, os.Getenv("RATECARD_IMAGE"), "sites",
		testcontainers.WithCmd("sites", "--addr", ":8090"),
		testcontainers.WithExposedPorts("8090/tcp"),
		testcontainers.WithWaitStrategyAndDeadline(patience, wait.ForHTTP("/troubles").WithPort("8090/tcp")),
	)
	if err != nil {
		return err
	}
	w.site, err = c.PortEndpoint(ctx, "8090/tcp", "http")
	return err
}

// serve starts the replicas, all at once.
func (w *world) serve(ctx context.Context) error {
	env := map[string]string{
		"DATABASE_URL": "postgres://ratecard:ratecard@postgres/ratecard", "VALKEY_URL": "valkey://valkey:6379/0",
		"RATECARD_ADMIN_KEY": adminKey, "RATECARD_PROVIDERS_DIR": "/etc/ratecard", "RATECARD_ALLOWED_HOSTS": siteHost,
		"SCRAPING_DELAY_MS": "0", "RATECARD_DRAIN_MS": "1000",
	}
	files := map[string][]byte{}
	for _, p := range providers {
		env[strings.ToUpper(p)+"_API_KEY"] = siteKey
		file, err := w.ask(ctx, http.MethodGet, "/"+p+"/provider.json")
		if err != nil {
			return err
		}
		files["/etc/ratecard/"+p+".json"] = file
	}
	var (
		starting sync.WaitGroup
		errs     = make([]error, 3)
		started  = make([]testcontainers.Container, 3)
	)
	for i := range started {
		starting.Go(func() {
			started[i], errs[i] = testcontainers.Run(ctx, os.Getenv("RATECARD_IMAGE"),
				testcontainers.WithEnv(env), copied(files), testcontainers.WithExposedPorts(string(servePort)),
				network.WithNetwork([]string{fmt.Sprintf("ratecard-%d", i+1)}, w.network),
				testcontainers.WithWaitStrategyAndDeadline(patience, wait.ForHTTP("/readyz").WithPort(string(servePort)).WithPollInterval(20*time.Millisecond)))
		})
	}
	starting.Wait()
	for i, c := range started {
		if c == nil {
			continue
		}
		w.running = append(w.running, c)
		r := &replica{name: fmt.Sprintf("ratecard-%d", i+1), container: c}
		w.replicas = append(w.replicas, r)
		if errs[i] == nil {
			errs[i] = r.connect(ctx)
		}
	}
	return errors.Join(errs...)
}

// copied puts files into a container before it starts.
func copied(files map[string][]byte) testcontainers.CustomizeRequestOption {
	var all []testcontainers.ContainerFile
	for path, text := range files {
		all = append(all, testcontainers.ContainerFile{Reader: bytes.NewReader(text), ContainerFilePath: path, FileMode: 0o444})
	}
	return testcontainers.WithFiles(all...)
}

const servePort = nat.Port("8080/tcp")

// ask asks the simulated providers by the name that they have in the network.
func (w *world) ask(ctx context.Context, method, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.site+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Host = siteHost
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s %s", method, path, resp.Status, body)
	}
	return body, err
}

// fill syncs every provider and learns the price that the tests will change.
func (w *world) fill(ctx context.Context) error {
	if len(w.replicas) < 3 {
		return errors.New("not three replicas")
	}
	if _, err := w.replicas[0].sync(ctx); err != nil {
		return err
	}
	amount, err := w.replicas[0].amount(ctx)
	if err != nil {
		return err
	}
	w.price.next(amount)
	w.plain, err = decimal.NewFromString(amount)
	return err
}
