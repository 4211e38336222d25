package api_test

import (
	"context"

	"github.com/ogen-go/ogen/ogenerrors"

	"ratecard/gen/oas"
)

// bearer is a key for the generated client.
type bearer string

func (b bearer) Bearer(context.Context, oas.OperationName) (oas.Bearer, error) {
	return oas.Bearer{Token: string(b)}, nil
}

func (bearer) APIKey(context.Context, oas.OperationName) (oas.APIKey, error) {
	return oas.APIKey{}, ogenerrors.ErrSkipClientSecurity
}

func (bearer) Basic(context.Context, oas.OperationName) (oas.Basic, error) {
	return oas.Basic{}, ogenerrors.ErrSkipClientSecurity
}
