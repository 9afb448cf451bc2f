package deliverer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A message is what is sent to a receiver.
type message struct {
	id   string // of the change, the same in each try
	body []byte
}

// header returns the header of a message that is sent at a time, signed by each of the keys.
//
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
func (m message) header(at time.Time, keys [][]byte) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(keys))
	for i, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(m.id + "." + timestamp + "."))
		mac.Write(m.body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return http.Header{
		"Content-Type":      {"application/json"},
		"User-Agent":        {"contacts-webhooks"},
		"Webhook-Id":        {m.id},
		"Webhook-Timestamp": {timestamp},
		"Webhook-Signature": {strings.Join(signatures, " ")},
		// Sends nothing. It lets net/http use another connection if the receiver has just closed an idle one: each receiver has to
		// expect the same webhook-id twice.
		"Idempotency-Key": {},
	}
}
