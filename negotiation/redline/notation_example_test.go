package redline_test

import (
	"fmt"

	"concord/negotiation/redline"
)

func ExampleRedline_Critic() {
	base := []string{"States shall cooperate."}
	r := redline.Compare(base, []string{"States should cooperate on a voluntary basis."})
	fmt.Println(r.Critic(base))
	fmt.Println(r.Plain(base, -1))
	// Output:
	// States {~~shall~>should~~} cooperate{++ on a voluntary basis++}.
	// States [-shall-]{+should+} cooperate{+ on a voluntary basis+}.
}

func ExampleParseCritic() {
	old, new, err := redline.ParseCritic(`States {~~shall~>should~~} cooperate{++ fully++}{>>JPN<<}, and write {\++ as it is.`)
	if err != nil {
		panic(err)
	}
	fmt.Println(old)
	fmt.Println(new)
	// Output:
	// States shall cooperate, and write {++ as it is.
	// States should cooperate fully, and write {++ as it is.
}

func ExampleUnified() {
	fmt.Print(redline.Unified("statement.md", "statement.md", "# Statement\nStates shall cooperate.\n", "# Statement\nStates should cooperate.\n"))
	// Output:
	// diff --git a/statement.md b/statement.md
	// --- a/statement.md
	// +++ b/statement.md
	// @@ -1,2 +1,2 @@
	//  # Statement
	// -States shall cooperate.
	// +States should cooperate.
}
