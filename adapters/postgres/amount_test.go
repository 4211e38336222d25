package postgres

import (
	"math/big"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"
)

// TestAmountsAreSharedExactly: an amount that is shared is written as the one that was
// read, however many were read before it.
func TestAmountsAreSharedExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 50 {
			n := pgtype.Numeric{Int: big.NewInt(rapid.Int64Range(-50, 50).Draw(t, "small")), Exp: rapid.Int32Range(-12, 3).Draw(t, "exponent"), Valid: true}
			if rapid.Bool().Draw(t, "large") {
				n.Int = new(big.Int).Lsh(big.NewInt(rapid.Int64().Draw(t, "any")), uint(rapid.IntRange(0, 70).Draw(t, "bits")))
			}
			got := amount(n)
			if got.Coefficient().Cmp(n.Int) != 0 || got.Exponent() != n.Exp {
				t.Fatalf("%s · 10^%d became %s · 10^%d", n.Int, n.Exp, got.Coefficient(), got.Exponent())
			}
		}
	})
	one := pgtype.Numeric{Int: big.NewInt(3), Valid: true}
	if first, again := amount(one), amount(one); first != again { // the same memory
		t.Error("an amount that is read again is not shared")
	}
}
