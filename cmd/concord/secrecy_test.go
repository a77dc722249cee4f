package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"concord/federation"
	"concord/negotiation"
)

// formsOf returns in which forms some bytes could show: as they are, in hexadecimal,
// in base64 of both alphabets wherever they begin, and as Go and JSON print bytes.
func formsOf(raw []byte) [][]byte {
	list := strings.Trim(fmt.Sprint(raw), "[]")
	forms := [][]byte{raw, []byte(hex.EncodeToString(raw)), []byte(strings.ToUpper(hex.EncodeToString(raw))),
		[]byte(list), []byte(strings.ReplaceAll(list, " ", ","))}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := alphabet.EncodeToString(append(make([]byte, before), raw...))
			forms = append(forms, []byte(text[(before*8+5)/6:len(text)-1]))
		}
	}
	return forms
}

// A haystack is where no secret may be: what was logged, printed and answered, and what
// others can fetch.
type haystack struct {
	mu    sync.Mutex
	parts map[string]*bytes.Buffer
}

func (h *haystack) of(name string) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.parts[name] == nil {
			h.parts[name] = new(bytes.Buffer)
		}
		return h.parts[name].Write(p)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// find returns where some bytes show, and in which form; "" if nowhere. A text broken
// into lines is searched without them, too.
func (h *haystack) find(raw []byte) (where, form string) {
	for name, part := range h.parts {
		whole := bytes.ReplaceAll(part.Bytes(), []byte("\n"), nil)
		for _, form := range formsOf(raw) {
			if bytes.Contains(part.Bytes(), form) || bytes.Contains(whole, form) {
				return name, string(form)
			}
		}
	}
	return "", ""
}

// addFiles adds the files under a directory, and what objects of git have in them.
func (h *haystack) addFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		h.of("file").Write(raw)
		if inflated, err := zlib.NewReader(bytes.NewReader(raw)); err == nil {
			content, err := io.ReadAll(inflated)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			h.of("object").Write(content)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// refused stands for any exit code but 0.
const refused = -1

// command runs concord; what it prints goes to the haystack unless it is what was asked
// for, and is returned.
func (h *haystack) command(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, trouble bytes.Buffer
	if code := mainWith(args, strings.NewReader(""), &out, &trouble); code != want && (want != refused || code == 0) {
		t.Fatalf("concord %s: exit code %d, want %d\n%s%s", args[0], code, want, &out, &trouble)
	}
	if args[0] != "invite" {
		h.of("output").Write(out.Bytes())
	}
	h.of("error output").Write(trouble.Bytes())
	return out.String()
}

// ask sends a request, and adds the answer.
func (h *haystack) ask(t *testing.T, method, url, token, kind, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	events := strings.Contains(response.Header.Get("Content-Type"), "event-stream")
	dump, err := httputil.DumpResponse(response, !events)
	if err != nil {
		t.Fatal(err)
	}
	if events {
		first := make([]byte, 4096)
		n, err := response.Body.Read(first)
		if err != nil {
			t.Fatal(err)
		}
		dump = append(dump, first[:n]...)
	}
	h.of("response").Write(dump)
}

const (
	scenePassphrase = "correct horse battery staple"
	sceneGuess      = "an unlucky guess at it"
)

// TestSecretsStayInside plays a scene with two nodes whose logs leave out nothing, with
// the mistakes that people make, and then searches what came out for every secret.
func TestSecretsStayInside(t *testing.T) {
	t.Chdir(t.TempDir())
	h := &haystack{parts: map[string]*bytes.Buffer{}}
	h.setUp(t)
	secrets := map[string][]byte{
		"passphrase": []byte(scenePassphrase), "guess": []byte(sceneGuess), "hub secret": []byte(read(t, "xau/hub.secret")),
		"hub seed": []byte(seedOf(t, "xbo")), "token of xau": []byte(read(t, "xau/token")), "token of xbo": []byte(read(t, "xbo/token")),
	}
	for _, code := range []string{"xau", "xbo"} {
		key, err := findKey(code + ".key")
		if err != nil {
			t.Fatal(err)
		}
		private, err := key.unlock(t.Context(), &passphrases{file: "passphrase"})
		if err != nil {
			t.Fatal(err)
		}
		secrets["private key of "+code] = []byte(private.reveal())
		secrets["seed of "+code] = []byte(private.reveal()[:ed25519.SeedSize])
		for i, line := range strings.Split(read(t, code+".key"), "\n") {
			if line != "" && !strings.HasPrefix(line, "-----") {
				secrets[fmt.Sprintf("line %d of %s.key", i+1, code)] = []byte(line)
			}
		}
	}
	h.negotiate(t)
	for _, code := range []string{"xau", "xbo"} {
		h.addFiles(t, filepath.Join(code, "repository.git"))
		h.of("file").Write([]byte(read(t, filepath.Join(code, settingsFile))))
	}

	public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(read(t, "xbo.pub")))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"output", "error output", "log", "response", "file", "object"} {
		if h.parts[part] == nil {
			t.Fatalf("the scene has no %s", part)
		}
	}
	if where, _ := h.find(public.Marshal()); where == "" {
		t.Fatal("the search does not even find a public key")
	}
	for name, raw := range secrets {
		if where, form := h.find(bytes.TrimSpace(raw)); where != "" {
			t.Errorf("%s: the %s shows, as %q", where, name, form)
		}
	}
}

// setUp makes the data directories xau and xbo, after a number of mistakes.
func (h *haystack) setUp(t *testing.T) {
	t.Helper()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("passphrase", scenePassphrase+"\n")
	write("guess", sceneGuess+"\n")
	write("statement.md", "# A statement\n\n1. States shall cooperate.\n")
	h.command(t, 0, "keygen", "--no-passphrase", "xau")
	h.command(t, 0, "keygen", "--no-passphrase", "xbo")
	h.command(t, 0, "passphrase", "--new-passphrase-file", "passphrase", "xau.key")
	easeKey(t, "xau.key", scenePassphrase)
	charter := "title = \"A statement\"\nchair = \"XAU\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n"
	for _, code := range []string{"xau", "xbo"} {
		charter += fmt.Sprintf("[[participant]]\ncode = %q\nname = \"State\"\nkey = '%s'\n", strings.ToUpper(code), strings.TrimSpace(read(t, code+".pub")))
	}
	write("charter.toml", charter)
	write("pasted.toml", strings.ReplaceAll(charter, "'"+strings.TrimSpace(read(t, "xbo.pub"))+"'", "\"\"\""+read(t, "xbo.key")+"\"\"\""))

	convene := func(want int, args ...string) {
		t.Helper()
		h.command(t, want, append([]string{"convene", "--text", "statement.md", "--dir", "xau"}, args...)...)
	}
	convene(1, "--charter", "charter.toml", "--key", "xau.key", "--passphrase-file", "guess")
	convene(1, "--charter", "charter.toml", "--key", "xau.key", "--passphrase-file", "xbo.key")
	convene(1, "--charter", "charter.toml", "--key", "xau.key", "--recovery", "xau-recovery.key")
	convene(1, "--charter", "charter.toml", "--key", read(t, "xbo.key"))
	convene(1, "--charter", "charter.toml", "--key", "passphrase")
	convene(1, "--charter", "pasted.toml", "--key", "xbo.key")
	convene(1, "--charter", "xbo.key", "--key", "xbo.key")
	h.command(t, 1, "passphrase", "--passphrase-file", "guess", "--new-passphrase-file", "passphrase", "xau.key")
	convene(0, "--charter", "charter.toml", "--key", "xau.key", "--passphrase-file", "passphrase")

	invitation := h.command(t, 0, "invite", "--dir", "xau", "--hub", "nats-leaf://127.0.0.1:1", "XBO")
	for i, change := range [][2]string{{"nats-leaf://", "ftp://"}, {"seed = '", "seed = 'X"}, {"seed = '", "seed = "}, {"seed =", "sead ="}} {
		bad := strings.Replace(invitation, change[0], change[1], 1)
		if bad == invitation {
			t.Fatalf("invitation %d is as it should be", i)
		}
		write("bad", bad)
		h.command(t, 1, "join", "--invitation", "bad", "--key", "xbo.key", "--dir", "xbo")
	}
	write("invitation", invitation)
	h.mistake(t, invitation)
	h.command(t, 0, "join", "--invitation", "invitation", "--key", "xbo.key", "--dir", "xbo")
}

// mistake gives secrets where names belong.
func (h *haystack) mistake(t *testing.T, invitation string) {
	t.Helper()
	key := read(t, "xbo.key")
	body := strings.Join(strings.Split(strings.TrimSpace(key), "\n")[1:5], "")
	for _, shape := range []string{key, body, "env:" + body, "agent:" + body, invitation, "x/" + body, strings.TrimSpace(read(t, "xau/token")) + "\n" + key} {
		h.command(t, refused, "join", "--invitation", "invitation", "--key", "xbo.key", "--dir", "none", "--recovery", shape)
		h.command(t, refused, "join", "--invitation", shape, "--key", "xbo.key", "--dir", "none")
		h.command(t, refused, "join", "--invitation", "invitation", "--key", shape, "--dir", "none")
		h.command(t, refused, "key", "rotate", "--dir", "xau", "--new-key", shape)
		h.command(t, refused, "key", "rotate", "--dir", shape, "--new-key", "xbo.key")
		h.command(t, refused, "key", "recover", "--dir", "xau", "--recovery-key", shape, "--new-key", "xbo.key")
		h.command(t, refused, "key", "recover", "--dir", "xau", "--recovery-key", "xau-recovery.key", "--new-key", "xbo.key", "--new-recovery", shape)
		h.command(t, refused, "key", "recover", "--dir", "xau", "--recovery-key", "xau-recovery.key", "--new-key", "xbo.key", "--after", shape)
		h.command(t, refused, "passphrase", "--passphrase-file", shape, "xau.key")
		h.command(t, refused, "verify", "./"+shape)
		h.command(t, refused, "invite", "--dir", "xau", "--hub", shape, "XBO")
		h.command(t, refused, "invite", "--dir", "xau", "--hub", "nats-leaf://127.0.0.1:1", "./"+shape)
		h.command(t, refused, "diff", "--dir", "xau", "--format", shape, "rev-1", "rev-1")
		h.command(t, refused, "serve", "--dir", "xau", "--nats", shape)
		h.command(t, refused, "serve", "--dir", "xau", "--"+shape)
		h.command(t, refused, shape)
	}
	h.command(t, refused, "keygen", key)
	h.command(t, refused, "keygen", "--no-passphrase", "x/"+key+"/")
	h.command(t, refused, "passphrase", key)
	h.command(t, refused, "serve", "--dir", "xau", "--nats", "nats://bob:"+sceneGuess+"@127.0.0.1:bad")
	h.command(t, refused, "serve", "--dir", "xau", "--nats", "nats://bob:"+sceneGuess+",@127.0.0.1")
}

// negotiate serves the nodes and asks them for everything, in the right way and not.
func (h *haystack) negotiate(t *testing.T) {
	t.Helper()
	everything := &slog.HandlerOptions{Level: slog.LevelDebug - 100, AddSource: true}
	serve := func(code string, handler slog.Handler, carrier func(dataDir) federation.Carrier) *servedNode {
		t.Helper()
		dir, err := filepath.Abs(code)
		if err != nil {
			t.Fatal(err)
		}
		key, err := dataDir(dir).key(t.Context(), &passphrases{file: "passphrase"})
		if err != nil {
			t.Fatal(err)
		}
		listener, err := listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s, err := startNode(t.Context(), dataDir(dir), key, carrier(dataDir(dir)), startPatience, listener, nil, slog.New(handler))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	hub := serve("xau", slog.NewTextHandler(h.of("log"), everything), func(d dataDir) federation.Carrier {
		carrier, err := d.carrier("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return carrier
	})
	guest := serve("xbo", slog.NewJSONHandler(h.of("log"), everything), func(d dataDir) federation.Carrier {
		return federation.Leaf{URL: hub.node.link.HubURL(), Seed: seedOf(t, d)}
	})
	both := &demo{nodes: []*servedNode{hub, guest}}
	await := func(satisfied func(*negotiation.State) bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := both.await(ctx, satisfied); err != nil {
			t.Fatal(err)
		}
	}
	await(func(s *negotiation.State) bool { return len(s.Joined) == 2 })
	const should = `{"headline": "Should", "changes": [{"paragraph": 2, "text": "1. States should cooperate."}]}`
	for _, s := range both.nodes {
		base := "http://" + s.address
		for _, token := range []string{"", s.token.reveal(), "another"} {
			for _, path := range strings.Fields("/ /no-such-page /sign-in /record /status /api/v1/status /api/v1/negotiation /api/v1/text/rolling /api/v1/acts /api/v1/link /api/v1/events /api/v1/proposals/XBO/7") {
				h.ask(t, http.MethodGet, base+path, token, "", "")
			}
			h.ask(t, http.MethodGet, base+"/sign-in?token="+token, "", "", "")
			h.ask(t, http.MethodPost, base+"/api/v1/proposals", token, "application/json", should)
			h.ask(t, http.MethodPost, base+"/api/v1/proposals", token, "application/json", read(t, "xbo.key"))
			h.ask(t, http.MethodPost, base+"/api/v1/charter?headline=Keys", token, "text/plain", read(t, "pasted.toml"))
		}
	}
	await(func(s *negotiation.State) bool { return len(s.Proposals) == 2 })
	for _, code := range []string{"xau", "xbo"} {
		h.command(t, 0, "status", "--dir", code)
	}
	if err := both.close(); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// seedOf is a node's credentials at its hub.
func seedOf(t *testing.T, d dataDir) string {
	t.Helper()
	leaves, err := d.leaves()
	if err != nil || len(leaves) != 1 {
		t.Fatalf("%d hubs: %v", len(leaves), err)
	}
	return leaves[0].Seed
}
