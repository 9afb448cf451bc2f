package runtime

import "time"

// quotaPeriod is over which a quota is counted: a function that has used its share of one waits for the next. It is
// Lambda's, so that the waits are as long as there.
const quotaPeriod = 20 * time.Millisecond
