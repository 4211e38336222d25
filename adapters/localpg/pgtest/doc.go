// Package pgtest gives tests an empty PostgreSQL database.
//
// What lives here: one server per test process and a fresh database per call. What
// may not: anything that a program outside of tests uses, and any knowledge of what
// tests store.
package pgtest
