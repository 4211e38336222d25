// Package ledger decides what a reading changes in what is believed: which
// models are new, changed, gone or back, which rates open, end, are replaced,
// scheduled or withdrawn, and which are no longer listed.
//
// It is pure: what is believed and what was read come in, a change comes out,
// and the store writes it. Two laws hold, each with a property test:
// Apply(old, Diff(old, reading)) believes what the reading states, and a
// reading that states what is believed changes nothing.
package ledger
