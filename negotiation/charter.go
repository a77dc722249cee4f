package negotiation

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// The limits of a charter.
const (
	MaxCharter      = 64 << 10 // bytes
	MaxParticipants = 256
	maxValue        = 300 // bytes of a title, name or key
	longestSilence  = 366 * 24 * time.Hour
)

// A Charter says what is negotiated, by whom, and by which rules. It is a TOML
// file that is kept as its author wrote it, comments included:
//
//	title = "Statement on …"
//	chair = "XAU"                  # one of the participants
//	languages = ["en", "ar"]       # the first is the negotiating language
//	public = false                 # may anybody read the record; false if left out
//
//	[rules]
//	shortest_silence = "72h"       # hours, minutes, seconds; more than none
//
//	[[participant]]
//	code = "XAU"                   # see Code
//	name = "Aurelia"
//	key = "ssh-ed25519 AAAA…"      # "" or left out while it is not known
//
//	[[group]]                      # states for which one of them may speak
//	code = "AB"                    # 2 to 12 capital letters, not a participant's code
//	name = "The two"
//	members = ["XAU", "XBO"]
//
// Everything but public, key and the groups must be there, and nothing else may
// be. Names are as exact as this and stand without quotation marks; values are single
// lines of visible text, in double or single quotation marks and without escapes, so that
// whoever reads the file reads what it says. Lists may go on over several lines.
type Charter struct {
	Title           string
	Chair           Code
	Languages       []string
	Public          bool
	ShortestSilence time.Duration
	Participants    []Participant // in the order of the file
	Groups          []Group

	raw []byte
}

// A Participant is a state that takes part.
type Participant struct {
	Code Code
	Name string
	Key  PublicKey // with which it signs its first act; "" while not yet known
}

// A Group is a set of participants any of which may speak for it.
type Group struct {
	Code    string
	Name    string
	Members []Code
}

// ParseCharter reads a charter. The error is a [*LineError] with [ErrCharter],
// or is [ErrTooLarge]; file is what it calls the charter.
func ParseCharter(file string, raw []byte) (Charter, error) {
	if len(raw) > MaxCharter {
		return Charter{}, ErrTooLarge.Because("%s: a charter has at most %d bytes, this has %d", file, MaxCharter, len(raw))
	}
	r := charterReader{charterSource(file), Charter{raw: slices.Clone(raw)}}
	tables, err := r.tables(raw)
	if err != nil {
		return Charter{}, err
	}
	for _, t := range tables {
		if err := r.read(t); err != nil {
			return Charter{}, err
		}
	}
	if err := r.whole(tables); err != nil {
		return Charter{}, err
	}
	return r.charter, nil
}

// Raw returns the bytes that were parsed.
func (c Charter) Raw() []byte { return slices.Clone(c.raw) }

// Participant returns the participant called code, if there is one.
func (c Charter) Participant(code Code) (Participant, bool) {
	i := slices.IndexFunc(c.Participants, func(p Participant) bool { return p.Code == code })
	if i < 0 {
		return Participant{}, false
	}
	return c.Participants[i], true
}

// TextFile returns the name of the file that the negotiated text stands in.
func (c Charter) TextFile() string { return "statement." + c.Languages[0] + ".md" }

// WithKey returns the charter's bytes with the key of a participant set, and
// everything else as it was. The error is [ErrNotParticipant] if there is none
// called code, [ErrNotCanonical] if key is none, and [ErrCharter] or
// [ErrTooLarge] if the result is not a charter, as when another participant has
// the same key.
func (c Charter) WithKey(code Code, key PublicKey) ([]byte, error) {
	key, err := ParsePublicKey(string(key))
	if err != nil {
		return nil, err
	}
	const file = "charter"
	tables, err := charterSource(file).tables(c.raw)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(tables, func(t charterTable) bool {
		return t.name == "participant" && t.values["code"].text == string(code)
	})
	if i < 0 {
		return nil, ErrNotParticipant.Because("the charter names no participant %s", code)
	}
	quoted := fmt.Sprintf("%q", string(key))
	start, end := lineAfter(c.raw, tables[i].values["code"].end)
	if old, found := tables[i].values["key"]; found {
		start, end = old.start, old.end
	} else {
		quoted = "key = " + quoted + "\n"
		if start == len(c.raw) && c.raw[start-1] != '\n' {
			quoted = "\n" + quoted
		}
	}
	raw := slices.Concat(c.raw[:start], []byte(quoted), c.raw[end:])
	if _, err := ParseCharter(file, raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// lineAfter returns the empty range where the line after the one of offset begins.
func lineAfter(raw []byte, offset int) (start, end int) {
	i := slices.Index(raw[offset:], '\n')
	if i < 0 {
		return len(raw), len(raw)
	}
	return offset + i + 1, offset + i + 1
}

// A charterReader fills a charter, table by table.
type charterReader struct {
	charterSource
	charter Charter
}

func (r *charterReader) read(t charterTable) error {
	for _, key := range requiredKeys(t.name) {
		if _, found := t.values[key]; !found {
			return r.fail(t.line, "%s is missing%s", key, t.place())
		}
	}
	switch t.name {
	case "rules":
		return r.rules(t)
	case "participant":
		return r.participant(t)
	case "group":
		return r.group(t)
	}
	return r.head(t)
}

// language is a language tag of BCP 47 without variants and extensions.
var language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`)

func (r *charterReader) head(t charterTable) error {
	chair, list := t.values["chair"], t.values["languages"]
	r.charter.Title, r.charter.Public = t.values["title"].text, t.values["public"].flag
	if r.charter.Title == "" {
		return r.fail(t.values["title"].line, "title is empty")
	}
	code, err := ParseCode(chair.text)
	if err != nil {
		return r.fail(chair.line, "chair: %v", err)
	}
	r.charter.Chair = code
	if len(list.list) == 0 {
		return r.fail(list.line, "languages must name at least the negotiating language, as in [\"en\"]")
	}
	if len(list.list) > MaxParticipants {
		return r.fail(list.line, "a charter names at most %d languages", MaxParticipants)
	}
	for _, e := range list.list {
		if !language.MatchString(e.text) {
			return r.fail(e.line, "%q is not the tag of a language, such as \"en\" or \"zh-Hans\"", clip(e.text))
		}
		if slices.Contains(r.charter.Languages, e.text) {
			return r.fail(e.line, "language %q is named twice", e.text)
		}
		r.charter.Languages = append(r.charter.Languages, e.text)
	}
	return nil
}

var silence = regexp.MustCompile(`^([0-9]+h)?([0-9]+m)?([0-9]+s)?$`)

func (r *charterReader) rules(t charterTable) error {
	v := t.values["shortest_silence"]
	d, err := time.ParseDuration(v.text)
	if !silence.MatchString(v.text) || err != nil || d <= 0 || d > longestSilence {
		return r.fail(v.line, "shortest_silence is a time of up to %d hours, such as \"72h\", not %q", longestSilence/time.Hour, clip(v.text))
	}
	r.charter.ShortestSilence = d
	return nil
}

func (r *charterReader) participant(t charterTable) error {
	code, err := ParseCode(t.values["code"].text)
	if err != nil {
		return r.fail(t.values["code"].line, "%v", err)
	}
	if _, twice := r.charter.Participant(code); twice {
		return r.fail(t.values["code"].line, "participant %s is named twice", code)
	}
	p := Participant{Code: code, Name: t.values["name"].text}
	if p.Name == "" {
		return r.fail(t.values["name"].line, "the name of %s is empty", code)
	}
	if key := t.values["key"]; key.text != "" {
		p.Key, err = ParsePublicKey(key.text)
		if err != nil {
			return r.fail(key.line, "the key of %s: %v", code, err)
		}
		for _, other := range r.charter.Participants {
			if other.Key == p.Key {
				return r.fail(key.line, "the key of %s is also that of %s: each has a key of its own", code, other.Code)
			}
		}
	}
	if len(r.charter.Participants) == MaxParticipants {
		return r.fail(t.line, "a charter names at most %d participants", MaxParticipants)
	}
	r.charter.Participants = append(r.charter.Participants, p)
	return nil
}

var groupCode = regexp.MustCompile(`^[A-Z]{2,12}$`)

func (r *charterReader) group(t charterTable) error {
	code, members := t.values["code"], t.values["members"]
	g := Group{Code: code.text, Name: t.values["name"].text}
	if !groupCode.MatchString(g.Code) {
		return r.fail(code.line, "%q is not a group's code of 2 to 12 capital letters", clip(g.Code))
	}
	if slices.ContainsFunc(r.charter.Groups, func(other Group) bool { return other.Code == g.Code }) {
		return r.fail(code.line, "group %s is named twice", g.Code)
	}
	if g.Name == "" {
		return r.fail(t.values["name"].line, "the name of %s is empty", g.Code)
	}
	if len(members.list) == 0 {
		return r.fail(members.line, "group %s has no members", g.Code)
	}
	if len(members.list) > MaxParticipants || len(r.charter.Groups) == MaxParticipants {
		return r.fail(members.line, "a charter names at most %d groups and members of each", MaxParticipants)
	}
	for _, e := range members.list {
		if slices.Contains(g.Members, Code(e.text)) {
			return r.fail(e.line, "%s is named twice in group %s", e.text, g.Code)
		}
		g.Members = append(g.Members, Code(e.text))
	}
	r.charter.Groups = append(r.charter.Groups, g)
	return nil
}

// whole checks what one table says of another.
func (r *charterReader) whole(tables []charterTable) error {
	c := r.charter
	if !slices.ContainsFunc(tables, func(t charterTable) bool { return t.name == "rules" }) {
		return r.fail(tables[len(tables)-1].line, "[rules] is missing, with shortest_silence")
	}
	if _, found := c.Participant(c.Chair); !found {
		return r.fail(tables[0].values["chair"].line, "the chair, %s, is not a participant", c.Chair)
	}
	for _, t := range tables {
		if t.name != "group" {
			continue
		}
		code := t.values["code"]
		if _, taken := c.Participant(Code(code.text)); taken {
			return r.fail(code.line, "group %s has the code of a participant", code.text)
		}
		for _, e := range t.values["members"].list {
			if _, found := c.Participant(Code(e.text)); !found {
				return r.fail(e.line, "%q, in group %s, is not a participant", clip(e.text), code.text)
			}
		}
	}
	return nil
}
