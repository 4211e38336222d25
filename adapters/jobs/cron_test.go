package jobs_test

import (
	"testing"
	"time"

	"ratecard/adapters/jobs"
	"ratecard/domain"
)

func TestFollowing(t *testing.T) {
	after := time.Date(2026, 11, 23, 14, 30, 0, 0, time.FixedZone("somewhere", 5*3600))
	for line, want := range map[string]string{
		"0 2 * * *":                       "2026-11-24T02:00:00Z",
		"*/15 * * * *":                    "2026-11-23T09:45:00Z",
		"CRON_TZ=Europe/Berlin 0 2 * * *": "2026-11-24T01:00:00Z",
		"@hourly":                         "2026-11-23T10:00:00Z",
		"0 0 29 2 *":                      "2028-02-29T00:00:00Z",
	} {
		got, err := jobs.Following(line, after)
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %s, %v, want %s", line, got.Format(time.RFC3339), err, want)
		}
	}
	for _, line := range []string{"", "often", "0 2 * *", "61 * * * *", "0 0 31 2 *", "CRON_TZ=Nowhere/Town 0 2 * * *"} {
		if got, err := jobs.Following(line, after); domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("%q gave %s, %v", line, got, err)
		}
	}
}
