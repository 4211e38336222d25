// Package guard judges whether a reading is believable before it changes
// anything: stale beats wrong.
//
// It is pure. It says what it doubts and why; what then happens (another
// source, a question to a person) is decided by its callers.
package guard
