package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/dynamo"
	"contacts/pkg/image/bucket"

	"github.com/gofrs/flock"
)

// A Backup copies a tenant into a folder. An interrupted one is resumed.
//
// The table has no snapshot across keys. What changes meanwhile is copied before or after the change, but the file satisfies the rules
// across contacts: references have their targets, and unique values are unique. A restore recomputes counters and derived fields.
type Backup struct {
	Organization accounts.Organization
	Source       string // the name of the table
	Tenant       Tenant
	Objects      *bucket.Bucket
	// Progress is called with the number of further items. It may be nil.
	Progress func(items int64)

	folder *folder
	file   *os.File
	tally  *tally
	after  map[BranchName]string // the last item of each branch that is in the file
	header Header
}

// A Result is the result of a backup.
type Result struct {
	Summary
	// Resumed is the number of items that earlier runs copied.
	Resumed int64 `json:"resumed"`
}

// ErrComplete reports that the folder has a complete backup, ErrOtherBackup that it has an incomplete one of something else, ErrLocked that
// another process is writing one.
var (
	ErrComplete    = errors.New("it has a complete backup already: choose another folder for the next one")
	ErrOtherBackup = errors.New("it has an unfinished backup of something else: choose another folder")
	ErrLocked      = errors.New("another process is writing a backup there: wait until it ends, or choose another folder")
)

// Run writes the backup into a folder, which it creates if necessary.
func (b *Backup) Run(ctx context.Context, dir string) (result Result, err error) {
	if b.folder, err = makeFolder(ctx, dir); err != nil {
		return result, err
	}
	defer b.folder.close()
	if err := b.resume(dir); err != nil {
		return result, err
	}
	result.Resumed = b.tally.Items
	b.progress(b.tally.Items)
	defer func() { _ = b.file.Close() }() // finish has closed it, or it is incomplete
	for _, step := range []func(context.Context) error{b.copyLists, b.copyConsistent, b.copyOthers} {
		if err := step(ctx); err != nil {
			return result, err
		}
	}
	result.Summary = b.tally.sum()
	return result, b.finish()
}

func (b *Backup) progress(items int64) {
	if b.Progress != nil {
		b.Progress(items)
	}
}

// resume opens the file, a new one or after the last contact or customer list that is complete in it.
func (b *Backup) resume(dir string) error {
	if _, err := b.folder.root.Stat(recordsFile); err == nil {
		return fmt.Errorf("%s: %w", dir, ErrComplete)
	}
	file, err := b.folder.root.OpenFile(partFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	b.file, b.tally, b.after = file, newTally(), map[BranchName]string{}
	b.header = Header{Format: format, Organization: b.Organization.ID, Region: b.Organization.Region, HistoryDays: b.Organization.HistoryDays(), Source: b.Source,
		Begun: time.Now().UTC().Truncate(time.Second)}
	s := newScanner(file)
	if err := s.next(); err != nil || s.line.Backup == nil {
		return b.writeHeader()
	}
	h := *s.line.Backup
	if h.Organization != b.Organization.ID || h.Source != b.Source || h.Format != format {
		_ = file.Close() // nothing is written to it
		return fmt.Errorf("%s: %w: of organization %s in table %s", dir, ErrOtherBackup, h.Organization, h.Source)
	}
	b.header = h
	end, err := b.lastComplete(s)
	if err != nil {
		return err
	}
	if err := file.Truncate(end); err != nil {
		return err
	}
	_, err = file.Seek(end, io.SeekStart)
	return err
}

// writeHeader writes the first line.
func (b *Backup) writeHeader() error {
	text, err := encode(line{Backup: &b.header})
	if err == nil {
		err = b.file.Truncate(0)
	}
	if err == nil {
		_, err = b.file.WriteAt(text, 0)
	}
	if err == nil {
		_, err = b.file.Seek(0, io.SeekEnd)
	}
	return err
}

// lastComplete reads the file and returns where to resume: before the last contact or list, whose parts may be incomplete.
func (b *Backup) lastComplete(s *scanner) (end int64, err error) {
	seen, end := newTally(), int64(len(s.text))
	at := end
	var branch BranchName // of the last contact or list, whose sort key is last
	last := ""
	for s.next() == nil && s.line.End == nil { // a line that can't be read was incomplete
		if pk, sk, err := s.line.key(); err == nil {
			if name, ok := b.Tenant.BranchOf(pk); ok {
				if last != "" {
					b.after[branch] = last
				}
				branch, last, end = name, sk, at
				if b.tally, err = seen.clone(); err != nil {
					return 0, err
				}
			}
		}
		seen.add(s.line, s.text)
		at += int64(len(s.text))
	}
	return end, nil
}

// copyLists copies the customer lists, before the contacts, so that the file has the contacts that they name.
func (b *Backup) copyLists(ctx context.Context) error {
	_, err := b.copyBranches(ctx, b.Tenant.Lists())
	return err
}

// copyContacts copies all contacts. Contacts copied later may refer to ones created meanwhile, so it continues until there are no new
// ones.
func (b *Backup) copyContacts(ctx context.Context) error {
	for {
		if copied, err := b.copyBranches(ctx, b.Tenant.Contacts()...); err != nil || copied == 0 {
			return err
		}
	}
}

// copyOthers copies the tenant's other items.
func (b *Backup) copyOthers(ctx context.Context) error {
	_, err := b.copyBranches(ctx, b.Tenant.Others()...)
	return err
}

// copyBranches copies the items of branches that are not in the file, and returns their number.
func (b *Backup) copyBranches(ctx context.Context, branches ...Branch) (copied int64, err error) {
	for _, branch := range branches {
		n, err := b.copyBranch(ctx, branch)
		if err != nil {
			return 0, err
		}
		copied += n
	}
	return copied, nil
}

// maxParallel is how many items of a branch are copied concurrently, with their children.
const maxParallel = 64

// copyBranch copies the items of a branch that are not in the file, and returns their number.
func (b *Backup) copyBranch(ctx context.Context, branch Branch) (copied int64, err error) {
	var next []Entry
	flush := func() error {
		if err := b.copyItems(ctx, branch, next); err != nil {
			return err
		}
		copied += int64(len(next))
		next = next[:0]
		return nil
	}
	err = b.Tenant.Read(ctx, branch, b.after[b.Tenant.Name(branch)], func(e Entry) error {
		if next = append(next, e); len(next) < maxParallel {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return copied, err
}

// copyItems copies some items of a branch with their children, and writes them in order.
func (b *Backup) copyItems(ctx context.Context, branch Branch, items []Entry) error {
	return b.buffered(ctx, len(items), func(ctx context.Context, s *lineBuffer, i int) error {
		return b.copyItem(ctx, s, branch, items[i])
	}, func(buffers []*lineBuffer) error {
		for i, s := range buffers {
			if err := b.append(s); err != nil {
				return err
			}
			b.after[b.Tenant.Name(branch)] = items[i].SK
		}
		return nil
	})
}

// buffered calls fill for n buffers concurrently, then use with all of them.
func (b *Backup) buffered(ctx context.Context, n int, fill func(context.Context, *lineBuffer, int) error, use func([]*lineBuffer) error) error {
	buffers := make([]*lineBuffer, n)
	for i := range buffers {
		buffers[i] = &lineBuffer{folder: b.folder}
		defer buffers[i].remove()
	}
	if err := dynamo.EachParallel(ctx, n, func(ctx context.Context, i int) error { return fill(ctx, buffers[i], i) }); err != nil {
		return err
	}
	return use(buffers)
}

// maxReads is how often a contact is read again because it changes meanwhile.
const maxReads = 20

// copyItem copies an item of a branch with its children. A Query is no snapshot: a contact that was deleted meanwhile, or whose options moved
// from one kind to another, is read again, because its parts are partly from before the change and partly from after.
func (b *Backup) copyItem(ctx context.Context, s *lineBuffer, branch Branch, root Entry) error {
	for range maxReads {
		if err := s.write(line{Item: root.JSON}); err != nil {
			return err
		}
		var options Entry // the contact's option set
		hasChildren := false
		if err := b.Tenant.Children(ctx, branch, root.SK, func(e Entry) error {
			hasChildren = true
			if e.IsOptionSet() {
				options = e
			}
			if e.Image != nil {
				return b.copyImage(ctx, s, e)
			}
			return s.write(line{Item: e.JSON})
		}); err != nil || !hasChildren {
			return err
		}
		now, changed, err := b.Tenant.Changed(ctx, branch, root, options)
		if err != nil || !changed {
			return err
		}
		s.remove()
		*s, root = lineBuffer{folder: b.folder}, now
	}
	return errKeepsChanging
}

// append writes the buffered lines to the file.
func (b *Backup) append(s *lineBuffer) error {
	r, err := s.reader()
	if err != nil {
		return err
	}
	before := b.tally.Items
	lines := newScanner(r)
	for err = lines.next(); err == nil; err = lines.next() {
		b.tally.add(lines.line, lines.text)
		if _, err := b.file.Write(lines.text); err != nil {
			return err
		}
	}
	b.progress(b.tally.Items - before)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// finish writes the last line and renames the file.
func (b *Backup) finish() error {
	sum := b.tally.sum()
	text, err := encode(line{End: &sum})
	if err != nil {
		return err
	}
	if _, err := b.file.Write(text); err != nil {
		return err
	}
	if err := b.file.Sync(); err != nil {
		return err
	}
	if err := b.file.Close(); err != nil {
		return err
	}
	return b.folder.root.Rename(partFile, recordsFile)
}

// lockTime is how long a lock is waited for: a killed process holds its own for some milliseconds more.
const lockTime = time.Second

// A folder is the folder of a backup. Nothing outside of it is read or written, whatever its files contain.
type folder struct {
	dir  string
	root *os.Root
	lock *flock.Flock // if it is written to
}

// makeFolder creates a folder if necessary, and locks it for this process.
func makeFolder(ctx context.Context, dir string) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	f.lock = flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))
	if locked, err := f.lock.TryLockContext(waiting, 20*time.Millisecond); !locked {
		f.close()
		if waiting.Err() != nil {
			return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
		}
		return nil, err
	}
	old, _ := filepath.Glob(filepath.Join(dir, bufferPrefix+"*")) // of a killed run
	for _, name := range old {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.close()
			return nil, err
		}
	}
	return f, nil
}

func openFolder(dir string) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &folder{dir: dir, root: root}, nil
}

// close releases the folder. It removes the lock's file once the backup is complete.
func (f *folder) close() {
	if _, err := f.root.Stat(recordsFile); err == nil && f.lock != nil {
		_ = f.root.Remove(lockFile)
	}
	if f.lock != nil {
		_ = f.lock.Close()
	}
	_ = f.root.Close() // nothing is written through it
}
