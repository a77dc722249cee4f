package drafts

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// A disk is the wall to the file system: all that a store writes goes through it.
// Names are absolute.
type disk interface {
	// Create makes a new file and opens it for writing.
	Create(name string) (file, error)
	// Mkdir makes a directory in one that is there.
	Mkdir(name string) error
	// Rename gives a file the other name; what had that before is gone.
	Rename(from, to string) error
	// Sync returns when the contents of these files and the names in these
	// directories outlast a loss of power. Their order does not matter.
	Sync(files []file, dirs []string) error
}

// A file is one that is being written.
type file interface {
	io.WriteCloser
	Name() string
	Sync() error
}

// systemDisk is the file system as the operating system has it.
type systemDisk struct {
	together bool // many files are synced with all others on the file system
}

func (systemDisk) Create(name string) (file, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (systemDisk) Mkdir(name string) error { return os.Mkdir(name, 0o700) }

func (systemDisk) Rename(from, to string) error { return os.Rename(from, to) }

const (
	// mostSyncs bounds how many files and directories are synced at a time. What a
	// file system has to do for several at once costs it little more than for one.
	mostSyncs = 16
	// fewSyncs are no dearer than syncing the whole file system (measured on ext4).
	fewSyncs = 4
)

func (d systemDisk) Sync(files []file, dirs []string) error {
	if d.together && len(files)+len(dirs) > fewSyncs {
		return syncWhole(files, dirs)
	}
	var running sync.WaitGroup
	errs := make([]error, len(files)+len(dirs))
	places := make(chan struct{}, mostSyncs)
	for i := range errs {
		places <- struct{}{}
		running.Go(func() {
			if i < len(files) {
				errs[i] = files[i].Sync()
			} else {
				errs[i] = syncDir(dirs[i-len(files)])
			}
			<-places
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("repository: syncing: %w", err)
		}
	}
	return nil
}

// syncWhole syncs the file system that the files or directories are on. It goes by the
// first file, which was open before the others were written, so that no error is missed.
func syncWhole(files []file, dirs []string) error {
	if len(files) > 0 {
		return syncTogether(files[0].(*os.File))
	}
	dir, err := os.Open(dirs[0])
	if err != nil {
		return fmt.Errorf("repository: syncing: %w", err)
	}
	return errors.Join(syncTogether(dir), dir.Close())
}
