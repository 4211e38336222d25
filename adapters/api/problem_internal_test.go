package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
)

func quiet() *handler {
	return &handler{cfg: Config{Log: slog.New(slog.DiscardHandler)}}
}

func TestEveryKindHasItsAnswer(t *testing.T) {
	for _, kind := range domain.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			out, known := outcomes[kind]
			if !known {
				t.Fatal("the table lacks it")
			}
			if out.status < 400 || out.status > 599 || out.title == "" {
				t.Errorf("status %d, title %q", out.status, out.title)
			}
			if !slices.Contains(oas.ProblemKind("").AllValues(), oas.ProblemKind(kind)) {
				t.Error("openapi.yaml lacks it")
			}
			cause := errors.New("a cause that is for the log")
			p := quiet().problem(context.Background(), fmt.Errorf("around: %w", domain.Wrap(kind, cause, "what callers may read")))
			if p.StatusCode != out.status || p.Response.Status != out.status || string(p.Response.Kind) != string(kind) {
				t.Errorf("answered %d as %q", p.StatusCode, p.Response.Kind)
			}
			if strings.Contains(p.Response.Detail, "cause that is") {
				t.Errorf("the cause got out: %s", p.Response.Detail)
			}
			if told := p.Response.Detail == "what callers may read"; told == (kind == domain.KindInternal) {
				t.Errorf("detail %q", p.Response.Detail)
			}
			if p.WWWAuthenticate.Set != (out.status == http.StatusUnauthorized) {
				t.Errorf("WWW-Authenticate %v", p.WWWAuthenticate)
			}
		})
	}
	if len(outcomes) != len(domain.Kinds()) {
		t.Errorf("the table has %d kinds, the domain %d", len(outcomes), len(domain.Kinds()))
	}
}

func TestErrorsWithoutAKindAreWithheld(t *testing.T) {
	for name, err := range map[string]error{
		"no kind":      errors.New("password=hunter2"),
		"unknown kind": domain.Errorf("made_up", "password=hunter2"),
		"fields":       &domain.Error{Kind: domain.KindInternal, Fields: []domain.FieldError{{Path: "password", Message: "hunter2"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := quiet().problem(context.Background(), err)
			if p.StatusCode != http.StatusInternalServerError || p.Response.Kind != oas.ProblemKindInternal {
				t.Errorf("answered %d as %s", p.StatusCode, p.Response.Kind)
			}
			if text := fmt.Sprint(p.Response); strings.Contains(text, "hunter2") {
				t.Errorf("the text got out: %s", text)
			}
		})
	}
}

func TestInternalErrorsAreLoggedUnderTheRequestID(t *testing.T) {
	var log strings.Builder
	h := &handler{cfg: Config{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	ctx := context.WithValue(context.Background(), tracingKey{}, &tracing{id: "REQ1"})
	p := h.problem(ctx, errors.New("the disk is gone"))
	if id, _ := p.Response.RequestID.Get(); id != "REQ1" {
		t.Errorf("requestId %q", id)
	}
	if !strings.Contains(log.String(), "the disk is gone") || !strings.Contains(log.String(), "REQ1") {
		t.Errorf("logged: %s", log.String())
	}
}

func TestTimeRunsOut(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), -time.Second)
	defer cancel()
	p := quiet().problem(ctx, domain.Wrap(domain.KindUnavailable, ctx.Err(), "the store"))
	if p.Response.Kind != oas.ProblemKindTimeout {
		t.Errorf("answered as %s", p.Response.Kind)
	}
}

func TestRetryAfterIsRoundedUp(t *testing.T) {
	p := quiet().problem(context.Background(), &domain.Error{Kind: domain.KindRateLimited, RetryAfter: 1200 * time.Millisecond})
	if got, _ := p.RetryAfter.Get(); got != 2 {
		t.Errorf("Retry-After %d", got)
	}
}
