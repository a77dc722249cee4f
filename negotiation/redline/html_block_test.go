package redline

import "testing"

func TestHTMLBlocks(t *testing.T) {
	for paragraph, want := range map[string]htmlBlock{
		"":                       {tag: "p"},
		"States act.":            {tag: "p"},
		"# A":                    {tag: "h1", class: "heading", marker: 2},
		"###### A":               {tag: "h6", class: "heading", marker: 7},
		"####### A":              {tag: "p"},
		"#A":                     {tag: "p"},
		"- a":                    {tag: "p", class: "bullet item", depth: 1, marker: 2},
		"  * a":                  {tag: "p", class: "bullet item", depth: 2, marker: 4},
		"   - a":                 {tag: "p", class: "bullet item", depth: 2, marker: 5},
		"    + a":                {tag: "p", class: "bullet item", depth: 2, marker: 6},
		"\t\t- a":                {tag: "p", class: "bullet item", depth: 4, marker: 4},
		"                   - a": {tag: "p", class: "bullet item", depth: 6, marker: 21},
		"1. a":                   {tag: "p", class: "item", depth: 1},
		"   12) a":               {tag: "p", class: "item", depth: 2, marker: 3},
		"1.a":                    {tag: "p"},
		"> a\n> b":               {tag: "p", class: "quotation", marker: 2},
		"| a | b |":              {tag: "pre", class: "verbatim row"},
		"```go\na\n```":          {tag: "pre", class: "verbatim"},
		"~~~\na\n~~~":            {tag: "pre", class: "verbatim"},
		"    a":                  {tag: "pre", class: "verbatim"},
		"\ta":                    {tag: "pre", class: "verbatim"},
		"---\ntitle: a\n---":     {tag: "pre", class: "verbatim"},
		"---":                    {tag: "p"},
	} {
		if got := htmlBlockOf(paragraph); got != want {
			t.Errorf("%q is %+v, want %+v", paragraph, got, want)
		}
	}
}
