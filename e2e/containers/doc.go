// Package containers tests replicas as they are deployed: three of the image over one
// PostgreSQL and one Valkey, with the simulated providers, in containers on one network,
// and whatever happens to one of them. Nothing but tests lives here; they ask through the
// generated client alone.
//
// `make test-containers` builds the images and runs them.
package containers
