package ledger

import "ratecard/domain"

// groups brings the rows and the statements of one key together. Every key is
// looked up once per row and once per statement, which is what a comparison of
// a large catalogue spends its time on; chains of indexes take the place of a
// slice per key.
type groups struct {
	number map[domain.RateKey]int32
	rows   chains // through the believed rates
	said   chains // through what is stated
}

// chains links the entries of one list that belong to one key, in their order.
type chains struct {
	of          []int32 // the key's number of each entry
	next        []int32 // the next entry of the same key, -1 at the end
	first, last []int32 // per key number, -1 where it has none
}

func group(believed []domain.Rate, stated []Stated) *groups {
	g := &groups{number: make(map[domain.RateKey]int32, max(len(believed), len(stated)))}
	g.rows = link(len(believed), func(i int) int32 { return g.numberOf(&believed[i].RateKey) })
	known, next := int32(len(g.number)), int32(0)
	g.said = link(len(stated), func(i int) int32 {
		// A source mostly states things in the order in which it did before,
		// and to compare two keys takes a fraction of looking one up.
		if next >= known || believed[g.rows.first[next]].RateKey != stated[i].Key {
			next = g.numberOf(&stated[i].Key)
		}
		next++
		return next - 1
	})
	return g
}

func (g *groups) numberOf(key *domain.RateKey) int32 {
	n, known := g.number[*key]
	if !known {
		n = int32(len(g.number))
		g.number[*key] = n
	}
	return n
}

func link(n int, number func(int) int32) chains {
	c := chains{of: make([]int32, n), next: make([]int32, n)}
	for i := range n {
		k := number(i)
		for int(k) >= len(c.first) {
			c.first, c.last = append(c.first, -1), append(c.last, -1)
		}
		c.of[i], c.next[i] = k, -1
		if c.first[k] < 0 {
			c.first[k] = int32(i)
		} else {
			c.next[c.last[k]] = int32(i)
		}
		c.last[k] = int32(i)
	}
	return c
}

// head is the first entry of a key, -1 for none.
func (c chains) head(key int32) int32 {
	if int(key) >= len(c.first) {
		return -1
	}
	return c.first[key]
}

// rates appends the rows of a key to dst, in the order of their effective
// time.
func (g *groups) rates(dst, believed []domain.Rate, key int32) []domain.Rate {
	for i := g.rows.head(key); i >= 0; i = g.rows.next[i] {
		dst = append(dst, believed[i])
	}
	if len(dst) > 1 {
		sortRows(dst)
	}
	return dst
}

// stated lists what is stated of the key whose first statement is i.
func (g *groups) stated(all []Stated, i int32) []Stated {
	var of []Stated
	for ; i >= 0; i = g.said.next[i] {
		of = append(of, all[i])
	}
	return of
}
