package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"contacts/pkg/dynamo"
	"contacts/pkg/image/bucket"
)

// An Archive is a complete backup.
type Archive struct {
	Header
	Summary
	dir    string
	folder *folder
}

// Open verifies that a folder has a complete backup, with all pictures. progress, which may be nil, is called with the number of
// further lines.
func Open(dir string, progress func(lines int64)) (*Archive, error) {
	notOne := func(err error) error {
		return fmt.Errorf("%s is no backup: name the folder that contacts backup made (%w)", dir, err)
	}
	folder, err := openFolder(dir)
	if err != nil {
		return nil, notOne(err)
	}
	a := &Archive{dir: dir, folder: folder}
	if _, err = folder.root.Stat(recordsFile); errors.Is(err, fs.ErrNotExist) {
		if _, unfinished := folder.root.Stat(partFile); unfinished == nil {
			err = fmt.Errorf("the backup in %s is incomplete: run the same contacts backup again to finish it", dir)
		} else {
			err = notOne(err)
		}
	}
	if err == nil {
		err = a.verify(progress)
	}
	if err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// Close releases the folder.
func (a *Archive) Close() { a.folder.close() }

// verify reads all files once.
func (a *Archive) verify(progress func(int64)) error {
	found := newTally()
	err := a.lines(0, func(l line, text []byte) error {
		found.add(l, text)
		if progress != nil {
			progress(1)
		}
		if l.Object != nil {
			return l.Object.verify(a.folder.root)
		}
		_, err := ParseEntry(a.Organization, l.Item)
		return err
	})
	if err == nil && found.sum() != a.Summary {
		err = errors.New("its digest does not match its lines")
	}
	if err != nil {
		return fmt.Errorf("the backup in %s is damaged: fetch it again from where it is kept, or make another (%w)", a.dir, err)
	}
	return nil
}

// lines calls each with the lines between the first and the last, after skipping the first ones.
func (a *Archive) lines(skip int64, each func(l line, text []byte) error) error {
	file, err := a.folder.root.Open(recordsFile)
	if err != nil {
		return err
	}
	defer file.Close()
	s := newScanner(file)
	if err := s.next(); err != nil || s.line.Backup == nil {
		return errors.New("its first line has no description")
	}
	if a.Header = *s.line.Backup; a.Format != format {
		return fmt.Errorf("its format is %d, but this program reads %d", a.Format, format)
	}
	for n := int64(0); ; n++ {
		err := s.next()
		if errors.Is(err, io.EOF) {
			return errTruncated
		}
		if err != nil {
			return err
		}
		switch {
		case s.line.End != nil:
			a.Summary = *s.line.End
			if err := s.next(); !errors.Is(err, io.EOF) {
				return errors.New("there is data after its last line")
			}
			return nil
		case s.line.Item == nil && s.line.Object == nil:
			return errors.New("a line is neither an item nor an object")
		case n >= skip:
			if err := each(s.line, s.text); err != nil {
				return err
			}
		}
	}
}

// Lines returns the number of lines that Restore reads.
func (a *Archive) Lines() int64 { return a.Items + a.Objects + a.Missing }

// The most lines, and bytes of lines, that are restored at a time.
const (
	maxLines = 1000
	maxBytes = 8 << 20
)

// Restore writes the backup into the table and the pictures into the bucket, from the first line of the run on. progress, which may be
// nil, is called with the number of further lines.
func (a *Archive) Restore(ctx context.Context, r *Restore, org string, objects *bucket.Bucket, progress func(lines int64)) error {
	reached := r.Restored
	var items []dynamo.Item
	var pictures []object
	size := 0
	flush := func() error {
		if err := r.Write(ctx, items); err != nil {
			return err
		}
		// After their items: S3 notifies the processor of an unprocessed picture.
		if err := dynamo.EachParallel(ctx, len(pictures), func(ctx context.Context, i int) error {
			return a.put(ctx, objects, org, pictures[i])
		}); err != nil {
			return err
		}
		n := int64(len(items) + len(pictures))
		reached += n
		items, pictures, size = items[:0], pictures[:0], 0
		if progress != nil {
			progress(n)
		}
		return r.SetRestored(ctx, reached)
	}
	err := a.lines(r.Restored, func(l line, text []byte) error {
		if l.Object != nil {
			pictures = append(pictures, *l.Object)
		} else {
			item, err := ParseEntry(org, l.Item)
			if err != nil {
				return err
			}
			items = append(items, item)
		}
		if size += len(text); len(items)+len(pictures) < maxLines && size < maxBytes {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return err
}

func (a *Archive) put(ctx context.Context, objects *bucket.Bucket, org string, o object) error {
	if o.Missing {
		return nil
	}
	file, err := a.folder.root.Open(o.Key)
	if err != nil {
		return err
	}
	defer file.Close()
	return objects.PutFrom(ctx, o.bucketKey(org), o.Type, io.NewSectionReader(file, 0, o.Size))
}
