package cached

import (
	"bytes"
	"crypto/sha256"
	"reflect"
	"strings"
	"sync"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"
)

// sumSize is how many bytes stand before a packed value: a hash of what they are
// for, who packed them, and what is packed.
const sumSize = 16

// A packer turns values into bytes and back. Of bytes that were packed for another
// key, by another version of the program or for another database, or that are
// damaged, it makes nothing.
type packer struct{ of string }

// newPacker packs on behalf of a version of the program and a database.
func newPacker(version, database string) packer {
	return packer{strings.Join([]string{version, database, shape()}, "\n")}
}

// shape names the form of all that is packed, so that programs which differ in it
// differ also where their version does not say so.
var shape = sync.OnceValue(func() string {
	var text strings.Builder
	seen := map[reflect.Type]bool{}
	for _, v := range []any{fallback{}, list{}, prices{}, status{}, readers{}} {
		describe(&text, reflect.TypeOf(v), seen)
	}
	return text.String()
})

func describe(text *strings.Builder, t reflect.Type, seen map[reflect.Type]bool) {
	text.WriteString(t.String() + " " + t.Kind().String() + ";")
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Map:
		describe(text, t.Key(), seen)
		describe(text, t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		describe(text, t.Elem(), seen)
	case reflect.Struct:
		for field := range t.Fields() {
			text.WriteString(field.Name + " " + string(field.Tag) + " ")
			describe(text, field.Type, seen)
		}
	default: // told by its name and kind
	}
}

// What is packed is CBOR, in which nothing is not the same as zero, and amounts are
// what they were to the digit.
var (
	encoding = must(cbor.EncOptions{Time: cbor.TimeRFC3339NanoUTC}.EncMode())
	decoding = must(cbor.DecOptions{
		MaxArrayElements: 1 << 30, MaxMapPairs: 1 << 30, UTF8: cbor.UTF8DecodeInvalid, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode())
	packing   = must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1)))
	unpacking = must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(0)))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // the options are ours
	}
	return v
}

// pack gives nil for what cannot be packed.
func (p packer) pack(key string, v any) []byte {
	plain, err := encoding.Marshal(v)
	if err != nil {
		return nil
	}
	return packing.EncodeAll(plain, p.sum(key, plain))
}

// unpack reports whether the bytes were packed by the like of p, for that key.
func (p packer) unpack(key string, packed []byte, into any) bool {
	if len(packed) < sumSize {
		return false
	}
	plain, err := unpacking.DecodeAll(packed[sumSize:], nil)
	return err == nil && bytes.Equal(p.sum(key, plain), packed[:sumSize]) && decoding.Unmarshal(plain, into) == nil
}

func (p packer) sum(key string, plain []byte) []byte {
	h := sha256.New()
	h.Write([]byte(p.of + "\n" + key + "\n"))
	h.Write(plain)
	return h.Sum(nil)[:sumSize:sumSize]
}
