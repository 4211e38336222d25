package api

import "time"

// Quicken has streams wait for no longer than a time, of whatever they wait for.
func (s *Server) Quicken(d time.Duration) { s.h.pace = pace{beat: d, look: d, take: d} }
