//go:build unix

package drafts

import (
	"errors"
	"fmt"
	"os"
)

// syncDir puts the names in a directory on disk.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("repository: syncing a directory: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("repository: syncing a directory: %w", err)
	}
	return nil
}
