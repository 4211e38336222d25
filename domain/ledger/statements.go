package ledger

import (
	"slices"
	"time"

	"ratecard/domain"
)

// Said is everything that one source states in one reading.
type Said struct {
	Provider      domain.ProviderID
	Source        string
	Quotes        []domain.Quote
	Modifiers     []domain.Modifier
	PageID        int64
	ConfigVersion int
	At            time.Time
}

// DiffStatements decides which statements a source makes no longer and which
// it makes from now on. open holds the open statements of any sources; those
// of others are not looked at. A quote that only moved within its page is the
// same statement: its first place stays its evidence.
func DiffStatements(open []domain.Statement, said Said) (end []int64, begin []domain.Statement) {
	now := make(map[domain.QuoteKey]int, len(said.Quotes))
	for i, q := range said.Quotes {
		now[q.QuoteKey] = i
	}
	for _, s := range open {
		if s.Source != said.Source {
			continue
		}
		if i, still := now[s.Quote.QuoteKey]; still && said.Quotes[i].Amount.Equal(s.Quote.Amount) {
			delete(now, s.Quote.QuoteKey)
			continue
		}
		end = append(end, s.ID)
	}
	begin = slices.Grow(begin, len(now)) // they are large, and to copy them as their number grows takes long
	for i, q := range said.Quotes {
		if j, fresh := now[q.QuoteKey]; fresh && i == j {
			begin = append(begin, domain.Statement{
				Provider: said.Provider, Source: said.Source, Quote: q, PageID: said.PageID,
				ConfigVersion: said.ConfigVersion, Stated: domain.Span{From: said.At},
			})
		}
	}
	return end, begin
}

// DiffModifiers decides the same of modifiers. One that is put in other words
// is the same statement.
func DiffModifiers(open []domain.ModifierStatement, said Said) (end []int64, begin []domain.ModifierStatement) {
	now := make(map[domain.ModifierKey]bool, len(said.Modifiers))
	for _, m := range said.Modifiers {
		now[m.Key()] = true
	}
	for _, s := range open {
		switch key := s.Modifier.Key(); {
		case s.Source != said.Source:
		case now[key]:
			delete(now, key)
		default:
			end = append(end, s.ID)
		}
	}
	for _, m := range said.Modifiers {
		if now[m.Key()] {
			delete(now, m.Key())
			begin = append(begin, domain.ModifierStatement{
				Provider: said.Provider, Source: said.Source, Modifier: m, PageID: said.PageID,
				ConfigVersion: said.ConfigVersion, Stated: domain.Span{From: said.At},
			})
		}
	}
	return end, begin
}
