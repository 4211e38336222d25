package domain

// Finding is what one reader looked for in a page, what it found, and what it
// made of it.
type Finding struct {
	Reader   string
	Looked   string // in words: what for, where, and what the page has
	Quotes   int    // prices that it read
	Warnings []string
	Tables   []TableFinding // those that it looked at
}

// TableFinding is what a reader made of one table, or of one list of data that
// it read as one.
type TableFinding struct {
	Heading string // the nearest above it
	Columns []ColumnFinding
	Rows    int    // below the header
	Quotes  int    // prices read from it
	Skipped string // why it was not read; empty: it was
}

// ColumnFinding is what a column was taken for.
type ColumnFinding struct {
	Header string // verbatim
	Means  string // a meter, ColumnModel, or another word; empty: it was not read
}
