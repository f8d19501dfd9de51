// The message box: completion of users and commands, sending, and the history of sent lines.

import { post } from "./api.js";
import { avatar, fill, freshId, h, icon } from "./dom.js";
import { float, openMenu } from "./popup.js";
import { SLACKBOT, channelOf, fail, isApp, labelOf, on, state } from "./state.js";
import { say } from "./words.js";

const drafts = new Map();
const sent = new Map();
const chosen = new Map();

let box, list, usage, send, shortcuts, form, closed, status;
let offers = [];
let active = -1;
let hide = null;
let recalled = 0;
let shownFor = null;

const key = () => `${state.me?.id}/${state.place}`;
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Returns the word at the caret if it can be completed: {sign, word, from}. */
function typed() {
  if (box.selectionStart !== box.selectionEnd) return null;
  const before = box.value.slice(0, box.selectionStart);
  const command = /^\/\S*$/.exec(before);
  if (command) return { sign: "/", word: before.toLowerCase(), from: 0 };
  const person = /(?:^|[\s(])@([\p{L}\p{N}._-]*)$/u.exec(before);
  return person ? { sign: "@", word: person[1].toLowerCase(), from: before.length - person[1].length - 1 } : null;
}

function peopleFor(word) {
  const fits = (user) => [user.name, user.real_name, ...(user.real_name ?? "").split(/\s+/)].some((name) => (name ?? "").toLowerCase().startsWith(word));
  return state.users.filter((user) => !user.deleted && user.id !== SLACKBOT && fits(user)).sort((a, b) => Number(a.is_bot) - Number(b.is_bot)).slice(0, 8)
    .map((user) => ({ insert: `@${user.name} `, user, label: user.real_name || user.name, note: `@${user.name}${user.guest ? " · guest" : ""}${user.foreign ? " · external" : ""}` }));
}

function commandsFor(word) {
  return [
    ...state.commands.filter((one) => one.command.startsWith(word)).map((one) => ({ insert: `${one.command} `, label: one.command, note: [one.usage_hint, one.description].filter(Boolean).join(" — ") })),
    ...state.shortcuts.filter((one) => one.name.toLowerCase().includes(word.slice(1))).map((one) => ({ shortcut: one.callback_id, label: one.name, note: one.description || "Shortcut" })),
  ];
}

function close() {
  hide?.();
  hide = null;
  fill(list);
  offers = [];
  active = -1;
  box.removeAttribute("aria-activedescendant");
  box.removeAttribute("aria-controls");
}

function point(at) {
  active = at;
  [...list.children].forEach((node, index) => { node.classList.toggle("active", index === at); node.setAttribute("aria-selected", String(index === at)); });
  if (list.children[at]) { box.setAttribute("aria-activedescendant", list.children[at].id); list.children[at].scrollIntoView({ block: "nearest" }); }
  else box.removeAttribute("aria-activedescendant");
}

function suggest() {
  const word = typed();
  offers = !word ? [] : word.sign === "@" ? peopleFor(word.word) : commandsFor(word.word);
  if (!offers.length) { close(); return; }
  fill(list, offers.map((offer, index) => h("div", { role: "option", id: freshId("offer"), "aria-selected": "false",
    on: { mousedown: (event) => event.preventDefault(), click: () => take(offer), mousemove: () => { if (active !== index) point(index); } } },
  offer.user ? avatar(offer.user, "tiny") : null, h("bdi", { class: "offer-label" }, offer.label), h("span", { class: "menu-description", dir: "auto" }, offer.note))));
  hide ??= float(list, form, {});
  box.setAttribute("aria-controls", list.id);
  // After a complete name or command, Enter sends the line and does not complete it.
  const whole = offers.some((offer) => offer.insert?.trim().toLowerCase() === (word.sign === "@" ? `@${word.word}` : word.word));
  point(whole ? -1 : 0);
}

function take(offer) {
  const word = typed();
  close();
  if (offer.shortcut) { box.value = ""; grow(); run(offer.shortcut); return; }
  if (offer.user) chosen.set(offer.insert.trim().toLowerCase(), offer.user);
  const after = box.value.slice(box.selectionStart).replace(/^ /, "");
  box.value = box.value.slice(0, word.from) + offer.insert + after;
  box.setSelectionRange(word.from + offer.insert.length, word.from + offer.insert.length);
  box.focus();
  grow();
}

const run = (callback) => post("/ui/shortcut", { as: state.me.id, callback_id: callback }).catch(fail);

function grow() {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
  drafts.set(key(), box.value);
  const command = state.commands.find((one) => box.value.startsWith(`${one.command} `));
  fill(usage, command ? [h("code", {}, `${command.command} ${command.usage_hint ?? ""}`)] : [h("kbd", {}, "Enter"), " sends · ", h("kbd", {}, "Shift Enter"), " new line · ", h("kbd", {}, "/"), " commands · ", h("kbd", {}, "@"), " people"]);
  send.disabled = !box.value.trim();
}

/** Replaces completed names by Slack's mentions; names typed in full stay text. */
function outgoing(text) {
  let result = text;
  for (const [handle, user] of chosen) result = result.replace(new RegExp(`(?<![\\p{L}\\p{N}<@|._-])${escape(handle)}(?![\\p{L}\\p{N}_-])`, "giu"), `<@${user.id}|${user.name}>`);
  return result;
}

async function submit() {
  const text = box.value.trim();
  if (!text || !state.place) return;
  const from = { as: state.me.id, channel: state.place };
  const place = key();
  const history = sent.get(state.me.id) ?? [];
  sent.set(state.me.id, [...history.filter((one) => one !== text), text]);
  recalled = 0;
  box.value = "";
  close();
  grow();
  const slow = setTimeout(() => { status.textContent = "Waiting for the app…"; }, 400);
  try {
    await post("/ui/say", { ...from, text: outgoing(text) });
  } catch (error) {
    fail(error);
    if (!drafts.get(place)) { drafts.set(place, text); if (place === key()) { box.value = text; grow(); } }
  } finally {
    clearTimeout(slow);
    status.textContent = "";
  }
}

function recall(step) {
  const history = sent.get(state.me.id) ?? [];
  const at = Math.max(0, Math.min(history.length, recalled + step));
  if (at === recalled) return false;
  recalled = at;
  box.value = at ? history.at(-at) : "";
  box.setSelectionRange(box.value.length, box.value.length);
  close();
  grow();
  return true;
}

const listing = { ArrowDown: () => point((active + 1) % offers.length), ArrowUp: () => point((active - 1 + offers.length) % offers.length), Escape: close, Tab: () => take(offers[Math.max(0, active)]) };

function keydown(event) {
  if (event.isComposing) return;
  if (hide && listing[event.key] && !event.shiftKey) { event.preventDefault(); listing[event.key](); return; }
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); if (hide && active >= 0) take(offers[active]); else submit(); return; }
  const untouched = !box.value || recalled > 0;
  if (event.key === "ArrowUp" && untouched && recall(1)) event.preventDefault();
  if (event.key === "ArrowDown" && recalled > 0 && recall(-1)) event.preventDefault();
}

function arrive() {
  const channel = channelOf(state.place);
  const label = channel ? labelOf(channel) : "";
  const readOnly = isApp(channel) && state.app.is_read_only;
  form.hidden = !channel || channel.archived || readOnly;
  closed.hidden = !channel || !form.hidden;
  closed.textContent = say(readOnly ? "Sending messages to this app has been turned off." : "This channel is archived: nobody can write here.");
  box.setAttribute("aria-label", `Message ${label}`);
  box.placeholder = `Message ${label}`;
  shortcuts.hidden = !state.shortcuts.length;
  if (shownFor === key()) return;
  shownFor = key();
  recalled = 0;
  box.value = drafts.get(shownFor) ?? "";
  close();
  grow();
}

function shortcutMenu() {
  openMenu(shortcuts, state.shortcuts.map((one) => ({ label: one.name, description: one.description, choose: () => run(one.callback_id) })), "Shortcuts", false);
}

export function startComposer() {
  list = h("div", { class: "popup offers", role: "listbox", id: "offers", "aria-label": "Suggestions" });
  usage = h("span", { class: "usage" });
  status = h("span", { class: "composer-status", role: "status" });
  send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
  shortcuts = h("button", { type: "button", class: "icon-button", "aria-label": "Shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", title: "Shortcuts", on: { click: shortcutMenu } }, icon("bolt"));
  box = h("textarea", { id: "composer", rows: "1", dir: "auto", "aria-autocomplete": "list", autocomplete: "off",
    on: { keydown, input: () => { recalled = 0; grow(); suggest(); }, click: suggest, blur: close } });
  form = h("form", { class: "composer", on: { submit: (event) => { event.preventDefault(); submit(); } } },
    box, h("div", { class: "composer-foot" }, h("span", { class: "anchor" }, shortcuts), usage, status, send));
  closed = h("p", { class: "composer-closed", hidden: true });
  on("person place people channels", arrive);
  on("compose", (text) => {
    if (state.tab === "home" || form.hidden) return;
    box.value = text;
    grow();
    box.focus();
  });
  return h("div", { class: "composer-frame" }, form, closed, list);
}
