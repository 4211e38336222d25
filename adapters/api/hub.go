package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/go-faster/jx"

	"ratecard/domain"
)

const (
	usuallyHeld = 1000             // of the newest events, at least
	usuallyRead = 500              // events at once
	lookAgain   = 29 * time.Second // so that a notification that was lost is made up for within half a minute
	lookTime    = 5 * time.Second  // of one look at the log
)

// A frame is an event as it is streamed.
type frame struct {
	id   int64
	text []byte
}

// A hub holds the newest events, encoded once for all who follow them, and wakes
// those when more come. Who is further behind reads the log himself.
type hub struct {
	holds int // frames, at least
	reads int // events of the log, or frames, at most at once

	mu     sync.Mutex
	known  bool          // where the log ends
	frames []frame       // in order, all that there are after from; what was given out is not changed
	from   int64         // the id after which frames begin
	came   chan struct{} // closed when more came
}

func newHub(holds, reads int) *hub {
	return &hub{holds: holds, reads: reads, came: make(chan struct{})}
}

// since gives what came after an event; false where that is no longer held, or not
// yet. came is closed when more is there.
func (b *hub) since(after int64) (frames []frame, held bool, came <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.known || after < b.from {
		return nil, false, b.came
	}
	place, _ := slices.BinarySearchFunc(b.frames, after+1, func(f frame, id int64) int { return int(f.id - id) })
	return b.frames[place:min(len(b.frames), place+b.reads)], true, b.came
}

// last is the id of the newest event; false where it is not known yet.
func (b *hub) last() (int64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.end(), b.known
}

func (b *hub) end() int64 {
	if n := len(b.frames); n > 0 {
		return b.frames[n-1].id
	}
	return b.from
}

// begin says from where on events are held.
func (b *hub) begin(from int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known, b.from, b.frames = true, from, nil
	b.tell()
}

// tell wakes those who wait for more.
func (b *hub) tell() {
	close(b.came)
	b.came = make(chan struct{})
}

// add takes the events that follow those that are held.
func (b *hub) add(more []frame) {
	if len(more) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	frames := append(b.frames, more...)
	if over := len(frames) - b.holds; over > b.holds { // seldom, since it copies
		b.from = frames[over-1].id
		frames = slices.Clone(frames[over:])
	}
	b.frames = frames
	b.tell()
}

// FollowEvents reads the log on whenever it is woken, and every half minute, until
// ctx ends; so streams tell of what happens. While the log cannot be read, they wait.
func (s *Server) FollowEvents(ctx context.Context, woken <-chan struct{}) {
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	told := false // that it cannot be read
	for {
		err := s.h.readOn(ctx)
		if err != nil && !told && ctx.Err() == nil {
			s.log.Warn("reading the events on; until it works nobody is told of more", slog.Any("error", err))
		}
		told = err != nil
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-again.C:
		}
	}
}

// readOn reads the log from where it was read to its end; while nobody follows, no
// more of it than is held: a sync of thousands of models writes tens of thousands of
// events.
func (h *handler) readOn(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	after, known := h.hub.last()
	if !known || h.open.Load() == 0 {
		last, err := h.cfg.Events.Last(ctx)
		if err != nil {
			return err
		}
		if from := max(last-int64(h.hub.holds), 0); !known || from > after {
			h.hub.begin(from)
			after = from
		}
	}
	for {
		frames, err := h.framesAfter(ctx, after)
		if err != nil || len(frames) == 0 {
			return err
		}
		h.hub.add(frames)
		after = frames[len(frames)-1].id
	}
}

// framesAfter reads some events of the log, oldest first; none at its end.
func (h *handler) framesAfter(ctx context.Context, after int64) ([]frame, error) {
	events, err := h.cfg.Catalogue.Events(ctx, after, h.hub.reads)
	if err != nil {
		return nil, err
	}
	return encodeEach(events, encodeFrame)
}

// encodeFrame writes an event in the manner of text/event-stream.
func encodeFrame(e domain.Event) (frame, error) {
	encoded, err := encodeEvent(e)
	if err != nil {
		return frame{}, err
	}
	var data jx.Encoder
	encoded.Encode(&data)
	var text bytes.Buffer
	fmt.Fprintf(&text, "id: %d\nevent: %s\ndata: ", e.ID, e.Kind)
	if err := json.Compact(&text, data.Bytes()); err != nil { // one line, however it was stored
		return frame{}, fmt.Errorf("event %d: %w", e.ID, err)
	}
	text.WriteString("\n\n")
	return frame{e.ID, text.Bytes()}, nil
}
