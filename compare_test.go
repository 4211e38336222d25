package main

import (
	"net/http"
	"testing"
	"time"
)

// TestCompareOverTheSimulatedSites: of Claude Haiku 4.5 the page prints $1, $5 and
// $0.10, so that 12,000 tokens of input, 800 of output and 4,000 read from a cache
// cost 12,000 + 4,000 + 400 millionths of a dollar.
func TestCompareOverTheSimulatedSites(t *testing.T) {
	r := newRunning(t, time.Minute)
	r.done(t, r.startSync(t, "anthropic"))
	var got struct {
		Total int
		Items []struct {
			Rank                           int
			ID, Cost, Total, TimesCheapest string
			Parts                          []struct{ EvidenceID int64 }
		}
	}
	r.ask(t, http.MethodGet, "/api/compare?usage=input:12000,output:800,cache_read:4000&requests=1000&q=haiku-4-5", "", &got)
	if got.Total != 1 || len(got.Items) != 1 {
		t.Fatalf("%+v", got)
	}
	m := got.Items[0]
	if m.Rank != 1 || m.ID != "claude-haiku-4-5-20251001" || m.Cost != "0.0164" || m.Total != "16.4" || m.TimesCheapest != "1" || len(m.Parts) != 3 || m.Parts[0].EvidenceID == 0 {
		t.Errorf("%+v", m)
	}
}
