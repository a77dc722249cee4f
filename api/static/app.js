// What the pages can do more with scripts: show what other states do without being
// reloaded, show the redline while somebody types, and keep what is not sent yet.
// Everything works without this file.
"use strict";

(() => {
  const live = () => document.querySelectorAll("[data-live][id]");
  const offline = document.getElementById("offline");

  // A page that answers a form stands under the form's address; it goes by the
  // address of what it shows, which can be asked for again.
  const path = document.getElementById("main")?.dataset.path;
  if (path && path !== location.pathname + location.search) history.replaceState(null, "", path);
  document.querySelector(".refused")?.focus();

  // ---- what others do ----

  // A region is left alone while somebody is at work in it.
  function busy(region) {
    const at = document.activeElement;
    return region.contains(at) && at.matches("input, textarea, select");
  }

  // The element that stands at the top of the window keeps its place.
  function anchor() {
    for (const e of document.querySelectorAll("main [id]")) {
      const box = e.getBoundingClientRect();
      if (box.bottom > 0 && box.height > 0 && !e.matches("[data-live]")) return { id: e.id, top: box.top };
    }
    return null;
  }

  function focused() {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    return { id: at.id, href: at.getAttribute("href"), tag: at.tagName };
  }

  function refocus(was) {
    if (!was || document.activeElement !== document.body) return;
    const next = was.id ? document.getElementById(was.id)
      : was.href ? document.querySelector(`${was.tag}[href="${CSS.escape(was.href)}"]`) : null;
    if (next) next.focus({ preventScroll: true });
  }

  function openDetails(region) {
    return [...region.querySelectorAll("details")].map((d) => d.open);
  }

  function announce(acts) {
    if (acts.length > 0) document.getElementById("announce").textContent = acts.reverse().join(". ");
  }

  function knownActs() {
    return new Set([...document.querySelectorAll("[data-act]")].map((e) => e.dataset.act));
  }

  function take(page) {
    const known = knownActs();
    const was = focused();
    const place = anchor();
    for (const region of live()) {
      const next = page.getElementById(region.id);
      if (!next || busy(region) || next.innerHTML === region.innerHTML) continue;
      const open = openDetails(region);
      region.replaceChildren(...[...next.childNodes].map((n) => document.importNode(n, true)));
      region.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? d.open; });
    }
    tellNewer();
    if (!busy(document.getElementById("main"))) document.title = page.title;
    refocus(was);
    const moved = place && document.getElementById(place.id);
    if (moved && window.scrollY > 0) window.scrollBy({ top: moved.getBoundingClientRect().top - place.top, behavior: "instant" });
    const fresh = [...document.querySelectorAll("#latest [data-act]")].filter((e) => !known.has(e.dataset.act));
    fresh.forEach((e) => e.classList.add("fresh"));
    announce(fresh.map((e) => e.querySelector("a").textContent));
  }

  // What is being written on a revision stays; its author is told of a newer one.
  function tellNewer() {
    const note = document.getElementById("newer");
    const base = document.querySelector("main form [name=base]");
    const newest = document.querySelector("#newest data")?.value;
    if (!note || !base || !newest || Number(newest) <= Number(base.value)) return;
    note.querySelector(".number").textContent = newest;
    note.hidden = false;
  }

  let fetching = false;
  let again = false;

  async function refresh() {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (document.getElementById("waiting") && !page.getElementById("waiting")) location.reload();
        else take(page);
      }
    } catch {
      // The stream says when the node is back, and this is tried again then.
    } finally {
      fetching = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  }

  function heard(message) {
    if (message === "changed") refresh();
    offline.hidden = message !== "down";
  }

  // listen opens the stream, and tells what comes.
  function listen(tell) {
    const stream = new EventSource("/api/v1/events");
    stream.addEventListener("state", () => tell("changed"));
    stream.addEventListener("link", () => tell("changed"));
    stream.addEventListener("open", () => tell("up"));
    stream.addEventListener("error", () => {
      tell("down");
      if (stream.readyState === EventSource.CLOSED) {
        setTimeout(() => listen(tell), 3000);
      }
    });
  }

  // A browser opens six connections to a host at most, so its tabs share one stream.
  if ("closed" in document.body.dataset) {
    // Not signed in where reading, too, needs it: there is nothing to listen to.
  } else if (navigator.locks && "BroadcastChannel" in window) {
    const channel = new BroadcastChannel("concord-events");
    let last = null; // what the tab that listens heard last; null in the others
    channel.addEventListener("message", (e) => {
      if (e.data !== "how") heard(e.data);
      else if (last) channel.postMessage(last);
    });
    channel.postMessage("how");
    navigator.locks.request("concord-events", () => {
      listen((message) => {
        last = message === "down" ? "down" : "up";
        channel.postMessage(message);
        heard(message);
      });
      return new Promise(() => {}); // until the tab closes
    });
  } else {
    listen(heard);
  }

  // ---- the redline while somebody types ----

  const draft = document.getElementById("draft");
  const preview = document.getElementById("preview");
  let waiting = 0;
  let asked = 0;

  async function show() {
    const turn = ++asked;
    try {
      const answer = await fetch("/preview", {
        method: "POST", body: new URLSearchParams(new FormData(draft)), credentials: "same-origin",
      });
      if (answer.ok && turn === asked) {
        const part = new DOMParser().parseFromString(await answer.text(), "text/html");
        preview.replaceChildren(...[...part.body.childNodes].map((n) => document.importNode(n, true)));
      }
    } catch {
      // Typing goes on; the next stroke asks again.
    }
  }

  // ---- what is not sent yet ----

  const kept = (name) => `concord draft ${name}`;

  function store(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // A browser without storage keeps nothing.
    }
  }

  function stored(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  const fields = (entries, name) => entries.filter(([n]) => n === name).map(([, v]) => v).join("\n");
  const shape = (entries) => ["base", "reword", "whole", "action", "paragraph"].map((n) => fields(entries, n)).join("\u0000");

  function fill(entries) {
    const rest = new Map();
    for (const [name, value] of entries) rest.set(name, [...(rest.get(name) ?? []), value]);
    for (const field of draft.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit" || !rest.get(field.name)?.length) continue;
      field.value = rest.get(field.name).shift();
    }
  }

  function button(text, act) {
    const b = document.createElement("button");
    b.type = "button";
    b.className = "secondary";
    b.textContent = text;
    b.addEventListener("click", act);
    return b;
  }

  function line(text, ...buttons) {
    const p = document.createElement("p");
    p.className = "actions";
    p.append(text, ...buttons);
    return p;
  }

  // resume sends the kept draft to its own form, which comes back with it.
  function resume(entries) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/propose";
    for (const [name, value] of [...entries, ["do", "redline"]]) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      form.append(field);
    }
    form.hidden = true;
    document.body.append(form);
    form.submit();
  }

  function offer(key, entries) {
    const note = document.getElementById("kept");
    const discard = button("Discard it", () => {
      store(key, null);
      note.hidden = true;
      if (note.dataset.filled) location.reload();
    });
    note.hidden = false;
    if (shape(entries) === shape([...new FormData(draft)])) {
      fill(entries);
      note.dataset.filled = "yes";
      note.replaceChildren(line("What you wrote before and did not send is here again. ", discard));
      show();
    } else {
      note.replaceChildren(line("There is an amendment that you began and did not send. ", button("Go on with it", () => resume(entries)), discard));
    }
  }

  if (draft) {
    const key = kept(draft.dataset.draft);
    const entries = () => [...new FormData(draft)].filter(([name]) => !name.startsWith("also"));
    const changed = () => {
      store(key, JSON.stringify(entries()));
      clearTimeout(waiting);
      waiting = setTimeout(show, 250);
    };
    draft.addEventListener("input", (e) => { if (!e.target.name.startsWith("also")) changed(); });
    const before = stored(key);
    if ("fresh" in draft.dataset) {
      if (Array.isArray(before)) offer(key, before);
    } else if (!("dropped" in draft.dataset)) { // what was left out can still be had back
      store(key, JSON.stringify(entries()));
    }
  }

  const tabled = document.querySelector("[data-tabled]");
  if (tabled) {
    store(kept(tabled.dataset.tabled), null);
    history.replaceState(null, "", location.pathname);
  }
})();
