package api

import (
	"bufio"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/ports"
)

// A told log is one that is written while it is read.
type toldLog struct {
	ports.Catalogue
	ports.EventLog
	mu     sync.Mutex
	events []domain.Event
	away   bool
	reads  int // events that were read
}

func (l *toldLog) write(ids ...int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.events = append(l.events, domain.Event{ID: id, Kind: domain.EventRateChanged, Payload: domain.RatePayload{New: "1"}})
	}
}

func (l *toldLog) Events(_ context.Context, after int64, limit int) ([]domain.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, errors.New("away")
	}
	i, _ := slices.BinarySearchFunc(l.events, after+1, func(e domain.Event, id int64) int { return int(e.ID - id) })
	found := slices.Clone(l.events[i:min(len(l.events), i+limit)])
	l.reads += len(found)
	return found, nil
}

func (l *toldLog) Last(context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return 0, errors.New("away")
	}
	if len(l.events) == 0 {
		return 0, nil
	}
	return l.events[len(l.events)-1].ID, nil
}

func streamingOf(l *toldLog, holds, reads int) *handler {
	return &handler{cfg: Config{Catalogue: l, Events: l, Now: time.Now}, ended: make(chan struct{}), pace: pace{beat: time.Hour, look: time.Microsecond, take: time.Second}, hub: newHub(holds, reads)}
}

func idsIn(text string) []int64 {
	var ids []int64
	for _, m := range regexp.MustCompile(`(?m)^id: (\d+)$`).FindAllStringSubmatch(text, -1) {
		id, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			panic(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// Whenever events are written, the log is read on, and callers come and read, each
// caller is told of every event after the one that he began with, once and in order.
func TestStreamsTellEveryEventOnce(t *testing.T) {
	type caller struct {
		stream
		began int64
		told  strings.Builder
	}
	rapid.Check(t, func(t *rapid.T) {
		l := &toldLog{}
		h := streamingOf(l, 6, 4)
		next := int64(0)
		var callers []*caller
		read := func(c *caller) {
			if c.next() {
				c.told.Write(c.text)
				c.text = nil
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				for range rapid.SampledFrom([]int{1, 3, 12}).Draw(t, "events") {
					next += rapid.Int64Range(1, 3).Draw(t, "gap")
					l.write(next)
				}
			},
			"read on": func(*rapid.T) { _ = h.readOn(context.Background()) },
			"away":    func(t *rapid.T) { l.away = rapid.Bool().Draw(t, "away") },
			"open":    func(t *rapid.T) { h.open.Store(rapid.Int64Range(0, 1).Draw(t, "open")) }, // or said to be: who comes as it is looked at is not counted
			"come": func(t *rapid.T) {
				after := rapid.Int64Range(0, next+2).Draw(t, "after")
				callers = append(callers, &caller{stream: stream{h: h, ctx: context.Background(), after: after, beat: time.Now().Add(time.Hour)}, began: after})
			},
			"listen": func(t *rapid.T) {
				if len(callers) > 0 {
					read(rapid.SampledFrom(callers).Draw(t, "caller"))
				}
			},
		})
		l.away = false
		if err := h.readOn(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, c := range callers {
			for before := int64(-1); before != c.after; {
				before = c.after
				read(c)
			}
			var want []int64
			for _, e := range l.events {
				if e.ID > c.began {
					want = append(want, e.ID)
				}
			}
			if got := idsIn(c.told.String()); !slices.Equal(got, want) {
				t.Fatalf("after %d: told %v, want %v", c.began, got, want)
			}
		}
	})
}

// While nobody follows, only what is held afterwards is read.
func TestNobodyIsToldOfNothing(t *testing.T) {
	for _, c := range []struct {
		open int64
		most int // events that are read
	}{{0, 6}, {1, 99}} {
		l := &toldLog{}
		h := streamingOf(l, 6, 4)
		h.open.Store(c.open)
		l.write(1)
		if err := h.readOn(t.Context()); err != nil {
			t.Fatal(err)
		}
		came := h.hub.came
		for id := int64(2); id <= 100; id++ {
			l.write(id)
		}
		l.reads = 0
		if err := h.readOn(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, f := range h.hub.frames {
			got = append(got, f.id)
		}
		if !slices.Equal(got, []int64{95, 96, 97, 98, 99, 100}) {
			t.Errorf("%d open: %v is held", c.open, got)
		}
		if l.reads != c.most {
			t.Errorf("%d open: %d events were read, want %d", c.open, l.reads, c.most)
		}
		select {
		case <-came:
		default:
			t.Errorf("%d open: who waits was not woken", c.open)
		}
	}
}

// The same with everybody at once.
func TestStreamsWhileEventsAreWritten(t *testing.T) {
	const events, callers = 5000, 20
	l := &toldLog{}
	h := streamingOf(l, 100, 50)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var working sync.WaitGroup
	for i := range callers {
		working.Go(func() {
			s := &stream{h: h, ctx: ctx, after: int64(i * 10), beat: time.Now().Add(time.Hour)}
			lines := bufio.NewScanner(s)
			for want := i*10 + 1; want <= events; {
				if !lines.Scan() {
					t.Errorf("caller %d: it ended before %d: %v", i, want, lines.Err())
					return
				}
				id, is := strings.CutPrefix(lines.Text(), "id: ")
				if is && id != strconv.Itoa(want) {
					t.Errorf("caller %d: %s, want %d", i, id, want)
					return
				}
				if is {
					want++
				}
			}
		})
	}
	for id := int64(1); id <= events; id++ {
		l.write(id)
		if id%7 == 0 || id == events {
			if err := h.readOn(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	working.Wait()
}

func TestStreamEndsWithWhoAsked(t *testing.T) {
	h := streamingOf(&toldLog{}, 100, 50)
	ctx, end := context.WithCancel(t.Context())
	end()
	if n, err := (&stream{h: h, ctx: ctx}).Read(make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d, %v", n, err)
	}
}

// BenchmarkStreams tells one event to 1,000 callers.
func BenchmarkStreams(b *testing.B) {
	l := &toldLog{}
	h := streamingOf(l, 100, 50)
	callers := make([]*stream, 1000)
	for i := range callers {
		callers[i] = &stream{h: h, ctx: b.Context(), beat: time.Now().Add(time.Hour)}
	}
	buffer := make([]byte, 4<<10)
	id := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		id++
		l.write(id)
		if err := h.readOn(b.Context()); err != nil {
			b.Fatal(err)
		}
		for _, c := range callers {
			if n, err := c.Read(buffer); n == 0 || err != nil {
				b.Fatal(n, err)
			}
		}
	}
}
