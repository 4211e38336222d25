package api

import (
	"net/netip"
	"testing"
	"time"
)

// TestFailuresAreBounded, however many addresses there are; whoever guesses then
// is limited as ever.
func TestFailuresAreBounded(t *testing.T) {
	var f failures
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	address := netip.MustParseAddr("10.0.0.0")
	most := 0
	for range 3 * mostAddresses {
		f.note(address, now)
		address = address.Next()
		most = max(most, len(f.young)+len(f.old))
	}
	if most != mostAddresses {
		t.Errorf("%d addresses are remembered, want %d", most, mostAddresses)
	}
	for range mostFailures {
		f.note(address, now)
	}
	if wait := f.wait(address, now); wait != failureWindow {
		t.Errorf("the last one waits %s", wait)
	}
	for range 2 {
		now = now.Add(failureWindow)
		f.note(address, now)
	}
	if left := len(f.young) + len(f.old); left != 2 { // the same one, young and old
		t.Errorf("%d addresses are remembered when all but the last are over", left)
	}
}
