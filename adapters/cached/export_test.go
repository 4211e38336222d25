package cached

import "context"

// TendOnce does what Tend does after each change.
func (s *Standings) TendOnce(ctx context.Context) { s.tend(ctx) }

// Pack packs as the copies are packed, for tests of what is made of it.
func Pack(version, database, key string, v any) []byte {
	return newPacker(version, database).pack(key, v)
}

// Unpack reports whether that can be read.
func Unpack(version, database, key string, packed []byte, into any) bool {
	return newPacker(version, database).unpack(key, packed, into)
}
