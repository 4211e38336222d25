package ports

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ratecard/domain"
)

// Changes says what a copy of the catalogue has to be compared with.
type Changes struct {
	Version   int64                        // of the catalogue
	Providers map[domain.ProviderID]string // what names what is told of each: another after every change
	Reads     map[SourceOf]time.Time       // when each source was last read well; none for those that never were
	Settings  domain.Settings              // which say for how long that is good
}

// Names gives what names all that Standing tells of each provider, asked with an
// instant of staleness: what has the same name is the same.
func (c Changes) Names(stale time.Time) map[domain.ProviderID]string {
	names := maps.Clone(c.Providers)
	asked := map[domain.ProviderID]bool{} // those that have a source which is stale by then
	for s, read := range c.Reads {
		if c.Settings.Stale(read, stale) {
			asked[s.Provider] = true
		}
	}
	for p := range asked {
		if _, told := names[p]; !told {
			continue
		}
		var reads []string
		for s, read := range c.Reads {
			if s.Provider == p {
				reads = append(reads, fmt.Sprintf("%s %d", s.Name, read.UnixMicro()))
			}
		}
		slices.Sort(reads)
		names[p] += fmt.Sprint(c.Settings.StaleAfterHours, reads)
	}
	return names
}

// SourceOf names a source.
type SourceOf struct {
	Provider domain.ProviderID
	Name     string
}

// A StandingQuery asks what is believed now, of the present and of what is scheduled.
type StandingQuery struct {
	Of    []domain.ProviderID          // none: of every provider
	Held  map[domain.ProviderID]string // editions, as Changes.Providers names them, of which the caller has all: then what is told otherwise since will do
	At    time.Time                    // rates that have ended by then are left out
	Stale time.Time                    // for list rates whose source is stale by then it is told who else states the same
}

// Standing is what is believed now of some providers, of the present and of what
// is scheduled.
type Standing struct {
	Changes
	Of        []domain.ProviderID             // which
	Partly    map[domain.ProviderID]bool      // of which Models has only those that are told otherwise since the edition that was held
	Models    []ModelView                     // with every rate that has not ended; not judged whether stale; ordered by id, then provider
	Ended     map[domain.ProviderID]time.Time // when the last of their rates that are left out ended
	Elsewhere map[int64]time.Time             // for rates by id: when another source that states the same was last read well
}

// Standings is where a copy of the catalogue comes from.
type Standings interface {
	// Changes is cheap: rows by provider and source.
	Changes(ctx context.Context) (Changes, error)
	// Standing reads in one snapshot. Of providers that are named it reads without haste:
	// somebody answers meanwhile from what he holds.
	Standing(ctx context.Context, q StandingQuery) (Standing, error)
}

// Amended puts models of a provider that were read in the place of those that were
// held of it. All are ordered by id.
func Amended(held, read []ModelView) []ModelView {
	all := make([]ModelView, 0, len(held)+len(read))
	for _, m := range read {
		n, found := slices.BinarySearchFunc(held, m.ID, func(h ModelView, id string) int { return strings.Compare(h.ID, id) })
		all = append(append(all, held[:n]...), m)
		if found {
			n++
		}
		held = held[n:]
	}
	return append(all, held...)
}

// An Edition is the catalogue between two instants at which anything changes for
// readers: the same question has one answer in it.
type Edition struct {
	Tag   string    // names it, alike in every replica
	At    time.Time // when the last of its changes came: answers of it are of this instant
	Until time.Time // when the next that is known of comes; zero: none is
	Away  time.Time // since when the store has not answered; zero: it does

	StaleAfterHours int // as domain.Settings has it
}
