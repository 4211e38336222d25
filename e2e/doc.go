// Package e2e tests the built program from outside, as a user meets it: its
// commands, its answers through the generated client, its signals. Nothing but
// tests lives here, and no test reaches inside.
package e2e
