package redline_test

import (
	"fmt"
	"os"
	"strings"

	"concord/negotiation/redline"
)

// The worked example of the package doc.
func ExampleFormat() {
	base := []string{
		"# Statement",
		"1. States shall cooperate.",
		"2. States shall report.",
		"## Follow-up",
		"The parties take stock of what was done.",
		"Done in Almaty.",
	}
	text := []string{
		"# Statement",
		"1. States shall cooperate on a voluntary basis.",
		"The parties take stock of what was done.",
		"3. They exchange experience.",
		"## Follow-up",
		"Agreed in Almaty.",
	}
	os.Stdout.Write(redline.Format(redline.Compare(base, text)))
	// Output:
	// concord-redline 1
	// keep 1
	// change 2
	//  1. States shall cooperate
	// + on a voluntary basis
	//  .
	// delete 3
	// -2. States shall report.
	// keep 5
	// insert
	// +3. They exchange experience.
	// move 4
	//  ## Follow-up
	// change 6
	// -Done
	// +Agreed
	//   in Almaty.
}

func ExampleRolling() {
	base := []string{"1. States shall cooperate."}
	propose := func(id, text string, parties ...string) redline.Proposal {
		edits, err := redline.Compare(base, []string{text}).Edits(base)
		if err != nil {
			panic(err)
		}
		return redline.Proposal{ID: id, Parties: parties, Edits: edits}
	}
	d := redline.Rolling(base, []redline.Proposal{
		propose("a", "1. States should cooperate.", "JPN", "IND"),
		propose("b", "1. States may cooperate.", "CHN"),
		propose("c", "1. States shall cooperate on a voluntary basis.", "KAZ"),
	})
	fmt.Println(strings.Join(d.Markdown(), "\n"))
	fmt.Println(strings.Join(d.Take("c", "b"), "\n"))
	// Output:
	// 1. States [shall][should – IND, JPN][may – CHN] cooperate [on a voluntary basis – KAZ].
	// 1. States may cooperate on a voluntary basis.
}
