package main

import "io/fs"

// checkPrivate takes every file: what Go sees of Windows' permissions does not say who
// can read one.
func checkPrivate(string, fs.FileInfo) error { return nil }
