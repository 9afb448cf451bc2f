package runtime

import "time"

// quotaPeriod is the period of a quota: a function that has used its share waits for the next one. It is that of Lambda, so that waits are
// as long as there.
const quotaPeriod = 20 * time.Millisecond
