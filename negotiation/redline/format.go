package redline

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const header = "concord-redline 1"

// Format writes r in the signed format. What it writes for a redline that
// breaks a rule of the package doc, [Parse] refuses. It takes time in the size
// of r.
func Format(r Redline) []byte {
	var b bytes.Buffer
	b.WriteString(header + "\n")
	for _, s := range r {
		b.WriteString(s.Kind.String())
		if s.Kind != Insert {
			fmt.Fprintf(&b, " %d", s.From+1)
		}
		if s.To-s.From > 1 {
			fmt.Fprintf(&b, " %d", s.To)
		}
		b.WriteByte('\n')
		for _, run := range s.Runs {
			run.format(&b)
		}
	}
	return b.Bytes()
}

func (run Run) format(b *bytes.Buffer) {
	mark := " -+"[run.Op]
	switch {
	case run.Break:
		b.WriteString("/" + string(mark) + "\n")
		return
	case run == Run{}:
		b.WriteString("|\n")
		return
	}
	b.WriteByte(mark)
	b.WriteString(run.Text)
	b.WriteByte('\n')
}

// Parse reads the signed format. It accepts exactly what [Format] writes for a
// redline that breaks no rule, so that two different byte strings are never
// the same redline. Any error is an [*Error] with the line. It takes time in
// the length of data, and refuses more than [MaxSize] bytes unread.
func Parse(data []byte) (Redline, error) {
	if len(data) > MaxSize {
		return nil, &Error{Reason: fmt.Sprintf("larger than %d bytes", MaxSize)}
	}
	rest, ok := strings.CutPrefix(string(data), header+"\n")
	if !ok {
		return nil, &Error{Line: 1, Reason: "does not begin with " + header}
	}
	r := Redline{}
	var lines []int // of the steps
	for line := 2; rest != ""; line++ {
		var text string
		if text, rest, ok = strings.Cut(rest, "\n"); !ok {
			return nil, &Error{Line: line, Reason: "does not end with LF"}
		}
		if !utf8.ValidString(text) {
			return nil, &Error{Line: line, Reason: "is not UTF-8"}
		}
		if text != "" && strings.IndexByte(" -+/|", text[0]) >= 0 {
			if len(r) == 0 {
				return nil, &Error{Line: line, Reason: "words before the first step"}
			}
			last := &r[len(r)-1]
			last.Runs = append(last.Runs, parseRun(text))
			continue
		}
		s, err := parseStep(text)
		if err != nil {
			return nil, &Error{Line: line, Reason: err.Error()}
		}
		r = append(r, s)
		lines = append(lines, line)
	}
	if _, f := r.check(MaxParagraphs, MaxParagraphs); f != nil {
		return nil, &Error{Line: lines[f.step] + 1 + f.run, Step: f.step + 1, Reason: f.reason}
	}
	if !bytes.Equal(Format(r), data) {
		return nil, &Error{Reason: "not in canonical form"}
	}
	return r, nil
}

// parseRun reads a line that begins with a run's mark. One that is wrong comes
// out as a run that breaks a rule.
func parseRun(line string) Run {
	switch line[0] {
	case ' ':
		return Run{Op: Kept, Text: line[1:]}
	case '-':
		return Run{Op: Deleted, Text: line[1:]}
	case '+':
		return Run{Op: Inserted, Text: line[1:]}
	}
	switch line {
	case "|":
		return Run{}
	case "/-":
		return Run{Op: Deleted, Break: true}
	case "/+":
		return Run{Op: Inserted, Break: true}
	}
	return Run{Op: Kept, Break: true}
}

func parseStep(line string) (Step, error) {
	fields := strings.Split(line, " ")
	s := Step{}
	for ; s.Kind.String() != fields[0]; s.Kind++ {
		if int(s.Kind) >= len(kindNames) {
			return s, fmt.Errorf("is neither a step nor words")
		}
	}
	numbers := fields[1:]
	most := 1
	switch s.Kind {
	case Insert:
		most = 0
	case Keep, Join:
		most = 2
	}
	if len(numbers) > most || len(numbers) == 0 && s.Kind != Insert {
		return s, fmt.Errorf("names %d paragraphs", len(numbers))
	}
	if s.Kind == Insert {
		return s, nil
	}
	first, err := parseNumber(numbers[0])
	if err != nil {
		return s, err
	}
	s.From, s.To = first-1, first
	if len(numbers) == 2 {
		if s.To, err = parseNumber(numbers[1]); err != nil {
			return s, err
		}
		if s.To <= first {
			return s, fmt.Errorf("ends where it begins or before")
		}
	}
	return s, nil
}

// parseNumber reads the number of a paragraph, counted from 1.
func parseNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > MaxParagraphs || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("does not name a paragraph between 1 and %d", MaxParagraphs)
	}
	return n, nil
}
