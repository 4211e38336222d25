package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestQuietlyDoesItsWork(t *testing.T) {
	done := false
	quietly(func() { done = true })
	if !done {
		t.Error("it returned before the work was done")
	}
}

// A panic is that of whoever gave the work, and says where it came from.
func TestQuietlyPanics(t *testing.T) {
	defer func() {
		v := recover()
		if text := fmt.Sprint(v); !strings.Contains(text, "broken") || !strings.Contains(text, "quiet_test.go") {
			t.Errorf("recovered %s", text)
		}
	}()
	quietly(func() { panic(errors.New("broken")) })
	t.Error("it went on")
}
