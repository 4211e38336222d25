package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"ratecard/adapters/alert"
	"ratecard/adapters/api"
	"ratecard/adapters/cached"
	"ratecard/adapters/jobs"
	"ratecard/adapters/valkey"
	"ratecard/app"
	"ratecard/domain"
)

// version is set when the program is built.
var version = "dev"

// config is everything that the environment decides. It is read once, at the
// start, and nowhere else.
type config struct {
	databaseURL    string           // empty: a Postgres of its own
	valkeyURL      string           // empty: nothing is shared but the database
	lifetimes      cached.Lifetimes // of what is copied for others
	postgresBin    string           // where that one's programs are; empty: looked for
	stateDir       string
	addr           string
	adminKey       string // empty: made at first start
	anonymousReads bool
	keyLimit       int64            // requests a minute with one key; 0: any number
	anonymousLimit int64            // requests a minute without a key from one address; 0: any number
	streams        int              // streams of events at once; 0: none
	spare          bool             // more threads run at once than there are processors
	seldom         bool             // memory is collected half as often as Go does by itself
	corsOrigins    []string         // of pages that may ask from a browser
	drain          time.Duration    // for how long connections are let go of before the server goes down
	trustedProxies []netip.Prefix   // whose X-Forwarded-For says who asks
	providersDir   string           // empty: the built-in ones alone
	publicURL      string           // where people find this server; empty: not said
	reach          domain.Reach     // hosts of the operator's own network that may be fetched from
	outbound       httpproxy.Config // the proxies that everything goes through; empty: none
	userAgent      string
	chromiumPath   string // empty: looked for
	scrapeTimeout  time.Duration
	scrapeDelay    time.Duration // between two requests to one host, at least
	syncTimeout    time.Duration
	cron           string           // when every provider is synced, unless the settings say otherwise
	messenger      *alert.Messenger // tells people of what somebody ought to look at; nil: nobody
	retention      int              // for how many months prices are kept after their end; 0: for ever
	logLevel       slog.Level
	logJSON        bool

	serverURL string // of the command line
	serverKey string // of the command line

	environment environment
}

// environment looks variables up. Any secret may also stand in a file that
// NAME_FILE names.
type environment func(name string) (string, bool)

// secret gives a secret's value, trimmed of the line end that editors leave.
func (env environment) secret(name string) (string, error) {
	value, set := env(name)
	path, file := env(name + "_FILE")
	switch {
	case set && file:
		return "", fmt.Errorf("%s and %s_FILE are both set; set one of them", name, name)
	case file:
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("%s_FILE: %w", name, err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	return strings.TrimSpace(value), nil
}

// settings reads variables and collects what is wrong with them, so that one
// start tells of every mistake.
type settings struct {
	env   environment
	wrong []domain.FieldError
}

func (s *settings) refuse(name, format string, args ...any) {
	s.wrong = append(s.wrong, domain.FieldError{Path: name, Message: fmt.Sprintf(format, args...)})
}

func (s *settings) text(name, fallback string) string {
	if value, set := s.env(name); set && strings.TrimSpace(value) != "" {
		return strings.TrimSpace(value)
	}
	return fallback
}

func (s *settings) secret(name string) string {
	value, err := s.env.secret(name)
	if err != nil {
		s.refuse(name, "%v", err)
	}
	return value
}

func (s *settings) flag(name string) bool {
	switch value := s.text(name, "false"); strings.ToLower(value) {
	case "true", "1", "yes":
		return true
	case "false", "0", "no":
		return false
	default:
		s.refuse(name, "%q is not a yes or no; allowed are true and false", value)
		return false
	}
}

func (s *settings) milliseconds(name string, fallback, least, most time.Duration) time.Duration {
	value := s.text(name, "")
	if value == "" {
		return fallback
	}
	ms, err := strconv.ParseInt(value, 10, 64)
	d := time.Duration(ms) * time.Millisecond
	if err != nil || ms > most.Milliseconds() || d < least {
		s.refuse(name, "%q is not allowed; a whole number of milliseconds from %d to %d is", value, least.Milliseconds(), most.Milliseconds())
		return fallback
	}
	return d
}

func (s *settings) seconds(name string, fallback time.Duration) time.Duration {
	value := s.text(name, "")
	if value == "" {
		return fallback
	}
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil || n < 1 || n > mostSeconds {
		s.refuse(name, "%q is not allowed; a whole number of seconds from 1 to %d is", value, mostSeconds)
		return fallback
	}
	return time.Duration(n) * time.Second
}

// mostSeconds is a year of them.
const mostSeconds = 365 * 24 * 60 * 60

func (s *settings) lifetimes() cached.Lifetimes {
	return cached.Lifetimes{
		Models:   s.seconds("MODEL_CACHE_TTL", time.Hour),
		Prices:   s.seconds("PRICING_CACHE_TTL", time.Hour),
		Fallback: s.seconds("FALLBACK_CACHE_TTL", 7*24*time.Hour),
	}
}

// valkey reads the address of a Valkey. A wrong one is not shown: it may hold a
// password.
func (s *settings) valkey(name string) string {
	value := s.secret(name)
	if value == "" {
		return ""
	}
	if err := valkey.CheckURL(value); err != nil {
		s.refuse(name, "%v", err)
	}
	return value
}

// months reads for how long prices are kept. A century bounds it, so that the
// instant which it leads to is one.
func (s *settings) months(name string) int {
	value := s.text(name, "0")
	n, err := strconv.ParseUint(value, 10, 16)
	if err != nil || n != 0 && n < app.LeastRetention || n > 1200 {
		s.refuse(name, "%q is not allowed; 0 (for ever) or a whole number of months from %d to 1200 is", value, app.LeastRetention)
		return 0
	}
	return int(n)
}

// What may be asked in a minute, unless it is set otherwise: more than a busy
// gateway asks, and more than a person does.
const (
	usualKeyLimit       = 60_000
	usualAnonymousLimit = 600
)

// How many streams of events a server keeps at once, unless it is set otherwise, and
// at most.
const (
	usualStreams = 1000
	mostStreams  = 100_000
)

// perMinute reads a limit on requests.
func (s *settings) perMinute(name string, fallback int64) int64 {
	value := s.text(name, strconv.FormatInt(fallback, 10))
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 || n > domain.LargestLimit {
		s.refuse(name, "%q is not allowed; a whole number of requests a minute from 1 to %d is, or 0 for any number", value, domain.LargestLimit)
		return fallback
	}
	return n
}

// count reads a whole number from 0 on.
func (s *settings) count(name string, fallback, most int) int {
	value := s.text(name, strconv.Itoa(fallback))
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > most {
		s.refuse(name, "%q is not allowed; a whole number from 0 to %d is", value, most)
		return fallback
	}
	return n
}

func (s *settings) cron(name, fallback string) string {
	line := s.text(name, fallback)
	if _, err := jobs.Following(line, time.Now()); err != nil {
		s.refuse(name, "%v", err)
	}
	return line
}

func (s *settings) oneOf(name, fallback string, allowed ...string) string {
	value := strings.ToLower(s.text(name, fallback))
	if !slices.Contains(allowed, value) {
		s.refuse(name, "%q is not allowed; one of %s is", value, strings.Join(allowed, ", "))
		return fallback
	}
	return value
}

// readConfig reads the environment. A wrong value is an error that names the
// variable and what is allowed; all of them are told at once.
func readConfig(env environment) (config, error) {
	s := &settings{env: env}
	c := config{
		databaseURL:    s.secret("DATABASE_URL"),
		valkeyURL:      s.valkey("VALKEY_URL"),
		lifetimes:      s.lifetimes(),
		postgresBin:    s.text("RATECARD_POSTGRES_BIN", ""),
		stateDir:       s.stateDir(),
		addr:           s.address("RATECARD_ADDR", "127.0.0.1:8080"),
		adminKey:       s.secret("RATECARD_ADMIN_KEY"),
		anonymousReads: s.flag("RATECARD_ANONYMOUS_READS"),
		keyLimit:       s.perMinute("RATECARD_RATE_LIMIT", usualKeyLimit),
		anonymousLimit: s.perMinute("RATECARD_ANONYMOUS_RATE_LIMIT", usualAnonymousLimit),
		streams:        s.count("RATECARD_STREAMS", usualStreams, mostStreams),
		corsOrigins:    s.origins("RATECARD_CORS_ORIGINS"),
		drain:          s.milliseconds("RATECARD_DRAIN_MS", 3*time.Second, 0, 15*time.Second),
		trustedProxies: s.networks("RATECARD_TRUSTED_PROXIES"),
		providersDir:   s.folder("RATECARD_PROVIDERS_DIR"),
		publicURL:      s.url("RATECARD_PUBLIC_URL", ""),
		scrapeTimeout:  s.milliseconds("SCRAPING_TIMEOUT_MS", 30*time.Second, time.Second, 10*time.Minute),
		scrapeDelay:    s.milliseconds("SCRAPING_DELAY_MS", time.Second, 0, time.Hour),
		syncTimeout:    s.milliseconds("SYNC_TIMEOUT_MS", 5*time.Minute, time.Second, time.Hour),
		retention:      s.months("PRICING_RETENTION_MONTHS"),
		logJSON:        s.oneOf("LOG_FORMAT", "text", "text", "json") == "json",
		serverURL:      s.url("RATECARD_URL", "http://127.0.0.1:8080"),
		serverKey:      s.secret("RATECARD_KEY"),
		environment:    env,
	}
	// Unless somebody has told Go.
	c.spare, c.seldom = s.text("GOMAXPROCS", "") == "", s.text("GOGC", "") == ""
	c.reach = s.hosts("RATECARD_ALLOWED_HOSTS")
	c.outbound = httpproxy.Config{HTTPProxy: s.proxy("HTTP_PROXY"), HTTPSProxy: s.proxy("HTTPS_PROXY"), NoProxy: s.either("NO_PROXY")}
	c.cron = s.cron("SYNC_SCHEDULE_CRON", "0 2 * * *")
	c.userAgent = s.text("SCRAPING_USER_AGENT", userAgent(c.publicURL))
	c.chromiumPath = s.program("CHROMIUM_PATH")
	c.messenger = s.receivers("RATECARD_ALERT_URLS")
	level := s.oneOf("LOG_LEVEL", "info", "debug", "info", "warn", "error")
	if err := c.logLevel.UnmarshalText([]byte(level)); err != nil {
		s.refuse("LOG_LEVEL", "%v", err)
	}
	if c.adminKey != "" && len(c.adminKey) < minAdminKey {
		s.refuse("RATECARD_ADMIN_KEY", "it has %d characters; at least %d are needed", len(c.adminKey), minAdminKey)
	}
	if len(s.wrong) > 0 {
		return config{}, &domain.Error{Kind: domain.KindInvalid, Message: "the environment has wrong values", Fields: s.wrong}
	}
	return c, nil
}

// minAdminKey is the shortest admin key that is taken: a guess must not hit it.
const minAdminKey = 16

func (s *settings) address(name, fallback string) string {
	value := s.text(name, fallback)
	_, port, err := net.SplitHostPort(value)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n > 65535 {
		s.refuse(name, "%q is not allowed; HOST:PORT or :PORT is, with a port from 0 to 65535", value)
	}
	return value
}

// networks reads addresses and networks, with commas between them.
func (s *settings) networks(name string) []netip.Prefix {
	var all []netip.Prefix
	for part := range strings.SplitSeq(s.text(name, ""), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		network, err := netip.ParsePrefix(part)
		if address, plain := netip.ParseAddr(part); err != nil && plain == nil {
			network, err = address.Prefix(address.BitLen())
		}
		if err != nil {
			s.refuse(name, "%q is not allowed; addresses and networks are, with commas between them, such as 10.0.0.7,192.168.0.0/16", part)
			continue
		}
		all = append(all, network.Masked())
	}
	return all
}

// origins reads those of pages, with commas between them; * is any.
func (s *settings) origins(name string) []string {
	var all []string
	for part := range strings.SplitSeq(s.text(name, ""), ",") {
		if part = strings.ToLower(strings.TrimSpace(part)); part == "" {
			continue
		}
		u, err := url.Parse(part)
		if part != api.AnyOrigin && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Scheme+"://"+u.Host != part) {
			s.refuse(name, "%q is not allowed; origins are, with commas between them, such as https://dash.example,http://localhost:3000, or * for any", part)
			continue
		}
		all = append(all, part)
	}
	return all
}

// hosts reads names and addresses, each with a port or without, with commas
// between them.
func (s *settings) hosts(name string) domain.Reach {
	var all domain.Reach
	for part := range strings.SplitSeq(s.text(name, ""), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		reach, err := domain.ParseReach(part)
		if err != nil {
			s.refuse(name, "%q is not allowed; hosts are, by name or address, with a port or without and commas between them, such as prices.internal,10.0.0.7:8080", part)
		}
		all = all.And(reach)
	}
	return all
}

// either reads a variable that is written in capitals or in small letters, as
// those of proxies are by old custom.
func (s *settings) either(name string) string {
	return s.text(name, s.text(strings.ToLower(name), ""))
}

// proxy reads the address of a proxy, which may do without http:// before it. A
// wrong one is not shown: it may hold a password.
func (s *settings) proxy(name string) string {
	value := s.either(name)
	if value != "" && !strings.Contains(value, "://") {
		value = "http://" + value
	}
	if u, err := url.Parse(value); value != "" && (err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		s.refuse(name, "it is not the address of a proxy; an http or https URL is, such as http://proxy.internal:3128")
		return ""
	}
	return value
}

func (s *settings) url(name, fallback string) string {
	value := s.text(name, fallback)
	if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		s.refuse(name, "%q is not allowed; an http or https URL is", value)
	}
	return value
}

// receivers reads the addresses that alerts are sent to, which are not shown:
// most hold a secret.
func (s *settings) receivers(name string) *alert.Messenger {
	addresses := alert.Split(s.secret(name))
	if len(addresses) == 0 {
		return nil
	}
	messenger, err := alert.New(addresses)
	if err != nil {
		s.refuse(name, "%v", err)
	}
	return messenger
}

// userAgent names the program, and where the site's owner finds who runs it.
func userAgent(publicURL string) string {
	if publicURL == "" {
		return "ratecard/" + version
	}
	return "ratecard/" + version + " (+" + publicURL + ")"
}

// program reads the path of a program that can be run.
func (s *settings) program(name string) string {
	value := s.text(name, "")
	if value == "" {
		return ""
	}
	if _, err := exec.LookPath(value); err != nil {
		s.refuse(name, "%q is not a program that can be run", value)
	}
	return value
}

func (s *settings) folder(name string) string {
	value := s.text(name, "")
	if value == "" {
		return ""
	}
	if info, err := os.Stat(value); err != nil || !info.IsDir() {
		s.refuse(name, "%q is not a folder that can be read", value)
	}
	return value
}

// stateDir is where the program keeps what it owns. Root's is outside root's
// home, which an unprivileged Postgres could not enter.
func (s *settings) stateDir() string {
	if base := s.text("XDG_STATE_HOME", ""); base != "" {
		return filepath.Join(base, "ratecard")
	}
	if os.Geteuid() == 0 {
		return "/var/lib/ratecard"
	}
	if home := s.text("HOME", ""); home != "" {
		return filepath.Join(home, ".local", "state", "ratecard")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("ratecard-%d", os.Geteuid()))
}

// providerKey gives the key that a provider file names by its variable.
func (c config) providerKey(name string) (string, error) { return c.environment.secret(name) }
