// Package match decides whose price a printed name is: it pairs the ids of a
// provider's model list with the names of a price page.
//
// An id or a name becomes an identity (words, version, snapshot) by general
// rules; pairs are made of equal identities, from the surest kind of equality
// down. No model and no provider may be named in this package, and nothing
// here may guess: a wrong pair is a wrong bill, a missing one is a question.
package match
