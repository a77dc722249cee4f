//go:build unix

package drafts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// syncDir puts the names in a directory on disk.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// fileID tells a file from every other one of this machine, a copy of it included.
func fileID(info fs.FileInfo) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%d %d", stat.Dev, stat.Ino)
	}
	return noFileID
}
