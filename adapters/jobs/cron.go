package jobs

import (
	"time"

	"github.com/robfig/cron/v3"

	"ratecard/domain"
)

// Following gives the first instant after another that a cron line of five
// fields names. Times are UTC unless CRON_TZ=ZONE stands before the fields.
// KindInvalid where the line cannot be read or names no instant.
func Following(line string, after time.Time) (time.Time, error) {
	schedule, err := cron.ParseStandard(line)
	if err != nil {
		return time.Time{}, domain.Errorf(domain.KindInvalid,
			"%q is no schedule: %v; five fields are expected (minute hour day month weekday), such as \"0 2 * * *\", with CRON_TZ=ZONE before them for another zone than UTC", line, err)
	}
	next := schedule.Next(after.UTC())
	if next.IsZero() {
		return time.Time{}, domain.Errorf(domain.KindInvalid, "the schedule %q never comes", line)
	}
	return next.UTC(), nil
}
