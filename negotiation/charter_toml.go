package negotiation

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"golang.org/x/text/unicode/norm"
)

// A charterTable is a table of a charter's TOML. The first of a charter, without
// a name, holds the keys before any heading.
type charterTable struct {
	name   string
	line   int // of its heading
	values map[string]charterValue
}

// A charterValue is a value and where it stands.
type charterValue struct {
	line       int
	start, end int // of the value's bytes; of texts only
	text       string
	odd        bool // a text that is written with escapes or over several lines
	flag       bool
	list       []charterValue // texts
}

// place says where a key belongs, for a message.
func (t charterTable) place() string {
	switch t.name {
	case "":
		return ""
	case "rules":
		return " under [rules]"
	}
	return " under this [[" + t.name + "]]"
}

func requiredKeys(table string) []string {
	switch table {
	case "":
		return []string{"title", "chair", "languages"}
	case "rules":
		return []string{"shortest_silence"}
	case "participant":
		return []string{"code", "name"}
	}
	return []string{"code", "name", "members"}
}

// kindOf returns what the value of a key is; Invalid for a key that a charter
// does not have. (go-toml's own decoder would accept any spelling of its case.)
func kindOf(table, key string) unstable.Kind {
	switch table + "." + key {
	case ".title", ".chair", "rules.shortest_silence", "participant.code", "participant.name", "participant.key", "group.code", "group.name":
		return unstable.String
	case ".languages", "group.members":
		return unstable.Array
	case ".public":
		return unstable.Bool
	}
	return unstable.Invalid
}

// A charterSource says where a charter comes from, for messages.
type charterSource string

func (f charterSource) fail(line int, format string, args ...any) error {
	return &LineError{Fault: ErrCharter, File: string(f), Line: line, Reason: fmt.Sprintf(format, args...)}
}

// tables reads the tables of raw, which has at most MaxCharter bytes, in order:
// all of their keys are a charter's, once, with values of their kind.
func (f charterSource) tables(raw []byte) ([]charterTable, error) {
	if err := f.legible(raw); err != nil {
		return nil, err
	}
	var p unstable.Parser
	p.Reset(raw)
	tables := []charterTable{{line: 1, values: map[string]charterValue{}}}
	for p.NextExpression() {
		node := p.Expression()
		name, line := keyPath(raw, node)
		if node.Kind == unstable.KeyValue {
			if err := f.put(tables[len(tables)-1], name, line, raw, node.Value()); err != nil {
				return nil, err
			}
			continue
		}
		if want, known := headings(name); !known || node.Kind != want {
			return nil, f.fail(line, "a charter has the headings [rules], [[participant]] and [[group]] only")
		}
		tables = append(tables, charterTable{name, line, map[string]charterValue{}})
	}
	if err := p.Error(); err != nil {
		return nil, f.fail(tables[len(tables)-1].line, "%s", strings.TrimPrefix(err.Error(), "toml: "))
	}
	return tables, nil
}

// legible refuses what nobody could read as TOML, or not as it is meant.
func (f charterSource) legible(raw []byte) error {
	if at := invalidUTF8(raw); at >= 0 {
		return f.fail(lineAt(raw, at), reasonNotUTF8)
	}
	for i, line := range strings.Split(string(raw), "\n") {
		if strings.HasSuffix(line, "\r") {
			return f.fail(i+1, "this line ends as on Windows (CR LF): save the file with line ends of Unix (LF)")
		}
		if bad := invisible(line); bad != nil {
			return f.fail(i+1, "%s", bad.reason)
		}
		if !norm.NFC.IsNormalString(line) {
			return f.fail(i+1, reasonNotNFC)
		}
	}
	err := toml.Unmarshal(raw, &map[string]any{})
	if err == nil {
		return nil
	}
	line, reason := 1, err.Error()
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		line, _ = syntax.Position()
	}
	return f.fail(line, "%s", strings.TrimPrefix(reason, "toml: "))
}

// put adds the value of a key to table t.
func (f charterSource) put(t charterTable, key string, line int, raw []byte, node *unstable.Node) error {
	want := kindOf(t.name, key)
	if want == unstable.Invalid {
		return f.fail(line, "%q is not a key of a charter%s", clip(key), t.place())
	}
	v, ok := readValue(raw, node, want)
	if !ok {
		return f.fail(line, "%s must be %s", key, wanted(want))
	}
	if at, reason := v.flaw(); reason != "" {
		return f.fail(at, "%s: %s", key, reason)
	}
	v.line = line
	t.values[key] = v
	return nil
}

// keyPath returns the key of a node as it is written, dotted, and its line.
func keyPath(raw []byte, node *unstable.Node) (name string, line int) {
	var parts []string
	for it := node.Key(); it.Next(); {
		if len(parts) == 0 {
			line = lineAt(raw, int(it.Node().Raw.Offset))
		}
		written := it.Node().Raw
		parts = append(parts, string(raw[written.Offset:written.Offset+written.Length]))
	}
	return strings.Join(parts, "."), line
}

func headings(name string) (kind unstable.Kind, known bool) {
	switch name {
	case "rules":
		return unstable.Table, true
	case "participant", "group":
		return unstable.ArrayTable, true
	}
	return unstable.Invalid, false
}

// readValue reads a node; false when it is not of the kind wanted.
func readValue(raw []byte, node *unstable.Node, want unstable.Kind) (charterValue, bool) {
	if node.Kind != want {
		return charterValue{}, false
	}
	start := int(node.Raw.Offset)
	v := charterValue{line: lineAt(raw, start), start: start, end: start + int(node.Raw.Length)}
	switch want {
	case unstable.String:
		v.text = string(node.Data)
		v.odd = v.end-v.start != len(v.text)+len(`""`)
	case unstable.Bool:
		v.flag = bytes.Equal(node.Data, []byte("true"))
	case unstable.Array:
		for it := node.Children(); it.Next(); {
			e, ok := readValue(raw, it.Node(), unstable.String)
			if !ok {
				return charterValue{}, false
			}
			v.list = append(v.list, e)
		}
	}
	return v, true
}

// flaw reports what is wrong with a value whatever its key, and the line.
func (v charterValue) flaw() (line int, reason string) {
	for _, e := range append(v.list, v) {
		switch {
		case e.odd:
			return e.line, "write this on one line and as it is to be read, without “\\”; what has quotation marks itself stands in single ones"
		case len(e.text) > maxValue:
			return e.line, fmt.Sprintf("this is longer than %d bytes", maxValue)
		}
	}
	return 0, ""
}

func wanted(kind unstable.Kind) string {
	switch kind {
	case unstable.Bool:
		return "true or false"
	case unstable.Array:
		return "a list of texts, as in [\"one\", \"two\"]"
	}
	return "a text in quotation marks"
}
