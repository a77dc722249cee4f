package negotiation

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
)

func testKey(seed byte) PublicKey {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return PublicKeyOf(private.Public().(ed25519.PublicKey))
}

func TestParseCharter(t *testing.T) {
	raw := fmt.Sprintf(`# Ours.
title = "Statement on trust"
languages = ["en", "zh-Hans", "ar"] # three
chair = "XBO"
public = true
[rules]
shortest_silence = "1h30m"

[[participant]]
code = "XAU"
name = "Aurelia"
[[participant]]
name = 'Borealia "the northern"'
code = "XBO"
key = "%s the ministry's"

[[group]]
code = "AB"
name = "Both"
members = ["XBO", "XAU"]
`, testKey(1))
	got, err := ParseCharter("charter.toml", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	want := Charter{
		Title: "Statement on trust", Chair: "XBO", Languages: []string{"en", "zh-Hans", "ar"}, Public: true,
		ShortestSilence: 90 * time.Minute,
		Participants:    []Participant{{"XAU", "Aurelia", ""}, {"XBO", `Borealia "the northern"`, testKey(1)}},
		Groups:          []Group{{"AB", "Both", []Code{"XBO", "XAU"}}},
		raw:             []byte(raw),
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("read %+v\nwant %+v", got, want)
	}
	if string(got.Raw()) != raw || got.TextFile() != "statement.en.md" {
		t.Errorf("raw %q, text in %s", got.Raw(), got.TextFile())
	}
	if p, ok := got.Participant("XBO"); !ok || p.Key != testKey(1) {
		t.Errorf("XBO is %+v, %v", p, ok)
	}
	if _, ok := got.Participant("XCA"); ok {
		t.Error("XCA takes part")
	}
}

func TestParseCharterRefuses(t *testing.T) {
	eachCase(t, "testdata/charter/refuse.txtar", func(t *testing.T, in string) (kind, got string) {
		c, err := ParseCharter("charter.toml", []byte(in))
		if err != nil {
			return "error", refusal(t, err, ErrCharter)
		}
		return "want", string(c.Raw())
	})
}

func TestCharterLimits(t *testing.T) {
	var raw strings.Builder
	raw.WriteString("title = \"T\"\nchair = \"AAA\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n")
	for i := range MaxParticipants {
		fmt.Fprintf(&raw, "[[participant]]\ncode = \"A%c%c\"\nname = \"N\"\n", 'A'+i/26, 'A'+i%26)
	}
	if _, err := ParseCharter("charter.toml", []byte(raw.String())); err != nil {
		t.Errorf("as many participants as are allowed: %v", err)
	}
	raw.WriteString("[[participant]]\ncode = \"ZZZ\"\nname = \"N\"\n")
	if _, err := ParseCharter("charter.toml", []byte(raw.String())); !errors.Is(err, ErrCharter) {
		t.Errorf("one participant too many: %v", err)
	}
	long := bytes.Repeat([]byte("# a note\n"), MaxCharter/9+1)
	if _, err := ParseCharter("charter.toml", long); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a charter of %d bytes: %v", len(long), err)
	}
	for _, hostile := range []string{"title = " + strings.Repeat("[", MaxCharter-100), strings.Repeat("a.", MaxCharter/2-10) + "a=1", strings.Repeat("[[participant]]\n", MaxCharter/16)} {
		if _, err := ParseCharter("charter.toml", []byte(hostile)); !errors.Is(err, ErrCharter) {
			t.Errorf("%.20q…: %v", hostile, err)
		}
	}
}

func TestWithKey(t *testing.T) {
	const head = "title = \"T\"\nchair = \"XAU\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n"
	const other = "[[participant]]\ncode = \"XBO\"\nname = \"Borealia\"\n"
	for _, c := range []struct{ in, want string }{
		{"[[participant]]\ncode = \"XAU\" # the chair\nname = \"Aurelia\"\nkey = \"\"  # soon\n" + other, "[[participant]]\ncode = \"XAU\" # the chair\nname = \"Aurelia\"\nkey = \"KEY\"  # soon\n" + other},
		{other + "[[participant]]\nname = \"Aurelia\"\ncode = \"XAU\" # the chair\n# End.", other + "[[participant]]\nname = \"Aurelia\"\ncode = \"XAU\" # the chair\nkey = \"KEY\"\n# End."},
		{other + "[[participant]]\nname = 'Aurelia'\ncode = 'XAU'", other + "[[participant]]\nname = 'Aurelia'\ncode = 'XAU'\nkey = \"KEY\"\n"},
		{"[[participant]]\nkey='" + string(testKey(7)) + " old' # !\ncode = \"XAU\"\nname = \"Aurelia\"\n", "[[participant]]\nkey=\"KEY\" # !\ncode = \"XAU\"\nname = \"Aurelia\"\n"},
	} {
		charter, err := ParseCharter("charter.toml", []byte(head+c.in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := charter.WithKey("XAU", testKey(1))
		if want := head + strings.ReplaceAll(c.want, "KEY", string(testKey(1))); err != nil || string(got) != want {
			t.Errorf("got  %q, %v\nwant %q", got, err, want)
		}
	}

	demo := mustCharter(t, "demo")
	if _, err := demo.WithKey("XZZ", testKey(1)); !errors.Is(err, ErrNotParticipant) {
		t.Errorf("a key for nobody: %v", err)
	}
	if _, err := demo.WithKey("XAU", "\"\nchair = \"XBO"); !errors.Is(err, ErrNotCanonical) {
		t.Errorf("a key that is none: %v", err)
	}
	raw, err := demo.WithKey("XAU", testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	demo, err = ParseCharter("charter.toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.WithKey("XBO", testKey(1)); !errors.Is(err, ErrCharter) {
		t.Errorf("the key of another participant: %v", err)
	}
}

func mustCharter(t testing.TB, template string) Charter {
	t.Helper()
	raw, err := CharterTemplate(template)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCharter(template+".toml", raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCharterTemplates(t *testing.T) {
	const cica = "AFG AZE BHR BGD KHM CHN EGY IND IRN IRQ ISR JOR KAZ KWT KGZ MNG PAK PSE QAT KOR RUS LKA TJK THA TUR ARE UZB VNM"
	for name, want := range map[string]string{"cica": cica, "demo": "XAU XBO XCA XDE"} {
		c := mustCharter(t, name)
		var codes []string
		for _, p := range c.Participants {
			codes = append(codes, string(p.Code))
			if p.Key != "" {
				t.Errorf("%s: %s has a key", name, p.Code)
			}
		}
		if !slices.Equal(codes, strings.Fields(want)) {
			t.Errorf("%s: participants %q", name, codes)
		}
	}
	if _, err := CharterTemplate("../demo"); err == nil {
		t.Error("there is a template ../demo")
	}
}

func TestDemoText(t *testing.T) {
	text, err := CanonText("demo.md", DemoText())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text.Bytes(), DemoText()) || len(text.Warnings()) > 0 {
		t.Errorf("the statement is not canonical, or has warnings %v", text.Warnings())
	}
	referee(t, text)
	labels := Labels(text)
	for _, label := range []string{"PP7", "OP2(b)", "OP6(a)", "OP8"} {
		if !slices.Contains(labels, label) {
			t.Errorf("the statement has no %s", label)
		}
	}
}

// FuzzParseCharter lets go-toml's own decoder read what is accepted.
func FuzzParseCharter(f *testing.F) {
	seed(f, "testdata/charter/refuse.txtar")
	for _, name := range []string{"cica", "demo"} {
		f.Add(mustCharter(f, name).Raw())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ParseCharter("charter.toml", raw)
		if err != nil {
			refused(t, err, ErrCharter, raw)
			return
		}
		var plain struct {
			Title, Chair string
			Languages    []string
			Public       bool
			Participant  []struct{ Code, Name, Key string }
			Group        []struct {
				Code, Name string
				Members    []string
			}
		}
		if err := toml.Unmarshal(raw, &plain); err != nil {
			t.Fatalf("go-toml refuses %q: %v", raw, err)
		}
		if c.Title != plain.Title || string(c.Chair) != plain.Chair || c.Public != plain.Public || !slices.Equal(c.Languages, plain.Languages) ||
			len(c.Participants) != len(plain.Participant) || len(c.Groups) != len(plain.Group) {
			t.Fatalf("read %+v, go-toml %+v, of %q", c, plain, raw)
		}
		for i, p := range plain.Participant {
			if got := c.Participants[i]; string(got.Code) != p.Code || got.Name != p.Name || !strings.HasPrefix(strings.Join(strings.Fields(p.Key), " "), string(got.Key)) {
				t.Fatalf("read %+v, go-toml %+v, of %q", got, p, raw)
			}
		}
		for i, g := range plain.Group {
			if got := c.Groups[i]; got.Code != g.Code || got.Name != g.Name || len(got.Members) != len(g.Members) {
				t.Fatalf("read %+v, go-toml %+v, of %q", got, g, raw)
			}
		}
		withKey, err := c.WithKey(c.Chair, testKey(99))
		if err != nil && !errors.Is(err, ErrTooLarge) {
			t.Fatalf("the chair cannot be given a key in %q: %v", raw, err)
		}
		if keyed, err := ParseCharter("charter.toml", withKey); len(withKey) > 0 && (err != nil || keyed.Participants[slices.IndexFunc(keyed.Participants, func(p Participant) bool { return p.Code == c.Chair })].Key != testKey(99)) {
			t.Fatalf("with the chair's key: %q: %v", withKey, err)
		}
	})
}
