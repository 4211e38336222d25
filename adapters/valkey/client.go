package valkey

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"

	"ratecard/domain"
)

const (
	patience   = 300 * time.Millisecond // with one question, the connecting included
	rest       = time.Second            // for which one that did not answer is left alone
	dialing    = 2 * time.Second        // until a server that swallows packets is given up
	silence    = 3 * time.Second        // after which a connection is taken for lost
	keptHere   = 8 << 20                // bytes of what is asked for again and again
	bufferSize = 64 << 10               // of each connection, in either direction
)

// errAway is why nothing was asked.
var errAway = errors.New("it did not answer a moment ago")

// Client is a connection to a Valkey that may come and go. Nobody waits for one
// that is away: for a moment after it did not answer, it is not asked.
type Client struct {
	option valkey.ClientOption
	where  string
	log    *slog.Logger

	mu     sync.Mutex
	conn   valkey.Client // nil: none yet
	trying chan struct{} // closed when a try to connect has ended; nil: nobody tries
	closed bool

	restUntil atomic.Int64 // Unix nanoseconds

	telling sync.Mutex
	stands  string               // how the server stood when that was last told; empty: well, and never otherwise
	told    map[string]time.Time // when each was last told
}

// Open prepares a connection to a server, which need not be there yet.
// KindInvalid where the address cannot be used.
func Open(address string, log *slog.Logger) (*Client, error) {
	option, err := parse(address)
	if err != nil {
		return nil, err
	}
	option.Dialer.Timeout = dialing
	option.ConnWriteTimeout = silence
	option.CacheSizeEachConn = keptHere
	option.ReadBufferEachConn, option.WriteBufferEachConn = bufferSize, bufferSize
	option.PipelineMultiplex = -1 // one connection: few ask, and each keeps a memory of its own
	option.DisableRetry = true
	return &Client{option: option, where: where(option), log: log, told: map[string]time.Time{}}, nil
}

// Close ends the connection. What is asked after it is not answered.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// do has something asked of the server, for at most as long as is said. An error is
// told in the log, once until something else comes: so who asks need not.
func (c *Client) do(ctx context.Context, atMost time.Duration, ask func(context.Context, valkey.Client) error) error {
	if time.Now().UnixNano() < c.restUntil.Load() {
		return errAway
	}
	bounded, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	conn, err := c.connection(bounded)
	if err == nil {
		err = ask(bounded, conn)
	}
	if ctx.Err() != nil { // whoever asked has left: that says nothing of the server
		return err
	}
	_, refused := valkey.IsValkeyErr(err)
	if err != nil && !refused {
		c.restUntil.Store(time.Now().Add(rest).UnixNano())
	}
	c.tell(err, refused)
	return err
}

// connection gives the connection, or waits for one.
func (c *Client) connection(ctx context.Context) (valkey.Client, error) {
	c.mu.Lock()
	if c.conn != nil || c.closed {
		defer c.mu.Unlock()
		if c.closed {
			return nil, domain.Errorf(domain.KindUnavailable, "the connection was closed")
		}
		return c.conn, nil
	}
	if c.trying == nil {
		c.trying = make(chan struct{})
		go c.connect(c.trying)
	}
	trying := c.trying
	c.mu.Unlock()
	select {
	case <-trying:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil, domain.Errorf(domain.KindUnavailable, "no connection to %s", c.where)
	}
	return c.conn, nil
}

// connect tries once; it takes as long as it takes, which nobody need wait for.
func (c *Client) connect(done chan struct{}) {
	conn, err := valkey.NewClient(c.option)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		c.restUntil.Store(time.Now().Add(rest).UnixNano())
		_, refused := valkey.IsValkeyErr(err)
		c.tell(err, refused)
	case c.closed:
		conn.Close()
	default:
		c.conn = conn
	}
	c.trying = nil
	close(done)
}

// tellAgain is how long how the server stands is not told again. One that is full
// refuses some and answers others.
const tellAgain = time.Minute

// tell logs how the server stands, where that is news.
func (c *Client) tell(err error, refused bool) {
	now := "answers"
	switch {
	case refused:
		now = "refuses"
	case err != nil:
		now = "is away"
	}
	c.telling.Lock()
	defer c.telling.Unlock()
	if now == c.stands || c.stands == "" && err == nil {
		return
	}
	if at, before := c.told[now]; before && time.Since(at) < tellAgain {
		return
	}
	c.stands, c.told[now] = now, time.Now()
	if err == nil {
		c.log.Info("Valkey answers again", slog.String("at", c.where))
	} else {
		c.log.Warn("Valkey cannot be used; until it can everything is read from PostgreSQL and nothing is shared",
			slog.String("at", c.where), slog.String("because", "it "+now), slog.Any("error", err))
	}
}
