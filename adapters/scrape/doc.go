// Package scrape reads prices from the bytes of a page.
//
// A page becomes a small document first (headings, paragraphs and tables with
// their cells on a grid), whether it came as HTML or as Markdown; readers then
// find prices in the document by what its words mean, never by a position, a
// class name, a date or a model's name. A reader says where each figure stood.
// What cannot be understood for certain is left out, with a warning: a missing
// price is a question, a wrong one is a wrong bill.
//
// Readers are pure: bytes and configuration in, quotes out. No clock, no
// network, no file may enter this package, and no decision about what is
// believed: that is the guard's and the ledger's.
package scrape
