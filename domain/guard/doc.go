// Package guard judges whether a reading is believable before it changes
// anything: stale beats wrong.
//
// It is pure. It says what it doubts and why, as data with the figures that it
// rests on; what then happens (another source, a question to a person) is
// decided by its callers.
//
// Honest news passes at once: a model whose meters move together, by one
// factor or keeping their order, on a page that otherwise stands still; a
// family of them; new models beside what was there. What looks like a page that
// was made or read wrongly is doubted: judge.go says which doubts there are.
package guard
