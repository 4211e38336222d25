package porttest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/ports"
)

// Neighbours are several that share what they know of hosts, as replicas do, and
// the clock that they go by.
type Neighbours struct {
	Turns  []ports.Turns
	Robots []ports.Robots
	Pass   func(time.Duration) // moves the clock
}

// Hosts tests what ports.Turns and ports.Robots promise.
func Hosts(t *testing.T, open func(testing.TB) Neighbours) {
	t.Run("turns keep their distance", func(t *testing.T) { turnsApart(t, open(t)) })
	t.Run("many at once", func(t *testing.T) { turnsAtOnce(t, open(t)) })
	t.Run("robots.txt", func(t *testing.T) { robotsKept(t, open(t)) })
}

// turnsApart: whoever takes a turn, with whatever gap, and whatever time goes by,
// begins no earlier than his gap after the one before; a turn that lies too far
// ahead is not taken and delays nobody.
func turnsApart(t *testing.T, n Neighbours) {
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		host := "host-" + time.Duration(round).String()
		var now, last time.Duration
		for i := range rapid.IntRange(1, 8).Draw(rt, "requests") {
			gap := time.Duration(rapid.IntRange(0, 5000).Draw(rt, "gap")) * time.Millisecond
			patience := time.Duration(rapid.IntRange(0, 10_000).Draw(rt, "patience")) * time.Millisecond
			who := n.Turns[rapid.IntRange(0, len(n.Turns)-1).Draw(rt, "who")]
			wait, taken, err := who.Take(context.Background(), host, gap, patience)
			if err != nil {
				rt.Fatal(err)
			}
			want := max(now, last+gap)
			if i == 0 {
				want = now
			}
			if taken != (want-now <= patience) || wait != want-now {
				rt.Fatalf("at %s with gap %s and patience %s after %s: %s, taken %v; want the turn at %s", now, gap, patience, last, wait, taken, want)
			}
			if taken || i == 0 {
				last = want
			}
			passed := time.Duration(rapid.IntRange(0, 4000).Draw(rt, "passes")) * time.Millisecond
			n.Pass(passed)
			now += passed
		}
	})
}

// turnsAtOnce: those who come at once stand in a queue.
func turnsAtOnce(t *testing.T, n Neighbours) {
	const each, gap = 10, time.Second
	waits := make([]time.Duration, each*len(n.Turns))
	var all sync.WaitGroup
	for i := range waits {
		all.Go(func() {
			wait, taken, err := n.Turns[i%len(n.Turns)].Take(context.Background(), "busy", gap, time.Hour)
			if err != nil || !taken {
				t.Error(taken, err)
			}
			waits[i] = wait
		})
	}
	all.Wait()
	slices.Sort(waits)
	for i, wait := range waits {
		if want := time.Duration(i) * gap; wait != want {
			t.Errorf("turn %d is in %s, want %s", i, wait, want)
		}
	}
}

func robotsKept(t *testing.T, n Neighbours) {
	first, last := n.Robots[0], n.Robots[len(n.Robots)-1]
	const origin = "https://example.org"
	if _, err := last.File(t.Context(), origin); domain.KindOf(err) != domain.KindNotFound {
		t.Errorf("none was kept: %v", err)
	}
	for _, file := range []ports.RobotsFile{
		{Body: []byte("User-agent: *\r\nDisallow: /\x00\xff"), At: noon}, {At: noon.Add(time.Hour)},
		{Body: []byte("late"), At: noon}, // whoever read before somebody else keeps nothing over his
	} {
		if err := first.Keep(t.Context(), origin, file); err != nil {
			t.Fatal(err)
		}
		got, err := last.File(t.Context(), origin)
		if err != nil || string(file.Body) != "late" && (string(got.Body) != string(file.Body) || !got.At.Equal(file.At)) || string(got.Body) == "late" {
			t.Errorf("got %q of %s, %v", got.Body, got.At, err)
		}
	}
}
