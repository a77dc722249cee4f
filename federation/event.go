package federation

import (
	"time"

	"concord/negotiation"
)

// An event is what happens to a core. Those at the end answer an effect; each such
// effect is answered once, whatever becomes of it.
type event any

type (
	// begun is the first event.
	begun struct{}

	// tick says that the instant has come which core.due named.
	tick struct{}

	// joined says who takes part. Whoever has once been named stays.
	joined struct{ codes []negotiation.Code }

	// arrived says that a connection to others has come or gone, and whether the way
	// to them is open now.
	arrived struct{ up bool }

	// reached says whether the way to the others is open, and how many hubs their heads
	// can be expected through.
	reached struct {
		up   bool
		hubs int
	}

	// acted says that this node has made an act, which is stored and published.
	acted struct{}

	// heard is a message that a peer's node has published, if nobody forged it.
	heard struct {
		from    negotiation.Code
		heads   bool // or acts
		message []byte
	}

	// told answers tell, checked check, stored store, supplied supply, fetched fetch,
	// and answered challenge.
	told    struct{}
	checked struct {
		from  negotiation.Code
		heads Heads // what the message says; the zero value if that cannot be read
		err   error
	}
	stored struct {
		from negotiation.Code
		lane lane
		err  error
	}
	supplied struct {
		from  negotiation.Code
		lane  lane
		reply []byte
		err   error // none came
	}
	fetched struct {
		from  negotiation.Code
		reply []byte
		err   error // none came
	}
	answered struct {
		from    negotiation.Code
		message []byte
		heads   Heads // what the message says, over the nonce of the challenge
		err     error // it does not, or none came
	}
)

// An effect is what a core wants done. None of them waits for another.
type effect any

type (
	// tell has own heads signed and published.
	tell struct{ tips []negotiation.Head }

	// rollCall has the participants named again, by joined. It needs no answer.
	rollCall struct{}

	// check has a heads message read and verified.
	check struct {
		from    negotiation.Code
		message []byte
	}

	// store has an acts message given to the Store.
	store struct {
		from    negotiation.Code
		lane    lane
		message []byte
	}

	// supply has a peer asked for what its message lacks.
	supply struct {
		from    negotiation.Code
		lane    lane
		request Request
		within  time.Duration
	}

	// fetch has a peer asked for acts, or, for its sake, the cache.
	fetch struct {
		from    negotiation.Code
		cached  bool
		request Request
		within  time.Duration
	}

	// challenge has a peer asked which heads it holds now, over a nonce that nobody can
	// have foreseen.
	challenge struct {
		from   negotiation.Code
		within time.Duration
	}

	// changed tells the observer that something may look different.
	changed struct{}

	// refused has an error logged that a peer's messages have given the first time.
	refused struct {
		from   negotiation.Code
		fault  negotiation.Fault
		theirs bool // or this node's own trouble
		err    error
	}
)

// A lane is one of the two things that are done for each peer at a time.
type lane uint8

const (
	hearing  lane = iota // taking in what it publishes
	fetching             // getting what it holds
)
