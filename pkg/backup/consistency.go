package backup

import (
	"context"
	"errors"
	"hash/maphash"
	"io"

	"contacts/pkg/contact"
)

// Contacts are read one after the other. If they change meanwhile, the file can have a reference without its target, or a unique value
// twice. The table never has, so at least one of the two has changed since it was read. Both are read again, until the file
// satisfies the rules, too.

const (
	// maxRounds is the most rounds. Each finds the contacts that changed during the one before.
	maxRounds = 20
	// maxReread is the most contacts that a round reads again: each is in memory until the file is rewritten.
	maxReread = 1000
	// maxDependencies is the most references and unique values in memory; more are checked in parts.
	maxDependencies = 500_000
)

// errKeepsChanging reports that contacts changed faster than they could be read.
var errKeepsChanging = errors.New("contacts that refer to each other keep changing: continue when there are fewer writes")

// copyConsistent copies contacts until those in the file are consistent with each other, and with the option types, which are copied last.
func (b *Backup) copyConsistent(ctx context.Context) error {
	for range maxRounds {
		if err := b.copyContacts(ctx); err != nil {
			return err
		}
		own, err := b.readTenantItems(ctx)
		if err != nil {
			return err
		}
		stale, err := b.inconsistent(own)
		if err == nil && len(stale) == 0 {
			err = b.append(own.lines)
			own.lines.remove()
			return err
		}
		own.lines.remove()
		if err == nil {
			err = b.reread(ctx, stale)
		}
		if err != nil {
			return err
		}
	}
	return errKeepsChanging
}

// tenantItems are the items of the tenant itself that can be referred to.
type tenantItems struct {
	lines *lineBuffer
	names []string
}

func (b *Backup) readTenantItems(ctx context.Context) (tenantItems, error) {
	o := tenantItems{lines: &lineBuffer{folder: b.folder}}
	return o, b.Tenant.Read(ctx, b.Tenant.TenantItems(), "", func(e Entry) error {
		item, err := ParseEntry(b.Organization.ID, e.JSON)
		if err != nil {
			return err
		}
		o.names = append(o.names, b.Tenant.Dependencies(item).Self)
		return o.lines.write(line{Item: e.JSON})
	})
}

// inconsistent returns the contacts of the file that are inconsistent with each other.
func (b *Backup) inconsistent(o tenantItems) (map[contact.ID]bool, error) {
	dependencies := 0
	if err := b.eachDependencies(func(d Dependencies) { dependencies += len(d.References) + len(d.Uniques) }); err != nil {
		return nil, err
	}
	stale, seed := map[contact.ID]bool{}, maphash.MakeSeed()
	parts := uint64(dependencies/maxDependencies + 1)
	for part := range parts {
		inPart := func(name string) bool { return parts == 1 || maphash.String(seed, name)%parts == part }
		wanted, owners := map[string][]contact.ID{}, map[string]contact.ID{}
		if err := b.eachDependencies(func(d Dependencies) {
			for _, name := range d.References {
				if inPart(name) {
					wanted[name] = append(wanted[name], d.Contact)
				}
			}
			for _, value := range d.Uniques {
				if !inPart(value) {
					continue
				}
				if other, taken := owners[value]; taken && other != d.Contact {
					stale[other], stale[d.Contact] = true, true
				}
				owners[value] = d.Contact
			}
		}); err != nil {
			return nil, err
		}
		for _, name := range o.names {
			delete(wanted, name)
		}
		if err := b.eachDependencies(func(d Dependencies) {
			if !d.Deleted {
				delete(wanted, d.Self)
			}
		}); err != nil {
			return nil, err
		}
		for name, by := range wanted {
			if to := ContactOf(name); to != 0 {
				stale[to] = true
			}
			for _, id := range by {
				stale[id] = true
			}
		}
	}
	return stale, nil
}

// eachDependencies calls each with the references and unique values of each item of the file.
func (b *Backup) eachDependencies(each func(Dependencies)) error {
	return b.eachLine(func(l line, _ []byte) error {
		if l.Item == nil {
			return nil
		}
		item, err := ParseEntry(b.Organization.ID, l.Item)
		if err == nil {
			each(b.Tenant.Dependencies(item))
		}
		return err
	})
}

// eachLine calls each with the lines of the file after the first.
func (b *Backup) eachLine(each func(l line, text []byte) error) error {
	file, err := b.folder.root.Open(partFile)
	if err != nil {
		return err
	}
	defer file.Close()
	s := newScanner(file)
	if err := s.next(); err != nil {
		return err
	}
	for {
		if err := s.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := each(s.line, s.text); err != nil {
			return err
		}
	}
}

// reread replaces contacts in the file by their current state.
func (b *Backup) reread(ctx context.Context, stale map[contact.ID]bool) error {
	var ids []contact.ID
	for id := range stale {
		if ids = append(ids, id); len(ids) == maxReread {
			break
		}
	}
	next := map[contact.ID]*lineBuffer{}
	there := make([]bool, len(ids))
	return b.buffered(ctx, len(ids), func(ctx context.Context, s *lineBuffer, i int) error {
		branch, e, found, err := b.Tenant.Contact(ctx, ids[i])
		if there[i] = found; err != nil || !found { // contacts can't refer to a missing contact
			return err
		}
		return b.copyItem(ctx, s, branch, e)
	}, func(buffers []*lineBuffer) error {
		for i, id := range ids {
			if there[i] {
				next[id] = buffers[i]
			}
		}
		return b.rewrite(next)
	})
}

// rewrite writes the file again with new lines for some contacts. It skips contacts that are not in the file yet: they are copied with the
// new ones.
func (b *Backup) rewrite(next map[contact.ID]*lineBuffer) error {
	old, before := b.file, b.tally
	file, err := b.folder.root.Create(partFile + ".new")
	if err != nil {
		return err
	}
	b.file, b.tally = file, newTally()
	defer func() {
		if b.file == old {
			_ = file.Close()
		}
	}()
	if err := b.writeHeader(); err != nil {
		b.file, b.tally = old, before
		return err
	}
	replaced := false
	err = b.eachLine(func(l line, text []byte) error {
		if l.Item != nil {
			pk, sk, err := l.key()
			if err != nil {
				return err
			}
			if _, begins := b.Tenant.BranchOf(pk); begins {
				var s *lineBuffer
				if s, replaced = next[ContactOf(sk)]; replaced {
					return b.append(s)
				}
			}
		}
		if replaced {
			return nil
		}
		b.tally.add(l, text)
		_, err := b.file.Write(text)
		return err
	})
	if err == nil {
		err = b.folder.root.Rename(partFile+".new", partFile)
	}
	if err != nil {
		b.file, b.tally = old, before
		return err
	}
	return old.Close()
}
