// Package export writes what is believed in the formats of other tools, one file
// per format. It is pure: the same catalogue has the same bytes, sorted by provider
// and model. Amounts go from decimal to text and are never a float.
//
// A format says only what the catalogue holds. What a format cannot say, and a model
// of which it would say something wrong, is left out; docs/exports.md tells what.
package export
