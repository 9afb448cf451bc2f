package backup

import (
	"bytes"
	"io"
	"os"
)

// A lineBuffer buffers lines, in memory or, if they are many, in a file.
type lineBuffer struct {
	folder *folder
	memory bytes.Buffer
	file   *os.File
}

const (
	bufferPrefix = "spool-"
	// maxBuffered is the most bytes in memory.
	maxBuffered = 256 << 10
)

func (s *lineBuffer) write(l line) error {
	text, err := encode(l)
	if err != nil {
		return err
	}
	s.memory.Write(text)
	if s.memory.Len() < maxBuffered {
		return nil
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.folder.dir, bufferPrefix); err != nil {
			return err
		}
	}
	_, err = s.memory.WriteTo(s.file)
	return err
}

// reader returns a reader of all that was written.
func (s *lineBuffer) reader() (io.Reader, error) {
	if s.file == nil {
		return &s.memory, nil
	}
	_, err := s.file.Seek(0, io.SeekStart)
	return io.MultiReader(s.file, &s.memory), err
}

func (s *lineBuffer) remove() {
	if s != nil && s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
