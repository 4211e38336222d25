package containers_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ratecard/gen/oas"
)

// oracle knows which amounts may be answered: the last that everybody has seen, and
// those that came after it.
type oracle struct {
	mu     sync.Mutex
	all    []string
	oldest int
}

// next takes an amount that may be answered from now on.
func (o *oracle) next(amount string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, amount)
}

// settled: from now on nobody may answer anything older than the last.
func (o *oracle) settled() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.oldest = len(o.all) - 1
}

func (o *oracle) now() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.oldest
}

// allows an amount that was asked for when oldest was the oldest that might be answered.
func (o *oracle) allows(amount string, oldest int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Contains(o.all[oldest:], amount)
}

// traffic asks all replicas that say they are ready, as those do who stand behind a load
// balancer. No request is sent again: one that is not answered is lost.
type traffic struct {
	w        *world
	end      context.CancelFunc
	asking   sync.WaitGroup
	mu       sync.Mutex
	ready    []bool
	answered []int
	faults   []string
}

// clients are few and ask at a walking pace: what is told here is about answers, not speed.
const clients, pace = 6, 15 * time.Millisecond

// drive lets traffic go until it is stopped.
func (w *world) drive(t *testing.T) *traffic {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	tr := &traffic{w: w, end: end, ready: make([]bool, len(w.replicas)), answered: make([]int, len(w.replicas))}
	for i := range w.replicas {
		tr.ready[i] = true
		tr.asking.Go(func() { tr.balance(ctx, i) })
	}
	for i := range clients {
		tr.asking.Go(func() { tr.ask(ctx, i) })
	}
	t.Cleanup(func() { end(); tr.asking.Wait() })
	return tr
}

// balance asks whether a replica is ready, far more often than it takes to go down.
func (tr *traffic) balance(ctx context.Context, i int) {
	for ctx.Err() == nil {
		asked, cancel := context.WithTimeout(ctx, 2*time.Second)
		_, err := tr.w.replicas[i].client.Load().GetReadiness(asked)
		cancel()
		tr.mu.Lock()
		tr.ready[i] = err == nil
		tr.mu.Unlock()
		pause(ctx, 50*time.Millisecond)
	}
}

func (tr *traffic) ask(ctx context.Context, client int) {
	for n := client; ctx.Err() == nil; n++ {
		tr.mu.Lock()
		i := n % len(tr.ready)
		up := tr.ready[i]
		tr.mu.Unlock()
		if !up {
			if !tr.anybody() {
				tr.fault("nobody is ready")
				pause(ctx, pace)
			}
			continue
		}
		tr.one(i, n)
		pause(ctx, pace)
	}
}

// one sends a request and looks at the answer.
func (tr *traffic) one(i, n int) {
	r := tr.w.replicas[i]
	oldest := tr.w.price.now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	began := time.Now()
	var err error
	if n%4 == 0 {
		_, err = r.client.Load().ListModels(ctx, oas.ListModelsParams{})
	} else {
		var amount string
		if amount, err = r.amount(ctx); err == nil && !tr.w.price.allows(amount, oldest) {
			err = fmt.Errorf("answers %s", amount)
		}
	}
	if err != nil {
		tr.fault(fmt.Sprintf("%s, after %s: %v", r.name, time.Since(began), err))
		return
	}
	tr.mu.Lock()
	tr.answered[i]++
	tr.mu.Unlock()
}

func (tr *traffic) anybody() bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Contains(tr.ready, true)
}

func (tr *traffic) fault(what string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.faults = append(tr.faults, time.Now().UTC().Format("15:04:05.000 ")+what)
}

// flows waits until a replica has answered some more requests.
func (tr *traffic) flows(ctx context.Context, t *testing.T, i int) {
	t.Helper()
	tr.mu.Lock()
	from := tr.answered[i]
	tr.mu.Unlock()
	eventually(ctx, t, tr.w.replicas[i].name+" takes part", func() bool {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		return tr.answered[i] >= from+20
	})
}

// stop ends it and fails the test if a request was lost or answered wrongly.
func (tr *traffic) stop(t *testing.T) {
	t.Helper()
	tr.end()
	tr.asking.Wait()
	t.Logf("answered by each replica: %v", tr.answered)
	for i, n := range tr.answered {
		if n == 0 {
			t.Errorf("%s answered nothing", tr.w.replicas[i].name)
		}
	}
	if len(tr.faults) > 0 {
		t.Errorf("%d requests failed or were answered wrongly: %q", len(tr.faults), tr.faults[:min(10, len(tr.faults))])
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// eventually waits for something.
func eventually(ctx context.Context, t *testing.T, what string, is func() bool) {
	t.Helper()
	for began := time.Now(); !is(); pause(ctx, 20*time.Millisecond) {
		if time.Since(began) > patience || ctx.Err() != nil {
			t.Fatalf("not within %s: %s", time.Since(began), what)
		}
	}
}
