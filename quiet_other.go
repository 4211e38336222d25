//go:build !linux

package main

// lower does nothing: elsewhere than on Linux threads have no priority of their own that could be set so.
func lower() {}
