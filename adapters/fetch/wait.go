package fetch

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tries is one try and three more (PROPERTIES 3).
const tries = 4

// backoff is the wait after the n-th failed try: 1 s, 2 s, 4 s, each up to
// 10 % shorter or longer, so that clients who failed together come back apart.
// The spread is small enough that each wait is longer than the one before.
func backoff(n int) time.Duration {
	exact := time.Second << (n - 1)
	return exact + time.Duration((rand.Float64()*2-1)*0.1*float64(exact))
}

// outlasts reports whether a wait ends after the context does. Then there is
// no point in waiting: the caller does better to come back later.
func outlasts(ctx context.Context, wait time.Duration) bool {
	deadline, has := ctx.Deadline()
	return has && time.Until(deadline) < wait
}

// retryAfter reads the Retry-After header, in seconds or as an HTTP date; 0
// where it says nothing that lies ahead.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
