package redline

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// statement returns a text of n paragraphs, the same for the same n.
func statement(n, words int) []string {
	random := rand.New(rand.NewPCG(uint64(n), 1))
	text := make([]string, n)
	for i := range text {
		var b strings.Builder
		fmt.Fprintf(&b, "%d. States", i+1)
		for range words {
			fmt.Fprintf(&b, " w%d", int(random.ExpFloat64()*200))
		}
		text[i] = b.String() + "."
	}
	return text
}

// amended changes one word in each of some paragraphs.
func amended(text []string, paragraphs int, seed uint64) []string {
	random := rand.New(rand.NewPCG(seed, 2))
	text = append([]string(nil), text...)
	for range paragraphs {
		i := random.IntN(len(text))
		words := strings.Split(text[i], " ")
		words[2+random.IntN(len(words)-2)] = fmt.Sprintf("amended%d", random.IntN(3))
		text[i] = strings.Join(words, " ")
	}
	return text
}

// BenchmarkQuicwg compares and merges the real files of about 150 KB, in this
// process and with other tools as whole processes: an operation is one file.
func BenchmarkQuicwg(b *testing.B) {
	merges := realMerges(b, "quicwg")
	each := func(name string, do func(m realMerge, dir string)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m := merges[i%len(merges)]
				do(m, filepath.Join(corpus, "quicwg", m.name))
			}
		})
	}
	process := func(name string, args func(dir string) []string) {
		if _, err := exec.LookPath(name); err != nil {
			b.Logf("%s is not here", name)
			return
		}
		each(name+" "+args("")[0], func(_ realMerge, dir string) {
			// The exit code says whether there are differences or conflicts.
			if err := exec.Command(name, args(dir)...).Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
				b.Fatal(err)
			}
		})
	}
	each("redline", func(m realMerge, _ string) {
		base := Cut(m.base)
		Compare(base, Cut(m.ours)).Plain(base, 1)
	})
	process("git", func(dir string) []string {
		return []string{"diff", "--no-index", "--word-diff", dir + "/base.md", dir + "/ours.md"}
	})
	each("merge", func(m realMerge, _ string) { Paste(m.merge().Text()) })
	process("wiggle", func(dir string) []string {
		return []string{"-m", dir + "/ours.md", dir + "/base.md", dir + "/theirs.md"}
	})
	process("git", func(dir string) []string {
		return []string{"merge-file", "-p", dir + "/ours.md", dir + "/base.md", dir + "/theirs.md"}
	})
}

// tabledBy returns proposals of 28 parties, n each, that amend three paragraphs.
func tabledBy(base []string, n int) [][]string {
	texts := make([][]string, 28*n)
	for i := range texts {
		texts[i] = amended(base, 3, uint64(i))
	}
	return texts
}

func proposal(b *testing.B, base []string, i int, text []string) Proposal {
	return Proposal{fmt.Sprint(i), []string{fmt.Sprintf("P%02d", i%28)}, editsTo(b, base, text)}
}

// BenchmarkRolling works out the rolling text of a statement of 200 paragraphs
// with 28 parties × 40 proposals, and of four and sixteen times as many proposals
// and paragraphs: from their whole texts, from their edits, and with one proposal
// put on a table where the others lie.
func BenchmarkRolling(b *testing.B) {
	for _, size := range []struct{ paragraphs, each int }{{200, 40}, {200, 160}, {200, 640}, {800, 40}, {3200, 40}} {
		base := statement(size.paragraphs, 60)
		texts := tabledBy(base, size.each)
		name := fmt.Sprintf("%dx%d", size.paragraphs, len(texts))
		if size.paragraphs*size.each <= 200*160 {
			b.Run(name+"/from texts", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var proposals []Proposal
					for i, text := range texts {
						proposals = append(proposals, proposal(b, base, i, text))
					}
					Rolling(base, proposals)
				}
			})
		}
		var proposals []Proposal
		for i, text := range texts {
			proposals = append(proposals, proposal(b, base, i, text))
		}
		b.Run(name+"/from edits", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Rolling(base, proposals)
			}
		})
		b.Run(name+"/one more", func(b *testing.B) {
			table := NewTable(base)
			for _, p := range proposals {
				table.Put(p)
			}
			table.Document()
			text := amended(base, 3, 1<<40)
			b.ReportAllocs()
			for b.Loop() {
				p := proposal(b, base, len(proposals), text)
				table.Put(p)
				table.Document()
				b.StopTimer()
				table.Remove(p.ID)
				table.Document()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkMoves merges two sides that shuffle everything, and carries the one over
// to the other.
func BenchmarkMoves(b *testing.B) {
	for _, n := range []int{2000, 4000, 8000} {
		base, ours, theirs := shuffled(n)
		b.Run(fmt.Sprint(n, "/merge"), func(b *testing.B) {
			for b.Loop() {
				Merge(base, Side{"ours", ours}, Side{"theirs", theirs}).Places()
			}
		})
		b.Run(fmt.Sprint(n, "/rebase"), func(b *testing.B) {
			for b.Loop() {
				rebase(b, base, ours, theirs)
			}
		})
	}
}

// BenchmarkOneAgainstMany compares a long paragraph with many short ones, without
// and with its words.
func BenchmarkOneAgainstMany(b *testing.B) {
	for _, k := range []int{1, 2, 4} {
		one := []string{strings.Repeat("a\n", 20_000*k)}
		many := slices.Repeat([]string{"b\n\n"}, 12_000*k)
		parts := statement(2000*k, 10)
		whole := []string{strings.Join(parts, " ")}
		b.Run(fmt.Sprint(k, "/other words"), func(b *testing.B) {
			for b.Loop() {
				Compare(one, many)
			}
		})
		b.Run(fmt.Sprint(k, "/split"), func(b *testing.B) {
			for b.Loop() {
				Compare(whole, parts)
			}
		})
	}
}

// BenchmarkOneGap lays out what parties insert in one gap in contradicting orders.
func BenchmarkOneGap(b *testing.B) {
	for _, n := range []int{2000, 4000, 8000} {
		base, ours, theirs := shuffled(n)
		proposals := inserting([]string{"first", "last"}, [][]string{base, ours, theirs})
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Rolling([]string{"first", "last"}, proposals)
			}
		})
	}
}

func BenchmarkCarry(b *testing.B) {
	base := statement(200, 60)
	p, err := NewPassage(base, Compare(base, amended(base, 20, 7)))
	if err != nil {
		b.Fatal(err)
	}
	e := editsTo(b, base, amended(base, 3, 8))
	b.ReportAllocs()
	for b.Loop() {
		p.Carry(e)
	}
}
