// Package usage reads the usage objects that providers answer with, and counts
// them by our meters, which are disjoint where the providers' are not.
//
// It is pure. What contradicts itself is refused with the path of the field;
// a count that it does not know is named, never dropped.
package usage
