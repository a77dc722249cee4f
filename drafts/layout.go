package drafts

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// layout is what a bare repository needs besides objects and refs. Refs are never
// packed: git falls back to a packed ref in silence when a loose one is torn.
func (s *store) layout() map[string]string {
	return map[string]string{
		"HEAD": "ref: refs/heads/text\n",
		"config": "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n" +
			"[gpg]\n\tformat = ssh\n[gpg \"ssh\"]\n\tallowedSignersFile = " + quoteConfig(s.path(signersFile)) + "\n" +
			"[transfer]\n\thideRefs = refs/private\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
		// The signed redlines speak for themselves; git's own diff is of the text.
		"info/attributes": "*.redline -diff\n",
	}
}

func quoteConfig(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// prepare lays out the repository where it is missing or has moved, and clears
// away what a crash left.
func (s *store) prepare() error {
	for _, dir := range []string{"objects/pack", "objects/info", "refs/heads/record", "refs/tags", "info"} {
		if err := s.makeDir(dir); err != nil {
			return err
		}
	}
	var st stage
	for name, content := range s.layout() {
		if now, err := readRegular(s.path(name), maxSmallFile); err != nil || string(now) != content {
			st.files = append(st.files, place(name, []byte(content)))
		}
	}
	if len(st.files) > 0 {
		if err := s.put(st); err != nil {
			return err
		}
	}
	clear(s.synced)
	if err := s.clearAway(); err != nil {
		return err
	}
	return s.syncNames()
}

// syncNames makes durable what can be seen: a process that ended between giving a file
// its place and syncing that may have left it so.
func (s *store) syncNames() error {
	dirs := []string{s.dir, s.path("objects")}
	err := filepath.WalkDir(s.path("refs"), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, name)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("repository: syncing: %w", err)
	}
	return s.disk.Sync(nil, dirs)
}

// clearAway removes the temporary files that a crash left, and the objects and refs
// without content, which are none.
func (s *store) clearAway() error {
	for _, root := range []string{"objects", "refs"} {
		err := filepath.WalkDir(s.path(root), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			left := strings.HasPrefix(entry.Name(), temporary)
			looseObject := len(filepath.Base(filepath.Dir(name))) == 2
			ref := root == "refs" && !strings.HasSuffix(name, ".lock") // a lock is some git's, which may be at work
			if !left && (looseObject || ref) {
				info, err := entry.Info()
				if err != nil {
					return err
				}
				left = info.Size() == 0
			}
			if !left {
				return nil
			}
			return os.Remove(name)
		})
		if err != nil {
			return fmt.Errorf("repository: clearing away: %w", err)
		}
	}
	return nil
}
