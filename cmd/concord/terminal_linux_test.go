package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// A session is the program at a terminal, as a person sees it.
type session struct {
	t     *testing.T
	cmd   *exec.Cmd
	far   *os.File // the person's side of the terminal
	shown bytes.Buffer
}

// sit starts concord in a directory, with a terminal of its own to talk to.
func sit(t *testing.T, dir, path string, args ...string) *session {
	t.Helper()
	program, err := exec.LookPath("concord")
	if err != nil {
		t.Fatal(err)
	}
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this machine has no pseudo-terminals: %v", err)
	}
	t.Cleanup(func() { far.Close() })
	s := &session{t: t, cmd: exec.Command(program, args...), far: far}
	var number, unlocked int32
	s.control(syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	s.control(syscall.TIOCGPTN, unsafe.Pointer(&number))
	near, err := os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	s.cmd.Dir, s.cmd.Env = dir, []string{"PATH=" + path, "HOME=" + dir, "GORACE=" + undelayed}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = near, near, near
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := far.SetReadDeadline(time.Now().Add(3 * patience)); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *session) control(request uintptr, value unsafe.Pointer) {
	s.t.Helper()
	connection, err := s.far.SyscallConn()
	if err != nil {
		s.t.Fatal(err)
	}
	var errno syscall.Errno
	if err := connection.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(value))
	}); err != nil || errno != 0 {
		s.t.Fatal(err, errno)
	}
}

func (s *session) echoes() bool {
	s.t.Helper()
	var settings syscall.Termios
	s.control(syscall.TCGETS, unsafe.Pointer(&settings))
	return settings.Lflag&syscall.ECHO != 0
}

// answer waits for a question, demands that what is typed will show or not, and types.
func (s *session) answer(question string, shows bool, typed string) {
	s.t.Helper()
	for b := make([]byte, 1024); !strings.HasSuffix(s.shown.String(), question+": "); {
		n, err := s.far.Read(b)
		if err != nil {
			s.t.Fatalf("no question %q: %v; shown is\n%s", question, err, s.shown.String())
		}
		s.shown.Write(b[:n])
	}
	if s.echoes() != shows {
		s.t.Errorf("%s: what is typed shows: %t, want %t", question, !shows, shows)
	}
	if _, err := s.far.WriteString(typed); err != nil {
		s.t.Fatal(err)
	}
}

// end waits for the program to end, and returns whether it did well and what was shown.
func (s *session) end() (bool, string) {
	s.t.Helper()
	s.shown.ReadFrom(s.far) // until the other side is closed, which is an error here
	err := s.cmd.Wait()
	return err == nil, s.shown.String()
}

const typedOne, typedTwo = "correct horse battery", "a staple of another kind"

func TestPassphraseAtATerminal(t *testing.T) {
	path, dir := os.Getenv("PATH"), t.TempDir()

	s := sit(t, dir, path, "keygen", "kaz")
	s.answer("New passphrase for kaz.key and kaz-recovery.key (empty for none)", false, typedOne+"\n")
	s.answer("The same again", false, typedOne+"\n")
	ok, shown := s.end()
	if !ok || !strings.Contains(shown, "locked with the passphrase") || strings.Contains(shown, "correct") {
		t.Errorf("keygen with a passphrase: done %t\n%s", ok, shown)
	}
	if !s.echoes() {
		t.Error("keygen leaves the terminal without echo")
	}
	key := filepath.Join(dir, "kaz.key")
	easeKey(t, key, typedOne)
	opens := func(passphrase string) bool {
		t.Setenv(passphraseVariable, passphrase)
		k, err := findKey(key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.unlock(context.Background(), &passphrases{variable: passphraseVariable})
		return err == nil && k.locked
	}
	if !opens(typedOne) {
		t.Error("the key does not open with the passphrase that was typed twice")
	}

	s = sit(t, dir, path, "passphrase", "kaz.key")
	s.answer("Passphrase of kaz.key", false, typedOne+"\n")
	s.answer("New passphrase for kaz.key", false, typedTwo+"\n")
	s.answer("The same again", false, typedOne+"\n")
	if ok, shown := s.end(); ok || !strings.Contains(shown, "two different passphrases. Nothing was changed") {
		t.Errorf("two different passphrases: done %t\n%s", ok, shown)
	}
	s = sit(t, dir, path, "passphrase", "kaz.key")
	s.answer("Passphrase of kaz.key", false, typedTwo+"\n")
	if ok, shown := s.end(); ok || !strings.Contains(shown, "does not open kaz.key. Nothing was changed") {
		t.Errorf("a wrong passphrase: done %t\n%s", ok, shown)
	}
	if !opens(typedOne) {
		t.Error("the key is not as it was")
	}

	s = sit(t, dir, path, "keygen", "open")
	s.answer("(empty for none)", false, "\n")
	if ok, shown := s.end(); !ok || !strings.Contains(shown, "have no passphrase") {
		t.Errorf("keygen without a passphrase: done %t\n%s", ok, shown)
	}
}

func TestInterruptedAtATerminal(t *testing.T) {
	dir := t.TempDir()
	s := sit(t, dir, os.Getenv("PATH"), "keygen", "kaz")
	s.answer("(empty for none)", false, "half a pass\x03")
	if ok, shown := s.end(); ok || strings.Contains(shown, "half") {
		t.Errorf("after Ctrl-C: done %t\n%s", ok, shown)
	}
	if !s.echoes() {
		t.Error("Ctrl-C leaves the terminal without echo")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("Ctrl-C leaves %v, %v", left, err)
	}
}

// TestTerminalThatShows: where echo cannot be turned off, a person is told before.
func TestTerminalThatShows(t *testing.T) {
	s := sit(t, t.TempDir(), "/nowhere", "keygen", "kaz")
	s.answer("(empty for none)", true, "\n")
	if ok, shown := s.end(); !ok || !strings.Contains(shown, "cannot be kept from showing what you type") {
		t.Errorf("done %t\n%s", ok, shown)
	}
}
