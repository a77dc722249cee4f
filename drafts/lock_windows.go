package drafts

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// errSharingViolation is Windows' ERROR_SHARING_VIOLATION.
const errSharingViolation = syscall.Errno(32)

// A lock keeps other processes out of a directory until the process ends, however it
// ends.
type lock struct{ *os.File }

// lockDir opens a file in the directory that nobody else can open, or delete, until it
// is closed. Another process that has it is [ErrInUse].
func lockDir(_, file string) (lock, error) {
	path, err := syscall.UTF16PtrFromString(file)
	if err != nil {
		return lock{}, fmt.Errorf("repository: locking: %w", err)
	}
	const sharedWithNobody = 0
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, sharedWithNobody,
		nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharingViolation) {
		return lock{}, ErrInUse
	}
	if err != nil {
		return lock{}, fmt.Errorf("repository: locking: %w", err)
	}
	return lock{os.NewFile(uintptr(h), file)}, nil
}
