package fetch_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/adapters/fetch"
	"ratecard/domain"
	"ratecard/ports"
)

// A trouble is a way to fail that may pass.
type trouble struct {
	name string
	kind domain.Kind
	make func(w http.ResponseWriter, r *http.Request)
}

var (
	hangsUp = trouble{"hangs up", domain.KindUnavailable, func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }}
	half    = trouble{"breaks off", domain.KindUnavailable, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		write(w, "half")
	}}
	silent = trouble{"says nothing", domain.KindTimeout, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}
	stalls = trouble{"stops in the middle", domain.KindTimeout, func(w http.ResponseWriter, r *http.Request) {
		write(w, "half")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}}
)

func serverError(code int) trouble {
	return trouble{strconv.Itoa(code), domain.KindUnavailable, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		write(w, "trouble")
	}}
}

// checkWaits holds the waits to 1 s, 2 s, 4 s with ±10 %, strictly growing.
func checkWaits(t interface{ Errorf(string, ...any) }, waits []time.Duration) {
	for i, wait := range waits {
		exact := math.Pow(2, float64(i))
		if s := wait.Seconds(); s < 0.9*exact || s > 1.1*exact {
			t.Errorf("wait %d is %s: expected %g s within a tenth", i+1, wait, exact)
		}
		if i > 0 && wait <= waits[i-1] {
			t.Errorf("the waits do not grow: %v", waits)
		}
	}
}

func TestProperty03_RetryLimit(t *testing.T) {
	t.Run("failures that may pass", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			failures := rapid.SliceOfN(rapid.OneOf(
				rapid.Just(hangsUp), rapid.Just(half), rapid.Map(rapid.IntRange(500, 599), serverError),
			), 0, 6).Draw(t, "failures")
			page := rapid.Bool().Draw(t, "page")
			url, count := counted(t, func(w http.ResponseWriter, r *http.Request, n int) {
				if n < len(failures) {
					failures[n].make(w, r)
					return
				}
				write(w, "whole")
			})
			f, clock := fetcher(fetch.Config{})
			got, err := f.Fetch(context.Background(), ports.FetchRequest{URL: url, Page: page})
			tries := min(len(failures)+1, 4)
			if count() != tries || len(clock.waits) != tries-1 {
				t.Fatalf("%d requests, waits %v: expected %d tries", count(), clock.waits, tries)
			}
			checkWaits(t, clock.waits)
			if passed := len(failures) < 4; passed != (err == nil) || passed && string(got.Body) != "whole" {
				t.Fatalf("got %q, %v", got.Body, err)
			}
			if err != nil && domain.KindOf(err) != failures[3].kind {
				t.Fatalf("got %s: %v", domain.KindOf(err), err)
			}
		})
	})
	t.Run("a server that lets us wait", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			slow := rapid.SliceOfN(rapid.SampledFrom([]trouble{silent, stalls}), 4, 4).Draw(t, "troubles")
			url, count := counted(t, func(w http.ResponseWriter, r *http.Request, n int) { slow[n].make(w, r) })
			f, clock := fetcher(fetch.Config{Timeout: 5 * time.Millisecond})
			_, err := f.Fetch(context.Background(), ports.FetchRequest{URL: url, Page: rapid.Bool().Draw(t, "page")})
			if count() > 4 || len(clock.waits) != 3 || domain.KindOf(err) != domain.KindTimeout {
				t.Fatalf("%d requests, waits %v: %v", count(), clock.waits, err)
			}
			checkWaits(t, clock.waits)
		})
	})
	t.Run("on the real clock", func(t *testing.T) {
		t.Parallel()
		var at []time.Time
		url, count := counted(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			at = append(at, time.Now())
			w.WriteHeader(http.StatusBadGateway)
		})
		f := fetch.New(fetch.Config{UserAgent: "ratecard/test", Door: loopback()})
		_, err := f.Fetch(t.Context(), ports.FetchRequest{URL: url})
		if count() != 4 || domain.KindOf(err) != domain.KindUnavailable {
			t.Fatalf("%d requests: %v", count(), err)
		}
		for i := 1; i < 4; i++ {
			exact := time.Second << (i - 1)
			if wait := at[i].Sub(at[i-1]); wait < exact*9/10 || wait > exact*11/10+time.Second {
				t.Errorf("wait %d was %s", i, wait)
			}
		}
	})
}

func TestProperty31_RateLimit(t *testing.T) {
	t.Run("an API is asked again when it says", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			said := rapid.SliceOfN(rapid.IntRange(-1, 100_000), 1, 6).Draw(t, "seconds, -1 for none")
			asDate := rapid.Bool().Draw(t, "as HTTP date")
			url, count := counted(t, func(w http.ResponseWriter, _ *http.Request, n int) {
				if n >= len(said) {
					return
				}
				switch {
				case said[n] < 0:
				case asDate:
					w.Header().Set("Retry-After", now.Add(time.Duration(said[n])*time.Second).Format(http.TimeFormat))
				default:
					w.Header().Set("Retry-After", strconv.Itoa(said[n]))
				}
				w.WriteHeader(http.StatusTooManyRequests)
			})
			f, clock := fetcher(fetch.Config{})
			_, err := f.Fetch(context.Background(), ports.FetchRequest{URL: url})
			if tries := min(len(said)+1, 4); count() != tries || len(clock.waits) != tries-1 {
				t.Fatalf("%d requests, waits %v", count(), clock.waits)
			}
			for i, wait := range clock.waits {
				if said[i] > 0 && wait != time.Duration(said[i])*time.Second {
					t.Errorf("wait %d: it said %d s, we waited %s", i+1, said[i], wait)
				}
				if exact := time.Second << i; said[i] <= 0 && (wait < exact*9/10 || wait > exact*11/10) {
					t.Errorf("wait %d: it said nothing, we waited %s", i+1, wait)
				}
			}
			var limited *domain.Error
			errors.As(err, &limited)
			switch {
			case len(said) < 4:
				if err != nil {
					t.Errorf("it should have passed: %v", err)
				}
			case limited == nil || limited.Kind != domain.KindRateLimited || limited.RetryAfter != time.Duration(max(said[3], 0))*time.Second:
				t.Errorf("got %#v", err)
			}
		})
	})
	t.Run("a page is not asked again", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			code := rapid.SampledFrom([]int{http.StatusTooManyRequests, http.StatusForbidden}).Draw(t, "status")
			header := rapid.SampledFrom([]string{"", "1", "3600"}).Draw(t, "Retry-After")
			url, count := counted(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(code)
			})
			f, clock := fetcher(fetch.Config{})
			_, err := f.Fetch(context.Background(), ports.FetchRequest{URL: url, Page: true})
			if count() != 1 || len(clock.waits) != 0 || domain.KindOf(err) != domain.KindBlocked {
				t.Fatalf("%d requests, waits %v: %v", count(), clock.waits, err)
			}
		})
	})
}

func TestProperty32_UserAgent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := "ratecard/" + rapid.StringMatching(`[0-9]\.[0-9]{1,3}( \(\+https://[a-z]{1,12}\.example\))?`).Draw(t, "version")
		script := rapid.SliceOfN(rapid.SampledFrom([]int{302, 503, 429}), 0, 3).Draw(t, "before it goes well")
		var sent []string
		url, count := counted(t, func(w http.ResponseWriter, r *http.Request, n int) {
			sent = append(sent, r.UserAgent())
			if n < len(script) {
				w.Header().Set("Location", "/moved"+strconv.Itoa(n))
				w.WriteHeader(script[n])
			}
		})
		f := fetch.New(fetch.Config{UserAgent: name, Door: loopback(), Sleep: (&clock{}).sleep})
		// A caller's header does not hide who we are.
		_, err := f.Fetch(context.Background(), ports.FetchRequest{URL: url, Header: http.Header{"User-Agent": {"Mozilla/5.0"}}})
		if err != nil {
			t.Fatal(err)
		}
		if len(sent) != count() || count() != len(script)+1 {
			t.Fatalf("%d requests", count())
		}
		for i, got := range sent {
			if got != name {
				t.Errorf("request %d came from %q", i+1, got)
			}
		}
	})
}

// TestProperty02_RefusedKey: a key that is refused is told apart from any other
// trouble, however the provider says so, and is not tried again.
func TestProperty02_RefusedKey(t *testing.T) {
	words := []string{
		`{"error":{"code":400,"message":"API key %s. Please pass another.","status":"INVALID_ARGUMENT"}}`,
		`{"code":"invalid-argument","error":"%s API key provided."}`,
		`{"error":{"details":[{"reason":"API_KEY_%s"}]}}`,
		`{"type":"error","error":{"message":"%s x-api-key"}}`,
	}
	faults := []string{"not valid", "Incorrect", "invalid", "INVALID", "expired"}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]int{400, 401, 403}).Draw(t, "status")
		body := strings.Replace(rapid.SampledFrom(words).Draw(t, "body"), "%s", rapid.SampledFrom(faults).Draw(t, "fault"), 1)
		if code != 400 && rapid.Bool().Draw(t, "says nothing") {
			body = ""
		}
		url, count := counted(t, status(code, body))
		f, _ := fetcher(fetch.Config{})
		_, err := f.Fetch(context.Background(), ports.FetchRequest{URL: url, Header: http.Header{"X-Api-Key": {"sk-geheim"}}})
		if domain.KindOf(err) != domain.KindUpstreamAuth || count() != 1 {
			t.Fatalf("%d requests: %v", count(), err)
		}
		if strings.Contains(err.Error(), "geheim") {
			t.Fatalf("the key is in the error: %v", err)
		}
	})
}
