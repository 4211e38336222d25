// Package demosite is the simulated providers: their model-list APIs and their
// price pages in the real shape, with real ids and prices, over a timeline of
// days on which prices and models change. The demonstration runs against it,
// and so does every test that needs a provider.
//
// Only what a provider serves may live here, as data and templates. It knows
// nothing of how it is read. Its prose is its own.
package demosite
