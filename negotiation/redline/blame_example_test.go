package redline_test

import (
	"encoding/json"
	"fmt"
	"os"

	"concord/negotiation/redline"
)

// The worked example of History.Print.
func ExampleHistory_Print() {
	h, err := redline.Blame(
		[]string{
			"# Statement",
			"1. States shall cooperate.",
			"2. States report every year.",
			"The parties take stock within a year of the adoption.",
			"Done in Almaty.",
		},
		[]string{
			"# Statement",
			"1. States should cooperate.",
			"2. States report every year.",
			"The parties take stock within a year of the adoption, and again a year after.",
			"Done in Almaty.",
		},
		[]string{
			"# Statement",
			"Done in Almaty.",
			"1. States should cooperate on a voluntary basis.",
			"The parties take stock within a year of the adoption.",
			"They do so again a year after.",
		},
	)
	if err != nil {
		panic(err)
	}
	h.Print(os.Stdout, []string{"base", "rev-1", "rev-2"}, true)
	// Output:
	// ⁰ base   17 words
	// ¹ rev-1   1 word
	// ² rev-2  11 words
	//
	// 1⁰  # Statement
	// 2⁰  Done in Almaty.
	//     ↳ moved by ²
	// 3⁰  1. States [-shall-]⁻¹[should]¹ cooperate [on a voluntary basis]².
	// -⁰  [-2. States report every year.-]⁻²
	// 4⁰  The parties take stock within a year of the adoption[-, and again a year
	//     after-]¹⁻².
	// -⁰  ↳ moved to 2 by ²
	// 5²  They do so again a year after.
}

func ExampleHistory_Trace() {
	h := redline.NewHistory([]string{"States shall cooperate."})
	err := h.Add(redline.Redline{{Kind: redline.Change, From: 0, To: 1, Runs: []redline.Run{
		{Op: redline.Kept, Text: "States "},
		{Op: redline.Deleted, Text: "shall"},
		{Op: redline.Inserted, Text: "should"},
		{Op: redline.Kept, Text: " cooperate."},
	}}})
	if err != nil {
		panic(err)
	}
	data, err := json.MarshalIndent(h.Trace(), "", "  ")
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", data)
	// Output:
	// [
	//   {
	//     "id": 1,
	//     "since": 0,
	//     "index": [
	//       0,
	//       0
	//     ],
	//     "fate": "keep",
	//     "words": [
	//       {
	//         "text": "States ",
	//         "since": 0
	//       },
	//       {
	//         "text": "shall",
	//         "since": 0,
	//         "until": 1
	//       },
	//       {
	//         "text": "should",
	//         "since": 1
	//       },
	//       {
	//         "text": " cooperate.",
	//         "since": 0
	//       },
	//       {
	//         "break": true,
	//         "since": 0
	//       }
	//     ]
	//   }
	// ]
}
