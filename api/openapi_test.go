package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A document is the OpenAPI document, as far as it speaks of requests and answers.
type document struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas   map[string]any    `json:"schemas"`
		Responses map[string]answer `json:"responses"`
	} `json:"components"`
}

type operation struct {
	ID         string                `json:"operationId"`
	Security   []map[string][]string `json:"security"`
	Parameters []struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
		Schema   any    `json:"schema"`
	} `json:"parameters"`
	RequestBody struct {
		Content map[string]media `json:"content"`
	} `json:"requestBody"`
	Responses map[string]answer `json:"responses"`
}

type answer struct {
	Ref     string           `json:"$ref"`
	Content map[string]media `json:"content"`
}

type media struct {
	Schema any `json:"schema"`
}

func readDocument(t testing.TB) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(openAPIDocument, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// find returns the operation that answers a request.
func (d document) find(method, path string) (operation, string, bool) {
	parts := strings.Split(strings.TrimPrefix(path, root), "/")
	best, exact := "", -1
	for template := range d.Paths {
		if n := matchTemplate(strings.Split(template, "/"), parts); n > exact {
			best, exact = template, n
		}
	}
	op, ok := d.Paths[best][strings.ToLower(method)]
	return op, best, ok
}

// matchTemplate returns how many parts of a path are literally those of a template,
// -1 if the path is not of it.
func matchTemplate(template, path []string) int {
	if len(template) != len(path) {
		return -1
	}
	exact := 0
	for i, part := range template {
		switch {
		case part == path[i]:
			exact++
		case !strings.HasPrefix(part, "{"):
			return -1
		}
	}
	return exact
}

// check reports how a value breaks a schema. It knows the keywords that the
// document uses, and takes any other for a fault of the document.
func (d document) check(schema, value any, at string) []string {
	s, ok := schema.(map[string]any)
	if !ok {
		return []string{at + ": the schema is not an object"}
	}
	if ref, ok := s["$ref"].(string); ok {
		target, found := d.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
		if !found {
			return []string{at + ": nothing is at " + ref}
		}
		return d.check(target, value, at)
	}
	var bad []string
	for keyword, want := range s {
		if reason := checkKeyword(keyword, want, value); reason != "" {
			bad = append(bad, at+": "+reason)
		}
	}
	switch v := value.(type) {
	case map[string]any:
		bad = append(bad, d.checkObject(s, v, at)...)
	case []any:
		for i, item := range v {
			bad = append(bad, d.check(s["items"], item, fmt.Sprintf("%s[%d]", at, i))...)
		}
	}
	return bad
}

func checkKeyword(keyword string, want, value any) string {
	text, isText := value.(string)
	number, isNumber := value.(float64)
	switch keyword {
	case "description", "properties", "required", "additionalProperties", "items":
	case "type":
		if !slices.Contains(asList(want), typeName(value)) {
			return fmt.Sprintf("is %s, not %v", typeName(value), want)
		}
	case "enum":
		if !slices.Contains(want.([]any), value) {
			return fmt.Sprintf("is %v, not one of %v", value, want)
		}
	case "pattern":
		if isText && !regexp.MustCompile(want.(string)).MatchString(text) {
			return fmt.Sprintf("is %q, not %s", text, want)
		}
	case "minimum":
		if isNumber && number < want.(float64) {
			return fmt.Sprintf("is %v, less than %v", number, want)
		}
	default:
		return "the keyword " + keyword + " is not known to this test"
	}
	return ""
}

func (d document) checkObject(schema, value map[string]any, at string) []string {
	var bad []string
	for _, name := range asList(schema["required"]) {
		if _, found := value[name.(string)]; !found {
			bad = append(bad, fmt.Sprintf("%s: %s is missing", at, name))
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	if properties == nil {
		return bad // an object of which nothing is said
	}
	for name, member := range value {
		property, found := properties[name]
		if !found {
			bad = append(bad, fmt.Sprintf("%s: %s is not in the document", at, name))
			continue
		}
		bad = append(bad, d.check(property, member, at+"."+name)...)
	}
	return bad
}

func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func typeName(v any) any {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

func TestDocumentHasExactlyTheRoutes(t *testing.T) {
	s := &server{Config: Config{Node: convene(t).seat("XAU")}}
	var routed, documented []string
	for _, r := range s.routes().Routes() {
		if path, ok := strings.CutPrefix(r.Path, root); ok && r.Method != "HEAD" {
			routed = append(routed, r.Method+" "+regexp.MustCompile(`:(\w+)`).ReplaceAllString(path, "{$1}"))
		}
	}
	for path, operations := range readDocument(t).Paths {
		for method := range operations {
			documented = append(documented, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(routed)
	slices.Sort(documented)
	if !slices.Equal(routed, documented) {
		t.Errorf("the routes are\n%s\nthe document has\n%s", strings.Join(routed, "\n"), strings.Join(documented, "\n"))
	}
}

func TestDocumentIsStrict(t *testing.T) {
	d := readDocument(t)
	ids := map[string]bool{}
	for path, operations := range d.Paths {
		for method, op := range operations {
			if ids[op.ID] {
				t.Errorf("two operations are %s", op.ID)
			}
			ids[op.ID] = true
			token, open := map[string][]string{"token": {}}, path == "/status" || path == "/openapi.json"
			want := []map[string][]string{{}, token} // reading may need it
			switch {
			case method == "post":
				want = want[1:]
				if _, said := op.Responses["503"]; !said {
					t.Errorf("%s: the document does not say that the key may not be at hand", path)
				}
			case open:
				want = nil
			}
			if !reflect.DeepEqual(op.Security, want) {
				t.Errorf("%s %s: the document has the security %v, want %v", method, path, op.Security, want)
			}
			for _, p := range op.Parameters {
				if p.In == "path" != strings.Contains(path, "{"+p.Name+"}") || p.In == "path" && !p.Required {
					t.Errorf("%s %s: parameter %s does not fit the path", method, path, p.Name)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		strict(t, name, d.Components.Schemas[name])
	}
}

// strict demands that every object in a schema is closed, and only requires what it has.
func strict(t *testing.T, at string, schema any) {
	s, _ := schema.(map[string]any)
	if s["type"] == "object" {
		properties, _ := s["properties"].(map[string]any)
		if s["additionalProperties"] != false || properties == nil {
			t.Errorf("%s: an object is not closed", at)
		}
		for _, name := range asList(s["required"]) {
			if properties[name.(string)] == nil {
				t.Errorf("%s: requires %s, which it does not have", at, name)
			}
		}
		for name, property := range properties {
			strict(t, at+"."+name, property)
		}
	}
	if s["items"] != nil {
		strict(t, at+"[]", s["items"])
	}
}
