//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package localpg

import "context"

// Server is a running PostgreSQL server; on this system there is none.
type Server struct{}

// Start returns ErrUnsupported.
func Start(context.Context, Config) (*Server, error) { return nil, ErrUnsupported }

// DSN returns the empty string.
func (*Server) DSN() string { return "" }

// Version returns the empty string.
func (*Server) Version() string { return "" }

// Stop does nothing.
func (*Server) Stop(context.Context) error { return nil }

// Done returns a channel that is never closed.
func (*Server) Done() <-chan struct{} { return nil }

// Err returns nil.
func (*Server) Err() error { return nil }
