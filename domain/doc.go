// Package domain holds the words of ratecard as Go values: providers, models,
// meters, rates, quotes, readings, runs, events and the kinds of error.
//
// Only values and what follows from a value alone may live here. No context,
// no I/O, no clock: an instant is always passed in. It imports the standard
// library and the decimal type, nothing else. The rules that decide something
// about these values have packages of their own below this one (match,
// classify, guard, ledger).
package domain
