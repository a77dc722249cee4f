package redline

import (
	"fmt"
	"math/rand/v2"
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

func BenchmarkCompare(b *testing.B) {
	base := statement(600, 50) // about 150 KB
	text := amended(base, 60, 1)
	b.SetBytes(int64(len(strings.Join(base, "\n"))))
	b.ReportAllocs()
	for b.Loop() {
		Compare(base, text)
	}
}

func BenchmarkCompareParallel(b *testing.B) {
	sets := parallel(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, texts := range sets {
			for _, text := range texts[1:] {
				Compare(texts[0], text)
			}
		}
	}
}

// 28 parties with 10 proposals each, and more, over 200 paragraphs.
func BenchmarkRolling(b *testing.B) {
	base := statement(200, 60)
	for _, times := range []int{1, 4, 16} {
		var proposals []Proposal
		for i := range 280 * times {
			e := editsTo(b, base, amended(base, 3, uint64(i)))
			proposals = append(proposals, Proposal{fmt.Sprint(i), []string{fmt.Sprintf("P%02d", i%28)}, e})
		}
		b.Run(fmt.Sprint(len(proposals)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Rolling(base, proposals)
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
