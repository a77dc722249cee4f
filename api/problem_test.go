package api

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

// The table of faults in the package documentation is the one that clients read:
// it holds what the server does, and what the OpenAPI document lists.
func TestProblemsAreAsDocumented(t *testing.T) {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var rows, listed []string
	for _, m := range regexp.MustCompile(`(?m)^//\t([a-z0-9-]+) +([45]\d\d)\b`).FindAllStringSubmatch(string(source), -1) {
		rows = append(rows, m[1])
		p := problemOf("POST", negotiation.Fault(m[1]).Because("a reason"))
		if got := fmt.Sprint(p.Status); got != m[2] {
			t.Errorf("%s: status %s, documented as %s", m[1], got, m[2])
		}
		if p.Type != "urn:concord:problem:"+m[1] || p.Title == "" {
			t.Errorf("%s: %+v", m[1], p)
		}
	}
	fault, _ := readDocument(t).Components.Schemas["Fault"].(map[string]any)
	for _, name := range asList(fault["enum"]) {
		listed = append(listed, name.(string))
	}
	slices.Sort(rows)
	slices.Sort(listed)
	if !slices.Equal(rows, listed) {
		t.Errorf("doc.go has the faults\n%v\nthe OpenAPI document\n%v", rows, listed)
	}
}

func TestProblemTellsNoCauseThatIsTheNodesOwn(t *testing.T) {
	p := problemOf("POST", fmt.Errorf("repository: writing: %w", errors.New("open /srv/data: disk quota exceeded")))
	if p.Status != 500 || p.Fault != errInternal {
		t.Errorf("%+v", p)
	}
	if strings.Contains(p.Detail, "Nothing was stored") || !strings.Contains(p.Detail, "look first whether it is in the record") {
		t.Errorf("an act that may be completed later is told of as %q", p.Detail)
	}
	if strings.Contains(p.Detail, "srv") || strings.Contains(p.Detail, "repository") {
		t.Errorf("a person reads the chain of errors: %q", p.Detail)
	}
}
