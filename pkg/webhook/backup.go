package webhook

import (
	"time"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// placeAttributes are the attributes of a webhook that say where it is, or which former secrets sign. A backup has none of them.
var placeAttributes = []string{"since", "replays", "former"}

// BackedUp removes from the item of a webhook what a backup leaves out.
func BackedUp(item dynamo.Item) {
	for _, name := range placeAttributes {
		delete(item, name)
	}
}

// Restored completes the item of a webhook that a backup has. It is disabled, because a copy must not send to the receivers of its original
// before somebody has decided so, and starts at the time of the restore.
func Restored(item dynamo.Item, at time.Time) {
	item["since"] = dynamo.Number(at.UnixMicro())
	item["disabled"] = dynamo.True
}

// MarkItem returns the mark of an organization that has webhooks, where none was ever created.
func MarkItem(org string) dynamo.Item {
	item := keys.WebhookOrganization(org).Item()
	item[dynamo.AttrVersion] = dynamo.Number(1)
	return item
}
