// The message box: completion of users and commands, sending, and the history of sent lines.

import { post } from "./api.js";
import { avatar, fill, freshId, h, icon } from "./dom.js";
import { openPopover, openMenu } from "./popup.js";
import { SLACKBOT, channelOf, fail, isApp, labelOf, subscribe, state } from "./state.js";
import { translate } from "./words.js";

const drafts = new Map();
const sentLines = new Map();
const chosenUsers = new Map();

let box, list, usage, send, shortcuts, form, closedNote, status;
let suggestions = [];
let highlighted = -1;
let hideList = null;
let recallIndex = 0;
let shownKey = null;

const draftKey = () => `${state.me?.id}/${state.place}`;
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Returns the word at the caret if it can be completed: {sign, word, from}. */
function wordAtCaret() {
  if (box.selectionStart !== box.selectionEnd) return null;
  const before = box.value.slice(0, box.selectionStart);
  const command = /^\/\S*$/.exec(before);
  if (command) return { sign: "/", word: before.toLowerCase(), from: 0 };
  const person = /(?:^|[\s(])@([\p{L}\p{N}._-]*)$/u.exec(before);
  return person ? { sign: "@", word: person[1].toLowerCase(), from: before.length - person[1].length - 1 } : null;
}

function suggestPeople(word) {
  const matches = (user) => [user.name, user.real_name, ...(user.real_name ?? "").split(/\s+/)].some((name) => (name ?? "").toLowerCase().startsWith(word));
  return state.users.filter((user) => !user.deleted && user.id !== SLACKBOT && matches(user)).sort((a, b) => Number(a.is_bot) - Number(b.is_bot)).slice(0, 8)
    .map((user) => ({ insert: `@${user.name} `, user, label: user.real_name || user.name, note: `@${user.name}${user.guest ? " · guest" : ""}${user.foreign ? " · external" : ""}` }));
}

function suggestCommands(word) {
  return [
    ...state.commands.filter((one) => one.command.startsWith(word)).map((one) => ({ insert: `${one.command} `, label: one.command, note: [one.usage_hint, one.description].filter(Boolean).join(" — ") })),
    ...state.shortcuts.filter((one) => one.name.toLowerCase().includes(word.slice(1))).map((one) => ({ shortcut: one.callback_id, label: one.name, note: one.description || "Shortcut" })),
  ];
}

function closeList() {
  hideList?.();
  hideList = null;
  fill(list);
  suggestions = [];
  highlighted = -1;
  box.removeAttribute("aria-activedescendant");
  box.removeAttribute("aria-controls");
}

function highlight(at) {
  highlighted = at;
  [...list.children].forEach((node, index) => { node.classList.toggle("active", index === at); node.setAttribute("aria-selected", String(index === at)); });
  if (list.children[at]) { box.setAttribute("aria-activedescendant", list.children[at].id); list.children[at].scrollIntoView({ block: "nearest" }); }
  else box.removeAttribute("aria-activedescendant");
}

function suggest() {
  const word = wordAtCaret();
  suggestions = !word ? [] : word.sign === "@" ? suggestPeople(word.word) : suggestCommands(word.word);
  if (!suggestions.length) { closeList(); return; }
  fill(list, suggestions.map((suggestion, index) => h("div", { role: "option", id: freshId("offer"), "aria-selected": "false",
    on: { mousedown: (event) => event.preventDefault(), click: () => acceptSuggestion(suggestion), mousemove: () => { if (highlighted !== index) highlight(index); } } },
  suggestion.user ? avatar(suggestion.user, "tiny") : null, h("bdi", { class: "offer-label" }, suggestion.label), h("span", { class: "menu-description", dir: "auto" }, suggestion.note))));
  hideList ??= openPopover(list, form, {});
  box.setAttribute("aria-controls", list.id);
  // After a complete name or command, Enter sends the line and does not complete it.
  const isComplete = suggestions.some((suggestion) => suggestion.insert?.trim().toLowerCase() === (word.sign === "@" ? `@${word.word}` : word.word));
  highlight(isComplete ? -1 : 0);
}

function acceptSuggestion(suggestion) {
  const word = wordAtCaret();
  closeList();
  if (suggestion.shortcut) { box.value = ""; onTextChanged(); runShortcut(suggestion.shortcut); return; }
  if (suggestion.user) chosenUsers.set(suggestion.insert.trim().toLowerCase(), suggestion.user);
  const after = box.value.slice(box.selectionStart).replace(/^ /, "");
  box.value = box.value.slice(0, word.from) + suggestion.insert + after;
  box.setSelectionRange(word.from + suggestion.insert.length, word.from + suggestion.insert.length);
  box.focus();
  onTextChanged();
}

const runShortcut = (callback) => post("/ui/shortcut", { as: state.me.id, callback_id: callback }).catch(fail);

function onTextChanged() {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
  drafts.set(draftKey(), box.value);
  const command = state.commands.find((one) => box.value.startsWith(`${one.command} `));
  fill(usage, command ? [h("code", {}, `${command.command} ${command.usage_hint ?? ""}`)] : [h("kbd", {}, "Enter"), " sends · ", h("kbd", {}, "Shift Enter"), " new line · ", h("kbd", {}, "/"), " commands · ", h("kbd", {}, "@"), " people"]);
  send.disabled = !box.value.trim();
}

/** Replaces completed names by Slack's mentions; names typed in full stay text. */
function withMentions(text) {
  let result = text;
  for (const [handle, user] of chosenUsers) result = result.replace(new RegExp(`(?<![\\p{L}\\p{N}<@|._-])${escape(handle)}(?![\\p{L}\\p{N}_-])`, "giu"), `<@${user.id}|${user.name}>`);
  return result;
}

async function submit() {
  const text = box.value.trim();
  if (!text || !state.place) return;
  const from = { as: state.me.id, channel: state.place };
  const submittedKey = draftKey();
  const history = sentLines.get(state.me.id) ?? [];
  sentLines.set(state.me.id, [...history.filter((one) => one !== text), text]);
  recallIndex = 0;
  box.value = "";
  closeList();
  onTextChanged();
  const slowTimer = setTimeout(() => { status.textContent = "Waiting for the app…"; }, 400);
  try {
    await post("/ui/say", { ...from, text: withMentions(text) });
  } catch (error) {
    fail(error);
    if (!drafts.get(submittedKey)) { drafts.set(submittedKey, text); if (submittedKey === draftKey()) { box.value = text; onTextChanged(); } }
  } finally {
    clearTimeout(slowTimer);
    status.textContent = "";
  }
}

function recallSentLine(step) {
  const history = sentLines.get(state.me.id) ?? [];
  const at = Math.max(0, Math.min(history.length, recallIndex + step));
  if (at === recallIndex) return false;
  recallIndex = at;
  box.value = at ? history.at(-at) : "";
  box.setSelectionRange(box.value.length, box.value.length);
  closeList();
  onTextChanged();
  return true;
}

const listKeys = { ArrowDown: () => highlight((highlighted + 1) % suggestions.length), ArrowUp: () => highlight((highlighted - 1 + suggestions.length) % suggestions.length), Escape: closeList, Tab: () => acceptSuggestion(suggestions[Math.max(0, highlighted)]) };

function keydown(event) {
  if (event.isComposing) return;
  if (hideList && listKeys[event.key] && !event.shiftKey) { event.preventDefault(); listKeys[event.key](); return; }
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); if (hideList && highlighted >= 0) acceptSuggestion(suggestions[highlighted]); else submit(); return; }
  const canRecall = !box.value || recallIndex > 0;
  if (event.key === "ArrowUp" && canRecall && recallSentLine(1)) event.preventDefault();
  if (event.key === "ArrowDown" && recallIndex > 0 && recallSentLine(-1)) event.preventDefault();
}

function showConversationState() {
  const channel = channelOf(state.place);
  const label = channel ? labelOf(channel) : "";
  const readOnly = isApp(channel) && state.app.is_read_only;
  form.hidden = !channel || channel.archived || readOnly;
  closedNote.hidden = !channel || !form.hidden;
  closedNote.textContent = translate(readOnly ? "Sending messages to this app has been turned off." : "This channel is archived: nobody can write here.");
  box.setAttribute("aria-label", `Message ${label}`);
  box.placeholder = `Message ${label}`;
  shortcuts.hidden = !state.shortcuts.length;
  if (shownKey === draftKey()) return;
  shownKey = draftKey();
  recallIndex = 0;
  box.value = drafts.get(shownKey) ?? "";
  closeList();
  onTextChanged();
}

function shortcutMenu() {
  openMenu(shortcuts, state.shortcuts.map((one) => ({ label: one.name, description: one.description, choose: () => runShortcut(one.callback_id) })), "Shortcuts", false);
}

export function startComposer() {
  list = h("div", { class: "popup offers", role: "listbox", id: "offers", "aria-label": "Suggestions" });
  usage = h("span", { class: "usage" });
  status = h("span", { class: "composer-status", role: "status" });
  send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
  shortcuts = h("button", { type: "button", class: "icon-button", "aria-label": "Shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", title: "Shortcuts", on: { click: shortcutMenu } }, icon("bolt"));
  box = h("textarea", { id: "composer", rows: "1", dir: "auto", "aria-autocomplete": "list", autocomplete: "off",
    on: { keydown, input: () => { recallIndex = 0; onTextChanged(); suggest(); }, click: suggest, blur: closeList } });
  form = h("form", { class: "composer", on: { submit: (event) => { event.preventDefault(); submit(); } } },
    box, h("div", { class: "composer-foot" }, h("span", { class: "anchor" }, shortcuts), usage, status, send));
  closedNote = h("p", { class: "composer-closed", hidden: true });
  subscribe("person place people channels", showConversationState);
  subscribe("compose", (text) => {
    if (state.tab === "home" || form.hidden) return;
    box.value = text;
    onTextChanged();
    box.focus();
  });
  return h("div", { class: "composer-frame" }, form, closedNote, list);
}
