package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
)

// A reason is why an item cancelled a transaction.
type reason struct {
	Code    string
	Message string `json:",omitempty"`
}

// refuse answers with an error in the words of DynamoDB.
func refuse(w http.ResponseWriter, status int, code, message string, reasons []reason) {
	body, err := json.Marshal(struct {
		Type                string   `json:"__type"`
		Message             string   `json:"message"`
		CancellationReasons []reason `json:",omitempty"`
	}{"com.amazonaws.dynamodb.v20120810#" + code, message, reasons})
	if err != nil {
		panic(err) // texts only
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have disconnected
}

// cancel answers that a transaction was cancelled because of some items.
func cancel(w http.ResponseWriter, items int, which map[int]bool, code, message string) {
	reasons := make([]reason, items)
	codes := make([]string, items)
	for i := range reasons {
		if reasons[i].Code = "None"; which[i] {
			reasons[i] = reason{code, message}
		}
		codes[i] = reasons[i].Code
	}
	refuse(w, http.StatusBadRequest, "TransactionCanceledException",
		"Transaction cancelled, please refer cancellation reasons for specific reasons ["+strings.Join(codes, ", ")+"]", reasons)
}

// refuseConflict refuses a write of items of a transaction in progress: another one, or the same (conflicts is nil).
func refuseConflict(w http.ResponseWriter, r *request, conflicts map[int]bool) {
	const ongoing = "Transaction is ongoing for the item"
	switch {
	case conflicts == nil:
		refuse(w, http.StatusBadRequest, "TransactionInProgressException", "The transaction with the given request token is already in progress", nil)
	case r.single():
		refuse(w, http.StatusBadRequest, "TransactionConflictException", ongoing, nil)
	default:
		cancel(w, len(r.writes), conflicts, "TransactionConflict", ongoing)
	}
}
