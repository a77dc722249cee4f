package redline

import (
	"slices"
	"testing"
)

// Lines are wrapped again, and a word is put in.
func TestWrappingMakesNoWordNew(t *testing.T) {
	words := []Words{{Text: "States shall\ncooperate in\nthe region."}}
	got := woven(words, []Run{
		{Op: Kept, Text: "States "},
		{Op: Deleted, Text: "shall\ncooperate in\nthe"}, {Op: Inserted, Text: "shall cooperate\nfully in the"},
		{Op: Kept, Text: " region."},
	}, 1)
	want := []Words{
		{Text: "States shall"}, {Text: "\n", Until: 1}, {Text: " ", Since: 1}, {Text: "cooperate"},
		{Text: "\nfully", Since: 1}, {Text: " in"}, {Text: "\n", Until: 1}, {Text: " ", Since: 1}, {Text: "the region."},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWordsThroughAStep(t *testing.T) {
	for _, c := range []struct {
		name string
		runs []Run
		want []Words
	}{
		{"end", []Run{{Op: Kept, Text: "the State"}, {Op: Inserted, Text: "s"}},
			[]Words{{Text: "the "}, {Text: "State", Until: 1}, {Text: "States", Since: 1}}},
		{"beginning", []Run{{Op: Kept, Text: "the "}, {Op: Deleted, Text: "St"}, {Op: Kept, Text: "ate"}},
			[]Words{{Text: "the "}, {Text: "State", Until: 1}, {Text: "ate", Since: 1}}},
		{"cut in two", []Run{{Op: Kept, Text: "the St"}, {Op: Inserted, Text: " "}, {Op: Kept, Text: "ate"}},
			[]Words{{Text: "the "}, {Text: "State", Until: 1}, {Text: "St ate", Since: 1}}},
		{"made one", []Run{{Op: Kept, Text: "the"}, {Op: Deleted, Text: " "}, {Op: Kept, Text: "State"}},
			[]Words{{Text: "the State", Until: 1}, {Text: "theState", Since: 1}}},
		{"split", []Run{{Op: Kept, Text: "the St"}, {Op: Inserted, Break: true}, {Op: Kept, Text: "ate"}},
			[]Words{{Text: "the "}, {Text: "State", Until: 1}, {Text: "St", Since: 1}, {Break: true, Since: 1}, {Text: "ate", Since: 1}}},
		{"changes that touch", []Run{{Op: Kept, Text: "the "}, {Op: Deleted, Text: "State"}, {Op: Inserted, Text: "Party"}, {}, {Op: Inserted, Text: " State"}},
			[]Words{{Text: "the "}, {Text: "State", Until: 1}, {Text: "Party State", Since: 1}}},
		{"split before white space", []Run{{Op: Kept, Text: "the"}, {Op: Inserted, Break: true}, {Op: Kept, Text: " State"}},
			[]Words{{Text: "the"}, {Break: true, Since: 1}, {Text: " State"}}},
		{"white space between changes", []Run{{Op: Deleted, Text: "the"}, {Op: Kept, Text: " "}, {Op: Inserted, Text: "the\n"}, {Op: Kept, Text: "State"}, {Op: Inserted, Text: " now"}},
			[]Words{{Text: " ", Since: 1}, {Text: "the"}, {Text: " ", Until: 1}, {Text: "\n", Since: 1}, {Text: "State"}, {Text: " now", Since: 1}}},
		{"white space beside changes", []Run{{Op: Deleted, Text: "the "}, {}, {Op: Inserted, Text: "\n"}, {}, {Op: Inserted, Text: "the "}, {Op: Kept, Text: "State"}, {Op: Inserted, Text: " now"}},
			[]Words{{Text: "\n", Since: 1}, {Text: "the State"}, {Text: " now", Since: 1}}},
	} {
		words := []Words{{Text: "the State"}}
		if got := woven(words, c.runs, 1); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
		if words[0] != (Words{Text: "the State"}) {
			t.Errorf("%s: changes what it is given to %+v", c.name, words)
		}
	}
}
