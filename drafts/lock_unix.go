//go:build unix

package drafts

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// A lock keeps other processes out of a directory until the process ends, however it
// ends.
type lock struct{ file, dir *os.File }

// lockDir locks a file in the directory and the directory itself, so that whoever
// deletes the file lets nobody in. Some network file systems cannot lock directories:
// there the file alone has to do. Another process that has either is [ErrInUse].
func lockDir(dir, file string) (lock, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return lock{}, fmt.Errorf("repository: locking: %w", err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return lock{}, errors.Join(fmt.Errorf("repository: locking: %w", err), f.Close())
	}
	l := lock{f, d}
	if err := flock(f); err != nil {
		return lock{}, errors.Join(err, l.Close())
	}
	if err := flock(d); errors.Is(err, ErrInUse) {
		return lock{}, errors.Join(err, l.Close())
	}
	return l, nil
}

func flock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrInUse
	}
	if err != nil {
		return fmt.Errorf("repository: locking: %w", err)
	}
	return nil
}

// Close lets others in.
func (l lock) Close() error { return errors.Join(l.dir.Close(), l.file.Close()) }
