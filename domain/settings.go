package domain

import "time"

// Settings are what an administrator may change while the program runs. They
// hold on every replica and win over the environment.
type Settings struct {
	Paused             bool   `json:"paused"`                       // no sync starts by itself; asking for one still works
	Schedule           string `json:"schedule,omitempty"`           // cron, UTC unless CRON_TZ= stands before it; empty: the environment's
	StaleAfterHours    int    `json:"staleAfterHours,omitempty"`    // for how long what a source last said is fresh; 0: UsualStaleAfterHours
	UnpricedAfterHours int    `json:"unpricedAfterHours,omitempty"` // for how long a model may be known without a price before that is told; 0: UsualUnpricedAfterHours
	Guard              Guard  `json:"guard,omitzero"`               // what is believed without asking
}

// Guard is where the line runs between what is believed at once and what is
// held until somebody confirms it. A zero field stands for the default.
type Guard struct {
	Off             bool  `json:"disabled,omitempty"`        // believe every reading that covers enough; amounts that are no price are refused still
	CoveragePercent int   `json:"coveragePercent,omitempty"` // of what its source last stated that a reading must repeat at least; 50; below 0: none
	SteadyPercent   int   `json:"steadyPercent,omitempty"`   // of the rates of models that do not move which must be equal at least; 90
	MovingPercent   int   `json:"movingPercent,omitempty"`   // of the models of a page that may move at once, unless all by one round factor; 50
	LargestFactor   int   `json:"largestFactor,omitempty"`   // by which a price may rise or fall; 20
	LargestAmount   int64 `json:"largestAmount,omitempty"`   // in US dollars per unit; what is dearer is refused; 1,000,000
	FlipDays        int   `json:"flipDays,omitempty"`        // within which a price that returns to what it was looks like a flip; 7
}

// WithDefaults fills in what is not set.
func (g Guard) WithDefaults() Guard {
	fill := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	fill(&g.CoveragePercent, 50)
	fill(&g.SteadyPercent, 90)
	fill(&g.MovingPercent, 50)
	fill(&g.LargestFactor, 20)
	fill(&g.FlipDays, 7)
	if g.LargestAmount == 0 {
		g.LargestAmount = 1_000_000
	}
	return g
}

// UsualStaleAfterHours is a day and half a day: one daily sync may be late, or
// fail and be made up for, before anything is called stale.
const UsualStaleAfterHours = 36

// StaleAfter is for how long what a source last said is fresh.
func (s Settings) StaleAfter() time.Duration {
	hours := s.StaleAfterHours
	if hours == 0 {
		hours = UsualStaleAfterHours
	}
	return time.Duration(hours) * time.Hour
}

// Stale reports whether what was last read at an instant is stale at another. What
// was never read is not: nothing rests on it.
func (s Settings) Stale(read, at time.Time) bool {
	return !read.IsZero() && !at.Before(read.Add(s.StaleAfter()))
}

// UsualUnpricedAfterHours is a day: a page often names a new model some hours
// after its list does.
const UsualUnpricedAfterHours = 24

// UnpricedAfter is for how long a model may be known without a price before
// that is told.
func (s Settings) UnpricedAfter() time.Duration {
	hours := s.UnpricedAfterHours
	if hours == 0 {
		hours = UsualUnpricedAfterHours
	}
	return time.Duration(hours) * time.Hour
}
