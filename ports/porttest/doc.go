// Package porttest holds the conformance suites of the ports: what the
// comments of the interfaces promise, as tests that every implementation runs
// against itself, caches included.
//
// Only tests import it. No knowledge of an implementation may live here: the
// suites see nothing but the ports. They share one store with whatever else is
// in it; every test names providers of its own.
package porttest
