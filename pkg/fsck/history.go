package fsck

import (
	"fmt"
	"strings"

	"contacts/pkg/changes"
	"contacts/pkg/dynamo"
	"contacts/pkg/history"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// Checks of histories: each change since the time from which on one is kept has an entry, and each entry can be read and fits to the feed and
// to the records. No repair deletes what a contact was, except of an erased one. What is missing is marked, so that no wrong past is shown.

// kept returns the time since when no entry of a contact's history may be missing.
func (c *itemCheck) kept(guard dynamo.Item) int64 {
	setting, err := c.check.store.Histories().Recent(c.ctx, c.key.Org)
	c.keepError(err)
	return max(setting.Kept(c.check.now()), guard.Number(store.AttrUnkept))
}

// checkHasHistory checks that a change of a contact has an entry in its history. The guard item is the contact's.
func (c *itemCheck) checkHasHistory(guard dynamo.Item, at int64) {
	if guard == nil || at <= c.kept(guard) || c.get(keys.History(c.key.Org, c.key.Owner, at, 0)) != nil {
		return
	}
	c.report(FoundHistory, "the change at "+changes.ShowTime(at)+" has no entry in the contact's history",
		"show the contact as of no earlier moment; the entries that there are stay", func(tx *dynamo.Tx) {
			tx.Check(guard.Key(), dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(store.AttrUnkept, guard))
			tx.Update(guard.Key()).Set(store.AttrUnkept, dynamo.Number(at))
		})
}

// checkHistory checks a piece of an entry, with the first one all of the entry.
func (c *itemCheck) checkHistory() {
	guard, own := c.get(keys.Guard(c.key.Org, c.key.Owner)), c.get(keys.Contact(c.key.Org, c.key.Owner))
	switch {
	case own == nil:
		c.reportManual(FoundHistory, "its contact "+c.key.Owner.String()+" does not exist", "restore the contact from a backup, or delete the item")
		return
	case own.Bool(store.AttrErased) && guard != nil && c.key.At < guard.Number(store.AttrUnkept) && !history.IsErasure(c.item):
		c.reportRemoval(FoundHistory, "its contact "+c.key.Owner.String()+" is erased")
		return
	}
	if !c.item.IsNumber(dynamo.AttrExpires) {
		c.report(FoundHistory, "it never expires", fmt.Sprintf("let it expire in %d days", history.DefaultDays), func(tx *dynamo.Tx) {
			tx.Update(c.item.Key()).Set(dynamo.AttrExpires, dynamo.Number(c.check.now().AddDate(0, 0, history.DefaultDays).Unix()))
		})
	} else if c.item.Number(dynamo.AttrExpires) <= c.check.now().Unix() {
		return
	}
	if c.key.Piece > 0 {
		if head := c.get(keys.History(c.key.Org, c.key.Owner, c.key.At, 0)); history.Following(head) < c.key.Piece {
			c.reportManual(FoundHistory, "it belongs to no entry", "find out what happened to the entry, then delete it")
		}
		return
	}
	pieces := []dynamo.Item{c.item}
	for n := 1; n <= history.Following(c.item); n++ {
		if piece := c.get(keys.History(c.key.Org, c.key.Owner, c.key.At, n)); piece != nil {
			pieces = append(pieces, piece)
		}
	}
	if entry, err := history.Of(pieces); err != nil && !c.collecting {
		c.reportManual(FoundHistory, "it can't be read", "delete it; the contact can't be shown as of an earlier moment then, either")
	} else if err == nil {
		c.checkEntry(entry, guard)
	}
}

// checkEntry checks that an entry fits to the feed and to the records.
func (c *itemCheck) checkEntry(entry history.Entry, guard dynamo.Item) {
	if guard.IsNumber(changes.AttrChanged) && guard.Number(changes.AttrChanged) < entry.At {
		c.report(FoundHistory, "its contact's guard item has an earlier time", "set it to that of the change", func(tx *dynamo.Tx) {
			tx.Check(guard.Key(), dynamo.Exists(dynamo.ErrConflict), dynamo.SameAttribute(changes.AttrChanged, guard))
			tx.Update(guard.Key()).Set(changes.AttrChanged, dynamo.Number(entry.At))
		})
	}
	if entry.At > c.check.now().Add(-changes.Retention).UnixMicro() && c.get(keys.Change(c.key.Org, c.key.Owner, entry.At)) == nil {
		c.reportManual(FoundHistory, "its change is not in the feed", "change the contact: who reads the feed has missed it")
	}
	for _, was := range entry.Before {
		if was.Version == 0 || strings.HasPrefix(was.Part, keys.SegmentRepresentative) {
			continue
		}
		key := keys.Contact(c.key.Org, c.key.Owner)
		if was.Part != "" {
			key.PK, key.SK = keys.Parts(c.key.Org, c.key.Owner), was.Part
		}
		record := c.get(key)
		if record.Number(store.AttrCreated)*1000 > entry.At { // it was deleted and made again
			continue
		}
		if record != nil && record.Number(dynamo.AttrVersion) <= was.Version {
			c.reportManual(FoundHistory, fmt.Sprintf("%q was in version %d before the change, but is in version %d now", key.SK, was.Version, record.Number(dynamo.AttrVersion)),
				"compare the record with the entry, and restore it if it is wrong")
		}
	}
}
