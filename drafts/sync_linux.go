package drafts

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
)

// syncsTogether reports whether syncing the file system that dir is on is as good as
// syncing each file: it is one that is known for that, and a kernel of 5.8 or later,
// which reports what could not be written (syncfs(2)).
func syncsTogether(dir string) bool {
	const ext, xfs, btrfs = 0xef53, 0x58465342, 0x9123683e // statfs(2)
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil || !slices.Contains([]int64{ext, xfs, btrfs}, int64(stat.Type)) {
		return false
	}
	var system syscall.Utsname
	if err := syscall.Uname(&system); err != nil {
		return false
	}
	var release []byte
	for _, c := range system.Release {
		release = append(release, byte(c))
	}
	var major, minor int
	if n, _ := fmt.Sscanf(string(release), "%d.%d", &major, &minor); n < 2 {
		return false
	}
	_, known := syncfsCall()
	return known && (major > 5 || major == 5 && minor >= 8)
}

// syncTogether puts everything on disk that is on the file system of an open file.
func syncTogether(f *os.File) error {
	call, _ := syncfsCall()
	if _, _, errno := syscall.Syscall(call, f.Fd(), 0, 0); errno != 0 {
		return os.NewSyscallError("syncfs", errno)
	}
	return nil
}

// syncfsCall returns the number of the system call, which package syscall does not
// have for all processors.
func syncfsCall() (number uintptr, known bool) {
	switch runtime.GOARCH {
	case "amd64":
		return 306, true
	case "arm64", "riscv64", "loong64":
		return 267, true
	}
	return 0, false
}
