package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"ratecard/domain"
)

// Connect makes a connection to a URL's host, for whoever speaks with it himself, as
// a browser does: by the door's rule, and through the operator's proxy where there
// is one. KindInvalid where the host is not for us.
func (d *Door) Connect(ctx context.Context, target *url.URL) (net.Conn, error) {
	if err := d.Check(target); err != nil {
		return nil, err
	}
	host := net.JoinHostPort(target.Hostname(), domain.PortOf(target))
	proxy, err := d.outbound(target)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return d.DialContext(ctx, "tcp", host)
	}
	at := net.JoinHostPort(proxy.Hostname(), domain.PortOf(proxy))
	conn, err := d.DialContext(ctx, "tcp", at)
	if err != nil {
		return nil, err
	}
	if proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: proxy.Hostname(), MinVersion: tls.VersionTLS12})
	}
	if err := askThrough(conn, proxy, host); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// askThrough has a proxy connect to a host.
func askThrough(conn net.Conn, proxy *url.URL, host string) error {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: host}, Host: host, Header: http.Header{}}
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	if err := conn.SetDeadline(time.Now().Add(connectWithin)); err != nil {
		return err
	}
	if err := req.Write(conn); err != nil {
		return err
	}
	// A proxy says nothing beyond its answer before we do: nothing is left in the buffer.
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy answered %s", resp.Status)
	}
	return conn.SetDeadline(time.Time{})
}
