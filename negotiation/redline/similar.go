package redline

import (
	"cmp"
	"slices"
)

// How alike two paragraphs are is measured in thousandths.
const (
	same       = 1100 // equal byte for byte
	alike      = 400  // from here on one is a changed form of the other
	alikeAlone = 250  // the same, where there is only one of either
	nearlySame = 800  // from here on one is the other, moved
	moveWords  = 5    // a changed paragraph is taken for moved only if it has as many words
	reunited   = 700  // the share of a paragraph that must come from the one it was split from
)

// A lexicon numbers the words of the two texts of one comparison.
type lexicon struct {
	ids     map[string]int32
	weights []int
}

// A bag is the words of a paragraph without their order. A word weighs its length;
// white space and punctuation weigh nothing.
type bag struct {
	words  []counted // ascending, each once
	size   int       // words, each as often as it occurs
	weight int       // of all of them
}

// A counted word occurs so many times.
type counted struct{ id, n int32 }

func (l *lexicon) bag(tokens []string) *bag {
	b := new(bag)
	var ids []int32
	for _, t := range tokens {
		if !isWord(t) {
			continue
		}
		id, ok := l.ids[t]
		if !ok {
			id = int32(len(l.weights))
			l.ids[t] = id
			l.weights = append(l.weights, len(t))
		}
		ids = append(ids, id)
		b.size++
		b.weight += len(t)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if n := len(b.words); n == 0 || b.words[n-1].id != id {
			b.words = append(b.words, counted{id: id})
		}
		b.words[len(b.words)-1].n++
	}
	return b
}

// shared returns the weight of the words that a and b have in common, each as
// often as it occurs in both. It takes time in the size of the smaller, times the
// logarithm of how much larger the other is.
func (l *lexicon) shared(a, b *bag) int {
	few, many := a.words, b.words
	if len(few) > len(many) {
		few, many = many, few
	}
	weight := 0
	for _, w := range few {
		many = many[before(many, w.id):]
		if len(many) == 0 {
			break
		}
		if many[0].id == w.id {
			weight += l.weights[w.id] * int(min(w.n, many[0].n))
		}
	}
	return weight
}

// before returns how many words come before id, in steps that double until they
// pass it.
func before(words []counted, id int32) int {
	lo, hi := 0, 1
	for hi <= len(words) && words[hi-1].id < id {
		lo, hi = hi, 2*hi
	}
	n, _ := slices.BinarySearchFunc(words[lo:min(hi, len(words))], id, func(w counted, id int32) int { return cmp.Compare(w.id, id) })
	return lo + n
}

// A remainder is how often each word of a whole occurs beyond some of its parts.
type remainder map[int32]int32

func (b *bag) remainder() remainder {
	r := make(remainder, len(b.words))
	for _, w := range b.words {
		r[w.id] = w.n
	}
	return r
}

// take takes the words of another part out of r.
func (r remainder) take(part *bag) {
	for _, w := range part.words {
		if n, ok := r[w.id]; ok {
			r[w.id] = max(0, n-w.n)
		}
	}
}

// completes reports whether most of part is words that are in r.
func (l *lexicon) completes(r remainder, part *bag) bool {
	if part.weight == 0 {
		return false
	}
	gain := 0
	for _, w := range part.words {
		gain += l.weights[w.id] * int(min(w.n, r[w.id]))
	}
	return 1000*gain >= reunited*part.weight
}

// alike returns the mean of two shares: of all words, those in common; and of
// the shorter paragraph's words, those in common, so that a paragraph stays
// itself when much is added to it.
func (l *lexicon) alike(a, b *bag) int {
	least := min(a.weight, b.weight)
	if least == 0 {
		return 0
	}
	shared := l.shared(a, b)
	return (1000*2*shared/(a.weight+b.weight) + 1000*shared/least) / 2
}

// dice returns, of all words of a and b, the share in common.
func (l *lexicon) dice(a, b *bag) int {
	if a.weight+b.weight == 0 {
		return 0
	}
	return 1000 * 2 * l.shared(a, b) / (a.weight + b.weight)
}
