//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// checkPrivate refuses a file of this user's that others can get at, as ssh does. What
// somebody else owns, as a secrets manager may lay it down, is theirs to keep.
func checkPrivate(name string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != os.Getuid() || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return refuse("Close it to them: chmod 600 "+name, "%s is open to other users of this machine (permissions %o)", name, info.Mode().Perm())
}
