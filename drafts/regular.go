package drafts

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"concord/negotiation"
)

// Bounds on the files of a repository, in bytes. Whoever made it may have made them of
// any size, and of any kind.
const (
	maxRefFile    = 1 << 10
	maxPackedRefs = 64 << 20
	maxSmallFile  = 1 << 20 // what git writes by hand: HEAD, config, alternates
)

// openRegular opens a file that is one: reading from a device or a pipe does not end, and
// a link leads out of the repository. The error is [ErrDamaged], or the disk's.
func openRegular(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, notRegular(path)
	}
	return os.Open(path)
}

func notRegular(path string) error {
	return ErrDamaged.Because("%s is no file but a link, a pipe, a folder or a device", path)
}

// readRegular reads a file of at most so many bytes. The error is [ErrDamaged],
// [negotiation.ErrTooLarge] or the disk's.
func readRegular(path string, most int64) ([]byte, error) {
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(raw)) > most {
		err = negotiation.ErrTooLarge.Because("%s is larger than %d bytes", path, most)
	}
	return raw, err
}

// checkFiles demands that the files of a repository which go-git opens by itself are
// files, and of a size that fits memory where it reads them whole.
func checkFiles(dir string) error {
	for name, most := range map[string]int64{"HEAD": maxSmallFile, "config": maxSmallFile, "packed-refs": maxPackedRefs, alternatesFile: maxSmallFile} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		switch info, err := os.Lstat(path); {
		case os.IsNotExist(err):
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return notRegular(path)
		case info.Size() > most:
			return negotiation.ErrTooLarge.Because("%s is larger than %d bytes", path, most)
		}
	}
	if path := filepath.Join(dir, ".git"); there(path) {
		return ErrDamaged.Because("%s stands in a folder of git's own", path) // go-git would read that instead
	}
	objects := filepath.Join(dir, "objects")
	entries, err := os.ReadDir(objects)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		// Besides the packs, go-git reads what a push to there has not finished.
		if name := entry.Name(); name == "pack" || strings.Contains(name, "incoming-") {
			if err := checkTree(filepath.Join(objects, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTree demands that below a folder there are only files and folders.
func checkTree(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) { // a node cleared it away
			return nil
		}
		if err == nil && !entry.IsDir() && !entry.Type().IsRegular() {
			err = notRegular(path)
		}
		return err
	})
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
