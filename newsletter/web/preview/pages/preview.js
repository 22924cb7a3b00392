// The page follows the files, and single keys act. Without this file everything works but these two.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// ── following ──────────────────────────────────────────────────────────────

let loaded = new Promise((done) => addEventListener("load", () => done(), { once: true }));
let turn = Promise.resolve();

function follow() {
  const stream = new EventSource("/events?seen=" + encodeURIComponent(document.body.dataset.state));
  stream.onmessage = () => { turn = turn.then(renew).catch(() => location.reload()); };
  addEventListener("pagehide", () => stream.close());
}

async function renew() {
  await loaded;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!fresh.body.dataset.state) return;
  document.body.dataset.state = fresh.body.dataset.state;
  const here = $("#frame"), there = $("#frame", fresh);
  if (!here !== !there) { location.reload(); return; }
  const changed = document.body.dataset.mail !== fresh.body.dataset.mail;
  document.body.dataset.mail = fresh.body.dataset.mail;
  document.title = fresh.title;
  for (const part of $$("[data-swap]")) swap(part, $(`[data-swap="${part.dataset.swap}"]`, fresh), here);
  if (here && changed) await again(here);
  document.body.dataset.renewed = fresh.body.dataset.state;
}

// Replaces what has changed; what is scrolled stays, and so does the focus.
function swap(part, next, frame) {
  if (!next) return;
  if (frame && part.contains(frame)) {
    for (const inner of [".inbox"]) {
      const old = $(inner, part), made = $(inner, next);
      if (old && made && !old.isEqualNode(made)) old.replaceWith(made);
    }
    return;
  }
  if (part.innerHTML === next.innerHTML && part.className === next.className) return;
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = $$("pre, .list", part).map((one) => [one.scrollLeft, one.scrollTop]);
  part.className = next.className;
  part.replaceChildren(...next.childNodes);
  $$("pre, .list", part).forEach((one, at) => { if (scrolled[at]) [one.scrollLeft, one.scrollTop] = scrolled[at]; });
  if (active) (find(part, active) || $("#main")).focus({ preventScroll: true });
}

function find(part, lost) {
  const same = (one) => one.tagName === lost.tagName && one.getAttribute("href") === lost.getAttribute("href");
  return lost.id ? document.getElementById(lost.id) : $$(lost.tagName, part).find(same);
}

// The mail has no origin, so nobody may ask it how far it is scrolled. The browser knows, and puts it back
// when one returns: so the frame goes to an empty page, and back.
function again(frame) {
  return new Promise((done) => {
    frame.addEventListener("load", () => {
      frame.addEventListener("load", () => done(), { once: true });
      history.back();
    }, { once: true });
    frame.src = "/blank";
  });
}

// ── keys ───────────────────────────────────────────────────────────────────

const off = () => localStorage.getItem("keys") === "off";
const press = (one) => { if (one) { one.matches("input") ? (one.focus(), one.select()) : one.click(); } };

function cycle(name) {
  const links = $$(`[data-cycle="${name}"] a`);
  press(links[(links.findIndex((link) => link.hasAttribute("aria-current")) + 1) % links.length]);
}

function walk(step) {
  const links = $$("#rail [data-swap] a, [data-walk] a");
  const at = links.indexOf(document.activeElement);
  const from = at >= 0 ? at : links.findIndex((link) => link.hasAttribute("aria-current")) - Math.max(step, 0);
  links[Math.min(Math.max(from + step, 0), links.length - 1)]?.focus();
}

function mail(step) {
  const links = $$('#rail a[href^="/n/"], #rail a[href^="/i/"], #rail a[href^="/l/"]');
  const at = links.findLastIndex((link) => link.hasAttribute("aria-current"));
  press(links[at + step]);
}

const acts = {
  w: () => cycle("w"), d: () => cycle("d"), j: () => walk(1), k: () => walk(-1), "[": () => mail(-1), "]": () => mail(1),
  e: () => { const row = $("#first"); row ? (row.focus(), row.scrollIntoView({ block: "center" })) : press($('[data-key="5"]')); },
};

let begun = "";  // the first key of two: `g p`

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "Escape") { if (typing) typing.blur(); else if (!$(":popover-open")) press($('[data-key="Escape"]')); return; }
  if (typing || (off() && event.key !== "?")) return;
  const key = begun + event.key;
  begun = key === "g" ? "g " : "";
  const act = acts[key] || (() => $(`[data-key="${CSS.escape(key)}"]`));
  const target = act();
  if (acts[key] || target) event.preventDefault();
  press(target);
});

const toggle = $('[data-toggle="keys"]');
function told() {
  if (!toggle) return;
  toggle.textContent = off() ? "Turn single keys on" : "Turn single keys off";
  toggle.setAttribute("aria-pressed", String(off()));
}
toggle?.addEventListener("click", () => { localStorage.setItem("keys", off() ? "on" : "off"); told(); });
told();

$(".fault")?.focus();
if (document.body.dataset.state) follow();
