package domain

import (
	"errors"
	"fmt"
	"time"
)

// Kind tells apart what went wrong, so that one table can map errors to HTTP
// and one switch can decide whether to try again.
type Kind string

// The kinds of error.
const (
	KindInternal         Kind = "internal"           // nobody's fault outside; the text is withheld from answers
	KindInvalid          Kind = "invalid"            // the caller sent something that cannot be; Fields says what
	KindNotFound         Kind = "not_found"          // no such thing
	KindAmbiguous        Kind = "ambiguous"          // several things answer to the name; Candidates says which
	KindConflict         Kind = "conflict"           // the state does not allow it
	KindUnauthenticated  Kind = "unauthenticated"    // no valid key
	KindForbidden        Kind = "forbidden"          // a valid key without the scope
	KindTooLarge         Kind = "too_large"          // over a size limit
	KindCursorExpired    Kind = "cursor_expired"     // start the listing again
	KindMethodNotAllowed Kind = "method_not_allowed" // this path has other methods
	KindUnsupportedMedia Kind = "unsupported_media"  // the body's content type is not read here
	KindRateLimited      Kind = "rate_limited"       // wait for RetryAfter
	KindUnavailable      Kind = "unavailable"        // something this needs is away; try again
	KindTimeout          Kind = "timeout"            // it took too long
	KindUpstream         Kind = "upstream"           // a provider answered with an error
	KindUpstreamAuth     Kind = "upstream_auth"      // a provider refused our key
	KindNoKey            Kind = "no_key"             // no key is set for a provider
	KindUnread           Kind = "unread"             // a page without any figure that could be read
	KindBroken           Kind = "broken"             // a reading that covers too little to be believed
	KindBlocked          Kind = "blocked"            // a site refuses to serve us
	KindDisallowed       Kind = "disallowed"         // a site asks in its robots.txt not to be read there
)

// Kinds lists every kind, for tables that must be complete.
func Kinds() []Kind {
	return []Kind{
		KindInternal, KindInvalid, KindNotFound, KindAmbiguous, KindConflict,
		KindUnauthenticated, KindForbidden, KindTooLarge, KindCursorExpired,
		KindMethodNotAllowed, KindUnsupportedMedia, KindRateLimited, KindUnavailable,
		KindTimeout, KindUpstream, KindUpstreamAuth, KindNoKey, KindUnread, KindBroken,
		KindBlocked, KindDisallowed,
	}
}

// FieldError says what is wrong with one field of an input.
type FieldError struct {
	Path    string // where: a JSON path, a parameter, a variable
	Message string // what was wrong and what was expected
}

// Error is an error with a kind. Message is safe to show to a caller; Err is
// for the log only.
type Error struct {
	Kind       Kind
	Message    string
	Fields     []FieldError
	Candidates []ModelKey    // for KindAmbiguous
	Saw        Sighting      // what came where prices were expected, empty where that is not said
	RetryAfter time.Duration // for how long whoever made it wants to be left alone, 0 when not said
	Err        error
}

// Error joins the message, the fields and the cause.
func (e *Error) Error() string {
	s := e.Message
	for _, f := range e.Fields {
		s += "; " + f.Path + ": " + f.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error of a kind whose text is safe to show to a caller.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap gives a cause a kind and a text that is safe to show; the cause's own
// text goes to the log only.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Err: cause}
}

// KindOf is the kind of an error; KindInternal where it carries none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}
