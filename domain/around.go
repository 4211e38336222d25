package domain

// Surroundings is what stands around a place of a page, as it is found there
// when the page is read again.
type Surroundings struct {
	Found  bool     // what was read stands there
	Header []string // the captions of the columns, where it stands in a table
	Row    []string // the cells of its row, or the fields beside it, itself among them
	Before string   // the line before it, or the text
	After  string   // the line after it, or the text
}
