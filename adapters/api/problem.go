package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/go-faster/jx"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// An outcome is how a kind of error is answered.
type outcome struct {
	status int
	title  string
}

// outcomes is the one table from kinds of error to HTTP.
var outcomes = map[domain.Kind]outcome{
	domain.KindInternal:         {http.StatusInternalServerError, "Internal error"},
	domain.KindInvalid:          {http.StatusBadRequest, "Invalid request"},
	domain.KindNotFound:         {http.StatusNotFound, "Not found"},
	domain.KindAmbiguous:        {http.StatusConflict, "Ambiguous name"},
	domain.KindConflict:         {http.StatusConflict, "Conflict"},
	domain.KindUnauthenticated:  {http.StatusUnauthorized, "No valid key"},
	domain.KindForbidden:        {http.StatusForbidden, "Not allowed"},
	domain.KindTooLarge:         {http.StatusRequestEntityTooLarge, "Too large"},
	domain.KindCursorExpired:    {http.StatusGone, "Cursor expired"},
	domain.KindMethodNotAllowed: {http.StatusMethodNotAllowed, "Method not allowed"},
	domain.KindUnsupportedMedia: {http.StatusUnsupportedMediaType, "Unsupported content type"},
	domain.KindRateLimited:      {http.StatusTooManyRequests, "Too many requests"},
	domain.KindUnavailable:      {http.StatusServiceUnavailable, "Unavailable"},
	domain.KindTimeout:          {http.StatusGatewayTimeout, "Took too long"},
	domain.KindUpstream:         {http.StatusBadGateway, "A provider answered with an error"},
	domain.KindUpstreamAuth:     {http.StatusBadGateway, "A provider refused our key"},
	domain.KindNoKey:            {http.StatusConflict, "No key for the provider"},
	domain.KindUnread:           {http.StatusUnprocessableEntity, "A page without figures"},
	domain.KindBroken:           {http.StatusUnprocessableEntity, "A broken reading"},
	domain.KindBlocked:          {http.StatusBadGateway, "A provider's site refuses to serve us"},
	domain.KindDisallowed:       {http.StatusBadGateway, "A provider's site asks not to be read there"},
}

// withheld stands in for the text of an error that nobody chose for callers.
const withheld = "something went wrong inside ratecard; its log has the cause under this requestId"

// problem turns any error into the answer that tells of it. Every error that
// leaves the program passes here once; what is not the caller's doing is logged.
func (h *handler) problem(ctx context.Context, err error) *oas.ProblemStatusCodeWithHeaders {
	e := explain(ctx, err)
	out, known := outcomes[e.Kind]
	if !known {
		e = &domain.Error{Kind: domain.KindInternal, Err: err}
		out = outcomes[e.Kind]
	}
	detail := e.Message
	if e.Kind == domain.KindInternal {
		detail = withheld
	}
	h.logProblem(ctx, e.Kind, out.status, err)

	answer := &oas.ProblemStatusCodeWithHeaders{
		StatusCode: out.status,
		Response: oas.Problem{
			Kind:       oas.ProblemKind(e.Kind),
			Title:      out.title,
			Status:     out.status,
			Detail:     detail,
			Errors:     encodeFields(e),
			Candidates: encodeCandidates(e.Candidates),
		},
	}
	if id := trace(ctx).id; id != "" {
		answer.Response.RequestID = oas.NewOptString(id)
	}
	if e.Kind == domain.KindUnauthenticated {
		answer.WWWAuthenticate = oas.NewOptString(cmp.Or(trace(ctx).challenge, `Bearer realm="ratecard"`))
	}
	if e.RetryAfter > 0 {
		answer.RetryAfter = oas.NewOptInt(int(math.Ceil(e.RetryAfter.Seconds())))
	}
	return answer
}

// explain gives an error a kind: its own, or that of what it comes from.
func explain(ctx context.Context, err error) *domain.Error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return domain.Wrap(domain.KindTimeout, err, "the answer took too long; ask for less, or again later")
	case ctx.Err() != nil:
		return domain.Wrap(domain.KindUnavailable, err, "the request was given up")
	}
	var e *domain.Error
	if errors.As(err, &e) {
		return e
	}
	if e := explainRequest(err); e != nil {
		return e
	}
	return &domain.Error{Kind: domain.KindInternal, Err: err}
}

func (h *handler) logProblem(ctx context.Context, kind domain.Kind, status int, err error) {
	if status < http.StatusInternalServerError || errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	level := slog.LevelWarn
	if kind == domain.KindInternal {
		level = slog.LevelError
	}
	h.cfg.Log.LogAttrs(ctx, level, "request failed",
		slog.String("requestId", trace(ctx).id), slog.String("kind", string(kind)), slog.Any("error", err))
}

// write sends an error that arose outside an operation: no such path, a method,
// a body that could not be decoded, a panic.
func (h *handler) write(w http.ResponseWriter, r *http.Request, err error) {
	p := h.problem(r.Context(), err)
	header := w.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Del("Content-Length")
	if v, ok := p.WWWAuthenticate.Get(); ok {
		header.Set("WWW-Authenticate", v)
	}
	if v, ok := p.RetryAfter.Get(); ok {
		header.Set("Retry-After", strconv.Itoa(v))
	}
	w.WriteHeader(p.StatusCode)
	var body jx.Encoder
	p.Response.Encode(&body)
	_, _ = body.WriteTo(w) // nobody is left to be told
}

// NewError is where ogen brings the errors of the operations.
func (h *handler) NewError(ctx context.Context, err error) *oas.ProblemStatusCodeWithHeaders {
	return h.problem(ctx, err)
}

func (h *handler) notFound(w http.ResponseWriter, r *http.Request) {
	h.write(w, r, domain.Errorf(domain.KindNotFound, "there is nothing at this path; /docs describes what there is"))
}

func (h *handler) methodNotAllowed(w http.ResponseWriter, r *http.Request, allowed string) {
	w.Header().Set("Allow", allowed)
	h.write(w, r, domain.Errorf(domain.KindMethodNotAllowed, "this path does not take %.20s, but %s", trace(r.Context()).method, allowed))
}

func encodeFields(e *domain.Error) []oas.FieldProblem {
	if e.Kind == domain.KindInternal {
		return nil
	}
	var out []oas.FieldProblem
	for _, f := range e.Fields {
		out = append(out, oas.FieldProblem{Path: f.Path, Message: f.Message})
	}
	return out
}

func encodeCandidates(keys []domain.ModelKey) []oas.Candidate {
	var out []oas.Candidate
	for _, k := range keys {
		out = append(out, oas.Candidate{Provider: string(k.Provider), ID: k.ID})
	}
	return out
}
