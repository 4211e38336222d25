package memory

import (
	"context"
	"sync"
	"time"

	"ratecard/domain"
	"ratecard/ports"
)

// Hosts implements ports.Turns and ports.Robots for one process, where there is
// no database to share.
type Hosts struct {
	mu     sync.Mutex
	now    func() time.Time
	turns  map[string]time.Time // the last of each host
	robots map[string]ports.RobotsFile
}

var (
	_ ports.Turns  = (*Hosts)(nil)
	_ ports.Robots = (*Hosts)(nil)
)

// NewHosts makes one that knows no host yet.
func NewHosts(now func() time.Time) *Hosts {
	return &Hosts{now: now, turns: map[string]time.Time{}, robots: map[string]ports.RobotsFile{}}
}

// Take implements ports.Turns.
func (h *Hosts) Take(_ context.Context, host string, gap, patience time.Duration) (time.Duration, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	turn := now
	if last, was := h.turns[host]; was && last.Add(gap).After(now) {
		turn = last.Add(gap)
	}
	if turn.Sub(now) > patience {
		return turn.Sub(now), false, nil
	}
	h.turns[host] = turn
	return turn.Sub(now), true, nil
}

// File implements ports.Robots.
func (h *Hosts) File(_ context.Context, origin string) (ports.RobotsFile, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	file, kept := h.robots[origin]
	if !kept {
		return ports.RobotsFile{}, domain.Errorf(domain.KindNotFound, "no robots.txt of %s was kept", origin)
	}
	return file, nil
}

// Keep implements ports.Robots.
func (h *Hosts) Keep(_ context.Context, origin string, file ports.RobotsFile) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if file.At.Before(h.robots[origin].At) {
		return nil
	}
	h.robots[origin] = file
	return nil
}
