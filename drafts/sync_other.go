//go:build !linux

package drafts

import (
	"errors"
	"os"
)

// syncsTogether is false: each file is synced by itself.
func syncsTogether(string) bool { return false }

func syncTogether(*os.File) error { return errors.ErrUnsupported }
