package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"contacts/pkg/contact"
)

// The rules of what stands beside resources: entries that are nothing without what they lead to.

func (j *judgement) ofTag() {
	j.underContact()
	j.ties()
	tag, err := decode[contact.Tag](j.item)
	if err != nil {
		j.document()
		return
	}
	if shared := j.at(tagKey(j.place.org, tag.Name)); contact.ID(shared.number(attrTag)) != j.item.id() {
		j.find(fmt.Sprintf("the tag %q is not shared under its id", tag.Name), "", nil)
	}
}

// unprocessed is how long a picture can take until it is shown, with all tries of its event.
const unprocessed = 24 * time.Hour

func (j *judgement) ofImage() {
	j.underContact()
	j.document()
	picture, err := pictureOf(j.item)
	switch state := j.item.text(attrState); {
	case err != nil:
	case state == leaving && j.older(time.Hour):
		j.leaving(picture)
	case state == "" && picture.Status == contact.ImageProcessing && j.older(unprocessed):
		j.find("its picture was never processed: look into the dead-letter queue", "", nil)
	case picture.Status == contact.ImageReady:
		j.objects(picture)
	case state == pending && j.item[attrExpires] == nil:
		j.find("it waits for a picture, and never expires", "let it expire now", func(tx *transaction) {
			tx.step(j.item.key()).update.set(attrExpires, num(j.check.table.now().Unix()))
		})
	}
}

// leaving is an image whose deletion broke off.
func (j *judgement) leaving(p Picture) {
	const detail = "its deletion broke off"
	if j.check.Objects == nil {
		j.find(detail, "", nil)
		return
	}
	o := Owner{Org: j.place.org, Contact: j.place.owner}
	j.fixable(detail, "go on with it", func(ctx context.Context) error {
		return ImagesOf(j.check.table).Remove(ctx, o, p.ID, Match{}, func(ctx context.Context) error { return j.check.Objects.Clear(ctx, o, p.ID) })
	})
}

// objects holds an image that is shown to have what it shows.
func (j *judgement) objects(p Picture) {
	if j.check.Objects == nil {
		return
	}
	whole, err := j.check.Objects.Whole(j.ctx, Owner{Org: j.place.org, Contact: j.place.owner}, p.ID, p.Version)
	if j.err = cmp.Or(j.err, err); err == nil && !whole {
		j.find("objects that it shows are not in the bucket", "", nil)
	}
}

func (j *judgement) ofReference() {
	by, to := j.at(j.place.by.key(j.place.org)), j.at(j.place.of.key(j.place.org))
	switch {
	case !slices.Contains(by.texts(attrRefers), j.place.of.String()):
		// What it was counted for is found out where it is counted, once it is gone.
		j.find(j.place.by.describe()+" doesn't refer to "+j.place.of.describe(), "remove it", func(tx *transaction) {
			j.asRead(tx, j.place.by.key(j.place.org), by)
			tx.remove(j.item.key())
		})
	case to == nil:
		// Told of what refers to it.
	case to.number(attrReferrers) < 1:
		j.find(j.place.of.describe()+" counts no reference to it", "count it", func(tx *transaction) {
			tx.require(j.place.of.key(j.place.org), present(errChanged), unreferred(0))
			tx.step(j.place.of.key(j.place.org)).update.set(attrReferrers, num(1))
		})
	}
}

func (j *judgement) ofFind() {
	key := j.place.by.key(j.place.org)
	if part := j.at(key); !slices.Contains(part.texts(attrFinds), j.place.name) {
		j.find(j.place.by.describe()+" is not to be found by it", "remove it", func(tx *transaction) {
			j.asRead(tx, key, part)
			tx.remove(j.item.key())
		})
	}
}

func (j *judgement) ofClaim() {
	keys := holders(j.place, j.item)
	for _, key := range keys {
		for _, held := range j.at(key).texts(attrClaims) {
			if space, value, _ := strings.Cut(held, "#"); space == j.place.space && bounded(value) == j.place.name {
				return
			}
		}
	}
	if j.err != nil {
		return
	}
	j.find(fmt.Sprintf("contact %d doesn't claim it", j.item.number(attrOwner)), "remove it", func(tx *transaction) {
		for _, key := range keys {
			j.asRead(tx, key, j.at(key))
		}
		tx.require(j.item.key(), condition{text: "#o = :o", names: map[string]string{"#o": attrOwner}, values: values{":o": j.item[attrOwner]},
			explain: func(stored Item) error {
				if stored.number(attrOwner) != j.item.number(attrOwner) {
					return errChanged
				}
				return nil
			}})
		tx.remove(j.item.key())
	})
}

func (j *judgement) ofEntry() {
	ref, err := decode[contact.ContactRef](j.item)
	if err != nil {
		j.find("it names no customer", "", nil)
		return
	}
	list := j.at(listKey(j.place.org, j.place.list))
	member := j.at(memberKey(j.place.org, j.place.list, ref.ID))
	switch {
	case list == nil:
		j.remove(fmt.Sprintf("there is no customer list %s", j.place.list))
	case contact.ID(member.number(attrPosition)) != j.item.id():
		j.find(fmt.Sprintf("customer %s does not stand there", ref.ID), "remove it", func(tx *transaction) {
			j.asRead(tx, memberKey(j.place.org, j.place.list, ref.ID), member)
			tx.remove(j.item.key())
		})
	}
}

func (j *judgement) ofMember() {
	list := j.at(listKey(j.place.org, j.place.list))
	key := entryKey(j.place.org, j.place.list, contact.ID(j.item.number(attrPosition)))
	entry := j.at(key)
	ref, err := decode[contact.ContactRef](entry)
	switch {
	case list == nil:
		j.remove(fmt.Sprintf("there is no customer list %s", j.place.list))
	case err != nil || ref.ID != j.place.customer:
		j.find(fmt.Sprintf("it stands at %d, where there is another customer or none", j.item.number(attrPosition)), "remove it: the customer is in the list no more",
			func(tx *transaction) {
				j.asRead(tx, key, entry)
				tx.remove(j.item.key())
			})
	}
}

func (j *judgement) ofAnswer() {
	if j.item[attrExpires] == nil {
		j.find("it never expires", "let it expire in a day", func(tx *transaction) {
			tx.step(j.item.key()).update.set(attrExpires, num(j.check.table.now().Add(retention).Unix()))
		})
	}
}
