package scrape

// budget limits how many places the grids of one page may fill: spans are
// cheap to write and dear to lay out.
type budget struct{ left int }

func newBudget(size int) *budget { return &budget{left: size/2 + 10_000} }

func (b *budget) spend(n int) bool {
	b.left -= n
	return b.left >= 0
}

// maxColumns is how far a table may reach to the right. A price list is read
// by people; it has a dozen columns.
const maxColumns = 64

// A spanned is a cell with the number of columns and rows it claims.
type spanned struct {
	*cell
	cols, rows int
}

// layOut puts the cells of a table on a grid; false when the page's budget
// does not allow it.
func layOut(rows [][]spanned, left *budget) ([][]*cell, bool) {
	l := layout{budget: left}
	out := make([][]*cell, 0, len(rows))
	width := 0
	for _, cells := range rows {
		line, ok := l.row(cells)
		if !ok {
			return nil, false
		}
		width = max(width, len(line))
		out = append(out, line)
	}
	for i := range out {
		if !left.spend(width - len(out[i])) {
			return nil, false
		}
		for len(out[i]) < width {
			out[i] = append(out[i], blank)
		}
	}
	return out, true
}

// A layout lays out one table, row by row.
type layout struct {
	budget  *budget
	hanging []hanging // per column
}

// hanging is a cell that reaches down into rows below its own.
type hanging struct {
	cell *cell
	rows int // how many more
}

func (l *layout) row(cells []spanned) (line []*cell, ok bool) {
	for _, c := range cells {
		if line, ok = l.fromAbove(line); !ok {
			return nil, false
		}
		for range min(c.cols, maxColumns-len(line)) {
			if len(l.hanging) == len(line) {
				l.hanging = append(l.hanging, hanging{})
			}
			l.hanging[len(line)] = hanging{c.cell, c.rows - 1}
			if !l.budget.spend(1) {
				return nil, false
			}
			line = append(line, c.cell)
		}
	}
	return l.fromAbove(line)
}

// fromAbove fills the next places with the cells that hang into them.
func (l *layout) fromAbove(line []*cell) ([]*cell, bool) {
	for len(line) < len(l.hanging) && l.hanging[len(line)].rows > 0 {
		if !l.budget.spend(1) {
			return nil, false
		}
		l.hanging[len(line)].rows--
		line = append(line, l.hanging[len(line)].cell)
	}
	return line, true
}
