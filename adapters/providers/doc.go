// Package providers knows the sellers: the files that describe them, and how to
// ask each for its models in the dialect of its list API.
//
// A provider is a file; a dialect is code. Only reading provider files and
// model lists may live here. Fetching is behind a port, prices are read
// elsewhere, and nothing is decided about a model: what its list says of it is
// handed on as it was said.
package providers
