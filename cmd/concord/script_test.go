package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"

	"concord/federation"
	"concord/negotiation"
)

// undelayed keeps the race detector from holding up each program for a second at its end.
const undelayed = "atexit_sleep_ms=0"

// atOnce is how many tests that wait for other processes most of the time run at a time.
const atOnce = 6

// A crowd is tests of which at least atOnce run at a time, unless -parallel says otherwise.
type crowd struct{ *testing.M }

func (c crowd) Run() int {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue && runtime.GOMAXPROCS(0) < atOnce {
		flag.Set("test.parallel", strconv.Itoa(atOnce))
	}
	return c.M.Run()
}

func TestMain(m *testing.M) {
	os.Setenv("GORACE", undelayed)
	testscript.Main(crowd{m}, map[string]func(){
		"concord":     func() { os.Exit(mainWith(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"nats-server": natsServer,
	})
}

// TestScripts tests the program through its front door: real processes, real
// NATS over TCP, real repositories.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"charter":     scriptCharter,
			"port":        scriptPort,
			"nats":        scriptNATS,
			"hub":         scriptHub,
			"up":          scriptUp,
			"api":         scriptAPI,
			"level":       scriptLevel,
			"until":       scriptUntil,
			"bytes":       scriptBytes,
			"appears":     scriptAppears,
			"failing":     scriptFailing,
			"hangup":      scriptHangup,
			"only":        scriptOnly,
			"lose":        scriptLose,
			"status":      scriptStatus,
			"act":         scriptAct,
			"page":        scriptPage,
			"mode":        scriptMode,
			"variable":    scriptVariable,
			"fingerprint": scriptFingerprint,
			"copy":        scriptCopy,
			"remote":      scriptRemote,
		},
		Condition: func(name string) (bool, error) {
			if name != "permissions" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return runtime.GOOS != "windows" && os.Geteuid() != 0, nil // they bind this user
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
			env.Setenv("GORACE", undelayed)
			return nil
		},
	})
}

const patience = 20 * time.Second

// scriptCharter writes a charter: charter FILE CODE=KEYFILE.pub …, the chair first.
func scriptCharter(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	for i, arg := range args[1:] {
		code, file, _ := strings.Cut(arg, "=")
		if i == 0 {
			fmt.Fprintf(&b, "title = \"A statement\"\nchair = %q\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n", code)
		}
		key := ""
		if file != "" {
			key = strings.TrimSpace(ts.ReadFile(file))
		}
		fmt.Fprintf(&b, "[[participant]]\ncode = %q\nname = \"State %s\"\nkey = %q\n", code, code, key)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// scriptPort sets variables to free loopback addresses: port NAME …
func scriptPort(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		address, err := findFree()
		ts.Check(err)
		ts.Setenv(name, address)
	}
}

// scriptNATS runs a NATS server of somebody else's for the rest of the script and sets
// a variable to its URL: nats NAME
func scriptNATS(ts *testscript.TestScript, _ bool, args []string) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	ts.Check(err)
	s.Start()
	ts.Defer(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(patience) {
		ts.Fatalf("the NATS server does not start")
	}
	ts.Setenv(args[0], s.ClientURL())
}

// scriptHub waits for a hub that runs in the background with the certificate own.crt, and
// sets a variable to its URL: hub NAME LISTEN
func scriptHub(ts *testscript.TestScript, _ bool, args []string) {
	pair, err := tls.LoadX509KeyPair(ts.MkAbs("own.crt"), ts.MkAbs("own.key"))
	ts.Check(err)
	known, err := federation.Fingerprint(pair)
	ts.Check(err)
	within(ts, "the hub takes connections", func() (bool, string) {
		conn, err := tls.Dial("tcp", args[1], &tls.Config{InsecureSkipVerify: true}) // known below by its fingerprint
		if err != nil {
			return false, err.Error()
		}
		return conn.Close() == nil, ""
	})
	ts.Setenv(args[0], "tls://"+args[1]+"#"+known)
}

// scriptUp waits until nodes answer: up DIR …
func scriptUp(ts *testscript.TestScript, _ bool, args []string) {
	for _, dir := range args {
		within(ts, dir+" is up", func() (bool, string) {
			body, code, err := ask(ts, dir, http.MethodGet, "status", nil, "")
			return err == nil && code == http.StatusOK, fmt.Sprint(string(body), err)
		})
	}
}

// scriptAPI asks a node: api STATUS METHOD DIR PATH [BODYFILE [TYPE]]. The answer
// goes to the file "answer". A leading "!" sends no token.
func scriptAPI(ts *testscript.TestScript, neg bool, args []string) {
	var body []byte
	kind := "application/json"
	if len(args) > 4 {
		body = []byte(ts.ReadFile(args[4]))
	}
	if len(args) > 5 {
		kind = args[5]
	}
	if neg {
		kind += "\x00"
	}
	answer, code, err := ask(ts, args[2], args[1], args[3], body, kind)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), answer, 0o600))
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%s %s: status %d, want %s\n%s", args[1], args[3], code, args[0], answer)
	}
}

// scriptLevel waits until nodes have the same digest: level DIR …
func scriptLevel(ts *testscript.TestScript, _ bool, args []string) {
	within(ts, "equal digests", func() (bool, string) {
		seen := map[string]bool{}
		for _, dir := range args {
			s, err := dataDir(ts.MkAbs(dir)).status(context.Background())
			if err != nil || s.Link == nil {
				return false, fmt.Sprintf("%s: %v", dir, err)
			}
			seen[s.StateDigest] = true
		}
		return len(seen) == 1, fmt.Sprint(seen)
	})
}

// scriptUntil waits until an answer has some words: until DIR PATH WORDS
func scriptUntil(ts *testscript.TestScript, _ bool, args []string) {
	within(ts, args[2], func() (bool, string) {
		body, _, err := ask(ts, args[0], http.MethodGet, args[1], nil, "")
		return err == nil && bytes.Contains(body, []byte(args[2])), string(body)
	})
}

// scriptPage waits until a page has some words for whoever has the node's token, and
// writes it to the file "page": page DIR PATH WORDS
func scriptPage(ts *testscript.TestScript, _ bool, args []string) {
	within(ts, args[2], func() (bool, string) {
		address, err := os.ReadFile(filepath.Join(ts.MkAbs(args[0]), "address"))
		ts.Check(err)
		request, err := http.NewRequest(http.MethodGet, strings.TrimSpace(string(address))+args[1], nil)
		ts.Check(err)
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(filepath.Join(args[0], "token"))))
		response, err := http.DefaultClient.Do(request)
		ts.Check(err)
		defer response.Body.Close()
		page, err := io.ReadAll(response.Body)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("page"), page, 0o600))
		return bytes.Contains(page, []byte(args[2])), string(page)
	})
}

// scriptBytes writes a file that a script cannot hold: bytes FILE FORMAT N, with the
// format repeated N times.
func scriptBytes(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	unit, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(unit, n)), 0o600))
}

// scriptAppears waits until there are files that match: appears PATTERN …
func scriptAppears(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		within(ts, name+" appears", func() (bool, string) {
			found, err := filepath.Glob(ts.MkAbs(name))
			ts.Check(err)
			return len(found) > 0, ""
		})
	}
}

// scriptFailing serves nothing but errors for the rest of the script, and writes its
// address to a file: failing FILE
func scriptFailing(ts *testscript.TestScript, _ bool, args []string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the disk is full", http.StatusInternalServerError)
	}))
	ts.Defer(s.Close)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(s.URL+"\n"), 0o600))
}

// scriptHangup hangs up on the commands in the background. Where the tests
// themselves run on after a hang-up, as under nohup, so do the commands, and they are
// interrupted instead.
func scriptHangup(ts *testscript.TestScript, _ bool, _ []string) {
	hangup := syscall.SIGHUP
	if signal.Ignored(hangup) {
		hangup = syscall.SIGINT
	}
	for _, command := range ts.BackgroundCmds() {
		ts.Check(command.Process.Signal(hangup))
	}
}

// scriptLose takes away the tree of the text's newest act: lose REPOSITORY
func scriptLose(ts *testscript.TestScript, _ bool, args []string) {
	repository := ts.MkAbs(args[0])
	out, err := exec.Command("git", "-C", repository, "log", "-1", "--format=%T", "text").Output()
	ts.Check(err)
	id := strings.TrimSpace(string(out))
	ts.Check(os.Remove(filepath.Join(repository, "objects", id[:2], id[2:])))
}

// scriptOnly demands that a directory has certain names in it and no others, hidden
// ones included: only DIR NAME …
func scriptOnly(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if want := slices.Sorted(slices.Values(args[1:])); !slices.Equal(names, want) {
		ts.Fatalf("%s has %q; want %q", args[0], names, want)
	}
}

// scriptStatus runs concord and demands an exit code: status CODE ARGUMENT …
func scriptStatus(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	if err := ts.Exec("concord", args[1:]...); err != nil {
		failed := (*exec.ExitError)(nil)
		if !errors.As(err, &failed) {
			ts.Fatalf("%v", err)
		}
		code = failed.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d; want %s", code, args[0])
	}
}

// scriptAct sets a variable to the name of the act in an answer: act NAME FILE
func scriptAct(ts *testscript.TestScript, _ bool, args []string) {
	var act struct {
		ID string `json:"id"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &act))
	ts.Setenv(args[0], act.ID)
}

// scriptCopy copies a directory, as a backup does: copy DIR TO
func scriptCopy(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

// scriptRemote says where git finds the record of a running node: remote DIR sets OPEN to
// its address, WITH to the same with the token in it, and BEARER to a header with the token.
func scriptRemote(ts *testscript.TestScript, _ bool, args []string) {
	host := strings.TrimPrefix(strings.TrimSpace(ts.ReadFile(filepath.Join(args[0], "address"))), "http://")
	token := strings.TrimSpace(ts.ReadFile(filepath.Join(args[0], "token")))
	ts.Setenv("OPEN", "http://"+host+"/record.git")
	ts.Setenv("WITH", "http://x:"+token+"@"+host+"/record.git")
	ts.Setenv("BEARER", "Authorization: Bearer "+token)
}

// scriptMode demands the permissions of a file, in octal: mode FILE PERMISSIONS
func scriptMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[1] {
		ts.Fatalf("%s has the permissions %s; want %s", args[0], got, args[1])
	}
}

// scriptVariable sets an environment variable to what a file has: variable NAME FILE
func scriptVariable(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], ts.ReadFile(args[1]))
}

// scriptFingerprint sets a variable to the fingerprint of a public key's file, as
// ssh-add -l prints it: fingerprint NAME FILE
func scriptFingerprint(ts *testscript.TestScript, _ bool, args []string) {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(ts.ReadFile(args[1])))
	ts.Check(err)
	ts.Setenv(args[0], ssh.FingerprintSHA256(key))
}

func within(ts *testscript.TestScript, what string, satisfied func() (bool, string)) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, last := satisfied()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("not within %v: %s; last: %s", patience, what, last)
		}
	}
}

// ask sends one request to the API of the node in a directory, with its token
// unless kind ends in a NUL.
func ask(ts *testscript.TestScript, dir, method, path string, body []byte, kind string) ([]byte, int, error) {
	address, err := os.ReadFile(filepath.Join(ts.MkAbs(dir), "address"))
	if err != nil {
		return nil, 0, err
	}
	request, err := http.NewRequest(method, strings.TrimSpace(string(address))+"/api/v1/"+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	if kind, anonymous := strings.CutSuffix(kind, "\x00"); !anonymous {
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(filepath.Join(dir, "token"))))
		if body != nil {
			request.Header.Set("Content-Type", kind)
		}
	} else if body != nil {
		request.Header.Set("Content-Type", kind)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return answer, response.StatusCode, err
}

func FuzzParseInvitation(f *testing.F) {
	seed := federation.HubSecret{}.Seed(negotiation.ActID{}, "XBO")
	f.Add([]byte("version = 1\nexpires = 9999-12-31T23:59:59Z\ntitle = \"A\"\nnegotiation = \"" + strings.Repeat("0", 64) + "\"\nparticipant = \"XBO\"\ninviter = \"XAU\"\nhub = \"nats-leaf://127.0.0.1:7422\"\nseed = \"" + seed + "\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		i, err := parseInvitation(raw, time.Now())
		if err != nil {
			return
		}
		if _, err := negotiation.ParseActID(i.Negotiation); err != nil {
			t.Errorf("accepted the negotiation %q", i.Negotiation)
		}
		if _, err := json.Marshal(i); err != nil {
			t.Errorf("accepted what cannot be written: %v", err)
		}
	})
}
