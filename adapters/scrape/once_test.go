package scrape

import (
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/domain"
)

// TestHeldOnceChangesNothing: quotes say what they said, to the last digit.
func TestHeldOnceChangesNothing(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "a", "$3 / MTok", "line 7"})
	rapid.Check(t, func(t *rapid.T) {
		quotes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) domain.Quote {
			amount := decimal.New(rapid.Int64().Draw(t, "coefficient"), rapid.Int32Range(-9, 9).Draw(t, "exponent"))
			if rapid.Bool().Draw(t, "small") {
				amount = decimal.New(rapid.Int64Range(0, 3).Draw(t, "few"), rapid.Int32Range(-1, 1).Draw(t, "places"))
			}
			own := func(what string) string { return strings.Clone(text.Draw(t, what)) }
			return domain.Quote{
				QuoteKey: domain.QuoteKey{Name: own("name")}, Amount: amount,
				Place: domain.Place{Path: own("path"), Row: own("row"), Header: own("header"), Cell: own("cell")},
			}
		}), 0, 20).Draw(t, "quotes")
		same := slices.EqualFunc(heldOnce(quotes), quotes, func(a, b domain.Quote) bool {
			return a.QuoteKey == b.QuoteKey && a.Place == b.Place && a.Amount.Exponent() == b.Amount.Exponent() && a.Amount.Equal(b.Amount)
		})
		if !same {
			t.Fatalf("%v became %v", quotes, heldOnce(quotes))
		}
	})
}

// TestHeldOnceShares: what two quotes say alike is the same memory, and what only
// reads alike is not.
func TestHeldOnceShares(t *testing.T) {
	quote := func(amount string) domain.Quote {
		return domain.Quote{Amount: decimal.RequireFromString(amount), Place: domain.Place{Cell: strings.Clone("$3 / MTok")}}
	}
	held := heldOnce([]domain.Quote{quote("3.1"), quote("3.1"), quote("3.10")})
	if held[0].Amount != held[1].Amount || unsafe.StringData(held[0].Place.Cell) != unsafe.StringData(held[2].Place.Cell) {
		t.Error("an amount or a cell is held twice")
	}
	if held[2].Amount.Exponent() != -2 {
		t.Error("3.10 has become 3.1")
	}
}
