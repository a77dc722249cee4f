package bracket_test

import (
	"fmt"

	"concord/negotiation/bracket"
)

const text = `## Operative part

1. [States [shall][should – IND] report.][no text – KAZ]

1. They meet [once/twice] a year, for the first time within [5] years, and
   see to the [Report of the [Group][Committee]](https://un.org/report).

1. **Option 1:** The secretariat reports [in writing – JPN.

   **Option 2:** No text
`

// The worked example of the package doc.
func ExampleParse() {
	d := bracket.Parse(text)
	fmt.Println(d.String() == text)
	fmt.Printf("%d places are open\n", d.Tally().Open())
	for p := range d.Places() {
		fmt.Printf("paragraph %d, %d deep:", p.Paragraph, p.Depth)
		for _, a := range p.Alternatives {
			fmt.Printf(" %q%v", a.Words(), a.Parties)
		}
		fmt.Println()
	}
	for _, c := range d.Choices {
		fmt.Printf("paragraph %d:", c.Options[0].Paragraph)
		for _, o := range c.Options {
			fmt.Printf(" %s;", o.Label.Name())
			if o.NoText {
				fmt.Print(" (no text)")
			}
		}
		fmt.Println()
	}
	for _, s := range d.Strays {
		fmt.Println(s)
	}
	// Output:
	// true
	// 6 places are open
	// paragraph 1, 1 deep: "States [shall][should – IND] report."[] "no text"[KAZ]
	// paragraph 1, 2 deep: "shall"[] "should"[IND]
	// paragraph 2, 1 deep: "once"[] "twice"[]
	// paragraph 2, 1 deep: "5"[]
	// paragraph 2, 1 deep: "Group"[] "Committee"[]
	// paragraph 3: Option 1; Option 2; (no text)
	// line 8, column 42: this "[" never closes
}
