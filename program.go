package main

import (
	"errors"
	"fmt"
	"io"

	"ratecard/domain"
)

// Exit statuses of the commands that are not in package cli.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// program is one call of the program: its settings and where it writes.
type program struct {
	config
	stdout, stderr io.Writer
}

// explain says on standard error why a command could not be done.
func explain(stderr io.Writer, err error) int {
	var e *domain.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		fmt.Fprintf(stderr, "ratecard: %s\n", e.Message)
		for _, f := range e.Fields {
			fmt.Fprintf(stderr, "  %s: %s\n", f.Path, f.Message)
		}
		return exitFailed
	}
	fmt.Fprintln(stderr, "ratecard:", err)
	return exitFailed
}

func (p program) noArguments(name string) int {
	fmt.Fprintf(p.stderr, "ratecard: %s takes no arguments; its settings come from the environment\n", name)
	return exitUsage
}
