package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// A terminal is where a person sits who can be asked.
type terminal struct {
	in  *os.File
	out io.Writer
}

// terminalOf returns the terminal that a command reads from; nil when it is none. On
// Windows it is always nil: nothing there keeps what is typed from showing without
// code of its own.
func terminalOf(in io.Reader, out io.Writer) *terminal {
	f, ok := in.(*os.File)
	if !ok || runtime.GOOS == "windows" {
		return nil
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	if null, err := os.Stat(os.DevNull); err != nil || os.SameFile(info, null) {
		return nil
	}
	return &terminal{f, out}
}

// ask asks for a line that does not show while it is typed, or says beforehand that
// it will. A context that ends leaves the terminal as it was found.
func (t *terminal) ask(ctx context.Context, question string) (secret, error) {
	show, err := t.hide()
	if err != nil {
		fmt.Fprintf(t.out, "This terminal cannot be kept from showing what you type (stty: %v). Ctrl-C to leave it.\n", err)
	} else {
		defer func() {
			show()
			fmt.Fprintln(t.out)
		}()
	}
	fmt.Fprintf(t.out, "%s: ", question)
	type line struct {
		text string
		err  error
	}
	typed := make(chan line, 1)
	go func() { // it ends with the line, or else with the program
		text, err := readLine(t.in)
		typed <- line{text, err}
	}()
	select {
	case l := <-typed:
		return newSecret(l.text), l.err
	case <-ctx.Done():
		return secret{}, &exit{code: 1}
	}
}

// hide turns off the echo, and returns what turns it on again.
func (t *terminal) hide() (show func(), err error) {
	before, err := t.stty("-g")
	if err != nil {
		return nil, err
	}
	if _, err := t.stty("-echo"); err != nil {
		return nil, err
	}
	return func() { t.stty(before) }, nil
}

// stty runs the program of that name (POSIX) on the terminal.
func (t *terminal) stty(setting string) (string, error) {
	cmd := exec.Command("stty", setting)
	cmd.Stdin = t.in
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")} // the rest may hold secrets
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// readLine reads up to the end of a line and nothing beyond it, of at most
// maxPassphrase bytes.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) <= maxPassphrase; {
		n, err := r.Read(b)
		switch {
		case n == 1 && b[0] == '\n', errors.Is(err, io.EOF) && len(line) > 0:
			return strings.TrimSuffix(string(line), "\r"), nil
		case n == 1:
			line = append(line, b[0])
		case err != nil:
			return "", refuse("Type it and press Enter.", "the input ended where a passphrase was expected")
		}
	}
	return "", refuse("Choose a shorter one.", "the passphrase is longer than %d bytes", maxPassphrase)
}
