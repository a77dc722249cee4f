package drafts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/config"

	"concord/negotiation"
)

// ErrFormat says that a repository keeps its things in a way that is not read here:
// objects named by SHA-256, refs in a table, or another extension of git's.
const ErrFormat negotiation.Fault = "repository-format"

// checkFormat demands that in dir there is a repository as git knows one, in the format
// that is read here (gitrepository-layout): [ErrNoRecord], [ErrFormat], or what
// [readRegular] finds.
func checkFormat(dir string) error {
	head, err := readRegular(filepath.Join(dir, "HEAD"), maxSmallFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", dir, ErrNoRecord)
	}
	if err != nil {
		return err
	}
	id, target := parseRef(head)
	if id.IsZero() && !strings.HasPrefix(target, "refs/") || !isDir(filepath.Join(dir, "objects")) || !isDir(filepath.Join(dir, "refs")) {
		return fmt.Errorf("%s: %w", dir, ErrNoRecord)
	}
	raw, err := readRegular(filepath.Join(dir, "config"), maxSmallFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	settings := config.New()
	if err := config.NewDecoder(bytes.NewReader(raw)).Decode(settings); err != nil {
		return ErrFormat.Because("the configuration of %s cannot be read", dir)
	}
	if what := oddFormat(settings); what != "" {
		return ErrFormat.Because("%s is a repository of a format that is not read here (%s); a record is in git's usual one, with SHA-1", dir, what)
	}
	return nil
}

// oddFormat returns what in a repository's configuration makes it one that is not read
// here. Extensions that say nothing of objects and refs do not.
func oddFormat(settings *config.Config) string {
	version := settings.Section("core").Option("repositoryformatversion")
	if version != "" && version != "0" && version != "1" {
		return "version " + version
	}
	for _, o := range settings.Section("extensions").Options {
		name, value := strings.ToLower(o.Key), strings.ToLower(o.Value)
		switch {
		case slices.Contains([]string{"noop", "preciousobjects", "partialclone", "worktreeconfig"}, name):
		case version != "1" && !slices.Contains([]string{"objectformat", "refstorage", "noop-v1"}, name): // git does not look
		case version == "1" && (name == "noop-v1" || name == "objectformat" && value == "sha1" || name == "refstorage" && value == "files"):
		default:
			return "extension " + o.Key
		}
	}
	return ""
}

// parseRef reads a ref's file: the object that it leads to, or the other ref that it
// names; neither when it is torn.
func parseRef(raw []byte) (id plumbing.Hash, target string) {
	raw = bytes.TrimRight(raw, " \t\n\v\f\r")
	if name, symbolic := bytes.CutPrefix(raw, []byte("ref:")); symbolic {
		return id, string(bytes.TrimLeft(name, " \t\n\v\f\r"))
	}
	const digits = 2 * len(plumbing.Hash{})
	if len(raw) < digits || len(raw) > digits && !bytes.ContainsAny(raw[digits:digits+1], " \t\n\v\f\r") || !plumbing.IsHash(string(raw[:digits])) {
		return id, ""
	}
	return plumbing.NewHash(string(raw[:digits])), ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
