package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// A load is one request, sent again and again over connections that are kept. It
// speaks HTTP by itself, to take as little of the machine as it can from who answers.
type load struct {
	addr    string // host:port
	request []byte
	status  string // of every answer, such as "200"
	conns   int
}

// aLoad asks for a path, with headers as pairs.
func aLoad(addr, path, status string, headers ...string) load {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, addr)
	for i := 0; i < len(headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", headers[i], headers[i+1])
	}
	b.WriteString("\r\n")
	return load{addr, b.Bytes(), status, 64}
}

// A tally is what came of a load.
type tally struct {
	answers int
	rate    float64 // answers a second
	errors  []error // one for each connection that met one, which then ends
	took    []time.Duration
}

// p gives the time within which so many of a hundred requests were answered.
func (r tally) p(percent float64) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	return r.took[min(len(r.took)-1, int(float64(len(r.took))*percent/100))]
}

// run loads until a time is over: every connection asks as soon as it is answered.
func (l load) run(tb testing.TB, lasting time.Duration) tally {
	tb.Helper()
	began := time.Now()
	end := began.Add(lasting)
	all := make([]tally, l.conns)
	var working sync.WaitGroup
	for i := range all {
		working.Go(func() { all[i] = l.one(end) })
	}
	working.Wait()
	var sum tally
	for _, r := range all {
		sum.answers += r.answers
		sum.errors = append(sum.errors, r.errors...)
		sum.took = append(sum.took, r.took...)
	}
	sum.rate = float64(sum.answers) / time.Since(began).Seconds()
	slices.Sort(sum.took)
	return sum
}

// one asks over one connection.
func (l load) one(end time.Time) (r tally) {
	conn, err := net.Dial("tcp", l.addr)
	if err != nil {
		return tally{errors: []error{err}}
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	for began := time.Now(); began.Before(end); began = time.Now() {
		if err := l.ask(conn, in); err != nil {
			r.errors = append(r.errors, err)
			return r
		}
		r.answers++
		r.took = append(r.took, time.Since(began))
	}
	return r
}

var lengthIs = []byte("Content-Length: ")

// ask sends the request and reads the answer to its end.
func (l load) ask(conn net.Conn, in *bufio.Reader) error {
	if _, err := conn.Write(l.request); err != nil {
		return err
	}
	line, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < 12 || string(line[9:12]) != l.status {
		return fmt.Errorf("answered %q, want %s", line, l.status)
	}
	length := 0
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
		if value, is := bytes.CutPrefix(line, lengthIs); is {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	_, err = io.CopyN(io.Discard, in, int64(length))
	return err
}
