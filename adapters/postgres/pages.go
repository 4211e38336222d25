package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"

	"ratecard/domain"
	"ratecard/gen/db"
	"ratecard/ports"
)

// largestBody bounds what a stored page may unpack to. It lies far above what
// is ever fetched.
const largestBody = 256 << 20

// Pages implements ports.Pages.
type Pages struct {
	pool   *conns
	bodies *bodies
}

var _ ports.Pages = (*Pages)(nil)

// NewPages keeps pages in the store's database.
func NewPages(s *Store) *Pages { return &Pages{pool: s.pool, bodies: newBodies()} }

// Put implements ports.Pages.
func (p *Pages) Put(ctx context.Context, page domain.Page) (int64, error) {
	sum := sha256.Sum256(page.Body)
	if sha := hex.EncodeToString(sum[:]); page.SHA256 != "" && page.SHA256 != sha {
		return 0, domain.Errorf(domain.KindInvalid, "the body of %s has sha256 %s, not %s as it says", page.URL, sha, page.SHA256)
	}
	if err := fits("a source's name", page.Source); err != nil {
		return 0, err
	}
	var id int64
	err := transact(ctx, p.pool, writing, func(q *db.Queries) error {
		source, err := p.source(ctx, q, page)
		if err != nil {
			return err
		}
		id, err = q.FindPage(ctx, source, sum[:])
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		row := pageRow(page, source, sum[:], p.bodies.pack(page.Body))
		if err := q.InsertPage(ctx, row); err != nil {
			return err
		}
		id, err = q.FindPage(ctx, source, sum[:]) // ours, or that of whoever was faster
		return err
	})
	return id, problem(err, "storing page %s", page.URL)
}

// source gives the number of the page's source, made if it is a new one.
func (p *Pages) source(ctx context.Context, q *db.Queries, page domain.Page) (int64, error) {
	provider, name := string(clean(page.Provider)), clean(page.Source)
	number, err := q.SourceNumber(ctx, provider, name)
	if !errors.Is(err, pgx.ErrNoRows) {
		return number, err
	}
	if err := q.MakeSources(ctx, provider, []string{name}); err != nil {
		return 0, err
	}
	return q.SourceNumber(ctx, provider, name)
}

// Latest implements ports.Pages.
func (p *Pages) Latest(ctx context.Context, provider domain.ProviderID, source string) (domain.Page, error) {
	var latest domain.Page
	err := transact(ctx, p.pool, snapshot, func(q *db.Queries) error {
		r, err := q.LatestPage(ctx, string(clean(provider)), clean(source))
		if errors.Is(err, pgx.ErrNoRows) {
			return domain.Errorf(domain.KindNotFound, "no page of %s %s is stored", provider, source)
		}
		latest = page(db.PageRow{
			ID: r.ID, Provider: r.Provider, Source: r.Source, Sha256: r.Sha256, Url: r.Url, FetchedAt: r.FetchedAt,
			ContentType: r.ContentType, Etag: r.Etag, LastModified: r.LastModified,
		}, nil)
		return err
	})
	return latest, problem(err, "reading the latest page of %s %s", provider, source)
}

// Page implements ports.Pages.
func (p *Pages) Page(ctx context.Context, id int64) (domain.Page, error) {
	var page domain.Page
	err := transact(ctx, p.pool, snapshot, func(q *db.Queries) (err error) {
		page, err = pageByID(ctx, q, p.bodies, id)
		return err
	})
	return page, problem(err, "reading page %d", id)
}

func pageByID(ctx context.Context, q *db.Queries, bodies *bodies, id int64) (domain.Page, error) {
	r, err := q.Page(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Page{}, domain.Errorf(domain.KindNotFound, "there is no page %d", id)
	}
	if err != nil {
		return domain.Page{}, err
	}
	body, err := bodies.unpack(r.Body)
	if err != nil {
		return domain.Page{}, domain.Wrap(domain.KindInternal, err, "the stored body of page %d cannot be unpacked", id)
	}
	return page(r, body), nil
}

// bodies packs and unpacks page bodies. It may be used by many at once.
type bodies struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

func newBodies() *bodies {
	// Neither can fail: the options are fixed and in range.
	encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	decoder, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(largestBody))
	return &bodies{encoder: encoder, decoder: decoder}
}

func (b *bodies) pack(body []byte) []byte { return b.encoder.EncodeAll(body, nil) }

func (b *bodies) unpack(packed []byte) ([]byte, error) { return b.decoder.DecodeAll(packed, nil) }
