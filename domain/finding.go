package domain

// Finding is what one reader looked for in a page, what it found, and what it
// made of it.
type Finding struct {
	Reader   string
	Looked   string // in words: what for, where, and what the page has
	Quotes   int    // prices that it read
	Warnings []string
	Tables   []TableFinding // those that it looked at, those of sections among them
	Places   []PlaceFinding // what it looked at besides
}

// TableFinding is what a reader made of one table, or of one list of data that
// it read as one.
type TableFinding struct {
	Heading string // the nearest above it; of a section, its own, with the models that it names
	Columns []ColumnFinding
	Rows    int    // below the header
	Matched int    // of the rows, those from which a price was read
	Quotes  int    // prices read from it
	Skipped string // why it was not read; empty: it was
}

// ColumnFinding is what a column was taken for.
type ColumnFinding struct {
	Header string // verbatim
	Means  string // a meter, ColumnModel, or another word; empty: it was not read
}

// PlaceFinding is what a reader made of a place that is no table: a line that
// names a model, a script or an attribute that holds data.
type PlaceFinding struct {
	Place   string // as in the evidence: "line 12", "script 3"
	Names   []string
	Quotes  int    // prices read there
	Skipped string // why none was; empty: some were
}

// Fit says whether a source's readers can read a page of the form that its page
// has.
type Fit struct {
	Form    string       // in words; empty: nothing tells it
	Misfits []FieldError // what can do nothing with a page of that form, by its path in the source
	None    bool         // the form is certain, and none of the readers reads it
}
