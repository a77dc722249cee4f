package drafts

import "io/fs"

// syncDir does nothing: Windows has no way to sync a directory, and its file
// systems journal their names.
func syncDir(string) error { return nil }

// fileID tells nothing: Windows does not say by a file's name which file it is.
func fileID(fs.FileInfo) string { return noFileID }
