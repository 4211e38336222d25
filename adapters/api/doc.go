// Package api answers HTTP: the operations of openapi.yaml, its own
// documentation, and every error in one shape.
//
// A request passes, in this order: record.go (its id, its log line, panics,
// limits), gate.go (who asks, and may they), the router and decoders that ogen
// makes of openapi.yaml (gen/oas), and a handler here, which reads a port and
// encodes the answer: one function per type in encode*.go. Every error, from
// whichever of these, goes through problem.go.
//
// No rule about prices or models may live here, and no SQL.
package api
