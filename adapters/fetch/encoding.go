package fetch

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// acceptEncoding is what decoder can undo.
const acceptEncoding = "gzip, br, zstd, deflate"

// maxLayers is how many encodings may lie on top of each other. More than one
// is unheard of; each is one more way to make much out of little.
const maxLayers = 2

// zstdWindow is the memory that a zstd body may ask for: RFC 9659's limit for
// content over HTTP.
const zstdWindow = 8 << 20

// encodingError is a body that cannot be decoded. The server sent it so, and
// would send it so again.
type encodingError struct {
	what string
	cut  bool // it ends too early
}

func (e *encodingError) Error() string { return e.what }

// readDecoded reads a body, undoes its content encodings and refuses with
// errTooLarge what would be over the limit, before it is in memory.
func readDecoded(resp *http.Response, limit int64) ([]byte, error) {
	layers := encodings(resp.Header)
	if len(layers) > maxLayers {
		return nil, &encodingError{what: fmt.Sprintf("%d content encodings on top of each other: expected at most %d", len(layers), maxLayers)}
	}
	if len(layers) == 0 && resp.ContentLength > limit {
		return nil, errTooLarge
	}
	wire := &wireReader{Reader: resp.Body}
	body, err := readLayers(wire, layers, limit)
	if err != nil && !errors.Is(err, errTooLarge) {
		return nil, wire.blame(strings.Join(layers, ", "), err)
	}
	return body, err
}

// readLayers undoes the last encoding that was applied, then those below it.
func readLayers(r io.Reader, layers []string, limit int64) ([]byte, error) {
	if len(layers) == 0 {
		return readCapped(r, limit)
	}
	outer := len(layers) - 1
	decoded, err := decoder(layers[outer], r)
	if err != nil {
		return nil, err
	}
	body, err := readLayers(decoded, layers[:outer], limit)
	if closeErr := decoded.Close(); err == nil {
		err = closeErr // a checksum, perhaps
	}
	return body, err
}

// encodings are a response's content encodings in the order they were applied.
func encodings(h http.Header) []string {
	var names []string
	for _, name := range strings.Split(strings.Join(h.Values("Content-Encoding"), ","), ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "" && name != "identity" {
			names = append(names, name)
		}
	}
	return names
}

func decoder(encoding string, r io.Reader) (io.ReadCloser, error) {
	switch encoding {
	case "gzip", "x-gzip":
		return gzip.NewReader(r)
	case "br":
		return io.NopCloser(brotli.NewReader(r)), nil
	case "zstd":
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case "deflate":
		return inflater(r)
	}
	return nil, &encodingError{what: fmt.Sprintf("content encoding %q: expected one of %s", encoding, acceptEncoding)}
}

// inflater reads "deflate", which means zlib in the standard and bare deflate
// in the wild. A zlib header is a multiple of 31 with 8 as its low bits.
func inflater(r io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReader(r)
	head, err := buffered.Peek(2)
	if err == nil && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(buffered)
	}
	return flate.NewReader(buffered), nil
}

// wireReader remembers whether it was the wire that broke: a decoder cannot
// tell a body that was cut off from one that is nonsense.
type wireReader struct {
	io.Reader
	err error
}

func (w *wireReader) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// blame gives the wire's error where there is one, else the decoder's.
func (w *wireReader) blame(encoding string, err error) error {
	if w.err != nil {
		return w.err
	}
	var ours *encodingError
	if errors.As(err, &ours) {
		return ours
	}
	return &encodingError{fmt.Sprintf("the body is not what its content encoding %q says: %v", encoding, err), errors.Is(err, io.ErrUnexpectedEOF)}
}
