package valkey_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ratecard/adapters/valkey"
	"ratecard/adapters/valkey/valkeytest"
	"ratecard/domain"
	"ratecard/ports"
	"ratecard/ports/porttest"
)

// A logbook is what was logged.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func open(t testing.TB, url string) (valkey.Cache, *logbook) {
	t.Helper()
	log := &logbook{}
	client, err := valkey.Open(url, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return valkey.NewCache(client), log
}

func TestCache(t *testing.T) {
	server := valkeytest.Start(t)
	porttest.Cache(t, func(tb testing.TB) ports.Cache {
		cache, _ := open(tb, server.URL)
		return cache
	})
}

func keep(c ports.Cache, value string) {
	c.Keep(context.Background(), []ports.Copy{{Key: "k", Value: []byte(value), For: time.Minute}})
}

// has waits until k has a value, or nothing.
func has(t *testing.T, c ports.Cache, want string, meanwhile func()) {
	t.Helper()
	for began := time.Now(); ; {
		if meanwhile != nil {
			meanwhile()
		}
		got := string(c.Get(context.Background(), "k"))
		if got == want {
			return
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("it has %q, want %q", got, want)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// TestWhatIsRememberedFollowsTheServer: another replica's copy takes the place of
// what is remembered here, and so does a wipe.
func TestWhatIsRememberedFollowsTheServer(t *testing.T) {
	server := valkeytest.Start(t)
	here, _ := open(t, server.URL)
	there, _ := open(t, server.URL)
	for i := range 20 {
		keep(there, fmt.Sprint(i))
		has(t, here, fmt.Sprint(i), nil)
	}
	server.Wipe()
	has(t, here, "", nil)
}

// TestTroubleIsAMiss: a server that is not there yet, that is killed, frozen or
// full is missed and nothing more. Nobody waits for it, and it is used again by
// itself.
func TestTroubleIsAMiss(t *testing.T) {
	server := valkeytest.Start(t)
	server.Kill()
	cache, log := open(t, server.URL)
	want := func(value string) { t.Helper(); has(t, cache, value, nil) }

	want("")
	server.Run()
	has(t, cache, "1", func() { keep(cache, "1") })

	server.Kill()
	has(t, cache, "", nil)
	server.Run()
	has(t, cache, "2", func() { keep(cache, "2") })

	server.Freeze()
	began := time.Now()
	const questions = 200
	for range questions {
		cache.Collect(t.Context(), []string{"k"})
	}
	if took := time.Since(began); took > questions*50*time.Millisecond {
		t.Errorf("%d questions to one that does not answer took %s", questions, took)
	}
	server.Thaw()
	want("2")

	server.Fill()
	keep(cache, strings.Repeat("3", 1000))
	want("2")
	server.Relieve()
	has(t, cache, "4", func() { keep(cache, "4") })

	for _, told := range []string{"is away", "refuses", "answers again"} {
		if !strings.Contains(log.String(), told) {
			t.Errorf("it is not told that Valkey %s:\n%s", told, log)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines > 3 {
		t.Errorf("it is told %d times:\n%s", lines, log)
	}
}

// TestSecretsAreNotTold: neither by what an address is refused with, nor by what is
// logged of a server that refuses the password.
func TestSecretsAreNotTold(t *testing.T) {
	const secret = "hush-hush"
	for _, address := range []string{
		"", "localhost:6379", "http://:" + secret + "@host", "valkey://:" + secret + "@", "valkey://:" + secret + "@host:0",
		"valkey://:" + secret + "@host:65536", "valkey://:" + secret + "@host:port", "valkey://:" + secret + "@host/one",
		"redis://:" + secret + "@host/-1", "rediss://:" + secret + "@host/1/2", "redis://u:" + secret + "%zz@host", "unix://",
	} {
		err := valkey.CheckURL(address)
		if domain.KindOf(err) != domain.KindInvalid || !strings.Contains(fmt.Sprint(err), "valkey://user:password@host:6379/0") {
			t.Errorf("%q: %v", address, err)
		}
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("the password stands in %v", err)
		}
	}
	for _, address := range []string{
		"valkey://host", "valkeys://user:p%40ss@host:6380/3", "redis://[::1]:6379", "rediss://host?client_cache=0", "unix:///run/valkey.sock?db=1",
	} {
		if err := valkey.CheckURL(address); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
	server := valkeytest.Start(t)
	cache, log := open(t, strings.Replace(server.URL, valkeytest.Password, secret, 1))
	cache.Get(t.Context(), "k")
	for began := time.Now(); log.String() == "" && time.Since(began) < 30*time.Second; {
		<-time.After(10 * time.Millisecond)
		cache.Get(t.Context(), "k")
	}
	if told := log.String(); !strings.Contains(told, "WRONGPASS") || strings.Contains(told, secret) {
		t.Errorf("of a wrong password is told: %q", told)
	}
}
