package drafts

import (
	"io"
	"os"

	"concord/negotiation"
)

// Bounds on the files of a repository, in bytes. Whoever made it may have made them of
// any size, and of any kind.
const (
	maxRefFile    = 1 << 10
	maxPackedRefs = 64 << 20
	maxSmallFile  = 1 << 20 // of a node: its marks, its signers, its settings of git
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

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
