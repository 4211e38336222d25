package cli_test

import (
	"bytes"
	"strings"
	"testing"
)

// TestMatchTellsSlips: a pair that rests on a typing slip is printed as one.
func TestMatchTellsSlips(t *testing.T) {
	slipped := strings.Replace(page, "Claude Sonnet 5", "Claude Sonet 5", 1)
	if slipped == page {
		t.Fatal("the page does not print the name that is to slip")
	}
	args := []string{"anthropic", "--models", write(t, "1.json", models), "--models", write(t, "2.json", moreModels), "--page", write(t, "page", slipped), "--format", "table"}
	var stdout, stderr bytes.Buffer
	if status := matcher(t).Run(t.Context(), args, &stdout, &stderr); status != 0 || !strings.Contains(stdout.String(), "claude-sonnet-5           Claude Sonet 5   fuzzy\n") {
		t.Errorf("status %d, printed\n%s%s", status, stdout.String(), stderr.String())
	}
}
