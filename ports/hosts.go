package ports

import (
	"context"
	"time"
)

// Turns keeps requests to one host apart, over all goroutines and replicas.
type Turns interface {
	// Take takes the next turn at a host: no earlier than now, and than gap after
	// the last one. It gives how long to wait until then. Where that is longer than
	// patience no turn is taken.
	Take(ctx context.Context, host string, gap, patience time.Duration) (wait time.Duration, taken bool, err error)
}

// RobotsFile is an origin's robots.txt as it came.
type RobotsFile struct {
	Body []byte // empty where there is none: everything is allowed
	At   time.Time
}

// Robots keeps robots.txt files.
type Robots interface {
	// File gives an origin's (scheme, host and port); KindNotFound where none was kept.
	File(ctx context.Context, origin string) (RobotsFile, error)
	// Keep keeps an origin's, in place of an older one.
	Keep(ctx context.Context, origin string, file RobotsFile) error
}
