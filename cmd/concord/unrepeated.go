package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	// longestName is more than what names a thing has, in bytes.
	longestName = 512

	// sharedRun is how much of an argument a message repeats by more than chance, in
	// bytes; what stands between two such runs, when it is not much longer, is of the
	// argument too, and was quoted.
	sharedRun = 16
	sharedGap = 24

	notRepeated = "[not repeated, for it may be secret]"
)

var (
	public = regexp.MustCompile(`SHA256:[A-Za-z0-9+/]{43}|sha256:[A-Za-z0-9_-]{43}|AAAAC3NzaC1lZDI1NTE5[A-Za-z0-9+/]{48}`)
	random = regexp.MustCompile(`[A-Za-z0-9+/=]{40,}`)
)

// unrepeated takes out of a message what it repeats of arguments that may be secrets: a
// private key, say, that stands where its file's name belongs. However a command quotes
// or cuts what it was given, this is where all of them print.
func unrepeated(message string, args []string) string {
	runs := map[string]bool{}
	for _, arg := range args {
		if !maybeSecret(arg) {
			continue
		}
		for i := range len(arg) - sharedRun + 1 {
			runs[arg[i:i+sharedRun]] = true
		}
	}
	var b strings.Builder
	from, to := -1, 0 // the stretch that is being taken out, and until where all is dealt with
	end := func() {
		if from >= 0 {
			b.WriteString(notRepeated)
		}
		from = -1
	}
	for i := range max(0, len(message)-sharedRun+1) {
		if !runs[message[i:i+sharedRun]] {
			continue
		}
		if from < 0 || i > to+sharedGap {
			end()
			b.WriteString(message[to:i])
			from = i
		}
		to = i + sharedRun
	}
	end()
	b.WriteString(message[to:])
	return b.String()
}

// maybeSecret reports whether an argument looks like a key, an invitation or credentials,
// or in any case not like a name.
func maybeSecret(arg string) bool {
	if len(arg) > longestName || strings.ContainsAny(arg, "\r\n") || strings.Contains(arg, "PRIVATE KEY") {
		return true
	}
	for _, run := range random.FindAllString(public.ReplaceAllString(arg, ""), -1) {
		if strings.ContainsAny(run, "0123456789") && strings.ToLower(run) != run && !leadsSomewhere(arg) {
			return true
		}
	}
	return false
}

// leadsSomewhere reports whether an argument, or what stands behind --option=, is in a
// directory that is there at least in part.
func leadsSomewhere(arg string) bool {
	if strings.HasPrefix(arg, "-") {
		_, arg, _ = strings.Cut(arg, "=")
	}
	for dir := filepath.Dir(arg); dir != "." && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			return true
		}
	}
	return false
}
