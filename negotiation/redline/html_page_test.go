package redline

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An archive in testdata/html holds two texts, or a base and what is proposed for
// it; beside it stands the page that comes of it.
func TestPageCases(t *testing.T) {
	paths, err := filepath.Glob("testdata/html/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			title, _, _ := strings.Cut(string(data), "\n")
			page := pageOf(t, strings.TrimSuffix(title, "."), archive(string(data)))
			checkPage(t, page)
			golden := strings.TrimSuffix(path, ".txtar") + ".html"
			if *update {
				if err := os.WriteFile(golden, page, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(page, want) {
				t.Errorf("the page is no longer that of %s; look at both, and use -update", golden)
			}
		})
	}
}

func pageOf(t *testing.T, title string, files []file) []byte {
	base := Cut(files[0].data)
	if files[0].name == "old" {
		page, err := NewHTML().RedlinePage(Page{Title: title}, base, Compare(base, Cut(files[1].data)))
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	var proposals []Proposal
	for _, f := range files[1:] {
		proposals = append(proposals, Proposal{f.name, f.parties(), editsTo(t, base, Cut(f.data))})
	}
	return NewHTML().RollingPage(Page{Title: title}, Rolling(base, proposals))
}

// checkPage tests that a page runs and loads nothing.
func checkPage(t *testing.T, page []byte) {
	t.Helper()
	text := string(page)
	if !strings.HasPrefix(text, "<!doctype html>\n<html lang=\"en\">\n") {
		t.Error("the page does not begin as one")
	}
	for _, never := range []string{"<script", "<img", "<link", "<iframe", "<object", "<form", " style=", " src=", " on", "@import", "url("} {
		if strings.Contains(withoutText(text), never) {
			t.Errorf("the page has %q", never)
		}
	}
	_, style, _ := strings.Cut(text, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	hash := sha256.Sum256([]byte(style))
	if !strings.Contains(text, base64.StdEncoding.EncodeToString(hash[:])) {
		t.Error("the policy does not allow the style of the page")
	}
}

// withoutText returns the tags and the style of a page.
func withoutText(page string) string {
	var b strings.Builder
	for page != "" {
		_, rest, _ := strings.Cut(page, "<")
		tag, rest, _ := strings.Cut(rest, ">")
		b.WriteString("<" + tag + ">")
		if tag == "style" {
			style, after, _ := strings.Cut(rest, "</style>")
			b.WriteString(style)
			rest = after
		}
		page = rest
	}
	return b.String()
}

// What a caller says about a page is no more trusted than its text.
func TestPageOfStrangers(t *testing.T) {
	for _, p := range []Page{
		{Title: `</title><script>alert(1)</script>`, Lang: `en" onload="alert(1)`},
		{Title: "\x00\ufdd0\xff", Lang: "x"},
		{},
	} {
		page, err := NewHTML().RedlinePage(p, []string{"a"}, Compare([]string{"a"}, []string{"b"}))
		if err != nil {
			t.Fatal(err)
		}
		checkPage(t, page)
		if !bytes.Contains(page, []byte(`<main lang="en">`)) {
			t.Errorf("language %q was taken", p.Lang)
		}
	}
	page := NewHTML().RollingPage(Page{Lang: "ar-x-un"}, Document{})
	if !bytes.Contains(page, []byte(`<main lang="ar-x-un">`)) || !bytes.Contains(page, []byte("<title>Rolling text</title>")) {
		t.Errorf("the page is %s", page)
	}
}
