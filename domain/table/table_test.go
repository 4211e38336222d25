package table

import (
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever texts hold, a reader of CSV gets each of them back, and none begins like a
// formula. encoding/csv reads a line break of a cell as one of its own, however it was
// written.
func TestCSVIsReadBack(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "=1+1", "-2", "@x", "\tx", "\rx", "\n", `"`, `a "b", c`, "a\r\nb", "a\rb", "'", "1,5", " x "}))
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(2, 4).Draw(t, "columns")
		rows := make([][]string, rapid.IntRange(1, 5).Draw(t, "rows"))
		cells := make([][]Cell, len(rows))
		for i := range rows {
			rows[i] = rapid.SliceOfN(texts, columns, columns).Draw(t, "row")
			for _, text := range rows[i] {
				cells[i] = append(cells[i], Text(text))
			}
		}
		read, err := csv.NewReader(strings.NewReader(string(CSV(cells)))).ReadAll()
		if err != nil || len(read) != len(rows) {
			t.Fatalf("%d of %d rows, %v", len(read), len(rows), err)
		}
		for i, row := range rows {
			for j, text := range row {
				got := read[i][j]
				if got != "" && strings.ContainsRune("=+-@\t\r\n", rune(got[0])) {
					t.Fatalf("%q begins like a formula", got)
				}
				if got != strings.ReplaceAll(string(Text(text)), "\r\n", "\n") {
					t.Fatalf("%q came back as %q", text, got)
				}
			}
		}
	})
}

func TestCSV(t *testing.T) {
	got := string(CSV([][]Cell{{"name", "change"}, {Text("=x"), Figure("-0.5")}, {Text("a,\"b\"\r\nc"), ""}}))
	if want := "name,change\r\n'=x,-0.5\r\n\"a,\"\"b\"\"\r\nc\",\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
