package cached_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"ratecard/adapters/cached"
	"ratecard/domain"
	"ratecard/ports"
)

// fill gives every field of a value something, or nothing, or zero.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case time.Time:
		if r.IntN(4) > 0 {
			v.Set(reflect.ValueOf(time.UnixMicro(r.Int64N(4e15)).UTC()))
		}
		return
	case decimal.Decimal:
		amounts := []string{"0", "0.00", "3", "3.00", "0.000000000000000000000123456789", "123456789012345678901234567890.5", "-1e30"}
		v.Set(reflect.ValueOf(decimal.RequireFromString(amounts[r.IntN(len(amounts))])))
		return
	case json.RawMessage:
		v.Set(reflect.ValueOf(json.RawMessage(`{"a":1.50}`)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i), depth)
		}
	case reflect.Pointer:
		if r.IntN(3) > 0 && depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth-1)
			if at, is := v.Interface().(*time.Time); is && at.IsZero() { // no instant is nil
				v.SetZero()
			}
		}
	case reflect.Slice:
		if n := r.IntN(4); n > 0 && depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				fill(r, v.Index(i), depth-1)
			}
		}
	case reflect.Map:
		if r.IntN(3) > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range r.IntN(3) {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(r, key, depth-1)
				fill(r, value, depth-1)
				v.SetMapIndex(key, value)
			}
		}
	case reflect.String:
		words := []string{"", "a", "ä\n\"", "0", string([]byte{0xff, 'x'}), "2026-01-01T00:00:00Z"}
		v.SetString(words[r.IntN(len(words))])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, 1 << 62}[r.IntN(4)])
	case reflect.Int8, reflect.Int32:
		v.SetInt([]int64{0, 1, -1, 1 << 6}[r.IntN(4)])
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(256)))
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth)
		}
	default:
		panic("nothing is known of " + v.Type().String())
	}
}

// TestWhatIsPackedIsExact: nothing is lost, rounded, or taken for nothing; and it is
// read only by the like of who packed it, under the same key, and undamaged.
func TestWhatIsPackedIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		kinds := []any{ports.ModelView{}, domain.ModelVersion{}, domain.SyncStatus{}, []ports.ModelView(nil), domain.Settings{}}
		kind := reflect.TypeOf(kinds[r.IntN(len(kinds))])
		in, out := reflect.New(kind), reflect.New(kind)
		fill(r, in.Elem(), 6)
		packed := cached.Pack("v1", "db", "key", in.Elem().Interface())
		if packed == nil || !cached.Unpack("v1", "db", "key", packed, out.Interface()) {
			t.Fatalf("%s cannot be packed and read again: %+v", kind, in.Elem())
		}
		if diff := cmp.Diff(in.Interface(), out.Interface(), cmp.Comparer(func(a, b decimal.Decimal) bool { return a.String() == b.String() })); diff != "" {
			t.Fatalf("%s (-packed +read):\n%s", kind, diff)
		}
		other := reflect.New(kind).Interface()
		if cached.Unpack("v2", "db", "key", packed, other) || cached.Unpack("v1", "other", "key", packed, other) || cached.Unpack("v1", "db", "yek", packed, other) {
			t.Fatal("what another version, database or key was packed for is read")
		}
		damaged := append([]byte(nil), packed...)
		damaged[r.IntN(len(damaged))] ^= byte(1 + r.IntN(255))
		if cached.Unpack("v1", "db", "key", damaged, reflect.New(kind).Interface()) {
			again := reflect.New(kind)
			cached.Unpack("v1", "db", "key", damaged, again.Interface())
			if diff := cmp.Diff(in.Interface(), again.Interface(), cmp.Comparer(func(a, b decimal.Decimal) bool { return a.String() == b.String() })); diff != "" {
				t.Fatalf("what was damaged is read as something else:\n%s", diff)
			}
		}
		cut := packed[:r.IntN(len(packed))]
		if cached.Unpack("v1", "db", "key", cut, reflect.New(kind).Interface()) {
			t.Fatal("what was cut off is read")
		}
	})
}
