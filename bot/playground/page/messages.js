// The message log: redraws only changed messages, scrolls to the newest, and preserves the focus.

import { arrange, avatar, h, icon, stable } from "./dom.js";
import { blocks } from "./blocks.js";
import { dayName, dayNumber, refresh, time, timeNode } from "./dates.js";
import { newForm, place } from "./form.js";
import { emptyHint } from "./hints.js";
import { excerpt, mrkdwn } from "./mrkdwn.js";
import { redrawn } from "./popup.js";
import { SLACKBOT, channelOf, isFolded, labelOf, now, on, state, userOf } from "./state.js";
import { say } from "./words.js";

const CLOSE = 300;
const NEAR = 140;

let log = null;
let jump = null;
let drawn = new Map();
let entered = null;
let forms = new Map();
let stuck = true;
const openThreads = new Set();

const author = (message) => userOf(message.user) ?? { id: message.user, name: message.user === SLACKBOT || message.failed ? "Slackbot" : message.username ?? message.user ?? "Slack", color: "#5a6472" };

function follows(message, before) {
  return before && before.user === message.user && before.ephemeral === message.ephemeral && !message.failed && !message.thread_ts && !before.thread_ts
    && message.ts - before.ts < CLOSE && dayNumber(message.ts, state.me) === dayNumber(before.ts, state.me);
}

const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;
const isGone = (message) => message.ephemeral && Number(message.ts) < state.openedAt;

/** Returns the label of a reply that is also in the channel. */
function threadMark(message) {
  const parent = state.messages.find((one) => one.ts === message.thread_ts);
  return h("div", { class: "thread-mark" }, say("replied to a thread:"), parent ? h("span", { class: "thread-parent", dir: "auto" }, excerpt(parent.text, 60)) : null);
}

function toggleThread(key) {
  if (!openThreads.delete(key)) openThreads.add(key);
  draw();
}

function threadButton(key, count) {
  return h("div", { class: "thread-foot" }, h("button", { type: "button", class: "thread-button", "aria-expanded": String(openThreads.has(key)), on: { click: () => toggleThread(key) } },
    count === 1 ? say("1 reply") : `${count} ${say("replies")}`));
}

const UNITS = ["bytes", "KB", "MB", "GB"];

export function sizeOf(bytes) {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const number = bytes / 1000 ** power;
  return `${power && number < 10 ? number.toFixed(1) : Math.round(number)} ${bytes === 1 ? "byte" : UNITS[power]}`;
}

function attachment(file) {
  const address = `/ui/file?${new URLSearchParams({ as: state.me.id, id: file.id })}`;
  return h("li", {}, h("a", { class: "file", href: address, download: file.name, data: { fileId: file.id } }, icon("file"),
    h("span", { class: "file-words" }, h("span", { class: "hidden" }, "Download "), h("bdi", { class: "file-title" }, file.title || file.name), " ",
      h("span", { class: "file-facts" }, file.title && file.title !== file.name ? [h("bdi", {}, file.name), " · "] : null, sizeOf(file.size)))));
}

const attachments = (files) => (files?.length ? h("ul", { class: "files", "aria-label": files.length === 1 ? "File" : "Files" }, files.map(attachment)) : null);

function body(message) {
  const files = attachments(message.files);
  return files ? [message.text || message.blocks?.length ? words(message) : null, files] : words(message);
}

function words(message) {
  const key = `${message.channel}/${message.ts}/${state.me.id}`;
  if (!forms.has(key)) forms.set(key, newForm());
  const where = place({ channel: message.channel, ts: message.ts }, forms.get(key));
  const edited = message.edited ? h("span", { class: "edited" }, ` ${say("(edited)")}`) : null;
  if (message.blocks?.length) return h("div", { class: "blocks" }, blocks(message.blocks, where), edited);
  return h("div", { class: "mrkdwn", dir: "auto" }, mrkdwn(message.text), edited);
}

function article(message, compact, inThread) {
  const user = author(message);
  // A reply that is also in the channel has the message's id there; the thread has a copy.
  const key = inThread && message.broadcast ? { copyOf: message.ts } : { ts: message.ts };
  const name = user.real_name || user.name;
  const moment = timeNode(Number(message.ts), "{time}", state.me, now());
  moment.className = "message-time";
  return h("article", { class: ["message", compact && "compact", message.ephemeral && "ephemeral", message.failed && "failed", inThread && "reply"].filter(Boolean).join(" "), tabindex: "-1",
    "aria-label": `${name}, ${time(Number(message.ts), state.me)}`, data: { ...key, user: message.user, ephemeral: message.ephemeral ? "true" : null, failed: message.failed ? "true" : null } },
  message.ephemeral ? h("div", { class: "only-you" }, icon("eye"), say("Only visible to you")) : null,
  isReply(message) && !inThread ? threadMark(message) : null,
  h("div", { class: "message-row" },
    h("div", { class: "message-side" }, compact ? moment : avatar(user)),
    h("div", { class: "message-main" },
      compact ? null : h("div", { class: "message-head" }, h("bdi", { class: "message-name" }, name), (user.is_bot && user.id !== SLACKBOT) || user.id === state.app.user_id ? h("span", { class: "tag" }, "APP") : null,
        user.foreign ? h("span", { class: "tag" }, "external") : null, moment),
      message.failed ? h("div", { class: "failure" }, icon("warn"), body(message)) : body(message))));
}

const divider = (message) => h("div", { class: "day", role: "separator", "aria-label": dayName(Number(message.ts), state.me, now()) }, timeNode(Number(message.ts), "{day_divider_pretty}", state.me, now()));

/** Returns the log's nodes: the channel's messages, with the folded replies under each thread's root. */
function wanted() {
  const kept = new Map();
  const piece = (key, shows, make) => {
    const signature = stable(shows);
    const old = drawn.get(key);
    const node = old?.signature === signature ? old.node : make();
    kept.set(key, { signature, node });
    return node;
  };
  const present = state.messages.filter((message) => !isGone(message));
  const roots = new Set(present.map((message) => message.ts));
  const repliesTo = (root) => present.filter((message) => isReply(message) && message.thread_ts === root.ts);
  const inChannel = present.filter((message) => !isFolded(message) || !roots.has(message.thread_ts));
  const nodes = [];
  let previous = null;
  for (const message of inChannel) {
    const newDay = !previous || dayNumber(previous.ts, state.me) !== dayNumber(message.ts, state.me);
    if (newDay) nodes.push(divider(message));
    const fresh = message.ts === state.unreadFrom;
    if (fresh) nodes.push(h("div", { class: "new-line", role: "separator", "aria-label": say("New") }, say("New")));
    const compact = !newDay && !fresh && Boolean(follows(message, previous));
    nodes.push(piece(message.ts, [message, compact], () => article(message, compact, false)));
    const replies = repliesTo(message);
    if (replies.length) nodes.push(...thread(message, replies, piece));
    // The message after a thread shows its author again.
    previous = replies.length ? { ...message, user: null } : message;
  }
  drawn = kept;
  return nodes;
}

function thread(root, replies, piece) {
  const key = `${state.me.id}/${root.channel}/${root.ts}`;
  const open = openThreads.has(key);
  const foot = piece(`thread/${root.ts}`, [replies.length, open], () => threadButton(key, replies.length));
  return open ? [foot, ...replies.map((message) => piece(`reply/${message.ts}`, [message], () => article(message, false, true)))] : [foot];
}

/** Returns a description of the focused control, by which it can be found after a redraw. */
function focusMark() {
  const within = document.activeElement?.closest("article");
  return within && log.contains(within) ? { ts: within.dataset.ts, action: document.activeElement.dataset.actionId } : null;
}

function restore(mark) {
  if (!mark || log.contains(document.activeElement)) return;
  const node = (drawn.get(mark.ts) ?? drawn.get(`reply/${mark.ts}`))?.node;
  (node?.querySelector(`[data-action-id="${CSS.escape(mark.action ?? "")}"]`) ?? node)?.focus({ preventScroll: true });
}

function toEnd() {
  log.scrollTop = log.scrollHeight;
  jump.hidden = true;
}

function draw(arrived) {
  if (state.tab === "home") return;
  const mark = focusMark();
  redrawn(log, () => arrange(log, state.messages.some((message) => !isGone(message)) ? wanted() : [emptyHint()]));
  restore(mark);
  if (stuck || arrived?.user === state.me.id || arrived?.ephemeral) toEnd();
  else if (arrived && !isFolded(arrived)) jump.hidden = false;
}

function enter() {
  const here = `${state.me.id}/${state.place}`;
  if (here !== entered) drawn = new Map();
  entered = here;
  stuck = true;
  const channel = channelOf(state.place);
  log.setAttribute("aria-label", channel ? `Messages in ${labelOf(channel)}` : "Messages");
  log.setAttribute("aria-busy", "true");
  draw();
  toEnd();
  log.removeAttribute("aria-busy");
}

export function startMessages() {
  log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Messages", tabindex: "0" });
  jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => { toEnd(); stuck = true; } } }, "Newest messages", icon("down"));
  log.addEventListener("scroll", () => { stuck = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR; if (stuck) jump.hidden = true; });
  new ResizeObserver(() => { if (stuck) toEnd(); }).observe(log);
  on("place", enter);
  on("messages", draw);
  on("people", () => { drawn = new Map(); draw(); });
  on("clock", () => { refresh(log, state.me, now()); draw(); });
  return h("div", { class: "log-frame" }, log, jump);
}
