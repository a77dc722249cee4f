package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"concord/negotiation"
)

// enter opens a tab that is signed in on a node.
func (b *browser) enter(hs *httptest.Server) window {
	b.t.Helper()
	w := b.open(hs.URL + "/sign-in?token=" + token)
	w.until("location.pathname === '/' && document.readyState === 'complete'")
	return w
}

func TestLive(t *testing.T) {
	tb := scene(t)
	hs := tb.seat("XAU").serve(t)
	w := startBrowser(t).enter(hs)
	w.until("document.querySelector('#text')")
	w.eval("window.stayed = true; document.querySelector('[href=\"/propose?paragraph=6\"]').focus()")
	tb.seat("XCA").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Propose(negotiation.Wording{
			Headline: "Sixty days", Base: 1, Text: textOf(t, strings.ReplaceAll(sceneText, "ninety", "sixty")),
		})
	})
	w.until("document.querySelector('#p-OP2').textContent.includes('sixty')")
	w.until("document.querySelector('#announce').textContent.includes('Cascadia tabled XCA/5: Sixty days')")
	if w.eval("window.stayed") != true {
		t.Error("the page was loaded anew")
	}
	if w.eval("document.activeElement.getAttribute('href')") != "/propose?paragraph=6" {
		t.Error("what had the focus has lost it")
	}
	if said := w.complaints(); len(said) > 0 {
		t.Errorf("the browser complains: %s", said)
	}
}

// Two tabs share one stream, and both follow.
func TestLiveInEveryTab(t *testing.T) {
	tb := scene(t)
	hs := tb.seat("XAU").serve(t)
	b := startBrowser(t)
	first := b.enter(hs)
	second := b.open(hs.URL + "/proposals")
	tb.seat("XBO").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Withdraw(negotiation.ProposalID{Author: "XBO", Number: 2}, "")
	})
	first.until("document.querySelector('#latest').textContent.includes('Borealia withdrew XBO/2')")
	second.until("document.querySelector('#latest').textContent.includes('Borealia withdrew XBO/2')")
}

func TestLiveRedline(t *testing.T) {
	tb := scene(t)
	hs := tb.seat("XAU").serve(t)
	w := startBrowser(t).enter(hs)
	w.visit(hs.URL + "/propose?paragraph=6")
	w.eval("(() => { const f = document.querySelector('[name=words]'); f.focus(); f.setSelectionRange(f.value.indexOf('ninety'), f.value.indexOf('ninety') + 6) })()")
	w.call(w.session, "Input.insertText", map[string]any{"text": "thirty"})
	w.until("document.querySelector('#preview ins')?.textContent.includes('thirty') && document.querySelector('#preview del')?.textContent.includes('ninety')")
	w.until("document.querySelector('#preview').textContent.includes('OP2: other words than XBO/3')")

	tb.publish(t, "Meanwhile", strings.ReplaceAll(sceneText, "two years", "one year"), nil, nil)
	w.until("document.querySelector('#latest').textContent.includes('Meanwhile')")
	if got, _ := w.eval("document.querySelector('[name=words]').value").(string); !strings.Contains(got, "thirty") {
		t.Errorf("what others did has changed what is being typed to %q", got)
	}
	w.visit(hs.URL + "/propose?paragraph=6")
	w.until("document.querySelector('#kept').textContent.includes('did not send')")
	w.eval("window.left = true; [...document.querySelectorAll('#kept button')].find(b => b.textContent.startsWith('Go on')).click()")
	w.until("!window.left && document.querySelector('[name=words]')?.value.includes('thirty')")
	w.eval("document.querySelector('#headline').value = 'Thirty days'; window.left = true; document.querySelector('[value=table]').click()")
	w.until("!window.left && document.querySelector('h1').textContent === 'Thirty days'")
	w.until("localStorage.length === 0 && location.search === ''")
	if said := w.complaints(); len(said) > 0 {
		t.Errorf("the browser complains: %s", said)
	}
}

func TestNoComplaints(t *testing.T) {
	tb := scene(t)
	hs := tb.seat("XAU").serve(t)
	w := startBrowser(t).enter(hs)
	for name, path := range allPages(tb.State()) {
		w.visit(hs.URL + path)
		if wide, _ := w.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth").(float64); wide > 0 {
			t.Errorf("page %s is %v pixels wider than the window", name, wide)
		}
	}
	w.call(w.session, "Emulation.setDeviceMetricsOverride", map[string]any{"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": false})
	for name, path := range allPages(tb.State()) {
		w.visit(hs.URL + path)
		if wide, _ := w.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth").(float64); wide > 0 {
			t.Errorf("page %s is %v pixels wider than a telephone's window", name, wide)
		}
	}
	if said := w.complaints(); len(said) > 0 {
		t.Errorf("the browser complains: %s", said)
	}
}

// Enter in a field asks for the redline. It neither deletes what is written nor
// forgets what the browser keeps of it.
func TestEnterShowsTheRedline(t *testing.T) {
	tb := scene(t)
	hs := tb.seat("XAU").serve(t)
	w := startBrowser(t).enter(hs)
	w.visit(hs.URL + "/propose?paragraph=6")
	w.eval("document.querySelector('[name=words]').focus(); document.querySelector('[name=words]').select()")
	w.call(w.session, "Input.insertText", map[string]any{"text": "1. Each State names one."})
	w.eval("document.querySelector('#headline').focus(); window.left = true")
	for _, kind := range []string{"keyDown", "keyUp"} {
		w.call(w.session, "Input.dispatchKeyEvent", map[string]any{"type": kind, "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13})
	}
	w.until("!window.left && document.readyState === 'complete' && document.querySelector('#preview ins')")
	if got := w.eval("document.querySelector('[name=words]')?.value"); got != "1. Each State names one." {
		t.Errorf("after Enter in the headline the paragraph is %q", got)
	}
	w.eval("window.left = true; document.querySelector('[value=\"drop:0\"]').click()")
	w.until("!window.left && document.readyState === 'complete' && !document.querySelector('[name=words]')")
	if kept, _ := w.eval("localStorage.getItem('concord draft new')").(string); !strings.Contains(kept, "Each State names one.") {
		t.Errorf("what was left out cannot be had back: the browser keeps %s", kept)
	}
}

// Whoever follows the link to sign in from a page of another site is signed in.
func TestSignInFromElsewhere(t *testing.T) {
	tb := scene(t)
	hs := tb.seat("XAU").serve(t)
	mail := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="%s/sign-in?token=%s">sign in</a>`, strings.Replace(hs.URL, "127.0.0.1", "localhost", 1), token)
	}))
	t.Cleanup(mail.Close)
	w := startBrowser(t).open(mail.URL)
	w.eval("document.querySelector('a').click()")
	w.until("location.pathname === '/' && document.querySelector('.who')?.textContent.includes('Sign out')")
}

// Whoever writes is told of a newer revision, and of the chair, without reloading.
func TestLiveNews(t *testing.T) {
	tb := scene(t)
	b := startBrowser(t)
	hs := tb.seat("XAU").serve(t)
	w := b.enter(hs)
	w.visit(hs.URL + "/propose?paragraph=6")
	w.eval("document.querySelector('[name=words]').value = 'typed'")
	c := b.open(hs.URL + "/consolidate")
	tb.publish(t, "Meanwhile", strings.ReplaceAll(sceneText, "two years", "one year"), nil, nil)
	for _, page := range []window{w, c} {
		page.until("!document.querySelector('#newer').hidden && document.querySelector('#newer').textContent.includes('Revision 2 has been published')")
	}
	if got := w.eval("document.querySelector('[name=words]').value"); got != "typed" {
		t.Errorf("what was typed is now %q", got)
	}
	tb.seat("XAU").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.HandOver("XBO", "") })
	tb.seat("XBO").mustAct(t, negotiation.Delegation.TakeUp)
	tb.seat("XBO").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.HandOver("XAU", "") })
	w.until("document.querySelector('#chair-note').textContent.includes('You have been handed the chair')")
}

// A refused form leads back to an address that can be opened.
func TestRefusedFormHasAnAddress(t *testing.T) {
	tb := scene(t)
	hs := tb.seat("XBO").serve(t)
	w := startBrowser(t).enter(hs)
	w.visit(hs.URL + "/proposals/XCA/1")
	w.eval("document.querySelector('[name=wording]').value = '0'; document.querySelector('#explanation').value = 'Why'; window.left = true; document.querySelector('[action$=position] button').click()")
	w.until("!window.left && document.readyState === 'complete' && location.pathname === '/proposals/XCA/1'")
	w.until("document.activeElement.matches('.refused') && document.querySelector('#explanation').value === 'Why'")
}
