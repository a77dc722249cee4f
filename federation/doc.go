// Package federation carries acts between nodes, over NATS.
//
// Acts authenticate themselves: what arrives here is handed to a [Store], which
// verifies everything, and nothing is believed because of the way it came. So
// federation has one task, that every node gets to hold what any node holds,
// and one means that suffices for it: nodes say which heads they hold, and
// fetch from one another what they lack. That an act is also published when it
// is made only makes it quick. Every message may be lost, doubled, delayed or
// forged without harm beyond delay.
//
// # Subjects
//
// NEG is the first 16 hexadecimal digits of the negotiation's name, CODE a
// participant's code.
//
//	concord.NEG.CODE.acts     CODE's node publishes an act that it has made
//	concord.NEG.CODE.heads    CODE's node says which heads it holds
//	concord.NEG.CODE.fetch    CODE's node is asked for acts, or which heads it holds now
//	concord.NEG.CODE.fetch.…  likewise, by a participant or observer that a hub names
//	concord.NEG.CODE.kept…    CODE's node has its hub keep acts, see below
//	concord.NEG.CODE.cache    the hub is asked for what it keeps of CODE's acts
//
// What stands under another's subject is refused: on a [Hub] by the accounts of
// [FormatHubConfig] and by what they permit their users to publish, and by every
// receiver, since acts and heads are signed. Whoever
// asks gets the reply at an inbox of its own (_INBOX. or, between accounts,
// _R_.); a request with any other reply subject is not answered. Who asks on a hub
// publishes to fetch, and the hub adds the name of its account, so that each
// requester has its turn, however many requests another sends. Observers have one turn
// together.
//
// # Messages
//
// An acts message is opaque here; its format is the Store's. It has at most
// [MaxActs] bytes.
//
// A heads message is text: lines that end in a line feed, in this order, with
// single spaces; an empty line; the armoured SSHSIG, by the node's key, over all
// that stands before the empty line.
//
//	concord-heads 3
//	negotiation ACT
//	node CODE
//	time 2006-01-02T15:04:05Z
//	answers NONCE
//	head CHAIN SEQUENCE ACT
//
// The line answers is there when the message answers a challenge, and only then.
// ACT is 64 lower-case hexadecimal digits. The time is the sender's, in UTC
// and whole seconds. There is one head line for each tip: an act that no other
// act which the node holds follows. So whoever holds the acts that lead to all
// tips holds all. A chain that is not forked has one tip; one with acts beside
// its line has several, at most 66. The chains are at most 257; the text comes
// first, then the records by name, in a chain the tips by place and then by act.
// SEQUENCE is decimal, from 1 to 2^53-1, without leading zeros. A message has at
// most 64 KiB, its armour at most 4 KiB. When not all tips fit, every chain is
// left the same number of them or all that it has, so that no flood of sides in
// one chain hides another's: first those without which others come to something
// else, as the store has them ([negotiation.Ledger.Tips]). There is always room for
// two of each chain, which is what proves a fork.
//
// A fetch request is text too, of four lines or five and at most 256 bytes:
//
//	concord-fetch 2
//	negotiation ACT
//	chain CHAIN
//	from SEQUENCE
//	act ACT
//
// Its reply is an acts message with acts of that chain from that sequence number
// on: those that lead to the act, and the act; without the last line, those of
// the line. It is empty when the node has none. In place of an act the last line
// may name something else that a [Store] says it lacks, and the line before its
// place.
//
// A challenge goes where fetch requests go, and is text of three lines:
//
//	concord-challenge 1
//	negotiation ACT
//	nonce NONCE
//
// NONCE is 32 lower-case hexadecimal digits, not all of them 0: random, and used once.
// The reply is the node's heads message with the line answers NONCE. So whoever asks
// knows that it was signed after the asking, and nobody can have anything else signed.
// Each requester has 64 challenges answered at once, and then 8 a second.
//
// The first line names the version. A node ignores a request whose version it
// does not know: it neither answers nor blames anybody. So a later version can
// ask for something else, if whoever sends it falls back on this one where no
// reply comes.
//
// All are canonical: [ParseHeads], [ParseRequest] and [ParseChallenge] accept exactly
// what [FormatHeads], [FormatRequest] and [FormatChallenge] write.
//
// # Hubs
//
// Nodes meet at hubs: NATS servers that they join as leaf nodes, over TLS 1.3, begun
// by whoever connects ("handshake first"), so that nothing passes before it. A hub is
// known by the fingerprint of its key, which its URL carries ([Fingerprint]), or by a
// certificate that the system trusts; a node by its nkey there, which signs a challenge
// of the hub. What passes in plain text stays on one machine. A node may be at several
// hubs at once ([Leaves]), all of which get whatever it says. So what it says comes once
// through each hub that it shares with whoever hears it: fewer copies show that a hub
// withholds, though not which ([Peer.Through]).
//
// # What hubs keep
//
// A hub may keep acts for those who come later, in JetStream: a stream in each
// participant's account, concord-NEG-CODE, which the participant's own node makes
// and fills with the chains that it writes ([Config.Writes]), an acts message under each
// of
//
//	concord.NEG.CODE.kept.TOKEN.SEQUENCE          the act at that place
//	concord.NEG.CODE.kept.TOKEN.SEQUENCE.batch    those from there on, for 1, 65, 129 …
//
// where TOKEN is "text" or the code of a record. Others read it by Direct Get through
// concord.NEG.CODE.cache, and have no rights in it beyond that. A message counts as kept
// when JetStream has said so in the owner's account. The stream has bounds in bytes and
// age and loses the oldest first; whoever runs the hub can delete it or put something
// else there. It is made again when it is gone, and, once an hour at most, when nothing can
// be stored in it three times in a row. Nothing depends on it.
//
// # Observers
//
// An observer is a node without a key and a code ([Config.Code]): it hears all, fetches
// what it lacks, from what the hub keeps and from peers, and verifies it as any node does. It
// publishes nothing, answers nobody, and has nothing kept. On a hub it has an account
// that imports what participants say and exports nothing, so that its credentials
// ([HubSecret.ObserverSeed]) do not let it do more. Nobody would hear of an act that had
// reached it alone, since it tells no heads: so what its account hears as a participant's
// comes from that participant's account only.
//
// # How nodes converge
//
// A node publishes its heads when it starts, when a connection to others comes
// or goes, within a tenth of [Config.HeadsEvery] after acts of its own, every
// HeadsEvery, and soon after it has seen that a peer lacks something, unless another
// has told the same meanwhile. Where there are many nodes, each tells its heads less
// often, so that those that a node gets regularly from all others have at most 64 KiB a
// second: 28 nodes every 2 s, 193 every 52 s. Who lacks something hears of it no later
// for that, since any node that holds it tells. Every tip that a peer tells of and that
// is not held is fetched, the text's first, until it is held. It does not matter whose
// chain it is, nor what counts in it: every node serves all that it holds. So both
// sides of a fork reach every node that talks to one which holds both, and every node
// that holds one side and hears of the other.
//
// Acts cite acts of other chains, and may come before them: then they are parked,
// and given to the Store again when that has grown. For each peer at most 16 messages
// of 4 MiB together are parked, each for a minute at most; what is not is fetched
// again. When nothing closes a gap within a twentieth of [Config.HeadsEvery], the ends
// of the text and of the sender's record are fetched from it.
//
// What leads to a tip is fetched from the end of one's own line on. When the store
// says that it follows an act which is not here, although that act's place is
// taken ([negotiation.ErrPredecessor]), the sides part further back: the fetch is
// repeated from one place before, then two, four, and so on, not further than
// place 1; when all that came is here already, from further on.
//
// When the store says that a message lacks something else than acts, that is
// asked for from the peer that sent it, and the message is tried again, as long as
// less and less is lacking and one [Config.FetchTimeout] is not over. All that comes so
// counts among what the peer has sent for nothing (see Limits).
//
// A chain is fetched from one peer at a time: from one of those who tell of the tip,
// at random, and from its author when two have not delivered it. When that peer has been waited for
// during a fifth of [Config.FetchTimeout], another that is ahead takes the chain
// over, if it has not had such a turn yet or was more than twice as fast, in
// acts a second. So each peer is given one turn, and then the fastest has the
// chain. A tip that a peer does not deliver is asked for again after a time that
// doubles, up to a minute, and so is a peer that does not answer. And of the fetches from one peer at most 128 in a row may
// bring nothing, and then one more a second: so much does a peer cost that tells of
// heads which nobody has. An honest peer comes to that, too, where acts that have no room
// are fetched from it. So when a search for where the sides part is cut short by it, none is
// begun with that peer until it can be ended: it takes at most three fetches for each binary
// digit of the tip's place, and two, which is how many seconds later at most it begins.
//
// Heads of an earlier second than those before them do not count as a sign of
// life, nor do acts: a broker could have kept both.
//
// Heads that do not verify are dropped and counted against their sender. When
// the sender's key is not known here, since one of the two has not yet heard of
// its joining, the heads are a hint: the text and the sender's record are
// fetched, and if that makes the key known the heads count.
//
// # Limits
//
// Whatever a state's node sends, or who has its credentials, costs the others so much,
// and has its own turn: a flood or a bad record holds up nobody else.
//
//	a message                acts and replies 1 MiB, heads 64 KiB, a question 256 bytes
//	messages that wait       32 on their way to the core, and 32 of 4 MiB together there;
//	                         of heads there the last; one is looked at after the other
//	messages on top          none of that subject is listened to for a time that doubles
//	                         up to a minute, so that the hub does not send them either;
//	                         what is missing is fetched
//	that bring nothing       4 MiB, then 256 KiB a second, each counted as 4 KiB more than
//	                         it has; one that brings something gives 64 KiB back
//	what messages lack       counts among what brings nothing, all that comes of it
//	that lack others         16 of 4 MiB together, a minute each
//	fetches from it          one at a time, two of a chain; 128 in a row that bring
//	                         nothing, then one a second, as many together as a search may
//	                         take; again after a time that doubles up to a minute
//	tips that it tells       66 of a chain, of 257 chains
//	questions that wait      64, one in its turn; of all observers, one in their turn
//	answers to it            32 MiB, then 2 MiB a second, each counted as 16 KiB more than
//	                         it has; for observers together. Questions on top get none
//	challenges               64, then 8 a second; of observers together
//	at a hub, connections    4
//	subscriptions            64, and 4 for each participant
//	bytes on their way       16 MiB over a connection, which is cut when there are more
//	open questions           10 seconds long
//	stream                   one, as large as the hub's plan says; no memory; one consumer
//
// Where the broker is not a hub, its operator sets the last five, and it may not tell
// who asks: then questions have one turn, and answers no bound.
//
// What a hub takes from one connection has no bound in bytes a second, since nats-server
// knows none: a flood fills the line from its author to the hub, and the hub's processor.
// How many acts a state may make has none either: who makes many valid ones fills the
// disks of all, in its own name.
//
// # How a node knows its own record
//
// A node whose disk was put back to an earlier state must not sign before it has back
// what it signed since. Heads that it hears do not tell it how far its chains go: a broker
// may have kept them from before, and this run of the node has heard none that are newer.
// So it challenges its peers: all when a connection comes, and until it is sure each whose
// heads are others than it has answered with, four times in [Config.HeadsEvery] at most.
// [Link.Standing] tells what comes of it, from which whoever holds the key decides:
//
//   - A peer that tells of more, in whatever heads, is believed for 30 s in which nothing
//     comes. What it tells of is fetched.
//   - That nobody has more is believed only of answers, and when one is from a peer that
//     has got as far as this node, in these chains and in the text.
//   - One peer may lie, or have been put back to the same day itself, by the same hand: so
//     all that seem to be there are to answer, and one that knows more outweighs all others.
//     They are awaited for 30 s, and not for ever: one that answers nobody, or whose heads a
//     broker plays, must not keep the node from working. When the first has answered, the
//     others are challenged anew, and have as long. Nor is a number of answers asked for:
//     where two states negotiate there is one other.
//
// So it takes all peers that hold the lost acts to be away or cut off, and another to
// lie or to be behind, for a node to be fooled. What no other node holds cannot be known.
//
// # Who holds what
//
// A node holds an act when it has told, in signed heads, of a tip that is the act or
// follows it in its chain ([Link.Delivery]); what stands beside a line is held when a tip
// beside it says so. Since when is the instant, by the clock here, at which such heads
// came first; the heads before them tell since when at the earliest. Of each peer the last
// 1024 steps are kept for that, whatever it tells: of what is older, heads are known to
// have told by then. When a peer's heads go back, what they no longer tell of is not held
// any more. [Link.Deliveries] is all that as text, which [Config.Deliveries] takes after a
// restart: it is signed by nobody, and may be lost.
//
// # How it is built
//
// The protocol is a machine without clock, goroutines or locks: events go in, effects
// come out. [Link] runs it with NATS, the [Store] and the clock. The test TestSimulation
// runs it for 28 nodes, a copy of one with its key and two observers, on real ledgers and
// signatures, in one process with one clock that is simulated, and a scheduler that a seed decides:
//
//	go test ./federation -run '^TestSimulation$' -v -seeds 1000
//
// Messages are lost, doubled, delayed and reordered; nodes are parted in one direction
// or both, killed and started on what their disks have; the broker loses its stream,
// forges, replays, withholds one state's messages, and answers with garbage; members
// fork, sign one act twice, and flood; a disk is full, and a clock a day off. When that
// is over, all hold the same acts within two minutes, in one state: nothing that was
// acknowledged is lost, a fork has its sides everywhere, nobody honest is accused, and
// no queue grows beyond its bound. A seed that fails is named with the command that
// replays it. TestSimulationOfRestoredNodes puts disks back to an earlier day, where the
// broker plays what it has kept.
package federation
