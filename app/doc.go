// Package app holds the verbs of ratecard: what it does, in which order. A
// file is a verb (sync, keys, …) and holds a decision or an order of steps.
//
// Rules about values live in the domain, bytes and SQL in the adapters behind
// the ports. Nothing here knows HTTP, Postgres or a page; the clock is passed
// in.
package app
