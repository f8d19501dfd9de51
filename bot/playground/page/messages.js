// The message log: redraws only changed messages, scrolls to the newest, and preserves the focus.

import { setChildren, avatar, h, icon, stableJson } from "./dom.js";
import { buildBlocks } from "./blocks.js";
import { dayName, dayNumber, refreshTimes, time, timeNode } from "./dates.js";
import { newForm, blockSurface } from "./form.js";
import { emptyHint } from "./hints.js";
import { excerpt, mrkdwn } from "./mrkdwn.js";
import { redrawKeepingMenu } from "./popup.js";
import { SLACKBOT, channelOf, isFolded, labelOf, now, subscribe, state, userOf } from "./state.js";
import { translate } from "./words.js";

const GROUP_SECONDS = 300;
const NEAR_END_PIXELS = 140;

let log = null;
let newestButton = null;
let drawnNodes = new Map();
let shownConversation = null;
let formByMessage = new Map();
let isAtEnd = true;
const openThreads = new Set();

const author = (message) => userOf(message.user) ?? { id: message.user, name: message.user === SLACKBOT || message.failed ? "Slackbot" : message.username ?? message.user ?? "Slack", color: "#5a6472" };

function continuesGroup(message, before) {
  return before && before.user === message.user && before.ephemeral === message.ephemeral && !message.failed && !message.thread_ts && !before.thread_ts
    && message.ts - before.ts < GROUP_SECONDS && dayNumber(message.ts, state.me) === dayNumber(before.ts, state.me);
}

const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;
const isExpired = (message) => message.ephemeral && Number(message.ts) < state.openedAt;

/** Returns the label of a reply that is also in the channel. */
function threadLabel(message) {
  const parent = state.messages.find((one) => one.ts === message.thread_ts);
  return h("div", { class: "thread-mark" }, translate("replied to a thread:"), parent ? h("span", { class: "thread-parent", dir: "auto" }, excerpt(parent.text, 60)) : null);
}

function toggleThread(key) {
  if (!openThreads.delete(key)) openThreads.add(key);
  draw();
}

function threadButton(key, count) {
  return h("div", { class: "thread-foot" }, h("button", { type: "button", class: "thread-button", "aria-expanded": String(openThreads.has(key)), on: { click: () => toggleThread(key) } },
    count === 1 ? translate("1 reply") : `${count} ${translate("replies")}`));
}

const UNITS = ["bytes", "KB", "MB", "GB"];

export function sizeOf(bytes) {
  const unitIndex = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const amount = bytes / 1000 ** unitIndex;
  return `${unitIndex && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${bytes === 1 ? "byte" : UNITS[unitIndex]}`;
}

function fileLink(file) {
  const url = `/ui/file?${new URLSearchParams({ as: state.me.id, id: file.id })}`;
  return h("li", {}, h("a", { class: "file", href: url, download: file.name, data: { fileId: file.id } }, icon("file"),
    h("span", { class: "file-words" }, h("span", { class: "hidden" }, "Download "), h("bdi", { class: "file-title" }, file.title || file.name), " ",
      h("span", { class: "file-facts" }, file.title && file.title !== file.name ? [h("bdi", {}, file.name), " · "] : null, sizeOf(file.size)))));
}

const fileList = (files) => (files?.length ? h("ul", { class: "files", "aria-label": files.length === 1 ? "File" : "Files" }, files.map(fileLink)) : null);

function messageBody(message) {
  const files = fileList(message.files);
  return files ? [message.text || message.blocks?.length ? messageText(message) : null, files] : messageText(message);
}

function messageText(message) {
  const key = `${message.channel}/${message.ts}/${state.me.id}`;
  if (!formByMessage.has(key)) formByMessage.set(key, newForm());
  const surface = blockSurface({ channel: message.channel, ts: message.ts }, formByMessage.get(key));
  const edited = message.edited ? h("span", { class: "edited" }, ` ${translate("(edited)")}`) : null;
  if (message.blocks?.length) return h("div", { class: "blocks" }, buildBlocks(message.blocks, surface), edited);
  return h("div", { class: "mrkdwn", dir: "auto" }, mrkdwn(message.text), edited);
}

function messageArticle(message, compact, inThread) {
  const user = author(message);
  // A reply that is also in the channel has the message's id there; the thread has a copy.
  const key = inThread && message.broadcast ? { copyOf: message.ts } : { ts: message.ts };
  const name = user.real_name || user.name;
  const moment = timeNode(Number(message.ts), "{time}", state.me, now());
  moment.className = "message-time";
  return h("article", { class: ["message", compact && "compact", message.ephemeral && "ephemeral", message.failed && "failed", inThread && "reply"].filter(Boolean).join(" "), tabindex: "-1",
    "aria-label": `${name}, ${time(Number(message.ts), state.me)}`, data: { ...key, user: message.user, ephemeral: message.ephemeral ? "true" : null, failed: message.failed ? "true" : null } },
  message.ephemeral ? h("div", { class: "only-you" }, icon("eye"), translate("Only visible to you")) : null,
  isReply(message) && !inThread ? threadLabel(message) : null,
  h("div", { class: "message-row" },
    h("div", { class: "message-side" }, compact ? moment : avatar(user)),
    h("div", { class: "message-main" },
      compact ? null : h("div", { class: "message-head" }, h("bdi", { class: "message-name" }, name), (user.is_bot && user.id !== SLACKBOT) || user.id === state.app.user_id ? h("span", { class: "tag" }, "APP") : null,
        user.foreign ? h("span", { class: "tag" }, "external") : null, moment),
      message.failed ? h("div", { class: "failure" }, icon("warn"), messageBody(message)) : messageBody(message))));
}

const dayDivider = (message) => h("div", { class: "day", role: "separator", "aria-label": dayName(Number(message.ts), state.me, now()) }, timeNode(Number(message.ts), "{day_divider_pretty}", state.me, now()));

/** Returns the log's nodes: the channel's messages, with the folded replies under each thread's root. */
function buildNodes() {
  const newNodes = new Map();
  const reuseNode = (key, content, build) => {
    const signature = stableJson(content);
    const drawn = drawnNodes.get(key);
    const node = drawn?.signature === signature ? drawn.node : build();
    newNodes.set(key, { signature, node });
    return node;
  };
  const visible = state.messages.filter((message) => !isExpired(message));
  const roots = new Set(visible.map((message) => message.ts));
  const repliesTo = (root) => visible.filter((message) => isReply(message) && message.thread_ts === root.ts);
  const channelMessages = visible.filter((message) => !isFolded(message) || !roots.has(message.thread_ts));
  const nodes = [];
  let previous = null;
  for (const message of channelMessages) {
    const newDay = !previous || dayNumber(previous.ts, state.me) !== dayNumber(message.ts, state.me);
    if (newDay) nodes.push(dayDivider(message));
    const isFirstUnread = message.ts === state.unreadFrom;
    if (isFirstUnread) nodes.push(h("div", { class: "new-line", role: "separator", "aria-label": translate("New") }, translate("New")));
    const compact = !newDay && !isFirstUnread && Boolean(continuesGroup(message, previous));
    nodes.push(reuseNode(message.ts, [message, compact], () => messageArticle(message, compact, false)));
    const replies = repliesTo(message);
    if (replies.length) nodes.push(...threadNodes(message, replies, reuseNode));
    // The message after a thread shows its author again.
    previous = replies.length ? { ...message, user: null } : message;
  }
  drawnNodes = newNodes;
  return nodes;
}

function threadNodes(root, replies, reuseNode) {
  const key = `${state.me.id}/${root.channel}/${root.ts}`;
  const isOpen = openThreads.has(key);
  const button = reuseNode(`thread/${root.ts}`, [replies.length, isOpen], () => threadButton(key, replies.length));
  return isOpen ? [button, ...replies.map((message) => reuseNode(`reply/${message.ts}`, [message], () => messageArticle(message, false, true)))] : [button];
}

/** Returns a description of the focused control, by which it can be found after a redraw. */
function describeFocus() {
  const within = document.activeElement?.closest("article");
  return within && log.contains(within) ? { ts: within.dataset.ts, action: document.activeElement.dataset.actionId } : null;
}

function restoreFocus(focus) {
  if (!focus || log.contains(document.activeElement)) return;
  const node = (drawnNodes.get(focus.ts) ?? drawnNodes.get(`reply/${focus.ts}`))?.node;
  (node?.querySelector(`[data-action-id="${CSS.escape(focus.action ?? "")}"]`) ?? node)?.focus({ preventScroll: true });
}

function scrollToEnd() {
  log.scrollTop = log.scrollHeight;
  newestButton.hidden = true;
}

function draw(arrived) {
  if (state.tab === "home") return;
  const focus = describeFocus();
  redrawKeepingMenu(log, () => setChildren(log, state.messages.some((message) => !isExpired(message)) ? buildNodes() : [emptyHint()]));
  restoreFocus(focus);
  if (isAtEnd || arrived?.user === state.me.id || arrived?.ephemeral) scrollToEnd();
  else if (arrived && !isFolded(arrived)) newestButton.hidden = false;
}

function showConversation() {
  const conversation = `${state.me.id}/${state.place}`;
  if (conversation !== shownConversation) drawnNodes = new Map();
  shownConversation = conversation;
  isAtEnd = true;
  const channel = channelOf(state.place);
  log.setAttribute("aria-label", channel ? `Messages in ${labelOf(channel)}` : "Messages");
  log.setAttribute("aria-busy", "true");
  draw();
  scrollToEnd();
  log.removeAttribute("aria-busy");
}

export function startMessages() {
  log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Messages", tabindex: "0" });
  newestButton = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => { scrollToEnd(); isAtEnd = true; } } }, "Newest messages", icon("down"));
  log.addEventListener("scroll", () => { isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PIXELS; if (isAtEnd) newestButton.hidden = true; });
  new ResizeObserver(() => { if (isAtEnd) scrollToEnd(); }).observe(log);
  subscribe("place", showConversation);
  subscribe("messages", draw);
  subscribe("people", () => { drawnNodes = new Map(); draw(); });
  subscribe("clock", () => { refreshTimes(log, state.me, now()); draw(); });
  return h("div", { class: "log-frame" }, log, newestButton);
}
