package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"concord/negotiation/redline"
)

// runMerge ends with the exit code 1 if there are conflicts, and with 2 after an
// error.
func runMerge(_ context.Context, c *call) error {
	conflicts, err := c.merge()
	switch {
	case err != nil:
		return &exit{2, err}
	case conflicts > 0:
		return &exit{code: 1}
	}
	return nil
}

// mergeOptions are what concord merge is told besides the names of files.
type mergeOptions struct {
	out        string
	git        bool // conflicts stand between the lines that git marks them with
	labels     []string
	quiet      bool
	markerSize int
	path       string // what reports call the result
}

// maxMarkers bounds the length of git's markers.
const maxMarkers = 1000

// merge merges the files and returns the number of conflicts.
func (c *call) merge() (int, error) {
	o, args, err := c.mergeOptions()
	if err != nil {
		return 0, err
	}
	files, err := c.readTexts(args...)
	if err != nil {
		return 0, err
	}
	texts, dos := withLF(files)
	ours, theirs := o.sides(args)
	base := redline.Cut(texts[0])
	m := redline.Merge(base, redline.Side{Name: ours, Text: redline.Cut(texts[1])}, redline.Side{Name: theirs, Text: redline.Cut(texts[2])})
	text, places := m.Text, m.Places
	if o.git {
		text = func() []string { return m.WithMarkers(ours, theirs, o.markerSize) }
		places = func() []redline.Place { return m.PlacesWithMarkers(ours, theirs, o.markerSize) }
	}
	result := redline.Paste(text())
	if dos {
		result = inDOS(result)
	}
	if o.out == "" || o.out == "/dev/stdout" { // what else is written to it stays
		err = c.print(result)
	} else {
		err = replaceFile(o.out, result)
	}
	if err != nil {
		return 0, err
	}
	if !o.quiet && m.Conflicts+m.Touching > 0 {
		fmt.Fprint(c.stderr, o.report(m.Conflicts, places()))
	}
	return m.Conflicts, nil
}

func (c *call) mergeOptions() (mergeOptions, []string, error) {
	var o mergeOptions
	c.flags.StringVar(&o.out, "o", "", "`file` to write the result to, whole or not at all (default: standard output)")
	toStdout := c.flags.Bool("p", false, "write the result to standard output, as without -o")
	conflicts := c.choice("conflicts", "how conflicts stand in the result", "brackets", "brackets", "git")
	c.flags.Func("L", "what to call a file in conflicts; up to three `name`s, in the order of the files", func(s string) error {
		o.labels = append(o.labels, s)
		return nil
	})
	c.flags.BoolVar(&o.quiet, "q", false, "do not report on standard error")
	c.flags.IntVar(&o.markerSize, "marker-size", 7, "`length` of git's markers")
	c.flags.StringVar(&o.path, "path", "", "what reports call the result, if it is not `name`d by -o")
	args, err := c.parse(3, 3)
	if err != nil {
		return o, nil, err
	}
	o.git = *conflicts == "git"
	switch {
	case *toStdout && o.out != "":
		err = fmt.Errorf("%w: -p and -o exclude one another", errUsage)
	case len(o.labels) > 3:
		err = fmt.Errorf("%w: -L is given %d times, for three files", errUsage, len(o.labels))
	case o.markerSize < 1 || o.markerSize > maxMarkers:
		err = fmt.Errorf("%w: --marker-size is between 1 and %d", errUsage, maxMarkers)
	case c.given("marker-size") && !o.git:
		err = fmt.Errorf("%w: --marker-size goes with --conflicts git", errUsage)
	}
	if o.out == "-" {
		o.out = ""
	}
	if o.path == "" {
		o.path = o.out
	}
	return o, args, err
}

// sides returns what OURS and THEIRS are called, which differs.
func (o mergeOptions) sides(args []string) (ours, theirs string) {
	ours, theirs = o.side(1, args[1], "ours"), o.side(2, args[2], "theirs")
	if ours == theirs {
		ours, theirs = ours+" (ours)", theirs+" (theirs)"
	}
	return ours, theirs
}

// side returns what a file is called: its label or else its own name, or, where these
// are none, the role. git before version 2.44 leaves %X and %Y in a driver's command
// as they are.
func (o mergeOptions) side(i int, name, role string) string {
	if i < len(o.labels) {
		name = o.labels[i]
	}
	special := func(r rune) bool { return !unicode.IsPrint(r) || !o.git && (r == '[' || r == ']') }
	if name == "" || name == "-" || name == "%X" || name == "%Y" || strings.ContainsFunc(name, special) {
		return role
	}
	return name
}

// report says what a person should look at in the result; "" if there is nothing.
func (o mergeOptions) report(conflicts int, places []redline.Place) string {
	var disputed, touching []int // lines
	for _, p := range places {
		if p.Conflict {
			disputed = append(disputed, p.Line)
		} else {
			touching = append(touching, p.Line)
		}
	}
	result := "the result"
	if o.path != "" {
		result = o.path
	}
	var b strings.Builder
	if len(touching) > 0 {
		fmt.Fprintf(&b, "concord merge: both sides changed one sentence, each at another place, in the %s of %s. Both changes stand: read it once more.\n", paragraphsAt(touching), result)
	}
	if conflicts > 0 {
		what := "Keep one of the wordings in brackets at each place."
		if o.git {
			mark := func(s string) string { return strings.Repeat(s, o.markerSize) }
			what = fmt.Sprintf("Keep what shall stand, and take out the lines with %s, %s and %s.", mark("<"), mark("="), mark(">"))
		}
		fmt.Fprintf(&b, "concord merge: %s, in the %s of %s. %s\n", counted(conflicts, "conflict", "conflicts"), paragraphsAt(disputed), result, what)
	}
	return b.String()
}

// paragraphsAt lists lines on which paragraphs begin: "paragraphs at lines 3 and 7".
func paragraphsAt(lines []int) string {
	const most = 10
	var words []string
	for _, line := range slices.Compact(lines[:min(most, len(lines))]) {
		words = append(words, strconv.Itoa(line))
	}
	n := len(words)
	switch {
	case n == 1:
		return "paragraph at line " + words[0]
	case len(lines) > most:
		return fmt.Sprintf("paragraphs at lines %s and %d others", strings.Join(words, ", "), len(lines)-most)
	}
	return "paragraphs at lines " + strings.Join(words[:n-1], ", ") + " and " + words[n-1]
}
