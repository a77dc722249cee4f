package federation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Attacks on what the hub keeps of another's acts, and on who answers for it.

// A message under the id of one that came before is a duplicate for JetStream, and one
// that rolls up takes the place of all others.
func TestAttackSuppressingByMessageID(t *testing.T) {
	s := besiege(t)
	for _, nc := range s.attackers {
		for place := uint64(2); place < 5; place++ {
			kept := s.subjects.kept("XCA", record("XCA"), place)
			for _, header := range []nats.Header{
				{"Nats-Msg-Id": {fmt.Sprint(place)}}, {"Nats-Msg-Id": {fmt.Sprint("genuine-", place)}}, {"Nats-Msg-Id": {kept}},
				{"Nats-Rollup": {"all"}}, {},
			} {
				if err := nc.PublishMsg(&nats.Msg{Subject: kept, Header: header, Data: []byte("record/XCA by-attacker\n")}); err != nil {
					t.Fatal(err)
				}
			}
		}
		// By its answer, what was sent before it has been taken.
		if _, err := nc.Request(streamAPI+"INFO", nil, keepWithin); err != nil {
			t.Fatal(err)
		}
	}
	for place := uint64(2); place < 5; place++ {
		if message, err := s.reader.acts(t.Context(), record("XCA"), place); err != nil || message != nil {
			t.Errorf("at place %d there is kept %q (%v)", place, message, err)
		}
	}
	s.stands(t)
	s.stands(t)
}

// An answer goes to the reply subject: it must not be one that others hear.
func TestAttackReplySubjectAsDeputy(t *testing.T) {
	s := besiege(t)
	heard, err := s.victim.nc.SubscribeSync(string(s.subjects) + ".XAU.*")
	if err != nil {
		t.Fatal(err)
	}
	get, err := json.Marshal(map[string]string{"last_by_subj": s.subjects.kept("XCA", record("XCA"), 1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, nc := range s.attackers {
		for _, deputy := range []string{
			s.subjects.acts("XAU"), s.subjects.heads("XAU"), s.subjects.acts("XCA"),
			s.subjects.kept("XCA", record("XCA"), 1), s.subjects.kept("XCA", record("XCA"), 2),
		} {
			if err := nc.PublishRequest(s.subjects.cache("XCA"), deputy, get); err != nil {
				t.Fatal(err)
			}
		}
		if try(nc, s.subjects.cache("XCA"), map[string]string{"last_by_subj": s.subjects.kept("XCA", record("XCA"), 1)}) == nil {
			t.Error("a rightful question gets no answer")
		}
	}
	s.stands(t)
	for {
		msg, err := heard.NextMsg(time.Millisecond)
		if err != nil {
			break
		}
		if msg.Subject == s.subjects.fetch("XAU") && bytes.HasPrefix(msg.Data, []byte(challengeMagic)) {
			continue // what the victim itself asks
		}
		if msg.Subject != s.subjects.heads("XAU") || !bytes.HasPrefix(msg.Data, []byte(headsMagic)) {
			t.Errorf("something of the attacker's came as XAU's: %s %.60q", msg.Subject, msg.Data)
		}
	}
}

// The stream of another, and its consumers, are out of reach under every name.
func TestAttackHijackingStreamAndConsumer(t *testing.T) {
	s := besiege(t)
	own := s.subjects.stream("XCA")
	info := func() string {
		kept, err := s.hub.transport.(*hub).server.Jsz(&server.JSzOptions{Account: "XCA", Accounts: true, Streams: true, Config: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(kept.AccountDetails) != 1 || len(kept.AccountDetails[0].Streams) != 1 {
			t.Fatalf("XCA has %+v", kept.AccountDetails)
		}
		stream := kept.AccountDetails[0].Streams[0]
		return fmt.Sprintf("%s: %+v, %d messages, %d consumers", stream.Name, *stream.Config, stream.State.Msgs, stream.State.Consumers)
	}
	before := info()
	stream := map[string]any{"name": own, "subjects": []string{"concord.>"}, "max_bytes": 1 << 20}
	consumer := map[string]any{"stream_name": own, "config": map[string]any{"durable_name": "spy", "ack_policy": "none", "deliver_subject": "spy"}}
	for place, nc := range s.attackers {
		for _, api := range []string{"$JS.API.", streamAPI} {
			for request, body := range map[string]any{
				"STREAM.UPDATE." + own: stream, "STREAM.DELETE." + own: nil, "STREAM.PURGE." + own: nil,
				"STREAM.MSG.DELETE." + own: map[string]int{"seq": 1}, "STREAM.MSG.GET." + own: map[string]int{"seq": 1},
				"STREAM.SNAPSHOT." + own: map[string]string{"deliver_subject": "spy"}, "STREAM.INFO." + own: nil,
				"CONSUMER.CREATE." + own: consumer, "CONSUMER.DURABLE.CREATE." + own + ".spy": consumer,
				"CONSUMER.NAMES." + own: nil, "DIRECT.GET." + own: map[string]int{"seq": 1},
				"DIRECT.GET." + own + "." + s.subjects.kept("XCA", record("XCA"), 1): nil,
			} {
				reply := try(nc, api+request, body)
				if reply != nil && !bytes.Contains(reply.Data, []byte(`"error"`)) && reply.Header.Get("Status") == "" {
					t.Errorf("as a %s: %s%s is answered: %.200s", place, api, request, reply.Data)
				}
			}
		}
	}
	if after := info(); after != before {
		t.Errorf("the victim's stream was\n%s\nand is\n%s", before, after)
	}
	s.stands(t)
}

// What others may ask of a stream is one question: what stands under a subject.
func TestAttackWithJetStreamOfOnesOwn(t *testing.T) {
	s := besiege(t)
	for _, nc := range s.attackers {
		// A stream with the victim's name and subjects, which answers whatever it hears.
		try(nc, streamAPI+"STREAM.DELETE."+s.subjects.stream("XBO"), nil)
		try(nc, streamAPI+"STREAM.CREATE."+s.subjects.stream("XCA"), map[string]any{
			"name": s.subjects.stream("XCA"), "subjects": []string{string(s.subjects) + ".XCA.>"}, "max_bytes": 1 << 20, "allow_direct": true,
		})
		try(nc, streamAPI+"STREAM.CREATE."+s.subjects.stream("XCA"), map[string]any{
			"name": s.subjects.stream("XCA"), "max_bytes": 1 << 20,
			"mirror": map[string]any{"name": s.subjects.stream("XCA"), "external": map[string]string{"api": "$JS.XCA.API", "deliver": "spy"}},
		})
		publish(t, nc, s.subjects.kept("XCA", record("XCA"), 2), "record/XCA by-attacker\n")
		reply := try(nc, streamAPI+"STREAM.CREATE.more", map[string]any{"name": "more", "subjects": []string{"more"}, "max_bytes": 1 << 20})
		if reply != nil && !bytes.Contains(reply.Data, []byte(`"error"`)) {
			t.Error("an account has more than one stream")
		}
		own := s.subjects.stream("XBO")
		reply = try(nc, streamAPI+"STREAM.CREATE."+own, map[string]any{"name": own, "subjects": []string{"big"}, "max_bytes": int64(1) << 40})
		if reply == nil || !bytes.Contains(reply.Data, []byte(`"error"`)) {
			t.Error("an account takes more of the disk than it may")
		}
	}
	s.stands(t)
}
