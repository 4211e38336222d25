// Package cached answers for the store from copies that a cache keeps, which other
// replicas have put there, and puts there what it had to ask the store for.
//
// What lives here: which copies there are, under which keys, for how long, and by
// what a copy is known to be what the store would answer. What may not: a copy that
// is answered without that, but while the store is away.
package cached
