// Package api serves one state's node to people and programs: pages at /, and a
// JSON API under /api/v1 with the same reach. The document at
// /api/v1/openapi.json describes every route of the API, its bodies and its
// answers.
//
// A [Server] keeps nothing of its own. It shows what its [Node] holds, and lets
// the node's participant act; whether an act is admissible is the negotiation's to
// say, and what became of it can be read from any node.
//
// # Who may do what
//
// Whatever writes is a POST and needs the node's token,
//
//	Authorization: Bearer <token>
//
// or, from the pages, the cookie that a browser gets for it. Whoever can reach the
// node may read, if the charter says that the negotiation is public. Otherwise
// reading needs the token, too: the API answers 401, the pages with the form to
// sign in. Open all the same are that form, the pages' static files, the document
// and /api/v1/status, which says how far the node is and nothing of what is
// negotiated; and so is a node that has no charter yet.
//
// On an observer's node ([Config].Observer) nobody acts: the token is for reading what
// is not public, and whatever would write, or shows a form for it, answers 403.
//
// The cookie is SameSite=Strict, and Secure when the request came over TLS or the
// proxy in front says so with X-Forwarded-Proto: https. Requests that a page
// of another site makes are refused, and so are those for a host name that is
// neither a loopback one nor in [Config].Hosts; so a page from elsewhere can
// neither write through a visitor's browser nor read what a node on the
// visitor's machine has.
//
// # Requests and answers
//
// Bodies are UTF-8 of at most 1 MiB; those in JSON have exactly the members that
// the document names, in these very letters, each once; a parameter of the query
// stands there once, too. An answer is either what the document says or a problem
// document (RFC 9457). To table a proposal on the newest revision whose fifth
// paragraph should read otherwise:
//
//	POST /api/v1/proposals
//	{"headline": "Every six months",
//	 "changes": [{"paragraph": 5, "text": "1. States shall … every six months."}]}
//
// The answer has status 201, the proposal's address in Location, and the proposal.
// It was sent after the act was on the node's disk.
//
// GET /api/v1/events is a stream of server-sent events. A "state" event, whose id
// is the state digest, comes at once and whenever the acts held here come to
// something else; after it a "fork" event for each fork that was learnt of or settled
// since; a "link" event when only the standing with other nodes changed.
// Several changes within a tenth of a second are one event.
//
// # What is not sent yet, and what passed by
//
// GET /api/v1/link names the acts of the node's own participant of which no other node has
// told that it holds them (unsent), and the times in which none was heard (outages). GET
// /api/v1/since says what passed the participant by in such a time, as
// [negotiation.State.Absence] has it.
//
// # Stock git
//
// At /record.git is the record as git clones and fetches it, by the rule for reading; the
// token is the password of HTTP's basic authentication then, with any name, or a bearer
// token as elsewhere:
//
//	git clone http://localhost:8420/record.git
//
// It has the chains, the tags of revisions and evidence of forks, and can only be read:
// git push gets 403. Problems are a line of text here, which git shows.
//
// # Problems
//
// The type of a problem is "urn:concord:problem:" and the fault. Its detail says
// what happened, what was kept and what to do next; file and line say where in a
// text or charter a fault is. Nothing is stored of a request that gets a problem, but
// for one with the disk: what had got there may be completed when the disk is right.
//
//	malformed               400  not what the document says
//	not-utf8                400
//	unauthorized            401  no token, or another node's
//	cross-origin            403  a page of another site asked
//	not-author              403  another state's proposal
//	not-chair               403
//	not-participant         403  also a group that one may not speak for
//	read-only               403  an observer's node, or git push
//	not-found               404  no such address
//	unknown-act             404
//	unknown-proposal        404
//	unknown-revision        404  no such revision or paragraph
//	method-not-allowed      405
//	behind                  409  acts of this node's own are with others, and must come back first
//	collision               409  what was to be accepted collides
//	foreign-chain           409
//	gap                     409
//	inadmissible            409  not as things stand; proposals names those that cannot be accepted
//	negotiation             409
//	number                  409  not the next of its row
//	predecessor             409
//	forked                  409  GET /api/v1/forks has the acts that prove it
//	sequence                409
//	signature               409
//	superseded              409  there is a newer wording
//	tree                    409
//	unknown-chain           409
//	withdrawn               409
//	too-large               413
//	unsupported-media-type  415
//	misdirected             421  not a name of this node
//	charter                 422  with file and line
//	empty-redline           422  nothing is changed or decided
//	not-canonical           422
//	redline                 422
//	text                    422  with file and line
//	internal                500  in the node's log
//	slow                    408  a request of git's that does not come whole in time
//	busy                    503  too many event streams or clones
//	disk                    503  the node's disk is full or fails
//	key                     503  the ssh-agent that is to sign does not
package api
