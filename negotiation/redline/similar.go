package redline

import "slices"

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

// A bag is the words of a paragraph without their order: sorted numbers, and
// what they weigh together. A word weighs its length; white space and
// punctuation weigh nothing.
type bag struct {
	words  []int32
	weight int
}

func (l *lexicon) bag(tokens []string) *bag {
	b := new(bag)
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
		b.words = append(b.words, id)
		b.weight += len(t)
	}
	slices.Sort(b.words)
	return b
}

func union(bags ...*bag) *bag {
	all := new(bag)
	for _, b := range bags {
		all.words = append(all.words, b.words...)
		all.weight += b.weight
	}
	slices.Sort(all.words)
	return all
}

// shared returns the weight of the words that a and b have in common, each as
// often as it occurs in both.
func (l *lexicon) shared(a, b *bag) int {
	weight, i, j := 0, 0, 0
	for i < len(a.words) && j < len(b.words) {
		switch {
		case a.words[i] < b.words[j]:
			i++
		case a.words[i] > b.words[j]:
			j++
		default:
			weight += l.weights[a.words[i]]
			i, j = i+1, j+1
		}
	}
	return weight
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
