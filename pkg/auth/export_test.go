package auth

import "crypto/ed25519"

// What the tests need to make tokens and keys that the package never would.

var Thumbprint = thumbprint

func (k SigningKey) Private() ed25519.PrivateKey { return k.private }
