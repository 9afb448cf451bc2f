package idempotency

// ErrUsedTwice is errUsedTwice.
var ErrUsedTwice = errUsedTwice
