package scrape

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// tableRoles are the parts of tables that other elements may say they play.
var tableRoles = map[string]atom.Atom{
	"table": atom.Table, "grid": atom.Table, "treegrid": atom.Table, "rowgroup": atom.Tbody, "row": atom.Tr,
	"columnheader": atom.Th, "rowheader": atom.Th, "cell": atom.Td, "gridcell": atom.Td,
}

// partOf is the part of a table that an element is, by its name or by its role: a
// page may build a table of divs and say so to those who do not see it. Any other
// element is what it is.
func partOf(n *html.Node) atom.Atom {
	switch n.DataAtom {
	case atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td, atom.Th, atom.Caption:
		return n.DataAtom
	}
	if part, ok := tableRoles[attribute(n, "role")]; ok {
		return part
	}
	return n.DataAtom
}
