package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"concord/negotiation"
)

func TestOutages(t *testing.T) {
	start := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	tip := func(n byte) []negotiation.Head {
		return []negotiation.Head{{Chain: "record/XBO", Sequence: uint64(n), Act: negotiation.ActID{n}}}
	}
	act := func(n byte) []negotiation.ActID { return []negotiation.ActID{{n}} }
	up := func(seconds int, n byte) look {
		return look{now: at(seconds), heard: at(seconds), reached: true, level: true, tips: tip(n)}
	}
	away := func(seconds, heard int, n byte) look {
		return look{now: at(seconds), heard: at(heard), tips: tip(n)}
	}
	behind := func(l look) look { l.level = false; return l }
	// of one's own, besides: up to an act, and up to which others have told of it
	own := func(l look, n, sent byte) look {
		head := func(n byte) []negotiation.Head {
			return []negotiation.Head{{Chain: "record/XAU", Sequence: uint64(n), Act: negotiation.ActID{100 + n}}}
		}
		l.own, l.sent = head(n), head(sent)
		l.tips = append(l.tips, l.own...)
		return l
	}
	slept := func(l look) look { l.slept = true; return l }
	for name, c := range map[string]struct {
		looks []look
		want  []outage
	}{
		"nobody was ever heard": {[]look{{now: at(0), tips: tip(1)}, {now: at(60), tips: tip(2)}, up(70, 3)}, nil},
		"none":                  {[]look{up(0, 1), up(60, 2)}, nil},
		"a line down": {
			[]look{up(0, 1), away(8, 0, 1), away(60, 0, 2), up(100, 2), up(104, 3), up(105, 4), up(200, 5)},
			[]outage{{Number: 1, Since: at(0), Back: at(100), Before: act(1), After: act(4)}},
		},
		"still down": {[]look{up(0, 1), away(8, 0, 1), away(60, 0, 2)}, []outage{{Number: 1, Since: at(0), Before: act(1)}}},
		"down again before it has settled": {
			[]look{up(0, 1), away(8, 0, 1), up(20, 2), away(22, 20, 2), up(40, 3), up(45, 3)},
			[]outage{{Number: 1, Since: at(0), Back: at(40), Before: act(1), After: act(3)}},
		},
		"acts of one's own before it is noticed, and after it": {
			[]look{own(up(0, 1), 1, 1), own(up(4, 1), 2, 1), own(away(8, 4, 1), 3, 1), own(up(20, 2), 4, 1), own(up(22, 2), 5, 4), own(up(25, 3), 6, 5)},
			[]outage{{Number: 1, Since: at(4), Back: at(20), Before: []negotiation.ActID{{1}, {101}}, After: []negotiation.ActID{{3}, {104}}}},
		},
		"acts that come slowly": {
			[]look{up(0, 1), away(8, 0, 1), up(20, 2), behind(up(30, 3)), up(31, 4), up(40, 5)},
			[]outage{{Number: 1, Since: at(0), Back: at(20), Before: act(1), After: act(4)}},
		},
		"acts that never come": {
			[]look{up(0, 1), away(8, 0, 1), up(20, 2), behind(up(79, 3)), behind(up(80, 4)), behind(up(90, 5))},
			[]outage{{Number: 1, Since: at(0), Back: at(20), Before: act(1), After: act(4)}},
		},
		"a machine that slept": {
			[]look{up(0, 1), slept(up(7200, 2)), up(7205, 3)},
			[]outage{{Number: 1, Since: at(0), Back: at(7200), Before: act(1), After: act(3)}},
		},
		"two": {
			[]look{up(0, 1), away(8, 0, 1), up(20, 2), up(25, 2), away(90, 80, 3), up(100, 4), up(105, 4)},
			[]outage{{Number: 1, Since: at(0), Back: at(20), Before: act(1), After: act(2)}, {Number: 2, Since: at(80), Back: at(100), Before: act(2), After: act(4)}},
		},
	} {
		var o outages
		for _, l := range c.looks {
			o.take(l)
		}
		if !reflect.DeepEqual(o.List, c.want) {
			t.Errorf("%s: %+v, not %+v", name, o.List, c.want)
		}
	}

	t.Run("across a restart", func(t *testing.T) {
		d := dataDir(t.TempDir())
		o, err := d.readOutages()
		if err != nil || o.begun() != nil {
			t.Fatalf("of a new node: %+v, %v", o, err)
		}
		if o.start(true); len(o.List) > 0 {
			t.Error("who holds nothing yet misses nothing")
		}
		o.take(up(0, 1))
		for restarts := range 2 {
			if err := o.write(d); err != nil {
				t.Fatal(err)
			}
			again, err := d.readOutages()
			if err != nil {
				t.Fatal(err)
			}
			again.tips = o.tips
			again.start(true)
			if want := (outage{Number: 1, Since: at(0), Off: true, Before: act(1)}); !reflect.DeepEqual(*again.begun(), want) {
				t.Errorf("after %d restarts: %+v, not %+v", restarts+1, *again.begun(), want)
			}
			again.take(look{now: at(500), tips: tip(2)}) // nobody is heard
			o = again
		}
	})
	t.Run("killed before the line is seen to be down", func(t *testing.T) {
		d := dataDir(t.TempDir())
		var o outages
		o.take(own(up(0, 1), 1, 1))
		if !o.take(own(up(2, 1), 2, 2)) {
			t.Error("that another act is sent need not be kept")
		}
		if err := o.write(d); err != nil {
			t.Fatal(err)
		}
		again, err := d.readOutages()
		if err != nil {
			t.Fatal(err)
		}
		again.tips = own(up(3, 1), 3, 2).tips
		again.start(true)
		if want := []negotiation.ActID{{1}, {102}}; !reflect.DeepEqual(again.begun().Before, want) {
			t.Errorf("before it were %v, not %v", again.begun().Before, want)
		}
	})
	t.Run("what a node does not write", func(t *testing.T) {
		for name, content := range map[string]string{
			"no JSON": "x", "no name of an act": `{"outages": [{"number": 1, "since": "2026-03-02T14:00:00Z", "before": ["x"]}]}`,
			"nothing held":   `{"outages": [{"number": 1, "since": "2026-03-02T14:00:00Z", "before": []}]}`,
			"two that last":  `{"outages": [{"number": 1, "since": "2026-03-02T14:00:00Z", "before": ["A"]}, {"number": 2, "since": "2026-03-02T14:00:00Z", "before": ["A"]}]}`,
			"not in order":   `{"outages": [{"number": 2, "since": "2026-03-02T14:00:00Z", "before": ["A"], "after": ["A"]}, {"number": 2, "since": "2026-03-02T14:00:00Z", "before": ["A"]}]}`,
			"no beginning":   `{"outages": [{"number": 1, "before": ["A"]}]}`,
			"a large one":    strings.Repeat(" ", maxOutages) + "{}",
			"more than kept": `{"outages": [` + strings.Repeat(`{"number": 1, "since": "2026-03-02T14:00:00Z", "before": ["A"], "after": ["A"]}, `, mostOutages) + `{"number": 2, "since": "2026-03-02T14:00:00Z", "before": ["A"]}]}`,
		} {
			d := dataDir(t.TempDir())
			content = strings.ReplaceAll(content, "A", strings.Repeat("0", 64))
			if err := os.WriteFile(filepath.Join(string(d), outagesFile), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if o, err := d.readOutages(); err == nil {
				t.Errorf("%s: read as %+v", name, o)
			}
		}
	})
}
