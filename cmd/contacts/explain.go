package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/aws/smithy-go"

	"contacts/pkg/contact"
)

// An explained error says what to do.
type explained struct {
	advice string
	cause  error
}

func (e explained) Error() string { return e.advice }
func (e explained) Unwrap() error { return e.cause }

// explain turns an error of AWS, of the network or of the disk into one sentence of advice. It returns other errors
// unchanged.
func explain(err error) error {
	var api smithy.APIError
	var refused *contact.Error
	advise := func(format string, args ...any) error { return explained{fmt.Sprintf(format, args...), err} }
	switch {
	case err == nil, errors.As(err, new(explained)):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return advise("%s: the disk is full: make room there", fileOf(err))
	case errors.As(err, &api):
		if advice := adviceOn(api); advice != "" {
			return advise("%s", advice)
		}
	case errors.As(err, &refused) && refused.Cause != nil:
		return advise("%s (%v)", refused.Detail, root(refused.Cause))
	}
	return err
}

// unfinished returns an error for a command that can be resumed.
func unfinished(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: it was interrupted; run the same command again to continue", what)
	}
	return fmt.Errorf("%s: %w; run the same command again to continue", what, explain(err))
}

// adviceOn returns the advice for an error of DynamoDB or S3, "" if its message suffices.
func adviceOn(api smithy.APIError) string {
	switch api.ErrorCode() {
	case "ResourceNotFoundException", "TableNotFoundException":
		return "there is no such table in this account and region: check --table, AWS_REGION and AWS_PROFILE; contacts table create creates one"
	case "NoSuchBucket":
		return "there is no such bucket: check --bucket; the stack's output Bucket names it"
	case "PermanentRedirect", "AuthorizationHeaderMalformed":
		return "the bucket is in another region: check --bucket and AWS_REGION"
	case "AccessDeniedException", "AccessDenied":
		return fmt.Sprintf("AWS refuses it: %s; ask for that permission, docs/administration.md lists the permissions of each command", api.ErrorMessage())
	case "ExpiredTokenException", "ExpiredToken", "RequestExpired", "TokenRefreshRequired":
		return "the AWS credentials have expired: log in again (aws sso login, or new keys), then run the same command again"
	case "UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch", "InvalidClientTokenId", "InvalidAccessKeyId",
		"IncompleteSignatureException", "MissingAuthenticationTokenException", "RequestTimeTooSkewed":
		return "AWS does not accept these credentials: check AWS_PROFILE or the keys, and the clock of this machine"
	}
	return ""
}

// root returns the innermost error.
func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// fileOf returns the path of a file system's error.
func fileOf(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Path
	}
	return "the output"
}
