package porttest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"ratecard/ports"
)

// Cache tests what ports.Cache promises, of one that has room and answers.
func Cache(t *testing.T, open func(testing.TB) ports.Cache) {
	run(t, open, map[string]func(*testing.T, ports.Cache){
		"what was never kept is missing":           nothingKept,
		"any bytes under any key":                  anyBytes,
		"the last copy is given":                   lastCopy,
		"many at once, in their order":             manyAtOnce,
		"nothing outlives its time":                outlives,
		"a new copy begins a new time":             newTime,
		"a caller who has left waits for nothing":  leftAlone,
		"many ask and keep at once, none is mixed": allAtOnce,
	})
}

func cached(key, value string) ports.Copy {
	return ports.Copy{Key: key, Value: []byte(value), For: time.Minute}
}

func keep(c ports.Cache, copies ...ports.Copy) { c.Keep(context.Background(), copies) }

// gives sees what a key has, asked for either way.
func gives(t failer, c ports.Cache, key string, want []byte) {
	t.Helper()
	if got := c.Get(context.Background(), key); !bytes.Equal(got, want) || (got == nil) != (want == nil) {
		t.Errorf("%q: Get gives %q, want %q", key, got, want)
	}
	if got := c.Collect(context.Background(), []string{key}); len(got) != 1 || !bytes.Equal(got[0], want) || (got[0] == nil) != (want == nil) {
		t.Errorf("%q: Collect gives %q, want %q", key, got, want)
	}
}

func nothingKept(t *testing.T, c ports.Cache) {
	gives(t, c, "never", nil)
	gives(t, c, "", nil)
	if got := c.Collect(context.Background(), nil); len(got) != 0 {
		t.Errorf("of no keys it gives %q", got)
	}
	keep(c)
}

func anyBytes(t *testing.T, c ports.Cache) {
	large := make([]byte, 1<<20)
	_, _ = rand.Read(large)
	for i, value := range [][]byte{{0}, []byte("\r\n$-1\r\n"), {0xff, 0xfe, 0}, []byte("ä"), large} {
		key := fmt.Sprintf("any:%d %%{}*\r\n\x00é", i)
		keep(c, ports.Copy{Key: key, Value: value, For: time.Minute})
		gives(t, c, key, value)
	}
}

func lastCopy(t *testing.T, c ports.Cache) {
	for i := range 5 {
		keep(c, cached("last", fmt.Sprint("once ", i)), cached("last", fmt.Sprint("then ", i)))
		gives(t, c, "last", fmt.Append(nil, "then ", i))
	}
}

func manyAtOnce(t *testing.T, c ports.Cache) {
	const n = 1200
	var copies []ports.Copy
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("many:%d", i)
		if i%3 > 0 {
			copies = append(copies, cached(keys[i], keys[i]))
		}
	}
	keep(c, copies...)
	for i, value := range c.Collect(context.Background(), keys) {
		if want := i%3 > 0; (value != nil) != want || want && string(value) != keys[i] {
			t.Fatalf("%q has %q", keys[i], value)
		}
	}
}

func outlives(t *testing.T, c ports.Cache) {
	keep(c, ports.Copy{Key: "short", Value: []byte("v"), For: 50 * time.Millisecond}, cached("long", "v"))
	c.Get(context.Background(), "short")
	gone(t, c, "short")
	gives(t, c, "long", []byte("v"))
}

// gone waits until a key has nothing.
func gone(t *testing.T, c ports.Cache, key string) {
	t.Helper()
	for began := time.Now(); c.Get(context.Background(), key) != nil; {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%q is there long after its time", key)
		}
		<-time.After(5 * time.Millisecond)
	}
	gives(t, c, key, nil)
}

func newTime(t *testing.T, c ports.Cache) {
	keep(c, ports.Copy{Key: "again", Value: []byte("old"), For: 50 * time.Millisecond})
	keep(c, cached("again", "new"))
	keep(c, ports.Copy{Key: "other", Value: []byte("v"), For: 50 * time.Millisecond})
	gone(t, c, "other")
	gives(t, c, "again", []byte("new"))
	keep(c, ports.Copy{Key: "again", Value: []byte("newer"), For: 50 * time.Millisecond})
	gone(t, c, "again")
}

func leftAlone(t *testing.T, c ports.Cache) {
	left, leave := context.WithCancel(context.Background())
	leave()
	c.Keep(left, []ports.Copy{cached("left", "v")})
	c.Collect(left, []string{"left"})
	c.Get(left, "left")
	keep(c, cached("stays", "v"))
	gives(t, c, "stays", []byte("v"))
}

func allAtOnce(t *testing.T, c ports.Cache) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			own := fmt.Sprintf("own:%d", i)
			for n := range 50 {
				keep(c, cached(own, fmt.Sprintf("%d %d", i, n)), cached("shared", "12345678"))
				gives(t, c, own, fmt.Appendf(nil, "%d %d", i, n))
				gives(t, c, "shared", []byte("12345678"))
			}
		})
	}
	all.Wait()
}
