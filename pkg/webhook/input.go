package webhook

// Status is whether a webhook sends.
type Status string

// The states. The receiver of a webhook that is Failing doesn't take what is sent.
const (
	Active   Status = "ACTIVE"
	Failing  Status = "FAILING"
	Disabled Status = "DISABLED"
)

// An Input is what the owner of a webhook decides.
type Input struct {
	URL         string
	Events      []string // nil for all
	Description string
	// Status is what the webhook becomes, "" to leave it. Failing, which a client has read, makes it Active.
	Status Status
}

// apply changes a webhook.
func (in Input) apply(hook *Webhook) {
	hook.URL, hook.Events, hook.Description = in.URL, in.Events, in.Description
	switch in.Status {
	case Active, Failing:
		hook.Disabled = false
		hook.Activation++
	case Disabled:
		hook.Disabled = true
	}
}
