// Package classify says what a model is for and whether it can be used, from
// what its list and its page say of it.
//
// Only such judgements of one model may live here. They are pure: the same
// model gives the same answer, whatever the day. Which models are gone is for
// the ledger, which knows what there was before.
package classify
