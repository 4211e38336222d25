package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// streamPath is where events are streamed.
const streamPath = "/api/events/stream"

// streamFull is after how long somebody may ask again for a stream.
const streamFull = 5 * time.Second

// A pace is how streams are kept.
type pace struct {
	beat time.Duration // of silence, after which a comment tells that the stream lives
	look time.Duration // between two looks whether the key is valid still
	take time.Duration // within which what is sent has to be taken
}

var usualPace = pace{beat: 15 * time.Second, look: time.Second, take: 10 * time.Second}

// hello opens a stream, so that its head is sent at once. It has browsers ask again
// three seconds after it ended.
const hello = "retry: 3000\n\n"

const stillHere = ": still here\n\n"

// streaming sends what a stream writes at once, and lets go of whoever does not
// take it. There are only so many streams at once.
func (h *handler) streaming(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != streamPath || r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		if n := h.open.Add(1); n > int64(h.cfg.Streams) {
			h.open.Add(-1)
			h.write(w, r, &domain.Error{Kind: domain.KindRateLimited, RetryAfter: streamFull,
				Message: "as many streams are open as this server keeps; ask again later, or GET /api/events from time to time"})
			return
		}
		defer h.open.Add(-1)
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		w.Header().Set("X-Accel-Buffering", "no") // as proxies are told to pass on at once what comes
		next.ServeHTTP(&flushing{ResponseWriter: w, within: h.pace.take, end: cancel}, r.WithContext(ctx))
	})
}

// flushing sends at once what is written. Where that fails nobody is left to be
// told, and the stream ends.
type flushing struct {
	http.ResponseWriter
	within time.Duration
	end    context.CancelFunc
}

func (f *flushing) Write(p []byte) (int, error) {
	c := http.NewResponseController(f.ResponseWriter)
	_ = c.SetWriteDeadline(time.Now().Add(f.within)) // where it cannot be set there is none
	_, err := f.ResponseWriter.Write(p)
	if err == nil {
		err = c.Flush()
	}
	if err != nil {
		f.end()
	}
	return len(p), nil
}

// StreamEvents answers GET /api/events/stream.
func (h *handler) StreamEvents(ctx context.Context, params oas.StreamEventsParams) (oas.StreamEventsOK, error) {
	s := &stream{h: h, ctx: ctx, text: []byte(hello), once: trace(ctx).method == http.MethodHead, key: trace(ctx).key, beat: time.Now().Add(h.pace.beat)}
	last, known := h.hub.last()
	switch {
	case h.ending.Load():
		return oas.StreamEventsOK{}, &domain.Error{Kind: domain.KindUnavailable, RetryAfter: time.Second, Message: "this server is about to go down; ask again"}
	case params.LastEventID.Set:
		s.after = params.LastEventID.Value
	case params.After.Set:
		s.after = params.After.Value
	case !known:
		return oas.StreamEventsOK{}, &domain.Error{Kind: domain.KindUnavailable, RetryAfter: comeBack,
			Message: "the database has been away since this server started, so it is not known which event is the last; give the one after which to begin, or ask again"}
	default:
		s.after = last
	}
	return oas.StreamEventsOK{Data: s}, nil
}

// A stream is what one caller is told. Reading it waits for what happens.
type stream struct {
	h     *handler
	ctx   context.Context
	after int64 // the last event that was told
	text  []byte
	once  bool // to be read to the end of what is there: only its head is asked for
	key   *domain.APIKey
	beat  time.Time // when a comment is due
}

// Read implements io.Reader. Its only error is io.EOF.
func (s *stream) Read(p []byte) (int, error) {
	for len(s.text) == 0 {
		if s.once || !s.next() {
			return 0, io.EOF
		}
	}
	n := copy(p, s.text)
	s.text = s.text[n:]
	s.beat = time.Now().Add(s.h.pace.beat)
	return n, nil
}

// next waits until there is something to tell; false where the stream ends.
func (s *stream) next() bool {
	if s.ctx.Err() != nil {
		return false
	}
	frames, held, came := s.h.hub.since(s.after)
	if !held {
		var err error
		if frames, err = s.h.framesAfter(s.ctx, s.after); err != nil {
			frames = nil // the database is away: once more later
		}
	}
	for _, f := range frames {
		s.text = append(s.text, f.text...)
		s.after = f.id
	}
	return len(frames) > 0 || s.wait(came)
}

// wait waits for more, a little; false where the stream ends.
func (s *stream) wait(came <-chan struct{}) bool {
	pause := time.NewTimer(s.h.pace.look)
	defer pause.Stop()
	select {
	case <-s.ctx.Done():
		return false
	case <-s.h.ended:
		return false
	case <-came:
	case <-pause.C:
	}
	if !time.Now().Before(s.beat) {
		s.text = append(s.text, stillHere...)
	}
	return s.mayStill()
}

// mayStill reports whether the key that the stream was asked with is valid.
func (s *stream) mayStill() bool {
	if s.key == nil { // the server's own, or nobody's
		return true
	}
	return s.h.cfg.Keys.Find(s.key.Hash, s.h.cfg.Now()) != nil
}
