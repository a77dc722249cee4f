package drafts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"concord/negotiation"
)

// ErrFormat says that a repository keeps its things in a way that is not read here: refs
// in a table, objects named by SHA-256, or objects elsewhere.
const ErrFormat negotiation.Fault = "repository-format"

// alternatesFile names the folders of other repositories from which one borrows objects
// (gitrepository-layout). A clone with --shared or --reference has one.
const alternatesFile = "objects/info/alternates"

// checkBorrowing demands that a repository borrows no objects: it could not answer for what it
// has, and what it borrows from can change or go. The error is [ErrFormat].
func checkBorrowing(dir string) error {
	if there(filepath.Join(dir, filepath.FromSlash(alternatesFile))) {
		return ErrFormat.Because("%s borrows objects from another repository, as its file %s says", dir, alternatesFile)
	}
	return nil
}

// checkLayout demands that in dir there is a bare repository as git makes one, as far as
// one look tells: [ErrNoRecord], [ErrFormat], [ErrDamaged], or the disk's error. What
// HEAD and config say is no part of a record, and is not read.
func checkLayout(dir string) error {
	for _, name := range []string{"HEAD", "refs", "objects"} {
		if !there(filepath.Join(dir, name)) {
			return fmt.Errorf("%s: %w", dir, ErrNoRecord)
		}
	}
	if there(filepath.Join(dir, "reftable")) {
		return ErrFormat.Because("%s keeps its refs in a table (reftable), which is not read here", dir)
	}
	if err := checkBorrowing(dir); err != nil {
		return err
	}
	for name, folder := range map[string]bool{"HEAD": false, "config": false, "packed-refs": false, "refs": true, "objects": true} {
		info, err := os.Lstat(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case folder != info.IsDir():
			return ErrDamaged.Because("%s is no %s", filepath.Join(dir, name), map[bool]string{true: "folder", false: "file"}[folder])
		case !folder && !info.Mode().IsRegular():
			return notRegular(filepath.Join(dir, name))
		}
	}
	return nil
}
