package redline

import (
	"slices"
	"testing"
)

func TestMarksJoinReplacementsForTheEye(t *testing.T) {
	for _, c := range []struct {
		base, text string
		want       []Run
	}{
		{"States promote peace in the region.", "States support stability in the region.", []Run{
			{Op: Kept, Text: "States "}, {Op: Deleted, Text: "promote peace"}, {Op: Inserted, Text: "support stability"}, {Op: Kept, Text: " in the region."},
		}},
		{"States promote peace in the region.", "States promote lasting peace in each region.", []Run{
			{Op: Kept, Text: "States promote"}, {Op: Inserted, Text: " lasting"}, {Op: Kept, Text: " peace in "},
			{Op: Deleted, Text: "the"}, {Op: Inserted, Text: "each"}, {Op: Kept, Text: " region."},
		}},
	} {
		marked, err := Compare([]string{c.base}, []string{c.text}).Marked([]string{c.base})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(marked[0].Runs, c.want) {
			t.Errorf("got %+v", marked[0].Runs)
		}
	}
}

func TestMarksShowChangesThatTouchAsOne(t *testing.T) {
	s := Step{Change, 0, 1, []Run{{Op: Deleted, Text: "a"}, {Op: Inserted, Text: "x"}, {}, {Op: Inserted, Text: " y"}, {Op: Kept, Text: "."}}}
	want := []Run{{Op: Deleted, Text: "a"}, {Op: Inserted, Text: "x y"}, {Op: Kept, Text: "."}}
	if got := s.Marks(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestMarkedShowsEveryParagraph(t *testing.T) {
	base, text := []string{"a", "b", "c d", "e"}, []string{"a", "b", "c x", "new", "e"}
	marked, err := Compare(base, text).Marked(base)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, m := range marked {
		line := ""
		for _, run := range m.Runs {
			if run.Op != Deleted {
				line += run.Text
			}
		}
		if m.Kind != Delete {
			shown = append(shown, line)
		}
	}
	if !slices.Equal(shown, text) {
		t.Errorf("shows %q, want %q", shown, text)
	}
}
