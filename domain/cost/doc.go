// Package cost says what a usage costs: usage times the rates in force, in
// exact decimals, with every step of the arithmetic.
//
// It is pure: the rates come in, chosen by whoever knows the instant. What it
// does not know it names; it never takes a rate of another tier, a base rate
// above a threshold, or nothing for something.
package cost
